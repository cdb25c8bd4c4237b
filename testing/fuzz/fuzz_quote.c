/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Errors of routers that quote ESP: anybody can send anything.
 *
 * Input: an octet of flags, then an IP packet.
 */

#include <stdint.h>
#include <stdlib.h>

#include "coi_test.h"

#include "util/coi_esp_quote.h"

#define PORT 4570
#define SALT_LEN 4
#define ICV_LEN 16

/** of ESP: SPI, sequence number, IV */
#define HEAD_LEN 16

enum {
	IPV6 = 1,
	/** extended sequence numbers */
	ESN = 2,
	/** what is quoted is not sealed yet: it was sent by this host */
	GENUINE = 4,
};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	coi_test_init();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *buf, size_t len);

static void must(bool condition)
{
	if (!condition)
	{
		abort();
	}
}

static bool is_within(chunk_t part, chunk_t whole)
{
	return part.ptr >= whole.ptr && part.len <= whole.len &&
		   part.ptr + part.len <= whole.ptr + whole.len;
}

/** Seal what is quoted, in its place. */
static void seal(const coi_esp_quote_t *quote, const coi_esp_quote_sa_t *sa)
{
	uint8_t assoc[12] = {};
	size_t assoc_len = sa->esn ? 12 : 8;
	aead_t *aead;

	if (quote->esp.len < HEAD_LEN + ICV_LEN)
	{
		return;
	}
	aead = lib->crypto->create_aead(lib->crypto, sa->alg,
									sa->key.len - SALT_LEN, SALT_LEN);
	memcpy(assoc, quote->esp.ptr, 4);
	memcpy(assoc + assoc_len - 4, quote->esp.ptr + 4, 4);
	must(aead && aead->set_key(aead, sa->key) &&
		 aead->encrypt(aead, chunk_create(quote->esp.ptr + HEAD_LEN,
									quote->esp.len - HEAD_LEN - ICV_LEN),
					   chunk_create(assoc, assoc_len),
					   chunk_create(quote->esp.ptr + 8, 8), NULL));
	aead->destroy(aead);
}

int LLVMFuzzerTestOneInput(const uint8_t *buf, size_t len)
{
	static uint8_t key[32 + SALT_LEN];
	coi_esp_quote_sa_t sa = {
		.alg = ENCR_AES_GCM_ICV16,
		.key = chunk_create(key, sizeof(key)),
		.salt_len = SALT_LEN,
	};
	chunk_t packet, told = chunk_empty;
	coi_esp_quote_t quote;
	int family;

	if (!len || len > COI_ESP_QUOTE_MAX + 1)
	{
		return 0;
	}
	family = buf[0] & IPV6 ? AF_INET6 : AF_INET;
	sa.esn = buf[0] & ESN;
	/* so that a sanitizer sees each octet that is read behind it */
	packet = chunk_clone(chunk_create((uint8_t*)buf + 1, len - 1));
	if (coi_esp_quote_read(family, packet, PORT, &quote))
	{
		must(is_within(quote.esp, packet) && is_within(quote.header, packet) &&
			 is_within(quote.router, packet) && is_within(quote.me, packet) &&
			 is_within(quote.other, packet) && quote.spi);
		sa.sent = quote.seq;
		if (buf[0] & GENUINE)
		{
			seal(&quote, &sa);
		}
		if (coi_esp_quote_open(&quote, &sa, &told))
		{
			must(buf[0] & GENUINE);
			must(told.len <= packet.len);
			must(!coi_esp_quote_read(family, told, PORT, &quote) ||
				 quote.esp.len < told.len);
		}
		chunk_free(&told);
	}
	chunk_free(&packet);
	return 0;
}
