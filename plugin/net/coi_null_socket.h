/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns nothing: a socket for charon's IKE side that neither sends nor
 * receives, so that no port answers IKE (option dark = yes).
 */

#ifndef COI_NOSOCKET_H_
#define COI_NOSOCKET_H_

#include <daemon.h>

/** Constructor for charon's CUSTOM:socket feature. */
socket_t *coi_nosocket_create();

#endif /** COI_NOSOCKET_H_ */
