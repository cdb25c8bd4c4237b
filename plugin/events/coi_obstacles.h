/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns what stands in the way of business: parts of the set-up that have
 * failed, and the trying again. Until all are done the plugin opens nothing and
 * answers nothing, and the traps and blocks of its connections keep everything
 * in.
 */

#ifndef COI_OBSTACLES_H_
#define COI_OBSTACLES_H_

#include "coi_counters.h"

/** space for what is wrong */
#define COI_OBSTACLE_TEXT 512

typedef struct coi_obstacles_t coi_obstacles_t;

/**
 * Set up one part, by one thread at a time.
 *
 * @param why		what is wrong and which setting it is about, if it fails
 * @return			TRUE if it is done; it is not called again
 */
typedef bool (*coi_obstacle_try_t)(void *data, char why[COI_OBSTACLE_TEXT]);

/** Called for each part that is not done; why is borrowed. */
typedef void (*coi_obstacle_cb_t)(void *data, const char *part,
								  const char *why);

/** Thread-safe after start(). */
struct coi_obstacles_t {

	/** Add a part, before start(); they are tried in this order.
	 *
	 * @param part		one word, static
	 */
	void (*add)(coi_obstacles_t *this, const char *part,
				coi_obstacle_try_t try, void *data);

	/**
	 * Try all parts, and again after a second, two, four and so on up to half a
	 * minute those that have failed.
	 *
	 * @param ready		called once, when the last one is done; may be now
	 */
	void (*start)(coi_obstacles_t *this, void (*ready)(void *data), void *data);

	/** Whether all parts are done. */
	bool (*is_ready)(coi_obstacles_t *this);

	/** Call back for each part that is not done; cb must not call us. */
	void (*for_all)(coi_obstacles_t *this, coi_obstacle_cb_t cb, void *data);

	void (*destroy)(coi_obstacles_t *this);
};

/**
 * @param counters	told of each failure, borrowed
 */
coi_obstacles_t *coi_obstacles_create(coi_counters_t *counters);

#endif /** COI_OBSTACLES_H_ */
