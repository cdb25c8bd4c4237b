/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the checks of core against a record of testing/vectors/ that more than
 * one kind of file needs.
 */

#ifndef VECTORS_CHECK_H_
#define VECTORS_CHECK_H_

#include "vectors.h"

/** Compare octets with what the record has. */
#define assert_vec(octets, record, ...) ({ \
	chunk_t expected_ = vec_octets(record, __VA_ARGS__); \
	chunk_t found_ = (octets); \
	cr_assert_eq(chunk_compare(found_, expected_), 0, "%s: %s", \
				 vec_text(record, "case"), #octets); \
})

/** What is derived of a key: PREFIXname, PREFIXK and so on. */
void vectors_check_key(const record_t *record, const char *prefix);

/** All parts of an opening; TH0 from those in use. */
void vectors_check_sess0(const record_t *record);

/** What is sealed, both ways. */
void vectors_check_sealed(const record_t *record, const uint8_t *kn,
						  chunk_t context, chunk_t plain, chunk_t sealed);

/** master is not seen from outside; the keys that come from it are. */
void vectors_check_master(const record_t *record);

#endif /** VECTORS_CHECK_H_ */
