/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the judgement whether a packet may ask for a tunnel: it begins or
 * continues what a program of this host wants of another one.
 *
 * What only answers does not: an error, a refusal, a SYN that is acknowledged.
 * Such a packet is the kernel's own or a filter's (reject, a SYN proxy), for
 * one that anybody may have sent, and what a program answers has come through a
 * tunnel. Nor does an IDLE, of a session that has just ended.
 */

#ifndef COI_MAY_ACQUIRE_H_
#define COI_MAY_ACQUIRE_H_

#include <library.h>

/**
 * Whether a packet may ask.
 *
 * @param head		its first octets, from the IP header on
 * @param len		their number
 * @param idle_port	where IDLEs come from
 * @return			FALSE also if that does not show in these
 */
bool coi_may_acquire_may(const uint8_t *head, size_t len, uint16_t idle_port);

#endif /** COI_MAY_ACQUIRE_H_ */
