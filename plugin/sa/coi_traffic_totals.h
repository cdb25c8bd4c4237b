/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns what each community has carried in SAs that are gone, so that sums go on
 * over rekeying and never go back.
 *
 * SAs end in many places, all of which charon gets to through the CHILD_SA's
 * own end; so each CHILD_SA has a reference.
 */

#ifndef COI_TRAFFIC_TOTALS_H_
#define COI_TRAFFIC_TOTALS_H_

#include <library.h>

typedef struct coi_traffic_total_t coi_traffic_total_t;
typedef struct coi_traffic_totals_t coi_traffic_totals_t;

/** Octets and packets of a community. */
struct coi_traffic_total_t {
	uint64_t octets_in;
	uint64_t octets_out;
	uint64_t packets_in;
	uint64_t packets_out;
};

struct coi_traffic_totals_t {

	/**
	 * Add what an SA has carried that ends now.
	 *
	 * @param name		community, cloned
	 */
	void (*add)(coi_traffic_totals_t *this, const char *name,
				const coi_traffic_total_t *total);

	/**
	 * What a community has carried in all.
	 *
	 * @param name		community, cloned
	 * @param open		what its open SAs have carried, which may have been looked
	 *					up before one of them ended, or after
	 * @return			at least as much as was returned before
	 */
	coi_traffic_total_t (*get)(coi_traffic_totals_t *this, const char *name,
							   const coi_traffic_total_t *open);

	/** Get a reference, to be destroyed, too. */
	coi_traffic_totals_t *(*get_ref)(coi_traffic_totals_t *this);

	/** Drop a reference; the last one frees. */
	void (*destroy)(coi_traffic_totals_t *this);
};

/** Create totals of nothing, with one reference. */
coi_traffic_totals_t *coi_traffic_totals_create();

#endif /** COI_TRAFFIC_TOTALS_H_ */
