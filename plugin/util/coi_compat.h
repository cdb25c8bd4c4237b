/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns what differs between strongSwan 5.9.8 and 6.0.6, the two releases that
 * this plugin is built against.
 */

#ifndef COI_COMPAT_H_
#define COI_COMPAT_H_

#include <daemon.h>
#include <kernel/kernel_interface.h>
#include <sa/ikev2/keymat_v2.h>

/* no release number reaches the preprocessor; crypto/transform.h of 6.0 has
 * this macro, 5.9.8 has not */
#ifdef MAX_ADDITIONAL_KEY_EXCHANGES
# define COI_STRONGSWAN_6
#endif

/**
 * Derive the keys of an IKE_SA from one key exchange.
 *
 * @param ke		borrowed; only asked for its shared secret
 * @return			FALSE if an algorithm is not supported
 */
static inline bool coi_derive_ike_keys(keymat_v2_t *keymat,
									   proposal_t *proposal,
									   key_exchange_t *ke, chunk_t nonce,
									   ike_sa_id_t *id)
{
	bool success;

#ifdef COI_STRONGSWAN_6
	array_t *kes = NULL;

	array_insert_create(&kes, ARRAY_HEAD, ke);
	success = keymat->derive_ike_keys(keymat, proposal, kes, nonce, nonce, id,
									  PRF_UNDEFINED, chunk_empty);
	array_destroy(kes);
#else
	success = keymat->derive_ike_keys(keymat, proposal, ke, nonce, nonce, id,
									  PRF_UNDEFINED, chunk_empty);
#endif
	return success;
}

/* since 6.0.3 the loader wants a version as well, which this macro makes */
#ifndef PLUGIN_DEFINE
# define PLUGIN_DEFINE(name) plugin_t *name ## _plugin_create()
#endif

#endif /** COI_COMPAT_H_ */
