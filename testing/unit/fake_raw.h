/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns what tests have instead of the kernel's raw sockets: what is sent by one
 * is kept. Other sockets are the kernel's.
 */

#ifndef FAKE_RAW_H_
#define FAKE_RAW_H_

#include <library.h>
#include <networking/host.h>

typedef struct fake_raw_t fake_raw_t;

/** Raw sockets, and what was sent last. */
struct fake_raw_t {
	/** there is none of a family, or what is sent is refused */
	bool no_v4;
	bool no_v6;
	bool refuse;
	/** protocols of those that are open, 0 for none, and marks, by
	 * descriptor */
	int protocol[1024];
	uint32_t mark[1024];
	/** how many are open */
	u_int open;
	/** how much was sent, and the last of it */
	u_int count;
	int family;
	int by_protocol;
	host_t *to;
	uint8_t data[256];
	size_t len;
};

extern fake_raw_t fake_raw;

#endif /** FAKE_RAW_H_ */
