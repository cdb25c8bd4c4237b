/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Keys and parts of Sess0 as the independent implementation in
 * testing/reference/ wrote them down.
 */

#include <criterion/criterion.h>

#include "coi_test.h"
#include "vectors_check.h"

TestSuite(vectors_opening, .init = coi_test_init);

Test(vectors_opening, keys)
{
	vectors_t *vectors = vectors_read("keys");
	const record_t *record;
	coi_key_t *key;

	each_record(vectors, record)
	{
		vectors_check_key(record, "");
		key = vec_key(record, "");
		assert_vec(chunk_from_thing(key->fingerprint), record, "fingerprint");
		coi_key_destroy(key);
	}
	vectors_destroy(vectors);
}

Test(vectors_opening, sess0)
{
	vectors_t *vectors = vectors_read("sess0");
	const record_t *record;

	each_record(vectors, record)
	{
		vectors_check_sess0(record);
	}
	vectors_destroy(vectors);
}
