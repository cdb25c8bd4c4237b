/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the list of what coi doctor checks: each looks at one thing and adds what
 * it finds, see findings.h.
 */

#ifndef CHECKS_H_
#define CHECKS_H_

#include "findings.h"

/** ESP, sysctls, and what a dead charon left. */
void doctor_kernel(doctor_t *doctor);

/** What holds packets: netfilter's queue, and nftables or iptables. */
void doctor_hold(doctor_t *doctor);

/** Rules of NAT that are in the way of tunnels. */
void doctor_nat(doctor_t *doctor);

/** Options of coi.conf, and what can be seen of sockets, clock and AppArmor. */
void doctor_system(doctor_t *doctor);

/** swanctl.conf and its keys. */
void doctor_config(doctor_t *doctor);

/** Rules that stop what tunnels need from coming in. */
void doctor_firewall(doctor_t *doctor);

/** Time servers that are waited for in vain when the clock is wrong. */
void doctor_ntp(doctor_t *doctor);

/** What charon and the plugin say of themselves. */
void doctor_daemon(doctor_t *doctor);

#endif /** CHECKS_H_ */
