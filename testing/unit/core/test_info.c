/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <criterion/criterion.h>

#include "coi_test.h"

#include "core/coi_info.h"

/** where values begin in sample(): after identity of "host" and start, and after
 * the addresses, each with an element header */
#define ADDRESSES 25
#define COMMUNITY (ADDRESSES + 38 + 4)

static coi_proposal_t proposals[COI_MAX_PROPOSALS + 1];
static coi_service_t services[COI_MAX_SERVICES + 1];

/**
 * A SessionInfo of so many communities. Valid lists of the lengths given.
 */
static coi_info_t sample(coi_info_community_t *communities, u_int count,
						 u_int proposal_count, u_int offers, u_int uses)
{
	u_int i;

	for (i = 0; i < countof(proposals); i++)
	{
		proposals[i] = (coi_proposal_t){
			.encr = 20, .encr_bits = i % 2 ? 128 : 256, .integ = i,
			.esn = i % 2,
		};
	}
	for (i = 0; i < countof(services); i++)
	{
		services[i] = (coi_service_t){
			.proto = i % 2 ? 17 : 6, .from = i, .to = i * 1000,
		};
	}
	for (i = 0; i < count; i++)
	{
		communities[i] = (coi_info_community_t){
			.index = i * 3,
			.spi = htonl(COI_MIN_SPI + i),
			.mode = 1 + i % 2,
			.proposals = proposals,
			.proposal_count = proposal_count,
			.offers = { services, offers },
			.uses = { services, uses },
		};
	}
	return (coi_info_t){
		.id_type = 2,
		.id = chunk_from_str("host"),
		.start = 0x0102030405060708ULL,
		.addresses = {
			.seen = { { 0xfd, [15] = 1 }, 0x1234 },
			.own = { { [10] = 0xff, 0xff, 10, 1, 0, 2 }, 0x5678 },
			.encap = TRUE,
		},
		.communities = communities,
		.count = count,
	};
}

static void assert_equal(const coi_info_t *a, const coi_info_t *b)
{
	const coi_info_community_t *x, *y;
	u_int i, j;

	cr_assert_eq(a->id_type, b->id_type);
	cr_assert(chunk_equals(a->id, b->id));
	cr_assert_eq(a->start, b->start);
	cr_assert(coi_user_equals(&a->user, &b->user));
	cr_assert(memeq(a->addresses.seen.addr, b->addresses.seen.addr, 16));
	cr_assert_eq(a->addresses.seen.port, b->addresses.seen.port);
	cr_assert(memeq(a->addresses.own.addr, b->addresses.own.addr, 16));
	cr_assert_eq(a->addresses.own.port, b->addresses.own.port);
	cr_assert_eq(a->addresses.encap, b->addresses.encap);
	cr_assert_eq(a->count, b->count);
	for (i = 0; i < a->count; i++)
	{
		x = &a->communities[i];
		y = &b->communities[i];
		cr_assert_eq(x->index, y->index);
		cr_assert_eq(x->spi, y->spi);
		cr_assert_eq(x->mode, y->mode);
		cr_assert_eq(x->proposal_count, y->proposal_count);
		for (j = 0; j < x->proposal_count; j++)
		{
			cr_assert_eq(x->proposals[j].encr, y->proposals[j].encr);
			cr_assert_eq(x->proposals[j].encr_bits, y->proposals[j].encr_bits);
			cr_assert_eq(x->proposals[j].integ, y->proposals[j].integ);
			cr_assert_eq(x->proposals[j].esn, y->proposals[j].esn);
		}
		cr_assert(coi_services_equals(&x->offers, &y->offers));
		cr_assert(coi_services_equals(&x->uses, &y->uses));
	}
}

Test(info, round_trip)
{
	coi_info_community_t communities[COI_MAX_KEYS];
	coi_info_t info, decoded;
	u_int counts[] = { 0, 1, 2, 17, COI_MAX_KEYS }, i;
	chunk_t data;

	for (i = 0; i < countof(counts); i++)
	{
		info = sample(communities, counts[i], 1 + i, 1, 2 + i);
		cr_assert(coi_info_encode(&info, &data));
		cr_assert_eq(data.len % COI_INFO_ALIGN, 0);
		cr_assert(coi_info_decode(data, &decoded));
		assert_equal(&info, &decoded);
		coi_info_clear(&decoded);
		cr_expect_null(decoded.communities);
		chunk_free(&data);
	}
}

Test(info, octet_by_octet)
{
	uint8_t expected[128] = {
		0x80, 1, 0, 5, 2, 'h', 'o', 's', 't',
		0x80, 2, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8,
		0x80, 5, 0, 38,
		0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x12, 0x34,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 1, 0, 2, 0x56, 0x78,
		1, 0,
		0x80, 3, 0, 44, 0, 0, 0, 0, 1, 0, 1,
		2, 0, 20, 1, 0, 0, 0, 0, 0, 0, 20, 0, 128, 0, 1, 1, 0,
		1, 6, 0, 0, 0, 0, 0,
		2, 6, 0, 0, 0, 0, 0, 17, 0, 0, 1, 0x03, 0xe8,
		0, 4, 0, 13,
	};
	coi_info_community_t community;
	coi_info_t info = sample(&community, 1, 2, 1, 2);
	chunk_t data;

	/* 9 + 12 + 42 + 4 + 10 + 16 + 18 = 111: padding of 13 after its header */
	cr_assert_eq(coi_info_community_size(&community), 48);
	cr_assert(coi_info_encode(&info, &data));
	cr_assert_eq(data.len, sizeof(expected));
	cr_assert(memeq(data.ptr, expected, sizeof(expected)));
	chunk_free(&data);
}

Test(info, every_length_is_padded_to_a_multiple)
{
	coi_info_community_t community;
	coi_info_t info = sample(&community, 1, 1, 1, 1), decoded;
	uint8_t id[COI_MAX_IDENTITY] = { 'x' };
	chunk_t data;
	size_t len;

	for (len = 1; len <= sizeof(id); len++)
	{
		info.id = chunk_create(id, len);
		cr_assert(coi_info_encode(&info, &data));
		cr_assert_eq(data.len % 64, 0);
		cr_assert_eq(data.len, coi_info_size(&info,
										coi_info_community_size(&community)));
		cr_assert_leq(data.len, 63 + len + 34 + 4 + 63);
		cr_assert(coi_info_decode(data, &decoded));
		assert_equal(&info, &decoded);
		coi_info_clear(&decoded);
		chunk_free(&data);
	}
}

Test(info, user_octet_by_octet)
{
	uint8_t expected[128] = {
		0x80, 1, 0, 5, 2, 'h', 'o', 's', 't',
		0x80, 2, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8,
		0x80, 5, 0, 38,
		0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x12, 0x34,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 1, 0, 2, 0x56, 0x78,
		1, 0,
		0, 6, 0, 13, 9, 8, 7, 6, 5, 4, 3, 2, 'a', 'l', 'i', 'c', 'e',
		0, 4, 0, 44,
	};
	coi_info_t info = sample(NULL, 0, 1, 1, 1), decoded;
	chunk_t data;

	info.user = (coi_user_t){
		.name = chunk_from_str("alice"),
		.since = 0x0908070605040302ULL,
	};
	cr_assert(coi_info_encode(&info, &data));
	cr_assert_eq(data.len, sizeof(expected));
	cr_assert(memeq(data.ptr, expected, sizeof(expected)));
	cr_assert(coi_info_decode(data, &decoded));
	assert_equal(&info, &decoded);
	coi_info_clear(&decoded);
	chunk_free(&data);
}

Test(info, user_of_every_length)
{
	uint8_t name[COI_MAX_USER + 1];
	coi_info_community_t community;
	coi_info_t info = sample(&community, 1, 1, 1, 1), decoded;
	chunk_t data;
	size_t len;

	memset(name, 'u', sizeof(name));
	for (len = 1; len <= COI_MAX_USER; len++)
	{
		info.user.name = chunk_create(name, len);
		cr_assert(coi_info_encode(&info, &data));
		cr_assert_eq(data.len, coi_info_size(&info,
										coi_info_community_size(&community)));
		cr_assert(coi_info_decode(data, &decoded));
		assert_equal(&info, &decoded);
		coi_info_clear(&decoded);
		chunk_free(&data);
	}
	info.user.name = chunk_from_thing(name);
	cr_expect_not(coi_info_encode(&info, &data));
	cr_expect_eq(data.len, 0);
	info.user.name = chunk_from_str("a\nb");
	cr_expect_not(coi_info_encode(&info, &data));
}

Test(info, every_truncation_and_excess)
{
	coi_info_community_t communities[2];
	coi_info_t info = sample(communities, 2, 2, 2, 2), decoded;
	coi_info_t untouched;
	chunk_t data, copy;
	size_t len;

	info.user.name = chunk_from_str("alice");
	cr_assert(coi_info_encode(&info, &data));
	memset(&decoded, 0xaa, sizeof(decoded));
	untouched = decoded;
	for (len = 0; len < data.len; len++)
	{
		/* cut off */
		copy = chunk_clone(chunk_create(data.ptr, len));
		cr_expect_not(coi_info_decode(copy, &decoded), "%zu octets", len);
		chunk_free(&copy);
		/* cut off and padded with an element too short to be one */
		copy = chunk_alloc(round_up(len, 64));
		memset(copy.ptr, 0xff, copy.len);
		memcpy(copy.ptr, data.ptr, len);
		cr_expect_not(coi_info_decode(copy, &decoded), "%zu octets", len);
		chunk_free(&copy);
	}
	for (len = 1; len <= 64; len++)
	{
		copy = chunk_alloc(data.len + len);
		memset(copy.ptr, 0xff, copy.len);
		memcpy(copy.ptr, data.ptr, data.len);
		cr_expect_not(coi_info_decode(copy, &decoded));
		/* an element of padding more is fine: its length is what is left */
		if (len == 64)
		{
			memset(copy.ptr + data.len, 0, 64);
			copy.ptr[data.len + 1] = 4;
			copy.ptr[data.len + 3] = 60;
			cr_expect(coi_info_decode(copy, &untouched));
			coi_info_clear(&untouched);
			untouched = decoded;
			copy.ptr[data.len + 3] = 61;
			cr_expect_not(coi_info_decode(copy, &decoded));
		}
		chunk_free(&copy);
	}
	cr_assert(memeq(&decoded, &untouched, sizeof(decoded)));
	chunk_free(&data);
}

/**
 * Whether sample() decodes after an octet was changed.
 */
static bool changed(size_t at, uint8_t value)
{
	coi_info_community_t communities[2];
	coi_info_t info = sample(communities, 2, 2, 2, 2), decoded;
	chunk_t data;
	bool valid;

	cr_assert(coi_info_encode(&info, &data));
	data.ptr[at] = value;
	valid = coi_info_decode(data, &decoded);
	if (valid)
	{
		coi_info_clear(&decoded);
	}
	chunk_free(&data);
	return valid;
}

Test(info, bad_values)
{
	/* size of a community of sample(.., 2, 2, 2, 2), header and all */
	const size_t size = 4 + 10 + 16 + 24, second = COMMUNITY + size;
	const size_t end = COMMUNITY - 4 + 2 * size;
	u_int value;

	cr_assert(changed(5, 'x'), "an identity is any octets");
	for (value = 0; value <= UINT8_MAX; value++)
	{
		/* ID types that may have four octets */
		cr_expect_eq(changed(4, value), value == 1 || value == 2 ||
					 value == 3 || value == 9 || value == 11, "type %u", value);
		cr_expect_eq(changed(COMMUNITY + 6, value), value == 1 || value == 2);
		cr_expect_eq(changed(COMMUNITY + 7, value), value == 2);
		cr_expect_eq(changed(COMMUNITY + 14, value), value <= 1, "ESN");
		cr_expect_eq(changed(COMMUNITY + 15, value), !value);
		cr_expect_eq(changed(COMMUNITY + 24, value), value == 2, "offers");
		cr_expect_eq(changed(COMMUNITY + 26, value), !value, "family");
		/* the second service's last port is 1000 */
		cr_expect_eq(changed(COMMUNITY + 33, value), value <= 3, "range");
		cr_expect_eq(changed(COMMUNITY + 37, value), value == 2, "uses");
		cr_expect_eq(changed(end + 4, value), !value, "padding");
	}
	for (value = 0; value <= UINT8_MAX; value++)
	{
		cr_expect_eq(changed(ADDRESSES + 36, value), value <= 1, "flags");
		cr_expect_eq(changed(ADDRESSES + 37, value), !value);
	}
	/* protocols with ports may have any, others only all of them */
	for (value = 0; value <= UINT8_MAX; value++)
	{
		cr_expect_eq(changed(COMMUNITY + 25, value), value == 6 ||
					 value == 17 || value == 33 || value == 132 ||
					 value == 136, "protocol %u", value);
	}
	/* SPI below 256 */
	cr_expect_not(changed(COMMUNITY + 4, 0));
	cr_expect(changed(COMMUNITY + 2, 0xff));
	/* two equal indices: the second community's is 3 */
	cr_expect_not(changed(second + 1, 0));
	cr_expect(changed(second + 1, 4));
	/* two equal SPIs: the first's is 256, the second's 257 */
	cr_expect_not(changed(second + 5, 0));
	cr_expect(changed(second + 5, 2));
	/* a type that must be known */
	cr_expect_not(changed(end, 0x80));
	cr_expect_not(changed(end, 0xff));
	/* one that need not, with any content, but it is still bounded */
	cr_expect(changed(end, 0x7f));
	cr_expect_not(changed(end + 2, 1));
}

/**
 * Decode elements, padded with zeros in an element of padding.
 */
static bool decodes(chunk_t elements)
{
	uint8_t buf[COI_MAX_MESSAGE] = {};
	coi_info_t decoded;
	size_t len;
	bool valid;

	memcpy(buf, elements.ptr, elements.len);
	len = round_up(elements.len + 4, 64);
	buf[elements.len + 1] = 4;
	htoun16(buf + elements.len + 2, len - elements.len - 4);
	valid = coi_info_decode(chunk_create(buf, len), &decoded);
	if (valid)
	{
		coi_info_clear(&decoded);
	}
	return valid;
}

#define IDENTITY 0x80, 1, 0, 2, 11, 'x'
#define START 0x80, 2, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8
#define BOTH 0x80, 5, 0, 38, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 1, 1, 1, 1, \
	0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0

Test(info, identity_start_and_addresses_exactly_once_in_any_order)
{
	cr_expect(decodes(chunk_from_chars(IDENTITY, START, BOTH)));
	cr_expect(decodes(chunk_from_chars(BOTH, START, IDENTITY)));
	cr_expect(decodes(chunk_from_chars(START, 0, 4, 0, 0, BOTH, IDENTITY)));
	cr_expect(decodes(chunk_from_chars(START, 0x7f, 4, 0, 1, 9, IDENTITY,
									   BOTH)));
	cr_expect_not(decodes(chunk_from_chars(START, BOTH)));
	cr_expect_not(decodes(chunk_from_chars(IDENTITY, BOTH)));
	cr_expect_not(decodes(chunk_from_chars(IDENTITY, START)));
	cr_expect_not(decodes(chunk_empty));
	cr_expect_not(decodes(chunk_from_chars(IDENTITY, START, IDENTITY, BOTH)));
	cr_expect_not(decodes(chunk_from_chars(IDENTITY, START, START, BOTH)));
	cr_expect_not(decodes(chunk_from_chars(IDENTITY, START, BOTH, BOTH)));
}

/**
 * Whether addresses decode whose value has that length, and another octet.
 */
static bool addresses(uint8_t len, size_t at, uint8_t value)
{
	uint8_t buf[] = { IDENTITY, START, BOTH, 0 };
	size_t begin = sizeof(buf) - 1 - 42;

	buf[begin + 3] = len;
	buf[begin + 4 + at] = value;
	return decodes(chunk_create(buf, begin + 4 + len));
}

Test(info, addresses)
{
	uint8_t len;

	for (len = 0; len <= 39; len++)
	{
		cr_expect_eq(addresses(len, 0, 0), len == 38, "%u octets", len);
	}
	/* ports: the low octet is 1 */
	cr_expect_not(addresses(38, 17, 0));
	cr_expect_not(addresses(38, 35, 0));
	/* the second address is ::1 */
	cr_expect_not(addresses(38, 33, 0));
	cr_expect(addresses(38, 33, 2));
	cr_expect(addresses(38, 36, 1));
	cr_expect_not(addresses(38, 36, 3));
	cr_expect_not(addresses(38, 37, 1));
}

Test(info, addresses_that_may_not_be_said)
{
	coi_info_t info = sample(NULL, 0, 0, 0, 0);
	chunk_t data;

	info.addresses.own.port = 0;
	cr_expect_not(coi_info_encode(&info, &data));
	cr_expect_eq(data.len, 0);
	info.addresses.own = info.addresses.seen;
	memset(info.addresses.seen.addr, 0, sizeof(info.addresses.seen.addr));
	cr_expect_not(coi_info_encode(&info, &data));
	memset(info.addresses.seen.addr + 10, 0xff, 2);
	cr_expect_not(coi_info_encode(&info, &data));
	info.addresses.seen.addr[15] = 1;
	cr_expect(coi_info_encode(&info, &data));
	chunk_free(&data);
}

Test(info, who_is_behind_a_nat)
{
	coi_address_t a = { { 0xfd, 1 }, 4570 }, b = { { 0xfd, 2 }, 4570 };
	coi_addresses_t ours = { .seen = b, .own = a };
	coi_addresses_t theirs = { .seen = a, .own = b };
	coi_nat_t nat;

	nat = coi_addresses_compare(&ours, &theirs);
	cr_expect(!nat.here && !nat.there && !nat.forced && !coi_nat_encap(nat));
	theirs.seen.port++;
	nat = coi_addresses_compare(&ours, &theirs);
	cr_expect(nat.here && !nat.there && !nat.forced && coi_nat_encap(nat));
	nat = coi_addresses_compare(&theirs, &ours);
	cr_expect(!nat.here && nat.there && coi_nat_encap(nat));
	ours.seen.addr[15]++;
	nat = coi_addresses_compare(&ours, &theirs);
	cr_expect(nat.here && nat.there && !nat.forced);
	ours.seen = b;
	theirs.seen = a;
	theirs.encap = TRUE;
	nat = coi_addresses_compare(&ours, &theirs);
	cr_expect(!nat.here && !nat.there && nat.forced && coi_nat_encap(nat));
	nat = coi_addresses_compare(&theirs, &ours);
	cr_expect(nat.forced);
}

#define USER(...) chunk_from_chars(IDENTITY, START, BOTH, 0, 6, 0, \
					1 + sizeof((uint8_t[]){ __VA_ARGS__ }) + 7, \
					0, 0, 0, 0, 0, 0, 0, 0, __VA_ARGS__)

Test(info, user_at_most_once_and_of_clean_text)
{
	cr_expect(decodes(USER('x')));
	cr_expect(decodes(USER(' ', '~')));
	/* the shortest and longest of each form */
	cr_expect(decodes(USER(0xc2, 0xa0, 0xdf, 0xbf)));
	cr_expect(decodes(USER(0xe0, 0xa0, 0x80, 0xef, 0xbf, 0xbf)));
	cr_expect(decodes(USER(0xf0, 0x90, 0x80, 0x80, 0xf4, 0x8f, 0xbf, 0xbf)));
	cr_expect(decodes(USER(0xed, 0x9f, 0xbf, 0xee, 0x80, 0x80)));
	cr_expect_not(decodes(chunk_from_chars(IDENTITY, START, BOTH,
								0, 6, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8)), "no name");
	cr_expect_not(decodes(chunk_from_chars(IDENTITY, START, BOTH,
								0, 6, 0, 7, 1, 2, 3, 4, 5, 6, 7)));
	cr_expect_not(decodes(chunk_from_chars(IDENTITY, START, BOTH, 0, 6, 0, 0)));
	cr_expect_not(decodes(chunk_from_chars(IDENTITY, START, BOTH,
								0, 6, 0, 9, 1, 2, 3, 4, 5, 6, 7, 8, 'a',
								0, 6, 0, 9, 1, 2, 3, 4, 5, 6, 7, 8, 'a')));
	/* controls, and what turns a line */
	cr_expect_not(decodes(USER('a', 0)));
	cr_expect_not(decodes(USER('a', '\n')));
	cr_expect_not(decodes(USER(0x1b, '[', 'm')));
	cr_expect_not(decodes(USER(0x1f)));
	cr_expect_not(decodes(USER(0x7f)));
	cr_expect_not(decodes(USER(0xc2, 0x80)));
	cr_expect_not(decodes(USER(0xc2, 0x9f)));
	cr_expect_not(decodes(USER(0xd8, 0x9c)));
	cr_expect_not(decodes(USER(0xe2, 0x80, 0x8f)));
	cr_expect_not(decodes(USER(0xe2, 0x80, 0xa8)));
	cr_expect_not(decodes(USER(0xe2, 0x80, 0xae)));
	cr_expect_not(decodes(USER(0xe2, 0x81, 0xa6)));
	/* what hides, or is hidden */
	cr_expect_not(decodes(USER('a', 0xe2, 0x80, 0x8b)));
	cr_expect_not(decodes(USER('a', 0xef, 0xbb, 0xbf)));
	cr_expect_not(decodes(USER('a', 0xf3, 0xa0, 0x81, 0xa1)));
	/* no UTF-8: stray, cut, too long a form, surrogate, too high */
	cr_expect_not(decodes(USER(0x80)));
	cr_expect_not(decodes(USER(0xbf, 'a')));
	cr_expect_not(decodes(USER(0xc2)));
	cr_expect_not(decodes(USER(0xc2, 'a')));
	cr_expect_not(decodes(USER(0xe2, 0x82)));
	cr_expect_not(decodes(USER(0xf0, 0x90, 0x80)));
	cr_expect_not(decodes(USER(0xc1, 0xbf)));
	cr_expect_not(decodes(USER(0xe0, 0x9f, 0xbf)));
	cr_expect_not(decodes(USER(0xf0, 0x8f, 0xbf, 0xbf)));
	cr_expect_not(decodes(USER(0xed, 0xa0, 0x80)));
	cr_expect_not(decodes(USER(0xf4, 0x90, 0x80, 0x80)));
	cr_expect_not(decodes(USER(0xf8, 0x88, 0x80, 0x80, 0x80)));
	cr_expect_not(decodes(USER(0xff)));
}

Test(info, lengths_of_identity_and_start)
{
	cr_expect(decodes(chunk_from_chars(BOTH, START, 0x80, 1, 0, 1, 0)),
			  "identity that is not told");
	cr_expect_not(decodes(chunk_from_chars(BOTH, START, 0x80, 1, 0, 2, 0, 'x')));
	cr_expect_not(decodes(chunk_from_chars(BOTH, START, 0x80, 1, 0, 0)));
	cr_expect_not(decodes(chunk_from_chars(BOTH, START, 0x80, 1, 0, 1, 2)));
	cr_expect_not(decodes(chunk_from_chars(BOTH, START, 0x80, 1, 0, 4, 1, 1, 1, 1)));
	cr_expect_not(decodes(chunk_from_chars(BOTH, START, 0x80, 1, 0, 5, 5, 1, 1, 1,
										   1)));
	cr_expect_not(decodes(chunk_from_chars(BOTH, IDENTITY, 0x80, 2, 0, 7, 1, 2, 3, 4,
										   5, 6, 7)));
	cr_expect_not(decodes(chunk_from_chars(BOTH, IDENTITY, 0x80, 2, 0, 9, 1, 2, 3, 4,
										   5, 6, 7, 8, 9)));
}

Test(info, identity_of_512_octets_and_no_more)
{
	uint8_t id[COI_MAX_IDENTITY + 1] = {};
	uint8_t buf[COI_MAX_IDENTITY + 128] = { BOTH, START, 0x80, 1, 2, 1, 11 };
	coi_info_t info = sample(NULL, 0, 0, 0, 0);
	chunk_t data;

	cr_expect(decodes(chunk_create(buf, 59 + COI_MAX_IDENTITY)));
	buf[57]++;
	cr_expect_not(decodes(chunk_create(buf, 59 + COI_MAX_IDENTITY + 1)));

	info.id_type = 11;
	info.id = chunk_create(id, COI_MAX_IDENTITY);
	cr_expect(coi_info_encode(&info, &data));
	chunk_free(&data);
	info.id.len++;
	cr_expect_not(coi_info_encode(&info, &data));
	cr_expect_eq(data.len, 0);
}

Test(info, community_with_an_octet_more_or_less)
{
	uint8_t buf[] = { IDENTITY, START, BOTH, 0x80, 3, 0, 30,
		0, 0, 1, 1, 1, 1, 1, 1, 0, 20, 1, 0, 0, 0, 0, 0,
		1, 6, 0, 0, 0, 0, 0, 1, 6, 0, 0, 0, 0, 0, 0,
	};
	uint8_t *len = &buf[6 + 12 + 42 + 3], value;
	size_t to;

	cr_expect(decodes(chunk_create(buf, sizeof(buf) - 1)));
	for (value = 0; value <= 31; value++)
	{
		*len = value;
		to = 6 + 12 + 42 + 4 + value;
		cr_expect_eq(decodes(chunk_create(buf, to)), value == 30,
					 "community of %u octets", value);
	}
}

Test(info, lists_are_neither_empty_nor_too_long)
{
	coi_info_community_t community;
	coi_info_t info, decoded;
	chunk_t data;

	info = sample(&community, 1, COI_MAX_PROPOSALS, COI_MAX_SERVICES,
				  COI_MAX_SERVICES);
	cr_assert(coi_info_encode(&info, &data));
	cr_assert(coi_info_decode(data, &decoded));
	assert_equal(&info, &decoded);
	coi_info_clear(&decoded);
	chunk_free(&data);

	info = sample(&community, 1, COI_MAX_PROPOSALS + 1, 1, 1);
	cr_expect_not(coi_info_encode(&info, &data));
	cr_expect_eq(data.len, 0);
	info = sample(&community, 1, 0, 1, 1);
	cr_expect_not(coi_info_encode(&info, &data));
	info = sample(&community, 1, 1, COI_MAX_SERVICES + 1, 1);
	cr_expect_not(coi_info_encode(&info, &data));
	info = sample(&community, 1, 1, 0, 1);
	cr_expect_not(coi_info_encode(&info, &data));
	info = sample(&community, 1, 1, 1, COI_MAX_SERVICES + 1);
	cr_expect_not(coi_info_encode(&info, &data));
	info = sample(&community, 1, 1, 1, 0);
	cr_expect_not(coi_info_encode(&info, &data));
}

Test(info, more_communities_than_keys)
{
	static uint8_t buf[60 + (COI_MAX_KEYS + 1) * 34] = {
		IDENTITY, START, BOTH,
	};
	uint8_t community[] = { 0x80, 3, 0, 30,
		0, 0, 1, 1, 1, 1, 1, 1, 0, 20, 1, 0, 0, 0, 0, 0,
		1, 6, 0, 0, 0, 0, 0, 1, 6, 0, 0, 0, 0, 0,
	};
	u_int i;

	for (i = 0; i <= COI_MAX_KEYS; i++)
	{
		community[5] = community[9] = i;
		memcpy(buf + 60 + i * 34, community, 34);
	}
	cr_expect(decodes(chunk_create(buf, 60 + COI_MAX_KEYS * 34)));
	cr_expect_not(decodes(chunk_create(buf, sizeof(buf))));
}

/** A community in tunnel mode with a service at a network of each family. */
static coi_info_t gateway(coi_info_community_t *community)
{
	static coi_service_t at[] = {
		{ .proto = 6, .from = 80, .to = 81 },
		{ .to = 65535, .at = { 4, { 10, 1 }, { 10, 1, 255, 255 } } },
		{ .to = 65535, .at = { 6, { 0xfe }, { 0xfe, [15] = 1 } } },
	};
	coi_info_t info = sample(community, 1, 1, 1, 1);

	community->mode = COI_MODE_TUNNEL;
	community->offers = (coi_services_t){ at, countof(at) };
	community->uses = (coi_services_t){ &at[1], 1 };
	return info;
}

Test(info, networks_octet_by_octet)
{
	uint8_t expected[] = {
		0x80, 3, 0, 10 + 8 + 6 + 14 + 38 + 14, 0, 0, 0, 0, 1, 0, 2,
		1, 0, 20, 1, 0, 0, 0, 0, 0,
		3, 6, 0, 0, 80, 0, 81,
		0, 4, 0, 0, 255, 255, 10, 1, 0, 0, 10, 1, 255, 255,
		0, 6, 0, 0, 255, 255,
		0xfe, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0xfe, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
		1, 0, 4, 0, 0, 255, 255, 10, 1, 0, 0, 10, 1, 255, 255,
	};
	coi_info_community_t community;
	coi_info_t info = gateway(&community), decoded;
	chunk_t data;

	cr_assert_eq(coi_info_community_size(&community), sizeof(expected));
	cr_assert(coi_info_encode(&info, &data));
	cr_assert(memeq(data.ptr + COMMUNITY - 4, expected, sizeof(expected)));
	cr_assert(coi_info_decode(data, &decoded));
	assert_equal(&info, &decoded);
	coi_info_clear(&decoded);
	chunk_free(&data);
}

Test(info, networks_bad_values)
{
	/* of the first service, the address of the second, and of the third */
	const size_t family = COMMUNITY + 8 + 8 + 1 + 1, v4 = family + 11;
	const size_t v6 = v4 + 14;
	coi_info_community_t community;
	coi_info_t info = gateway(&community), decoded;
	chunk_t data, copy;
	u_int value;
	size_t len;

	cr_assert(coi_info_encode(&info, &data));
	for (value = 0; value <= UINT8_MAX; value++)
	{
		copy = chunk_clone(data);
		copy.ptr[family] = value;
		cr_expect_eq(coi_info_decode(copy, &decoded), !value);
		if (!value)
		{
			coi_info_clear(&decoded);
		}
		/* IPv4 10.1.0.0 may not come behind 10.1.255.255, nor fe00:: fe00::1 */
		memcpy(copy.ptr, data.ptr, data.len);
		copy.ptr[v4] = value;
		cr_expect_eq(coi_info_decode(copy, &decoded), value <= 10);
		if (value <= 10)
		{
			coi_info_clear(&decoded);
		}
		memcpy(copy.ptr, data.ptr, data.len);
		copy.ptr[v6 + 15] = value;
		cr_expect_eq(coi_info_decode(copy, &decoded), value <= 1);
		if (value <= 1)
		{
			coi_info_clear(&decoded);
		}
		chunk_free(&copy);
	}
	for (len = 0; len < data.len; len++)
	{
		copy = chunk_clone(chunk_create(data.ptr, len));
		cr_expect_not(coi_info_decode(copy, &decoded));
		chunk_free(&copy);
	}
	/* networks are for tunnels */
	copy = chunk_clone(data);
	copy.ptr[COMMUNITY + 6] = COI_MODE_TRANSPORT;
	cr_expect_not(coi_info_decode(copy, &decoded));
	chunk_free(&copy);
	chunk_free(&data);
	community.mode = COI_MODE_TRANSPORT;
	cr_expect_not(coi_info_encode(&info, &data));
	community.mode = COI_MODE_TUNNEL;
	community.offers.list[0].at.family = 5;
	cr_expect_not(coi_info_encode(&info, &data));
	community.offers.list[0].at.family = 0;
}
