/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the removal of larval SAs: what the kernel keeps of an acquire until an SA
 * with the policy's reqid comes. As long as there is one, no packet for that
 * peer raises another acquire. Our SAs have their community's reqid and not the
 * trap's, so nothing but time would take it away.
 */

#ifndef COI_LARVAL_H_
#define COI_LARVAL_H_

#include <networking/host.h>

#include "config/coi_connection.h"
#include "util/coi_netlink.h"

typedef struct coi_larval_t coi_larval_t;

/**
 * Remove the larval SA between two hosts, if there is one.
 *
 * @param src		own address
 * @param dst		peer's address
 * @param reqid		reqid of the policy that raised the acquire
 * @param conn		connection of that policy
 */
void coi_larval_remove(host_t *src, host_t *dst, uint32_t reqid,
					   const coi_connection_t *conn);

/** Those that go soon. */
struct coi_larval_t {

	/**
	 * Remove as coi_larval_remove() does, but after a second; until then what
	 * else goes between the two raises no acquire. If many wait for that already,
	 * it is removed at once.
	 *
	 * @param conn		reference taken
	 */
	void (*remove_soon)(coi_larval_t *this, host_t *src, host_t *dst,
						uint32_t reqid, coi_connection_t *conn);

	/** Free, once those that wait are removed, or charon has dropped its jobs. */
	void (*destroy)(coi_larval_t *this);
};

/** Create it, with none that waits. */
coi_larval_t *coi_larval_create();

/**
 * Remove a larval SA that a dump has shown.
 *
 * @param info		its description, SPI 0
 * @param if_id		its interface ID, 0 if it has none
 */
bool coi_larval_remove_sa(coi_netlink_t *xfrm,
						  const struct xfrm_usersa_info *info, uint32_t if_id);

#endif /** COI_LARVAL_H_ */
