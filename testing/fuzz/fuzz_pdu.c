/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Decoders: header and Sess0, messages 1 and 2, SessionInfo, and what follows
 * from a SessionInfo.
 *
 * Input: an octet that names suite and decoder, then what it reads.
 */

#include <stdint.h>
#include <stdlib.h>

#include "coi_test.h"

#include "core/coi_agreement.h"
#include "core/coi_cursor.h"
#include "core/coi_info.h"
#include "core/coi_pdu.h"

static coi_keyset_t *keys;
static coi_profile_t *profile;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	coi_test_init();
	keys = coi_test_keys("lab web c");
	profile = coi_test_profile("host", "lab web c");
	coi_test_services(profile, "web", "6/80-80 17/53-53", "6/443-443");
	return 0;
}

static void must(bool condition)
{
	if (!condition)
	{
		abort();
	}
}

static void fuzz_header(chunk_t data)
{
	uint8_t again[COI_HEADER_LEN], context[COI_CONTEXT_LEN];
	coi_header_t header;
	coi_sess0_t sess0;

	if (coi_header_decode(data, &header) == COI_OK)
	{
		coi_header_encode(&header, again);
		must(memeq(again, data.ptr, sizeof(again)));
		coi_context_encode(&header, context);
		must(header.index < header.count && header.spi_i);
	}
	must(coi_sess0_view(SUITE, data, &sess0) ==
		 (data.len == SUITE->sess0_len));
}

static void fuzz_message1(chunk_t data)
{
	coi_message1_t message1;
	chunk_t body, again;

	if (coi_message1_decode(SUITE, data, &message1))
	{
		must(message1.body.len + SUITE->sig_len == data.len);
		must(message1.etags.len == message1.places * COI_TAG_LEN);
		if (coi_message1_encode(SUITE, &message1, &body, &again))
		{
			must(chunk_equals(body, message1.body));
			chunk_free(&again);
		}
	}
}

static void fuzz_message2(chunk_t data)
{
	coi_message2_t message2;
	chunk_t body, again;

	if (coi_message2_decode(SUITE, data, &message2))
	{
		must(message2.body.len + SUITE->sig_len == data.len);
		if (coi_message2_encode(SUITE, &message2, &body, &again))
		{
			must(chunk_equals(body, message2.body));
			chunk_free(&again);
		}
	}
}

static void fuzz_message3(chunk_t data)
{
	coi_message3_t message3;
	chunk_t body, again;

	if (coi_message3_decode(SUITE, data, &message3))
	{
		must(message3.body.len + SUITE->sig_len == data.len);
		if (coi_message3_encode(SUITE, &message3, &body, &again))
		{
			must(chunk_equals(body, message3.body));
			chunk_free(&again);
		}
	}
}

/**
 * The SessionInfo of a Sess3: what was decoded can be said again, and signs alike.
 */
static void fuzz_third(chunk_t data)
{
	coi_binder_t binder = { .suite = SUITE };
	chunk_t again, octets[2];
	coi_info_t info, twin;

	if (!coi_info_decode_third(data, &info))
	{
		return;
	}
	must(!info.count && !info.rounds && !info.id_type && !info.user.name.len);
	must(coi_info_encode_third(&info, &again));
	must(coi_info_decode_third(again, &twin));
	must(twin.proof.cert_count == info.proof.cert_count &&
		 chunk_compare(twin.proof.signature, info.proof.signature) == 0);
	must(coi_grant_size(&twin.grant) == coi_grant_size(&info.grant) &&
		 twin.grant.attribute_count == info.grant.attribute_count);
	must(coi_proof_octets(&binder, &info.proof, &octets[0]) &&
		 coi_proof_octets(&binder, &twin.proof, &octets[1]));
	must(chunk_equals(octets[0], octets[1]));
	chunk_free(&octets[0]);
	chunk_free(&octets[1]);
	chunk_free(&again);
	coi_info_clear(&twin);
	coi_info_clear(&info);
}

/**
 * What was decoded can be said again, and is understood as the same.
 */
static void check_again(const coi_info_t *info)
{
	coi_info_t twin;
	chunk_t data;
	u_int i;

	must(coi_info_encode(info, &data));
	must(coi_info_decode(data, &twin));
	must(twin.count == info->count && twin.start == info->start &&
		 twin.id_type == info->id_type &&
		 chunk_compare(twin.id, info->id) == 0 &&
		 coi_user_equals(&twin.user, &info->user) &&
		 coi_wish_size(&twin.wish) == coi_wish_size(&info->wish) &&
		 memeq(twin.addresses.seen.addr, info->addresses.seen.addr,
			   COI_ADDR_LEN) &&
		 twin.addresses.own.port == info->addresses.own.port &&
		 twin.addresses.encap == info->addresses.encap);
	for (i = 0; i < info->count; i++)
	{
		must(twin.communities[i].spi == info->communities[i].spi);
		must(coi_services_equals(&twin.communities[i].uses,
								 &info->communities[i].uses));
	}
	coi_info_clear(&twin);
	chunk_free(&data);
}

/**
 * Let a host of three communities take it, in a role.
 */
static void apply(const coi_info_t *info, bool initiator)
{
	coi_agreement_t agreement = {};
	coi_reason_t reason;
	u_int i, used = 0;

	for (i = 0; i < keys->count; i++)
	{
		coi_agreement_add(&agreement, keys->keys[i]);
		agreement.list[i].used = TRUE;
	}
	coi_agreement_sort(&agreement);
	reason = coi_agreement_apply(&agreement, profile, initiator, info);
	for (i = 0; i < agreement.count; i++)
	{
		used += agreement.list[i].used;
		must(!agreement.list[i].used ||
			 ntohl(agreement.list[i].spi_out) >= COI_MIN_SPI);
	}
	must(reason != COI_OK || used);
	coi_agreement_clear(&agreement);
}

static void fuzz_info(chunk_t data)
{
	coi_info_t info;

	if (coi_info_decode(data, &info))
	{
		check_again(&info);
		apply(&info, TRUE);
		apply(&info, FALSE);
		coi_info_clear(&info);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *buf, size_t len)
{
	static void (*const targets[])(chunk_t) = {
		fuzz_header, fuzz_message1, fuzz_message2, fuzz_info, fuzz_message3,
		fuzz_third,
	};

	if (len)
	{
		coi_test_use(coi_suite_nth(buf[0] / countof(targets) % COI_SUITES));
		targets[buf[0] % countof(targets)](
			coi_slice(chunk_create((uint8_t*)buf, len), 1, len));
	}
	return 0;
}
