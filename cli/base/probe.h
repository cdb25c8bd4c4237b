/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the measuring of one round trip: an ICMP echo and its reply, or a TCP
 * connection until it is there or refused.
 */

#ifndef PROBE_H_
#define PROBE_H_

#include <library.h>

#include "exit_code.h"

typedef struct probe_t probe_t;

typedef enum {
	PROBE_ANSWER,
	PROBE_SILENCE,
	/** said */
	PROBE_ERROR,
} probe_result_t;

/** Whether a service can be probed: "icmp", "ipv6-icmp", "tcp/443". */
bool probe_knows(const char *service, bool v6);

/** Monotonic clock, ms. */
double probe_now(void);

/**
 * Prepare to probe. Says what does not work.
 *
 * @param me		address to send from
 * @param address	address to send to
 * @param probe		receives it, NULL on failure
 */
coi_exit_t probe_create(const char *me, const char *address,
						const char *service, probe_t **probe);

/**
 * Probe once.
 *
 * @param seq		number, from 1
 * @param wait		ms to wait
 * @param ms		receives how long it took
 */
probe_result_t probe_run(probe_t *probe, u_int seq, u_int wait, double *ms);

/** May be NULL. */
void probe_destroy(probe_t *probe);

#endif /** PROBE_H_ */
