/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the transcript and the keys of one exchange, from TH0 to the ESP keys:
 * PROTOCOL.md sections 5 to 8. Each step says what it needs; whoever has a copy
 * can try a message and throw the copy away.
 */

#ifndef COI_KEYMAT_H_
#define COI_KEYMAT_H_

#include "coi_shared_community.h"
#include "coi_pdu.h"

typedef struct coi_keymat_t coi_keymat_t;
typedef struct coi_pdu_keys_t coi_pdu_keys_t;

/** Transcript and secrets; wipe with coi_keymat_wipe(). */
struct coi_keymat_t {
	const coi_suite_t *suite;
	uint8_t th0[COI_MAX_HASH];
	uint8_t th1[COI_MAX_HASH];
	uint8_t th2[COI_MAX_HASH];
	uint8_t th3[COI_MAX_HASH];
	/** S, then S2, then master */
	uint8_t secret[COI_MAX_HASH];
	/** gate key of Sess2 */
	uint8_t gate2[COI_MAX_HASH];
	/** key of Sess1's info */
	uint8_t info1[COI_SEAL_KEY_LEN];
	/** key of Sess2's DH value, once S and TH1 are known */
	uint8_t key2[COI_SEAL_KEY_LEN];
	/** key of Sess2's info, once Z is known */
	uint8_t info2[COI_SEAL_KEY_LEN];
	/** a Sess3 follows: secret is master already */
	bool third;
	/** gate key of Sess3, and key of its info */
	uint8_t gate3[COI_MAX_HASH];
	uint8_t info3[COI_SEAL_KEY_LEN];
};

/** What IDLE and TERM need while the session is open; secret. */
struct coi_pdu_keys_t {
	uint8_t seal_out[COI_SEAL_KEY_LEN];
	uint8_t seal_in[COI_SEAL_KEY_LEN];
	uint8_t tag_out[COI_MAX_HASH];
	uint8_t tag_in[COI_MAX_HASH];
	uint8_t th2[COI_MAX_HASH];
};

/**
 * Begin with TH0.
 *
 * @param keymat	initialised
 * @param suite		suite
 * @param parts		Sess0 datagrams, in the order of their index
 * @param count		number of parts
 */
bool coi_keymat_start(coi_keymat_t *keymat, const coi_suite_t *suite,
					  const chunk_t *parts, u_int count)
					  __attribute__((warn_unused_result));

/**
 * Make S, and what follows from it and TH0: gate2 and the key of Sess1's info.
 *
 * @param nonces	nonce_i | nonce_r
 * @param encs		ENC_I | ENC_R
 * @param common	communities in common, in their order
 * @param count		number of communities
 */
bool coi_keymat_agree(coi_keymat_t *keymat, chunk_t nonces, chunk_t encs,
					  const coi_shared_community_t *common, u_int count)
					  __attribute__((warn_unused_result));

/**
 * Sign a message as it stands in the transcript, and go on to TH1, TH2 or TH3.
 *
 * @param header	type, suite and session ids of the message
 * @param body		the message without signature
 * @param val		own VAL key pair
 * @param signature	receives suite->sig_len octets
 */
bool coi_keymat_sign(coi_keymat_t *keymat, const coi_header_t *header,
					 chunk_t body, private_key_t *val, uint8_t *signature)
					 __attribute__((warn_unused_result));

/**
 * Verify the signature of a message, and go on to TH1, TH2 or TH3.
 *
 * @param val		the peer's VAL public key
 * @return			COI_OK, COI_SIGNATURE, COI_INTERNAL
 */
coi_reason_t coi_keymat_verify(coi_keymat_t *keymat, const coi_header_t *header,
							   chunk_t body, chunk_t val, chunk_t signature)
							   __attribute__((warn_unused_result));

/** With S and TH1: make the key of Sess2's DH value. */
bool coi_keymat_key2(coi_keymat_t *keymat) __attribute__((warn_unused_result));

/** With S, TH1 and Z: make S2 and the key of Sess2's info. S is gone. */
bool coi_keymat_shared(coi_keymat_t *keymat, chunk_t z)
					   __attribute__((warn_unused_result));

/**
 * With S2 and TH2, if a Sess3 follows: make its keys, master, and the keys of IDLE
 * and TERM. S2 is gone.
 *
 * @param initiator	own role
 * @param keys		filled in
 */
bool coi_keymat_third(coi_keymat_t *keymat, bool initiator,
					  coi_pdu_keys_t *keys) __attribute__((warn_unused_result));

/**
 * With TH2: make master, the keys of IDLE and TERM, and the key material of all
 * communities in use, then wipe everything. If a Sess3 follows, with TH3: only the
 * key material.
 *
 * @param keymat	wiped also on failure
 * @param initiator	own role
 * @param keys		filled in unless a Sess3 follows
 * @param common	communities with SPIs and proposals; key material is set, on
 *					failure perhaps of some only
 * @param count		number of communities
 */
bool coi_keymat_finish(coi_keymat_t *keymat, bool initiator,
					   coi_pdu_keys_t *keys, coi_shared_community_t *common,
					   u_int count)
					   __attribute__((warn_unused_result));

/** Wipe. */
void coi_keymat_wipe(coi_keymat_t *keymat);

#endif /** COI_KEYMAT_H_ */
