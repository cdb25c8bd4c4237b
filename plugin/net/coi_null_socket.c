/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_null_socket.h"

#include <errno.h>
#include <poll.h>

#include <threading/thread.h>

typedef struct private_coi_null_socket_t private_coi_null_socket_t;

struct private_coi_null_socket_t {

	socket_t public;

	/** set, atomically, when the first packet was refused */
	bool said;
};

METHOD(socket_t, receive, status_t,
	private_coi_null_socket_t *this, packet_t **packet)
{
	bool old;

	/* charon's receiver calls this in a loop and cancels its thread in the end.
	 * Returning would make it spin, NOT_SUPPORTED would end it for good, also
	 * for a socket that another plugin provides later. */
	old = thread_cancelability(TRUE);
	while (poll(NULL, 0, -1) < 0 && errno == EINTR)
	{
		thread_cancellation_point();
	}
	thread_cancelability(old);
	return FAILED;
}

METHOD(socket_t, send_, status_t,
	private_coi_null_socket_t *this, packet_t *packet)
{
	if (!__atomic_exchange_n(&this->said, TRUE, __ATOMIC_RELAXED))
	{
		DBG1(DBG_NET, "an IKE packet to %#H was not sent: "
			 "charon.plugins.coi.dark = yes turns IKE off, set it to no to use "
			 "connections without xauth-coi", packet->get_destination(packet));
	}
	return FAILED;
}

METHOD(socket_t, get_port, uint16_t,
	private_coi_null_socket_t *this, bool nat_t)
{
	/* nothing is bound, but charon compares the ports of configs and SAs with
	 * these; 0 would make it float to port 4500 */
	return nat_t ? IKEV2_NATT_PORT : IKEV2_UDP_PORT;
}

METHOD(socket_t, supported_families, socket_family_t,
	private_coi_null_socket_t *this)
{
	return SOCKET_FAMILY_BOTH;
}

METHOD(socket_t, destroy, void,
	private_coi_null_socket_t *this)
{
	free(this);
}

socket_t *coi_null_socket_create()
{
	private_coi_null_socket_t *this;

	INIT(this,
		.public = {
			.receive = _receive,
			.send = _send_,
			.get_port = _get_port,
			.supported_families = _supported_families,
			.destroy = _destroy,
		},
	);

	return &this->public;
}
