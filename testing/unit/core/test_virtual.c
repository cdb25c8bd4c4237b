/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <criterion/criterion.h>

#include <arpa/inet.h>

#include "coi_test.h"

#include "core/coi_info.h"
#include "core/coi_virtual.h"

/** where the values begin in what wishes() and grants() make */
#define VALUE 4

static coi_range_t address(const char *text)
{
	coi_range_t range;
	uint8_t octets[16];
	bool v6 = strchr(text, ':');

	cr_assert_eq(inet_pton(v6 ? AF_INET6 : AF_INET, text, octets), 1);
	cr_assert(coi_range_set(&range, v6 ? 6 : 4, octets, octets));
	return range;
}

static coi_wish_t wishes()
{
	return (coi_wish_t){
		.addresses = {
			.ticket = "0123456789abcde",
			.list = { address("0.0.0.0"), address("fec3::5") },
			.count = 2,
		},
		.types = { 3, 10 },
		.type_count = 2,
	};
}

/** To be cleared. */
static coi_grant_t grants()
{
	coi_grant_t grant = {
		.addresses = {
			.ticket = "0123456789abcde",
			.list = { address("10.3.0.1"), address("fec3::5") },
			.count = 2,
		},
	};

	cr_assert(coi_grant_add(&grant, 3, chunk_from_chars(10, 1, 0, 20)));
	cr_assert(coi_grant_add(&grant, 10, chunk_empty));
	return grant;
}

/** Encode, without header and padding. */
static chunk_t encode(const coi_wish_t *wish, const coi_grant_t *grant)
{
	coi_writer_t writer;
	chunk_t data, written;

	data = chunk_alloc(wish ? coi_wish_size(wish) : coi_grant_size(grant));
	writer = coi_writer(data.ptr, data.len);
	cr_assert(wish ? coi_wish_write(&writer, wish)
				   : coi_grant_write(&writer, grant));
	cr_assert(coi_writer_done(&writer, &written));
	cr_assert_eq(written.len, data.len);
	return data;
}

Test(virtual, octet_by_octet)
{
	static const uint8_t wished[] = {
		0x80, 0x0a, 0, 44,
		'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd',
		'e', 0, 2,
		4, 0, 0, 0, 0,
		6, 0xfe, 0xc3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5,
		2, 0, 3, 0, 10,
	}, granted[] = {
		0x80, 0x0b, 0, 39,
		'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd',
		'e', 0, 2,
		4, 10, 3, 0, 1,
		6, 0xfe, 0xc3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5,
		0x80, 0x0c, 0, 6, 0, 3, 10, 1, 0, 20,
		0x80, 0x0c, 0, 2, 0, 10,
	};
	coi_wish_t wish = wishes();
	coi_grant_t grant = grants();
	chunk_t data;

	data = encode(&wish, NULL);
	cr_assert_eq(data.len, sizeof(wished));
	cr_expect(memeq(data.ptr, wished, data.len));
	chunk_free(&data);
	data = encode(NULL, &grant);
	cr_assert_eq(data.len, sizeof(granted));
	cr_expect(memeq(data.ptr, granted, data.len));
	chunk_free(&data);
	coi_grant_clear(&grant);
}

static void assert_same(const coi_virtual_t *a, const coi_virtual_t *b)
{
	u_int i;

	cr_assert_eq(a->count, b->count);
	cr_expect(memeq(a->ticket, b->ticket, sizeof(a->ticket)));
	for (i = 0; i < a->count; i++)
	{
		cr_expect(coi_range_equals(&a->list[i], &b->list[i]));
	}
}

/** Whether SessionInfos with a wish or a grant can be read, and say the same. */
static void round_trip(const coi_wish_t *wish, const coi_grant_t *grant)
{
	coi_info_t info = {
		.id_type = 2,
		.id = chunk_from_str("host"),
		.addresses = {
			.seen = { { [15] = 2 }, 1 }, .own = { { [15] = 3 }, 1 },
		},
	}, decoded;
	u_int i;
	chunk_t data;

	if (wish)
	{
		info.wish = *wish;
		cr_assert(coi_info_encode(&info, &data));
		cr_assert(coi_info_decode(data, &decoded));
		assert_same(&decoded.wish.addresses, &wish->addresses);
		cr_expect_eq(decoded.wish.type_count, wish->type_count);
		cr_expect(memeq(decoded.wish.types, wish->types, sizeof(wish->types)));
		cr_expect_not(coi_info_decode_third(data, &info));
		coi_info_clear(&decoded);
		chunk_free(&data);
		return;
	}
	info.grant = *grant;
	cr_assert(coi_info_encode_third(&info, &data));
	cr_assert(coi_info_decode_third(data, &decoded));
	assert_same(&decoded.grant.addresses, &grant->addresses);
	cr_assert_eq(decoded.grant.attribute_count, grant->attribute_count);
	for (i = 0; i < grant->attribute_count; i++)
	{
		cr_expect_eq(decoded.grant.attributes[i].type,
					 grant->attributes[i].type);
		cr_expect_eq(chunk_compare(decoded.grant.attributes[i].value,
								   grant->attributes[i].value), 0);
	}
	coi_info_clear(&decoded);
	chunk_free(&data);
	/* only in a Sess3 */
	cr_assert(coi_info_encode(&info, &data));
	cr_expect_not(coi_info_decode(data, &decoded));
	chunk_free(&data);
}

Test(virtual, round_trips)
{
	coi_wish_t wish = wishes();
	coi_grant_t grant = grants(), clone;

	round_trip(&wish, NULL);
	wish.addresses.count = 1;
	memset(&wish.addresses.list[1], 0, sizeof(wish.addresses.list[1]));
	wish.type_count = 0;
	memset(wish.types, 0, sizeof(wish.types));
	round_trip(&wish, NULL);
	round_trip(NULL, &grant);
	clone = coi_grant_clone(&grant);
	round_trip(NULL, &clone);
	coi_grant_clear(&clone);
	cr_expect_eq(coi_grant_size(&clone), 0);
	coi_grant_clear(&grant);
}

Test(virtual, every_truncation_and_excess)
{
	coi_wish_t wish = wishes(), read = {};
	coi_grant_t grant = grants(), got;
	chunk_t data, copy;
	size_t len;

	data = encode(&wish, NULL);
	for (len = 0; len < data.len - VALUE; len++)
	{
		cr_expect_not(coi_wish_decode(chunk_create(data.ptr + VALUE, len),
									  &read), "%zu octets", len);
		read = (coi_wish_t){};
	}
	copy = chunk_cat("cc", data, chunk_from_str("x"));
	cr_expect_not(coi_wish_decode(chunk_create(copy.ptr + VALUE,
											   copy.len - VALUE), &read));
	chunk_free(&copy);
	chunk_free(&data);
	data = encode(NULL, &grant);
	for (len = 0; len <= 40; len++)
	{
		got = (coi_grant_t){};
		cr_expect_eq(coi_grant_decode(chunk_create(data.ptr + VALUE, len),
									  &got), len == 39, "%zu octets", len);
		coi_grant_clear(&got);
	}
	for (len = 0; len <= 6; len++)
	{
		got = (coi_grant_t){};
		cr_expect_eq(coi_grant_decode_attribute(chunk_create(data.ptr + 47,
												len), &got), len >= 2);
		coi_grant_clear(&got);
	}
	chunk_free(&data);
	coi_grant_clear(&grant);
}

/** Whether an address may be wished, and granted. */
static void try_address(const char *text, bool wished, bool granted)
{
	coi_range_t one = address(text);
	size_t len = coi_range_len(one.family);
	uint8_t value[COI_TICKET_LEN + 2 + COI_ADDR_LEN + 1] = {
		[COI_TICKET_LEN] = 1, one.family,
	};
	coi_wish_t wish = {};
	coi_grant_t grant = {};

	memcpy(value + COI_TICKET_LEN + 2, one.first, len);
	cr_expect_eq(coi_grant_decode(chunk_create(value, COI_TICKET_LEN + 2 + len),
								  &grant), granted, "%s", text);
	cr_expect_eq(coi_wish_decode(chunk_create(value, COI_TICKET_LEN + 3 + len),
								 &wish), wished, "%s", text);
	coi_grant_clear(&grant);
}

Test(virtual, addresses_that_no_host_may_have)
{
	static const char *const bad[] = {
		"0.0.0.1", "127.0.0.1", "127.255.255.255", "169.254.0.1", "224.0.0.1",
		"239.255.255.255", "240.0.0.1", "255.255.255.255", "::1", "::2",
		"::ffff:10.0.0.1", "::10.0.0.1", "ff02::1", "ff0e::5", "fe80::1",
		"febf::1",
	}, *const good[] = {
		"1.0.0.1", "10.3.0.1", "126.0.0.1", "128.0.0.1", "169.253.0.1",
		"223.255.255.255", "fec3::1", "fd00::1", "2001:db8::1", "64:ff9b::1",
	};
	u_int i;

	for (i = 0; i < countof(bad); i++)
	{
		try_address(bad[i], FALSE, FALSE);
	}
	for (i = 0; i < countof(good); i++)
	{
		try_address(good[i], TRUE, TRUE);
	}
	try_address("0.0.0.0", TRUE, FALSE);
	try_address("::", TRUE, FALSE);
}

/** Whether a wish decodes after an octet was changed. */
static bool changed(bool grant, size_t at, uint8_t value)
{
	coi_wish_t wish = wishes(), read = {};
	coi_grant_t given = grants(), got = {};
	chunk_t data;
	bool valid;

	data = encode(grant ? NULL : &wish, &given);
	data.ptr[VALUE + at] = value;
	valid = grant ? coi_grant_decode(chunk_create(data.ptr + VALUE, 39), &got)
				  : coi_wish_decode(chunk_create(data.ptr + VALUE,
												 data.len - VALUE), &read);
	chunk_free(&data);
	coi_grant_clear(&got);
	coi_grant_clear(&given);
	return valid;
}

Test(virtual, bad_values)
{
	u_int value, grant;

	for (value = 0; value <= UINT8_MAX; value++)
	{
		for (grant = 0; grant < 2; grant++)
		{
			/* number of addresses, families */
			cr_expect_eq(changed(grant, 16, value), value == 2);
			cr_expect_eq(changed(grant, 17, value), value == 4);
			cr_expect_eq(changed(grant, 22, value), value == 6);
		}
		/* number of types; the first one is 3, then with the reserved bit, the
		 * second one is not 0 and not the first again */
		cr_expect_eq(changed(FALSE, 39, value), value == 2);
		cr_expect_eq(changed(FALSE, 40, value), value < 0x80);
		cr_expect_eq(changed(FALSE, 43, value), value && value != 3);
	}
}

Test(virtual, twice_and_too_much)
{
	coi_wish_t wish = wishes(), read = {};
	coi_grant_t grant = grants(), got = {};
	uint8_t many[COI_TICKET_LEN + 1 + 5 + 1 + 2 * 256] = {
		[COI_TICKET_LEN] = 1, 4, 10, 3, 0, 1,
	}, longest[COI_ATTRIBUTES_LEN + 3] = { 0, 3 };
	coi_range_t six = address("fec3::6");
	chunk_t data;
	u_int i;

	/* of each family one */
	cr_expect_not(coi_virtual_add(&wish.addresses, &six));
	wish.addresses.list[1] = wish.addresses.list[0];
	data = chunk_alloc(coi_wish_size(&wish));
	{
		coi_writer_t writer = coi_writer(data.ptr, data.len);

		cr_expect_not(coi_wish_write(&writer, &wish));
	}
	chunk_free(&data);
	/* an element twice */
	wish = wishes();
	data = encode(&wish, NULL);
	data = chunk_skip(data, VALUE);
	cr_assert(coi_wish_decode(data, &read));
	cr_expect_not(coi_wish_decode(data, &read));
	free(data.ptr - VALUE);
	data = encode(NULL, &grant);
	cr_assert(coi_grant_decode(chunk_create(data.ptr + VALUE, 39), &got));
	cr_expect_not(coi_grant_decode(chunk_create(data.ptr + VALUE, 39), &got));
	coi_grant_clear(&got);
	chunk_free(&data);
	/* types */
	for (i = 0; i < 256; i++)
	{
		htoun16(many + 23 + 2 * i, 1 + i);
	}
	for (i = 0; i < 256; i++)
	{
		many[22] = i;
		read = (coi_wish_t){};
		cr_expect_eq(coi_wish_decode(chunk_create(many, 23 + 2 * i), &read),
					 i <= COI_MAX_ATTRIBUTES);
	}
	/* attributes: all together, their number, and without an address */
	cr_expect_not(coi_grant_decode_attribute(chunk_from_thing(longest), &got));
	cr_expect(coi_grant_decode_attribute(chunk_create(longest,
											sizeof(longest) - 1), &got));
	cr_expect_not(coi_grant_is_whole(&got));
	cr_expect_not(coi_grant_decode_attribute(chunk_create(longest, 3), &got));
	for (i = 1; i < COI_MAX_ATTRIBUTES; i++)
	{
		cr_expect(coi_grant_decode_attribute(chunk_create(longest, 2), &got));
	}
	cr_expect_not(coi_grant_decode_attribute(chunk_create(longest, 2), &got));
	longest[1] = 0;
	cr_expect_not(coi_grant_decode_attribute(chunk_create(longest, 2), &got));
	coi_grant_clear(&got);
	coi_grant_clear(&grant);
}

Test(virtual, a_grant_answers_a_wish)
{
	coi_wish_t wish = wishes();
	coi_grant_t grant = grants(), none = {};
	coi_addresses_t ours = {
		.seen = { { [10] = 0xff, 0xff, 192, 168, 0, 1 }, 1 },
		.own = { { [10] = 0xff, 0xff, 192, 168, 0, 100 }, 1 },
	}, theirs = { .seen = ours.own, .own = ours.seen }, *ends[] = {
		&ours, &theirs,
	};
	uint8_t vip[COI_ADDR_LEN] = { [10] = 0xff, 0xff, 10, 3, 0, 1 };
	u_int i;

	cr_expect(coi_grant_answers(&grant, &wish, &ours, &theirs));
	cr_expect(coi_grant_answers(&none, &wish, &ours, &theirs));
	/* the address of one of the ends */
	for (i = 0; i < 4; i++)
	{
		coi_address_t *end = i % 2 ? &ends[i / 2]->own : &ends[i / 2]->seen;
		coi_address_t saved = *end;

		memcpy(end->addr, vip, sizeof(vip));
		cr_expect_not(coi_grant_answers(&grant, &wish, &ours, &theirs));
		*end = saved;
	}
	/* a family, and an attribute, that were not asked for */
	wish.addresses.count = 1;
	cr_expect_not(coi_grant_answers(&grant, &wish, &ours, &theirs));
	wish.addresses.count = 2;
	wish.type_count = 1;
	cr_expect_not(coi_grant_answers(&grant, &wish, &ours, &theirs));
	wish = (coi_wish_t){};
	cr_expect_not(coi_grant_answers(&grant, &wish, &ours, &theirs));
	cr_expect(coi_grant_answers(&none, &wish, &ours, &theirs));
	coi_grant_clear(&grant);
}
