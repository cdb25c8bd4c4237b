/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the holding of packets that ask for a tunnel: netfilter's rule and
 * queue, and the packets in it until their session is open or has failed.
 *
 * Without netfilter there is nothing to hold them with; then, as with hold =
 * no, the traps alone call out and the packet that asks is lost.
 */

#ifndef COI_HOLD_H_
#define COI_HOLD_H_

#include "config/coi_config.h"
#include "config/coi_options.h"
#include "events/coi_counters.h"
#include "util/coi_origin.h"
#include "policy/coi_pair_policy.h"
#include "events/coi_histograms.h"

typedef struct coi_hold_t coi_hold_t;
typedef enum coi_hold_verdict_t coi_hold_verdict_t;

/** What is to be done with packets between two hosts. */
enum coi_hold_verdict_t {
	/** a session is being opened: they wait */
	COI_HOLD_WAIT,
	/** one is open: they go */
	COI_HOLD_GO,
	/** there will be none */
	COI_HOLD_DROP,
	/** not now, but there may be one if they come again: nobody is notified */
	COI_HOLD_LATER,
};

/**
 * Called for the first packet between two hosts, to open a session.
 *
 * @param conn		of a packet to a network behind the other, see
 *					coi_hold_target_find(); else NULL
 * @param origin	who has sent it
 */
typedef coi_hold_verdict_t (*coi_hold_cb_t)(void *data, coi_connection_t *conn,
											host_t *me, host_t *other,
											coi_origin_t origin);

/** Thread-safe but for start(), stop() and destroy(). */
struct coi_hold_t {

	/**
	 * Begin to hold packets, if the kernel can. If options say that they are
	 * not to be held they come here nevertheless, so that what no program wants
	 * opens no session, and are dropped when they have asked for one.
	 *
	 * @param config	whose connections are trapped, borrowed until stop()
	 */
	void (*start)(coi_hold_t *this, coi_config_t *config,
				  coi_hold_cb_t cb, void *data);

	/** Let the packets between two hosts go: their session is open. */
	void (*release)(coi_hold_t *this, host_t *me, host_t *other);

	/** Drop them: no session is going to open. */
	void (*drop)(coi_hold_t *this, host_t *me, host_t *other);

	/** Number of packets that wait between two hosts, or in all: both NULL. */
	u_int (*count)(coi_hold_t *this, host_t *me, host_t *other);

	/**
	 * See to it that what is in the kernel is as it should be: a packet has
	 * passed where it should have been held.
	 */
	void (*repair)(coi_hold_t *this);

	/** Drop all that is held and all that comes. */
	void (*stop)(coi_hold_t *this);

	/** Remove the rule. The hold SAs go with the policies. */
	void (*destroy)(coi_hold_t *this);
};

/**
 * @param options	borrowed
 * @param counters	borrowed
 * @param histograms	gets how long packets waited, borrowed
 * @param policy	leads packets to the hold SAs, borrowed
 */
coi_hold_t *coi_hold_create(const coi_options_t *options,
							coi_counters_t *counters,
							coi_histograms_t *histograms,
							coi_pair_policy_t *policy);

#endif /** COI_HOLD_H_ */
