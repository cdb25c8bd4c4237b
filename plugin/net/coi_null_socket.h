/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns nothing: a socket for charon's IKE side that neither sends nor
 * receives, so that no port answers IKE (option dark = yes).
 */

#ifndef COI_NULL_SOCKET_H_
#define COI_NULL_SOCKET_H_

#include <daemon.h>

/** Constructor for charon's CUSTOM:socket feature. */
socket_t *coi_null_socket_create();

#endif /** COI_NULL_SOCKET_H_ */
