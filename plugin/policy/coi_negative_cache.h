/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the negative cache: peers that did not answer, or for which there is no
 * key, to which traffic is refused for a while, so that applications learn it at
 * once and the peer is not asked for each packet.
 *
 * It has a limit, and who has caused the openings has a share of it: where that
 * is reached, the oldest goes. Traffic to it then asks for a session again, and
 * is no more let through than before.
 */

#ifndef COI_NEGATIVE_CACHE_H_
#define COI_NEGATIVE_CACHE_H_

#include "config/coi_options.h"
#include "util/coi_origin.h"
#include "coi_pair_policy.h"

typedef struct coi_negative_cache_t coi_negative_cache_t;

/**
 * Called with the list locked: must be short and take no other lock.
 *
 * @param left		seconds until it ends
 */
typedef void (*coi_negative_cache_cb_t)(void *data, host_t *me, host_t *other,
										u_int left);

/** Thread-safe. */
struct coi_negative_cache_t {

	/**
	 * Refuse traffic to a peer from now on, until the time is over.
	 *
	 * @param origin	who has asked for it
	 */
	void (*add)(coi_negative_cache_t *this, host_t *me, host_t *other,
				coi_origin_t origin);

	/** Stop refusing it, if it is. */
	void (*remove)(coi_negative_cache_t *this, host_t *me, host_t *other);

	/**
	 * Stop refusing it to a peer, whatever the own address, or to all.
	 *
	 * @param other		peer, NULL for all
	 * @return			number of peers that were refused
	 */
	u_int (*forget)(coi_negative_cache_t *this, host_t *other);

	/**
	 * Whether traffic to a peer is refused.
	 *
	 * @param me		own address, NULL for any
	 * @param left		receives for how many s it still is, may be NULL
	 */
	bool (*find)(coi_negative_cache_t *this, host_t *me, host_t *other,
				 u_int *left);

	/** Call back for all peers that are refused. */
	void (*for_all)(coi_negative_cache_t *this, coi_negative_cache_cb_t cb,
					void *data);

	void (*destroy)(coi_negative_cache_t *this);
};

/**
 * @param policy	installs the refusing policies
 * @param options	for how long, 0 to refuse nothing, and how many; borrowed
 */
coi_negative_cache_t *coi_negative_cache_create(coi_pair_policy_t *policy,
												const coi_options_t *options);

#endif /** COI_NEGATIVE_CACHE_H_ */
