/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns those operations of suite p384 that charon has OpenSSL do at a multiple of
 * their cost: the agreement, where the peer's point is multiplied by the order of
 * the group, which shows nothing that decoding has not shown (SP 800-56A section
 * 5.6.2.3.4: the group has no other points), and the verification, where a public
 * key is looked for in all encodings that there are. Here OpenSSL is asked
 * directly.
 *
 * All of it fails if OpenSSL is older than 3.0; charon's plugins are asked then.
 */

#ifndef COI_P384_H_
#define COI_P384_H_

#include <library.h>
#include <crypto/key_exchange.h>

/** Whether the rest is there. */
bool coi_p384_available();

/**
 * Make an ECDH key pair. It has no set_private_key().
 *
 * @return			pair, NULL on failure
 */
key_exchange_t *coi_p384_dh_create();

/** Whether x | y is a point of the curve. */
bool coi_p384_is_point(chunk_t point);

/**
 * Verify a signature with SHA-384.
 *
 * @param point		public key, x | y
 * @param data		what was signed
 * @param signature	r | s
 * @return			FALSE also if point is none of the curve
 */
bool coi_p384_verify(chunk_t point, chunk_t data, chunk_t signature)
					 __attribute__((warn_unused_result));

#endif /** COI_P384_H_ */
