/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns what tests have instead of the kernel: the policies that are in it, in lines,
 * and calls that it refuses. What the plugin installs beside charon's kernel
 * interface goes there, too.
 */

#ifndef FAKE_KERNEL_H_
#define FAKE_KERNEL_H_

#include <daemon.h>

typedef struct fake_kernel_t fake_kernel_t;

struct fake_kernel_t {
	/** policies that were to be added since the test began, or this was set */
	u_int calls;
	/** that of these which is refused, counted from 1; 0 for none */
	u_int refuse_at;
	/** all of them are */
	bool refuse_all;
	/** all but drops are */
	bool refuse_flows;
};

extern fake_kernel_t fake_kernel;

/** With the charon of fake_configs.h, whose kernel this is. */
void fake_kernel_init();

/** Fails if a policy is left. */
void fake_kernel_deinit();

/**
 * Get what is installed, in lines that are sorted:
 *
 *	out drop 366001 10.0.0.1/32 === 10.0.0.2/32
 *	out flow 399001 10.0.0.1/32 === 10.0.0.2/32
 *	out hold 399000 10.0.0.1/32 === 10.0.0.2/32
 *
 * and without those that lead ICMP errors to nowhere.
 *
 * @return			until the next call
 */
const char *fake_kernel_text();

/** Number of policies that lead ICMP errors to nowhere. */
u_int fake_kernel_voids();

#endif /** FAKE_KERNEL_H_ */
