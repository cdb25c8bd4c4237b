/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the finding, removing and installing of the plugin's SAs and policies without
 * charon, by netlink.
 */

#ifndef LEFTOVERS_H_
#define LEFTOVERS_H_

#include <library.h>
#include <collections/array.h>
#include <json-c/json.h>
#include <linux/netlink.h>

#include "core/coi_block.h"

typedef struct left_t left_t;

/** An SA or a policy of the plugin's, as the kernel tells of it. */
struct left_t {
	struct nlmsghdr *hdr;
	/** it stays when charon stops; else it is one of a charon that runs or died */
	bool plain;
	/** what it is, if it is a policy; its kind only if it is plain */
	coi_block_t block;
};

/**
 * List them.
 *
 * @param type		XFRM_MSG_GETSA or XFRM_MSG_GETPOLICY
 * @param list		receives left_t by value, to be freed with left_destroy()
 * @return			errno, 0 if the list is complete
 */
int left_list(uint16_t type, array_t **list);
void left_destroy(array_t *list);

/** Remove one. @return errno, 0 if it is gone */
int left_remove(const left_t *left);

/** Put a plain policy into the kernel. @return errno, 0 if it is there */
int left_install(const coi_block_t *block);

/** What a policy is, for programs. */
json_object *left_json(const coi_block_t *block);

/** What a policy is, for people; to be freed. */
char *left_text(const coi_block_t *block);

/** Whether a charon runs that may use them. */
bool left_charon_runs(void);

#endif /** LEFTOVERS_H_ */
