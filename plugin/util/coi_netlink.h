/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the talking to the kernel by netlink: sockets, requests, answers and what
 * is found in them. The plugin has it for the little that charon's kernel interface
 * cannot do, as asking for what it has not installed itself, coi(1) for what is
 * done without charon. It needs no daemon.
 *
 * What the kernel says is checked as if others had said it: a message or attribute
 * that is longer than what was read ends the reading, and nothing is read of those
 * that are too short.
 */

#ifndef COI_NETLINK_H_
#define COI_NETLINK_H_

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/xfrm.h>

#include <library.h>

/** room for a request of ours with its attributes */
#define COI_NETLINK_REQUEST_LEN 1024

typedef struct coi_netlink_t coi_netlink_t;
typedef union coi_netlink_request_t coi_netlink_request_t;

/** A netlink socket and the buffer that it is read into. */
struct coi_netlink_t {
	int fd;
	uint32_t seq;
	uint8_t *buf;
	/** errno of what failed last; EINTR for a dump that changed meanwhile */
	int error;
	/** it is the one that is kept in reserve */
	bool reserve;
};

/**
 * A request under construction. One that gets more than there is room for is never
 * sent: EMSGSIZE.
 */
union coi_netlink_request_t {
	struct nlmsghdr hdr;
	uint8_t buf[COI_NETLINK_REQUEST_LEN];
	/** aligns the body, which has 64 bit members */
	uint64_t align;
};

/**
 * Called for each message.
 *
 * @param data		as handed in
 * @param hdr		complete message, aligned to 4 octets only; borrowed
 */
typedef void (*coi_netlink_cb_t)(void *data, struct nlmsghdr *hdr);

/**
 * Keep an XFRM socket in reserve for when charon has no descriptors left; once is
 * enough.
 *
 * @return			FALSE if there is none
 */
bool coi_netlink_init();
void coi_netlink_deinit();

/**
 * Open an XFRM socket. If there are no more descriptors it is the one in reserve,
 * which others wait for.
 *
 * @return			FALSE if that failed (said); nothing is to be closed then
 */
bool coi_netlink_open(coi_netlink_t *this);

/**
 * Open a socket of any protocol. Says nothing, and there is none in reserve.
 *
 * @param protocol	NETLINK_ROUTE and the like
 * @return			FALSE if that failed, see error; nothing is to be closed then
 */
bool coi_netlink_connect(coi_netlink_t *this, int protocol);

/** Close it, and wipe what was read. */
void coi_netlink_close(coi_netlink_t *this);

/**
 * Hear from now on what the kernel tells a group.
 *
 * @param group		RTNLGRP_LINK and the like
 * @return			FALSE if that failed, see error
 */
bool coi_netlink_join(coi_netlink_t *this, int group);

/**
 * Read one datagram of what the kernel tells, without waiting, and wipe it.
 *
 * @param cb		called for each message
 * @param data		handed to it
 * @return			0 or errno: EAGAIN if there is none, ENOBUFS if some were lost
 */
int coi_netlink_hear(coi_netlink_t *this, coi_netlink_cb_t cb, void *data);

/**
 * Ask for all of something, by a request without a body.
 *
 * @param type		XFRM_MSG_GETSA or XFRM_MSG_GETPOLICY
 * @param cb		called for each
 * @param data		handed to it
 * @return			FALSE if the answer is not complete, see error
 */
bool coi_netlink_dump(coi_netlink_t *this, uint16_t type, coi_netlink_cb_t cb,
					  void *data);

/** The same by a request that has a body. */
bool coi_netlink_dump_by(coi_netlink_t *this, struct nlmsghdr *request,
						 coi_netlink_cb_t cb, void *data);

/**
 * Send a request and wait for the answer.
 *
 * @param reply		type of the answer that is wanted, 0 for an acknowledgement
 * @return			the answer, valid until the next call; for an acknowledgement
 *					any pointer; NULL if the kernel refused, see error
 */
struct nlmsghdr *coi_netlink_ask(coi_netlink_t *this, struct nlmsghdr *request,
								 uint16_t reply);

/** Send a change and wait for its acknowledgement. */
bool coi_netlink_change(coi_netlink_t *this, struct nlmsghdr *request);

/**
 * Send several messages that are one change, and wait for the first answer. At
 * least one of them asks for an acknowledgement.
 *
 * @param messages	complete, each aligned to 4 octets
 * @param len		octets of all
 * @return			FALSE if the kernel refused, see error
 */
bool coi_netlink_change_all(coi_netlink_t *this, void *messages, size_t len);

/**
 * Start a request.
 *
 * @param len		length of its body
 * @return			where the body goes, of zeros
 */
void *coi_netlink_request(coi_netlink_request_t *request, uint16_t type,
						  size_t len);

/** Add an attribute. */
void coi_netlink_add(coi_netlink_request_t *request, uint16_t type,
					 const void *data, size_t len);

/** Add a mark, only if there is one. */
void coi_netlink_add_mark(coi_netlink_request_t *request,
						  const struct xfrm_mark *mark);

/**
 * Add an attribute that has others: those added until coi_netlink_end().
 *
 * @return			for coi_netlink_end()
 */
struct nlattr *coi_netlink_begin(coi_netlink_request_t *request, uint16_t type);
void coi_netlink_end(coi_netlink_request_t *request, struct nlattr *nest);

/**
 * Find an attribute behind the body of a message.
 *
 * @param body		length of the body
 * @param len		octets that it has at least
 * @return			its value, NULL if there is none of that length
 */
void *coi_netlink_find(struct nlmsghdr *hdr, size_t body, uint16_t type,
					   size_t len);

/** The same, but the attribute with its length, for those below. */
struct nlattr *coi_netlink_find_attr(struct nlmsghdr *hdr, size_t body,
									 uint16_t type);

/** Find an attribute in another one, which may be NULL: then so is this. */
struct nlattr *coi_netlink_find_nested(struct nlattr *attr, uint16_t type);

/** Value of an attribute of at least len octets; NULL if it is none or shorter. */
void *coi_netlink_value(struct nlattr *attr, size_t len);

#endif /** COI_NETLINK_H_ */
