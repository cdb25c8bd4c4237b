/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the search for sockets that systemd has bound for us, at a time when no
 * user could have their ports: strongswan-coi.socket, sd_listen_fds(3).
 */

#ifndef COI_INHERITED_SOCKETS_H_
#define COI_INHERITED_SOCKETS_H_

#include <library.h>

/**
 * Take a UDP socket that is bound to all addresses of a family and a port. What
 * has arrived before is thrown away.
 *
 * @return			descriptor that nobody else takes, -1 if there is none
 */
int coi_inherited_sockets_take(int family, uint16_t port);

/** Throw away what has arrived at a socket while nobody listened. */
void coi_inherited_sockets_drain(int fd);

#endif /** COI_INHERITED_SOCKETS_H_ */
