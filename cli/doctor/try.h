/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the netlink messages by which coi doctor tries what the kernel has, and
 * the network namespace apart in which it does.
 */

#ifndef DOCTOR_NETLINK_H_
#define DOCTOR_NETLINK_H_

#include "doctor.h"

#include <linux/netlink.h>

typedef union doctor_request_t doctor_request_t;

/** Space for a netlink message. */
union doctor_request_t {
	struct nlmsghdr hdr;
	char buf[1024];
};

/** Begin a message, return its body. */
void *doctor_begin(doctor_request_t *request, uint16_t type, uint16_t flags,
				   size_t len);

/** Append an attribute. */
void doctor_attr(doctor_request_t *request, uint16_t type, const void *data,
				 size_t len);

/** Append one that has others, up to doctor_nested(). */
struct nlattr *doctor_nest(doctor_request_t *request, uint16_t type);
void doctor_nested(doctor_request_t *request, struct nlattr *attr);

/**
 * Send messages and wait for the kernel's first word on them.
 *
 * @return			errno, 0 if done
 */
int doctor_send(int protocol, const void *messages, size_t len);

/** The same for one, which asks for that word. */
int doctor_ask(int protocol, doctor_request_t *request);

/**
 * Try something in a network namespace of its own, where it does no harm.
 *
 * @param what		returns errno, 0 if it works
 * @return			the same
 */
int doctor_try(int (*what)(void));

/** Whether it could not be tried, which becomes a finding. */
bool doctor_tried(doctor_t *doctor, const char *check, int error);

#endif /** DOCTOR_NETLINK_H_ */
