/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the finding of rules of this host's NAT that are in the way of tunnels: they
 * may give what is on its way from a network to a tunnel a source for which there
 * is none.
 *
 * What is protected says the kernel; the rules are as nft(8) and iptables-save(8)
 * print them. Interfaces, ports and sets are not compared, so a rule that is found
 * may be in the way, and does not have to.
 */

#ifndef NAT_H_
#define NAT_H_

#include <library.h>
#include <networking/host.h>

/**
 * Called for each rule once.
 *
 * @param rule		as it is printed
 * @param src		network whose packets it concerns, like dst as text
 * @param dst		where they go
 */
typedef void (*nat_cb_t)(void *data, const char *rule, const char *src,
						 const char *dst);

/**
 * Find the rules.
 *
 * @param to		whose packets count, NULL for all that a tunnel is for
 * @return			number of rules
 */
u_int nat_find(host_t *to, nat_cb_t cb, void *data);

#endif /** NAT_H_ */
