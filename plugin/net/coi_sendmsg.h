/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns what goes with a datagram to the kernel to lead it on its way: the
 * address that it leaves with, an interface and a mark.
 */

#ifndef COI_SENDMSG_H_
#define COI_SENDMSG_H_

#include <netinet/in.h>
#include <sys/socket.h>

#include <networking/host.h>

typedef struct coi_sendmsg_t coi_sendmsg_t;
typedef union coi_sendmsg_room_t coi_sendmsg_room_t;

/** The way of a datagram, all 0 for that of its destination. */
struct coi_sendmsg_t {
	/** mark of the packet, 0 for none */
	uint32_t mark;
	/** index of the interface that it leaves by, 0 for any */
	u_int interface;
};

/** Room for what goes with a datagram: one address, of either family,
 * and a mark. */
union coi_sendmsg_room_t {
	struct cmsghdr align;
	uint8_t v4[CMSG_SPACE(sizeof(struct in_pktinfo)) +
			   CMSG_SPACE(sizeof(uint32_t))];
	uint8_t v6[CMSG_SPACE(sizeof(struct in6_pktinfo)) +
			   CMSG_SPACE(sizeof(uint32_t))];
};

/**
 * Add ancillary data that selects the source address.
 *
 * @param room		zero before the first is added
 * @param interface	index of the interface to leave by, 0 for any
 */
void coi_sendmsg_set_source(struct msghdr *msg, coi_sendmsg_room_t *room,
							host_t *src, u_int interface);

/** Add ancillary data that marks the packet. */
void coi_sendmsg_set_mark(struct msghdr *msg, coi_sendmsg_room_t *room,
						  uint32_t mark);

#endif /** COI_SENDMSG_H_ */
