/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns what unit and exchange tests share: the library with its plugins, the
 * suite under test, and keys, profiles, addresses and proofs by name.
 */

#ifndef COI_TEST_H_
#define COI_TEST_H_

#include "core/coi_session.h"

/** Wall clock at which tests begin, ms since 1970. */
#define COI_TEST_WALL 1700000000000ULL

/** Load the library with the plugins in PLUGINDIR; fails the process if that fails.
 * COI_TEST_DEBUG in the environment sets the log level. */
void coi_test_init();

void coi_test_deinit();

/** The suite that tests use: the one that COI_TEST_SUITE in the environment
 * names, else the first. */
const coi_suite_t *coi_test_suite();
#define SUITE coi_test_suite()

/** Use another suite from now on. */
void coi_test_use(const coi_suite_t *suite);

/** Room for an entry of any suite. */
#define MAX_ENTRY (COI_ENC_LEN + COI_MAX_VAL + COI_ICV_LEN)

/** The first octets of an array, as many as a suite has it. */
static inline chunk_t coi_test_chunk(uint8_t *octets, size_t len)
{
	return chunk_create(octets, len);
}
#define chunk_hash(octets) coi_test_chunk(octets, SUITE->hash_len)
#define chunk_val(octets) coi_test_chunk(octets, SUITE->val_len)
#define chunk_sig(octets) coi_test_chunk(octets, SUITE->sig_len)
#define chunk_entry(octets) coi_test_chunk(octets, SUITE->entry_len)
#define chunk_sess0(octets) coi_test_chunk(octets, SUITE->sess0_len)

/** Times as PROTOCOL.md section 13 has them. */
coi_timing_t coi_test_timing();

/**
 * Make a key. Its secret depends on name and generation alone.
 */
coi_key_t *coi_test_key(const char *name, u_int generation);

/**
 * Make a set of keys.
 *
 * @param names		"finance engineering/2": names, each with a generation, 0 if
 *					it is not said, oldest first; "" for none
 */
coi_keyset_t *coi_test_keys(const char *names);

/** Names "c00 c01 ..": count of them from the first. Some of them live at a
 * time. */
const char *coi_test_names(u_int first, u_int count);

/**
 * Make a profile with all communities named (once each, generations ignored), in
 * transport mode, with AES-GCM and everything allowed.
 *
 * @param id		identity, FQDN; NULL to tell none
 */
coi_profile_t *coi_test_profile(const char *id, const char *names);

/** What a host says that sees the other one as it is. */
coi_addresses_t coi_test_addresses(const uint8_t own[COI_ADDR_LEN],
								   const uint8_t seen[COI_ADDR_LEN]);

/** Replace the services of a community; each list "6/443-443 17/53-53". */
void coi_test_services(coi_profile_t *profile, const char *name,
					   const char *offers, const char *uses);

/**
 * Prove to be somebody, if that is asked for. The signature is nothing but the
 * octets, behind the name: enough to see what they are tied to.
 *
 * @param id		FQDN
 * @param proof		receives the proof, to be cleared
 */
bool coi_test_prove(const coi_session_t *session, const char *id,
					coi_proof_t *proof);

/** Whether the peer proves to be somebody. */
bool coi_test_verify(const coi_session_t *session, const char *id);

#endif /** COI_TEST_H_ */
