/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns what each community has carried in SAs that are gone, so that sums go on
 * over rekeying and never go back.
 *
 * There is one for the process: SAs end in many places, all of which charon
 * gets to through the CHILD_SA's own end.
 */

#ifndef COI_TRAFFIC_TOTALS_H_
#define COI_TRAFFIC_TOTALS_H_

#include <library.h>

typedef struct coi_traffic_total_t coi_traffic_total_t;

/** Octets and packets of a community. */
struct coi_traffic_total_t {
	uint64_t octets_in;
	uint64_t octets_out;
	uint64_t packets_in;
	uint64_t packets_out;
};

void coi_traffic_totals_init();
void coi_traffic_totals_deinit();

/** Add what an SA has carried that ends now. */
void coi_traffic_totals_add(const char *name, const coi_traffic_total_t *total);

/**
 * What a community has carried in all.
 *
 * @param name		community
 * @param open		what its open SAs have carried, which may have been looked
 *					up before one of them ended, or after
 * @return			at least as much as was returned before
 */
coi_traffic_total_t coi_traffic_totals_get(const char *name,
										   const coi_traffic_total_t *open);

#endif /** COI_TRAFFIC_TOTALS_H_ */
