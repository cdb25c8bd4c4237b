/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the talking to the kernel's XFRM by netlink, for the little that charon's
 * kernel interface cannot do: asking for what it has not installed itself.
 */

#ifndef COI_NETLINK_H_
#define COI_NETLINK_H_

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/xfrm.h>

#include <library.h>
#include <collections/array.h>

/** room for a request of ours with mark and interface ID */
#define COI_NETLINK_REQUEST_LEN 512

typedef struct coi_netlink_t coi_netlink_t;
typedef union coi_netlink_request_t coi_netlink_request_t;

/** A netlink socket and the buffer that it is read into. */
struct coi_netlink_t {
	int fd;
	uint32_t seq;
	uint8_t *buf;
	/** it is the one that is kept in reserve */
	bool reserve;
};

/** A request under construction. */
union coi_netlink_request_t {
	struct nlmsghdr hdr;
	uint8_t buf[COI_NETLINK_REQUEST_LEN];
	/** aligns the body, which has 64 bit members */
	uint64_t align;
};

/** Called for each message of a dump. */
typedef void (*coi_netlink_cb_t)(array_t *found, struct nlmsghdr *hdr);

/**
 * Keep a socket in reserve for when charon has no descriptors left; once is enough.
 *
 * @return			FALSE if there is none
 */
bool coi_netlink_init();
void coi_netlink_deinit();

/**
 * Open a socket. If there are no more descriptors it is the one in reserve, which
 * others wait for.
 *
 * @return			FALSE if that failed (said); nothing is to be closed then
 */
bool coi_netlink_open(coi_netlink_t *this);

/** Close it, and wipe what was read. */
void coi_netlink_close(coi_netlink_t *this);

/**
 * Ask for all SAs or policies.
 *
 * @param type		XFRM_MSG_GETSA or XFRM_MSG_GETPOLICY
 * @param cb		called for each
 * @param found		handed to it
 * @return			FALSE if the answer is not complete
 */
bool coi_netlink_dump(coi_netlink_t *this, uint16_t type, coi_netlink_cb_t cb,
					  array_t *found);

/**
 * Send a change and wait for the answer.
 *
 * @param reply		type of the answer that is wanted, 0 for an acknowledgement
 * @return			the answer, valid until the next call; for an acknowledgement
 *					any pointer; NULL if the kernel refused
 */
struct nlmsghdr *coi_netlink_ask(coi_netlink_t *this, struct nlmsghdr *request,
								 uint16_t reply);

/** Send a change and wait for its acknowledgement. */
bool coi_netlink_change(coi_netlink_t *this, struct nlmsghdr *request);

/**
 * Start a request.
 *
 * @param len		length of its body
 * @return			where the body goes
 */
void *coi_netlink_request(coi_netlink_request_t *request, uint16_t type,
						  size_t len);

/** Add an attribute; the mark only if there is one. */
void coi_netlink_add(coi_netlink_request_t *request, uint16_t type,
					 const void *data,
					 size_t len);
void coi_netlink_add_mark(coi_netlink_request_t *request,
						  const struct xfrm_mark *mark);

/** Find an attribute behind the body of a message, at least len octets. */
void *coi_netlink_find(struct nlmsghdr *hdr, size_t body, uint16_t type,
					   size_t len);

#endif /** COI_NETLINK_H_ */
