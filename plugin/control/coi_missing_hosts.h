/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the search for what stands for nothing in the lists of hosts of connections
 * that charon has loaded, used ones or not.
 */

#ifndef COI_MISSING_HOSTS_H_
#define COI_MISSING_HOSTS_H_

#include <library.h>

typedef struct coi_missing_hosts_item_t coi_missing_hosts_item_t;

/** An element of a list; all is borrowed. */
struct coi_missing_hosts_item_t {
	/** name of the connection */
	const char *connection;
	/** of its setting: local_addrs or remote_addrs */
	const char *key;
	const char *element;
	/** TRUE for a name without address, FALSE for what is no address, subnet, range
	 * or name */
	bool name;
};

typedef void (*coi_missing_hosts_cb_t)(void *data,
									   const coi_missing_hosts_item_t *item);

/**
 * Call back for each element that stands for nothing.
 *
 * @param local		FALSE to look at remote_addrs only
 */
void coi_missing_hosts(bool local, coi_missing_hosts_cb_t cb, void *data);

#endif /** COI_MISSING_HOSTS_H_ */
