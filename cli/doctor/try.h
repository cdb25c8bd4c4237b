/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the trying of what the kernel has for coi doctor, in a network namespace
 * apart.
 */

#ifndef DOCTOR_TRY_H_
#define DOCTOR_TRY_H_

#include "findings.h"

#include "util/coi_netlink.h"

/**
 * Send messages that are one change, of which one asks for an acknowledgement.
 *
 * @param protocol	NETLINK_XFRM and the like
 * @param len		octets of all of them
 * @return			errno, 0 if done
 */
int doctor_ask(int protocol, void *messages, size_t len);

/**
 * Try something in a network namespace of its own, where it does no harm.
 *
 * @param what		returns errno, 0 if it works
 * @return			the same
 */
int doctor_try(int (*what)(void));

/** Whether it could not be tried, which becomes a finding. */
bool doctor_tried(doctor_t *doctor, const char *check, int error);

#endif /** DOCTOR_TRY_H_ */
