/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the reading of lists of hosts as local_addrs and remote_addrs are:
 * addresses, subnets, ranges, %any, and names, which stand for all the addresses
 * that coi_name_lookup.h knows of. What charon's own ike_cfg_t does with such lists, it
 * does for names by asking the DNS and waiting; these functions never do.
 */

#ifndef COI_HOST_LIST_H_
#define COI_HOST_LIST_H_

#include <daemon.h>
#include <collections/array.h>

/**
 * Called for each element of a list that stands for nothing.
 *
 * @param element	borrowed
 * @param name		TRUE for a name without address, FALSE for what is no address,
 *					subnet, range or name
 */
typedef void (*coi_host_list_cb_t)(void *data, const char *element, bool name);

/**
 * Write a list with addresses in the place of names. What stands for nothing is
 * left out, the rest is kept.
 *
 * @param cb		told what is left out, NULL for nobody
 * @return			allocated, empty if nothing is left
 */
char *coi_host_list_expand(const char *list, coi_host_list_cb_t cb, void *data);

/**
 * The same for the own side of policies: if a name has no address yet it is
 * %any, so that no traffic is left out of a trap for that.
 */
char *coi_host_list_expand_local(const char *list);

/**
 * List what a connection is between: its own addresses and those of its peers. What
 * is not understood is left out.
 *
 * @param cfg		has local_addrs and remote_addrs
 * @return			coi_selector_t, see coi_selectors_create()
 */
array_t *coi_host_list_selectors(ike_cfg_t *cfg);

/** Whether a list has any name. */
bool coi_host_list_has_name(const char *list);

/** Give names in the lists of a connection that is loaded time for an answer. */
void coi_host_list_wait(ike_cfg_t *cfg);

/** Names in the lists of a connection are still needed, also if nobody uses it. */
void coi_host_list_keep(ike_cfg_t *cfg);

/** As match_me() and match_other() of ike_cfg_t. */
u_int coi_host_list_match_me(ike_cfg_t *cfg, host_t *host);
u_int coi_host_list_match_other(ike_cfg_t *cfg, host_t *host);

/** As resolve_me() and resolve_other() of ike_cfg_t. */
host_t *coi_host_list_first_me(ike_cfg_t *cfg, int family);
host_t *coi_host_list_first_other(ike_cfg_t *cfg, int family);

#endif /** COI_HOST_LIST_H_ */
