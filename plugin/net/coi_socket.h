/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the UDP sockets: the COI port, which bypasses IPsec, and the IDLE
 * port, which does not. Bytes in and out, nothing else.
 */

#ifndef COI_SOCKET_H_
#define COI_SOCKET_H_

#include "coi_sendmsg.h"
#include "events/coi_obstacles.h"

#include <daemon.h>

typedef struct coi_socket_t coi_socket_t;

/**
 * Called for each datagram, by one thread at a time. What is borrowed is
 * overwritten by the next one.
 *
 * @param data		closure
 * @param tunnel	TRUE if it came on the IDLE port
 * @param src		sender, borrowed
 * @param dst		own address that it was sent to, with port, borrowed
 * @param datagram	borrowed, one octet longer than COI_MAX_DATAGRAM at most
 */
typedef void (*coi_socket_cb_t)(void *data, bool tunnel, host_t *src,
								host_t *dst, chunk_t datagram);

struct coi_socket_t {

	/**
	 * Open the sockets of both families that are not open yet, or take those
	 * that systemd has bound; a family that the kernel lacks is left out.
	 * Before start().
	 *
	 * @param why		which port cannot be had, if that fails
	 * @return			TRUE if all are open
	 */
	bool (*open)(coi_socket_t *this, char why[COI_OBSTACLE_TEXT]);

	/**
	 * Send a datagram.
	 *
	 * @param tunnel	TRUE to send from and to the IDLE port, through IPsec
	 * @param src		own address; its port is ignored
	 * @param dst		destination; its port is used unless tunnel or 0
	 * @param via		way that it takes
	 * @return			FALSE if the kernel refused it
	 */
	bool (*send)(coi_socket_t *this, bool tunnel, host_t *src, host_t *dst,
				 coi_sendmsg_t via, chunk_t datagram);

	/** Hand the sockets to charon's watcher and call back from now on. */
	void (*start)(coi_socket_t *this, coi_socket_cb_t cb, void *data);

	/** Stop calling back; returns when no callback runs, so not to be called by
	 * one. */
	void (*stop)(coi_socket_t *this);

	void (*destroy)(coi_socket_t *this);
};

/**
 * @param port		COI port
 * @param idle_port	IDLE port
 */
coi_socket_t *coi_socket_create(uint16_t port, uint16_t idle_port);

#endif /** COI_SOCKET_H_ */
