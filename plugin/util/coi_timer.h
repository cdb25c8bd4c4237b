/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the jobs that sessions are woken by.
 *
 * charon's scheduler cannot cancel a job, so each carries the id of its session and
 * a generation; who is woken compares it and does nothing if it is old. All timers of
 * the plugin:
 *
 *  session       retransmission, collecting of parts, giving up   coi_session.c
 *  opening       one begins that has left time to its peer       coi_engine.c
 *  keepalive     an IDLE goes out, or a silent peer is given up   coi_keepalive.c
 *  presence      a peer that is doubted is asked, or given up     coi_liveness.c
 *  natkeep       the mapping of a NAT is kept alive               coi_nat_keepalive.c
 *  inactivity    a CHILD_SA that nothing uses ends                coi_inactivity.c
 *  supersede     a session ends that a newer one has replaced     coi_tunnel_requests.c
 *  unrefuse      a peer that did not answer may be asked again    coi_negative_cache.c
 *  refresh       keys and connections are compared each second    coi_config_watch.c
 *  untrap        a trap that nobody put back goes                 coi_traps.c
 *  opened        a connection with a mistake is blocked no more   coi_fallback_block.c
 *  look          what an earlier charon left goes                 coi_takeover.c
 *  state         rules that tell who began are put back           coi_tracker.c
 */

#ifndef COI_TIMER_H_
#define COI_TIMER_H_

#include <library.h>

/**
 * Called by a worker when a timer fires.
 *
 * @param data			closure, must outlive charon's workers
 * @param id			session
 * @param generation	what coi_timer_arm() was given
 */
typedef void (*coi_timer_cb_t)(void *data, uintptr_t id, u_int generation);

/**
 * Wake a session.
 *
 * @param delay		ms from now
 */
void coi_timer_arm(coi_timer_cb_t cb, void *data, uintptr_t id,
				   u_int generation, u_int delay);

/** Monotonic clock, ms. */
uint64_t coi_timer_now();

/** Wall clock, ms since 1970. */
uint64_t coi_timer_wall();

#endif /** COI_TIMER_H_ */
