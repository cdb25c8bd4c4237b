/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Shares as text: each typing error is found, and what does not belong
 * together never gives a key.
 */

#include <criterion/criterion.h>

#include "coi_test.h"

#include "keys/share.h"

static rng_t *rng;

static void setup(void)
{
	coi_test_init();
	rng = lib->crypto->create_rng(lib->crypto, RNG_STRONG);
	cr_assert_not_null(rng);
}

static void teardown(void)
{
	rng->destroy(rng);
	coi_test_deinit();
}

TestSuite(share, .init = setup, .fini = teardown);

static uint8_t secret[COI_KEY_LEN] = { 1, 2, 3 };

static void split(const char *name, uint8_t first, u_int threshold,
				  share_t *shares, u_int count)
{
	secret[0] = first;
	cr_assert(share_split(name, secret, rng, threshold, shares, count));
}

/** Combining must fail for a reason. */
#define refused(shares, count, reason) ({ \
	uint8_t found_[COI_KEY_LEN] = {}, none_[COI_KEY_LEN] = {}; \
	char *why_ = share_combine(shares, count, found_); \
	cr_assert_not_null(why_); \
	cr_expect_not_null(strstr(why_, reason), "%s", why_); \
	cr_expect(memeq(found_, none_, sizeof(found_))); \
	free(why_); \
})

/** Written by Python, from share.h. */
static const char fixed[] =
	"coi-share-1:lab:c16e-8b48-9c21-b8fe:2:7:"
	"000102-030405-060708-090a0b-0c0d0e-0f1011-121314-151617-18191a-"
	"1b1c1d-1e1f20:c248281f";

Test(share, text_and_back)
{
	const char *names[] = {
		"a", "finance", "Grüße", "two words", "100%:\t", "%41",
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
		"::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::%",
	};
	uint8_t found[COI_KEY_LEN];
	share_t shares[3], again[3];
	char text[SHARE_TEXT];
	u_int i, j;

	for (i = 0; i < countof(names); i++)
	{
		split(names[i], i, 2, shares, 3);
		for (j = 0; j < 3; j++)
		{
			cr_assert(share_write(&shares[j], text));
			cr_assert_null(strpbrk(text, " \t\n"));
			cr_assert_null(share_read(text, &again[j]), "%s", text);
			cr_expect_str_eq(again[j].name, names[i]);
			cr_expect_str_eq(again[j].fingerprint, shares[j].fingerprint);
			cr_expect_eq(again[j].threshold, 2);
			cr_expect_eq(again[j].point.index, j + 1);
			cr_expect(memeq(again[j].point.value, shares[j].point.value,
							SHAMIR_VALUE_LEN));
		}
		cr_assert_null(share_combine(again, 3, found));
		cr_expect(memeq(found, secret, sizeof(found)));
	}
}

Test(share, the_form)
{
	share_t share = { "lab", "c16e-8b48-9c21-b8fe", 2, { .index = 7 } };
	char text[SHARE_TEXT];
	u_int i;

	for (i = 0; i < SHAMIR_VALUE_LEN; i++)
	{
		share.point.value[i] = i;
	}
	cr_assert(share_write(&share, text));
	cr_expect_str_eq(text, fixed);
}

Test(share, each_wrong_character_is_found)
{
	const char other[] = "0123456789abcdefABCDEFg:-% \t/.xZ\x01\xff";
	char text[SHARE_TEXT], bad[SHARE_TEXT];
	share_t shares[2], share;
	size_t len, i, j;

	split("fi nance", 9, 2, shares, 2);
	cr_assert(share_write(&shares[0], text));
	len = strlen(text);
	for (i = 0; i < len; i++)
	{
		for (j = 0; j < sizeof(other) - 1; j++)
		{
			strcpy(bad, text);
			bad[i] = other[j];
			if (other[j] != text[i])
			{
				cr_assert_not_null(share_read(bad, &share), "%s", bad);
			}
			/* one too many */
			memmove(bad + i + 1, text + i, len - i + 1);
			if (!streq(bad, text))
			{
				cr_assert_not_null(share_read(bad, &share), "%s", bad);
			}
		}
		/* one is missing */
		strcpy(bad, text);
		memmove(bad + i, bad + i + 1, len - i);
		cr_assert_not_null(share_read(bad, &share), "%s", bad);
		/* two are the wrong way round */
		strcpy(bad, text);
		bad[i] = text[i + 1];
		bad[i + 1] = text[i];
		if (i + 1 < len && text[i] != text[i + 1])
		{
			cr_assert_not_null(share_read(bad, &share), "%s", bad);
		}
		/* the rest is missing */
		strcpy(bad, text);
		bad[i] = '\0';
		cr_assert_not_null(share_read(bad, &share), "%s", bad);
	}
}

/** A line with a right checksum, whatever else it has. */
static const char *read_checked(const char *fields, share_t *share)
{
	uint8_t hash[HASH_SIZE_SHA256];
	char text[2048];
	hasher_t *hasher;

	hasher = lib->crypto->create_hasher(lib->crypto, HASH_SHA256);
	cr_assert(hasher->get_hash(hasher, chunk_from_str((char*)fields), hash));
	hasher->destroy(hasher);
	snprintf(text, sizeof(text), "%s:%02x%02x%02x%02x", fields, hash[0],
			 hash[1], hash[2], hash[3]);
	return share_read(text, share);
}

#define VALUE "000102-030405-060708-090a0b-0c0d0e-0f1011-121314-151617-" \
			  "18191a-1b1c1d-1e1f20"
#define FINGER "c16e-8b48-9c21-b8fe"

Test(share, wrong_fields_with_a_right_checksum)
{
	const char *bad[] = {
		"coi-share-1:lab:" FINGER ":2:7",
		"coi-share-1:lab:" FINGER ":2:7:" VALUE ":x",
		"coi-share-2:lab:" FINGER ":2:7:" VALUE,
		"coi-share-11:lab:" FINGER ":2:7:" VALUE,
		"coi-share:lab:" FINGER ":2:7:" VALUE,
		" coi-share-1:lab:" FINGER ":2:7:" VALUE,
		"coi-share-1::" FINGER ":2:7:" VALUE,
		"coi-share-1:a b:" FINGER ":2:7:" VALUE,
		"coi-share-1:a%:" FINGER ":2:7:" VALUE,
		"coi-share-1:a%0:" FINGER ":2:7:" VALUE,
		"coi-share-1:a%00b:" FINGER ":2:7:" VALUE,
		"coi-share-1:a%3a:" FINGER ":2:7:" VALUE,
		"coi-share-1:%61:" FINGER ":2:7:" VALUE,
		"coi-share-1:xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxx:" FINGER ":2:7:" VALUE,
		"coi-share-1:lab::2:7:" VALUE,
		"coi-share-1:lab:" FINGER "0:2:7:" VALUE,
		"coi-share-1:lab:" FINGER ":1:7:" VALUE,
		"coi-share-1:lab:" FINGER ":256:7:" VALUE,
		"coi-share-1:lab:" FINGER ":4294967298:7:" VALUE,
		"coi-share-1:lab:" FINGER ":02:7:" VALUE,
		"coi-share-1:lab:" FINGER ":+2:7:" VALUE,
		"coi-share-1:lab:" FINGER "::7:" VALUE,
		"coi-share-1:lab:" FINGER ":2:0:" VALUE,
		"coi-share-1:lab:" FINGER ":2:256:" VALUE,
		"coi-share-1:lab:" FINGER ":2:-1:" VALUE,
		"coi-share-1:lab:" FINGER ":2:7:" VALUE "-",
		"coi-share-1:lab:" FINGER ":2:7:" VALUE "00",
		"coi-share-1:lab:" FINGER ":2:7:-" VALUE,
		"coi-share-1:lab:" FINGER ":2:7:",
		"coi-share-1:lab:" FINGER ":2:7:0001-02030405-060708-090a0b-0c0d0e-"
		"0f1011-121314-151617-18191a-1b1c1d-1e1f20",
		"coi-share-1:lab:" FINGER ":2:7:000102-030405-060708-090A0B-0c0d0e-"
		"0f1011-121314-151617-18191a-1b1c1d-1e1f20",
	};
	char longest[1024];
	share_t share;
	u_int i;

	cr_assert_null(read_checked("coi-share-1:lab:" FINGER ":2:7:" VALUE,
								&share));
	cr_assert_null(read_checked("coi-share-1:a%3Ab:" FINGER ":255:255:" VALUE,
								&share));
	cr_expect_str_eq(share.name, "a:b");
	for (i = 0; i < countof(bad); i++)
	{
		cr_expect_not_null(read_checked(bad[i], &share), "%s", bad[i]);
	}
	memset(longest, 'x', sizeof(longest));
	memcpy(longest, "coi-share-1:", strlen("coi-share-1:"));
	for (i = SHARE_TEXT - 2; i < sizeof(longest); i++)
	{
		longest[i] = '\0';
		cr_expect_not_null(share_read(longest, &share));
		longest[i] = 'x';
	}
}

Test(share, what_does_not_belong_together)
{
	share_t lab[5], web[5], next[5], other[5], four[5], mixed[5];

	split("web", 1, 3, web, 5);
	split("lab", 2, 3, next, 5);
	split("lab", 1, 4, four, 5);
	split("lab", 1, 3, other, 5);
	split("lab", 1, 3, lab, 5);

	refused(lab, 0, "no share");
	refused(lab, 1, "3 shares of COI 'lab' are needed, only 1 is given");
	refused(lab, 2, "only 2 are given");
	memcpy(mixed, lab, sizeof(mixed));
	mixed[2] = web[2];
	refused(mixed, 5, "different COIs");
	mixed[2] = next[2];
	refused(mixed, 5, "different keys of COI 'lab'");
	mixed[2] = four[2];
	refused(mixed, 5, "different splits");
	mixed[2] = lab[4];
	refused(mixed, 5, "share 5 is given twice");
	/* of the same key, split once more */
	mixed[2] = other[2];
	refused(mixed, 3, "do not give the key");
	refused(mixed, 5, "do not give the key");
	/* more than needed, one of which is wrong */
	mixed[2] = lab[2];
	mixed[4].point.value[7] ^= 4;
	refused(mixed, 5, "do not give the key");
	/* no more than needed, one of which is wrong */
	mixed[0].point.value[7] ^= 4;
	refused(mixed, 3, "do not give the key");
}

Test(share, another_key_than_the_fingerprint_says)
{
	share_t shares[3], lie[3];
	u_int i;

	split("lab", 1, 2, shares, 3);
	split("lab", 2, 2, lie, 3);
	for (i = 0; i < 3; i++)
	{
		strcpy(lie[i].fingerprint, shares[i].fingerprint);
	}
	refused(lie, 2, "do not give the key");
	refused(lie, 3, "do not give the key");
}

Test(share, what_cannot_be_split)
{
	share_t shares[3];

	cr_expect_not(share_split("", secret, rng, 2, shares, 3));
	cr_expect_not(share_split("lab", secret, rng, 1, shares, 3));
	cr_expect_not(share_split("lab", secret, rng, 4, shares, 3));
}
