/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns what a session's communities add to the policies between its two hosts:
 * a share each, and lists of them.
 */

#ifndef COI_SHARE_H_
#define COI_SHARE_H_

#include "config/coi_config.h"
#include "config/coi_marks.h"
#include "core/coi_addresses.h"
#include "core/coi_filter.h"
#include "core/coi_virtual.h"

#include <collections/array.h>

typedef struct coi_share_t coi_share_t;

/** What one community adds to the policies between two hosts. */
struct coi_share_t {
	/** reference, for child */
	coi_connection_t *conn;
	/** borrowed from conn */
	const coi_child_t *child;
	ipsec_mode_t mode;
	coi_flows_t flows;
	bool outbound;
	/** no SA carries it: traffic asks for a new session */
	bool on_demand;
	/** it carries the IDLEs of its peer */
	bool idle;
	/** the peer, as it announced itself */
	coi_address_t peer;
	/** virtual addresses, without a ticket, and whether they are this host's */
	coi_virtual_t given;
	bool guest;
	/** they are nobody else's when the session has ended, either */
	bool owned;
	/** of its CHILD_SA */
	coi_marks_t marks;
};

/** Copy a share, with its own reference and flows. */
coi_share_t coi_share_clone(const coi_share_t *share);

/** Free what is in a share. */
void coi_share_clear(coi_share_t *share);

/** Create a list of shares, coi_share_t. */
array_t *coi_share_list_create();

/** Free a list and what is in it; may be NULL. */
void coi_share_list_destroy(array_t *list);

/** Find the share of a community, NULL if there is none. */
coi_share_t *coi_share_list_find(array_t *list, const char *name);

#endif /** COI_SHARE_H_ */
