/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <criterion/criterion.h>

#include "coi_test.h"

#include "util/coi_esp_quote.h"

#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>

#define PORT 4570
#define SPI 0xc0010203
#define SALT_LEN 4
#define ICV_LEN 16

/** of the packet quoted, and of what was inside of it */
#define V4_LEN 20
#define V6_LEN 40
#define ICMP_LEN 8

static const uint8_t router4[] = { 192, 0, 2, 254 }, me4[] = { 192, 0, 2, 1 },
	other4[] = { 198, 51, 100, 7 }, router6[16] = { 0x20, 1, 0xd, 0xb8, [15] = 9 },
	me6[16] = { 0x20, 1, 0xd, 0xb8, [15] = 1 },
	other6[16] = { 0x20, 1, 0xd, 0xb9, [15] = 2 };

/** UDP that a program has sent */
static uint8_t inside[] = {
	0x9c, 0x40, 0x82, 0x9a, 0, 13, 0, 0, 'h', 'e', 'l', 'l', 'o',
};

/** key and salt */
static uint8_t key[32 + SALT_LEN];

/** An error in the making. */
typedef struct {
	int family;
	bool encap;
	bool esn;
	uint64_t seq;
	uint8_t type;
	uint8_t code;
	uint8_t next;
	/** octets that ESP says to be padding; the last is 0 like all others */
	uint8_t pad;
	uint8_t buf[512];
	size_t len;
	/** where ESP begins in it */
	size_t esp;
} error_t;

static coi_esp_quote_sa_t make_sa(uint64_t sent, bool esn)
{
	return (coi_esp_quote_sa_t){
		.alg = ENCR_AES_GCM_ICV16,
		.key = chunk_from_thing(key),
		.salt_len = SALT_LEN,
		.esn = esn,
		.sent = sent,
	};
}

static void add(error_t *error, const void *octets, size_t len)
{
	cr_assert(error->len + len <= sizeof(error->buf));
	memcpy(error->buf + error->len, octets, len);
	error->len += len;
}

static void add_ip(error_t *error, uint8_t proto, size_t len,
				   const uint8_t *src4, const uint8_t *dst4,
				   const uint8_t *src6, const uint8_t *dst6)
{
	uint8_t v4[12] = { 0x45, [2] = (V4_LEN + len) >> 8, [3] = V4_LEN + len,
					   [6] = 0x40, [8] = 1, [9] = proto };
	uint8_t v6[8] = { 0x60, [4] = len >> 8, [5] = len, [6] = proto, [7] = 1 };

	if (error->family == AF_INET)
	{
		add(error, v4, sizeof(v4));
		add(error, src4, 4);
		add(error, dst4, 4);
	}
	else
	{
		add(error, v6, sizeof(v6));
		add(error, src6, 16);
		add(error, dst6, 16);
	}
}

/** Seal what is inside. */
static chunk_t make_esp(error_t *error)
{
	uint8_t assoc[12], head[16] = {}, plain[sizeof(inside) + 2 + 255] = {};
	size_t assoc_len = 0, len = sizeof(inside) + 1;
	chunk_t sealed;
	aead_t *aead;

	htoun32(head, SPI);
	htoun32(head + 4, error->seq);
	head[15] = 7;
	htoun32(assoc, SPI);
	assoc_len = 4;
	if (error->esn)
	{
		htoun32(assoc + assoc_len, error->seq >> 32);
		assoc_len += 4;
	}
	htoun32(assoc + assoc_len, error->seq);
	assoc_len += 4;
	memcpy(plain, inside, sizeof(inside));
	plain[len++] = error->pad;
	plain[len++] = error->next;
	aead = lib->crypto->create_aead(lib->crypto, ENCR_AES_GCM_ICV16, 32,
									SALT_LEN);
	cr_assert(aead);
	cr_assert(aead->set_key(aead, chunk_from_thing(key)));
	cr_assert(aead->encrypt(aead, chunk_create(plain, len),
							chunk_create(assoc, assoc_len),
							chunk_create(head + 8, 8), &sealed));
	aead->destroy(aead);
	return chunk_cat("cm", chunk_from_thing(head), sealed);
}

static void make(error_t *error)
{
	uint8_t icmp[ICMP_LEN] = { error->type, error->code, [4] = 9 };
	uint8_t udp[8] = { PORT >> 8, PORT & 0xff, 0x11, 0xda };
	size_t len, outer = error->family == AF_INET ? V4_LEN : V6_LEN;
	chunk_t esp;

	error->len = 0;
	esp = make_esp(error);
	len = esp.len + (error->encap ? sizeof(udp) : 0);
	add_ip(error, error->family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6,
		   ICMP_LEN + outer + len, router4, me4, router6, me6);
	add(error, icmp, sizeof(icmp));
	add_ip(error, error->encap ? IPPROTO_UDP : IPPROTO_ESP, len, me4, other4,
		   me6, other6);
	if (error->encap)
	{
		add(error, udp, sizeof(udp));
	}
	error->esp = error->len;
	add(error, esp.ptr, esp.len);
	free(esp.ptr);
}

static error_t make_default(int family)
{
	error_t error = {
		.family = family,
		.seq = 5,
		.type = family == AF_INET ? ICMP_TIME_EXCEEDED : ICMP6_TIME_EXCEEDED,
		.next = IPPROTO_UDP,
		.pad = 1,
	};

	make(&error);
	return error;
}

/** Read and open, from octets that end where the error does. */
static bool try(const error_t *error, size_t len, uint64_t sent, chunk_t *told)
{
	coi_esp_quote_sa_t sa = make_sa(sent, error->esn);
	uint8_t *copy = malloc(len ?: 1);
	coi_esp_quote_t quote;
	bool success;

	memcpy(copy, error->buf, len);
	*told = chunk_empty;
	success = coi_esp_quote_read(error->family, chunk_create(copy, len), PORT,
								 &quote) && quote.spi == SPI &&
			  coi_esp_quote_open(&quote, &sa, told);
	free(copy);
	return success;
}

static bool opens(const error_t *error, uint64_t sent)
{
	chunk_t told;
	bool success;

	success = try(error, error->len, sent, &told);
	chunk_free(&told);
	return success;
}

/** What a program is told: from the router, the same, about what it has sent. */
static void expect_told(const error_t *error)
{
	bool v4 = error->family == AF_INET;
	size_t ip = v4 ? V4_LEN : V6_LEN, len = sizeof(inside);
	uint8_t pseudo[8] = { [7] = IPPROTO_ICMPV6 }, *quoted;
	uint16_t sum;
	chunk_t told;

	cr_assert(try(error, error->len, error->seq, &told));
	cr_assert_eq(told.len, ip + ICMP_LEN + ip + len);
	cr_expect(memeq(told.ptr + (v4 ? 12 : 8), v4 ? router4 : router6,
					v4 ? 4 : 16));
	cr_expect(memeq(told.ptr + (v4 ? 16 : 24), v4 ? me4 : me6, v4 ? 4 : 16));
	cr_expect_eq(told.ptr[ip], error->type);
	cr_expect_eq(told.ptr[ip + 1], error->code);
	quoted = told.ptr + ip + ICMP_LEN;
	cr_expect_eq(quoted[v4 ? 9 : 6], IPPROTO_UDP);
	cr_expect_eq(untoh16(quoted + (v4 ? 2 : 4)), v4 ? V4_LEN + len : len);
	cr_expect(memeq(quoted + ip, inside, len));
	if (v4)
	{
		cr_expect_eq(untoh16(told.ptr + 2), told.len);
		cr_expect_eq(chunk_internet_checksum(chunk_create(quoted, ip)), 0);
		sum = 0xffff;
	}
	else
	{
		cr_expect_eq(untoh16(told.ptr + 4), told.len - ip);
		pseudo[3] = told.len - ip;
		sum = chunk_internet_checksum(chunk_from_thing(pseudo));
		sum = chunk_internet_checksum_inc(chunk_create(told.ptr + 8, 32), sum);
	}
	sum = chunk_internet_checksum_inc(chunk_create(told.ptr + ip, told.len - ip),
									  sum);
	cr_expect_eq(sum, 0);
	free(told.ptr);
}

TestSuite(quote, .init = coi_test_init, .fini = coi_test_deinit);

Test(quote, what_this_host_sent_is_told)
{
	static const int families[] = { AF_INET, AF_INET6 };
	error_t error;
	u_int i;

	for (i = 0; i < countof(families); i++)
	{
		error = make_default(families[i]);
		expect_told(&error);
		error.encap = TRUE;
		make(&error);
		expect_told(&error);
		/* octets of the link behind it */
		error.len += 6;
		cr_expect(opens(&error, error.seq));
	}
}

Test(quote, what_routers_change_does_not_count)
{
	error_t error = make_default(AF_INET);
	size_t quoted = V4_LEN + ICMP_LEN;

	/* DSCP and ECN, TTL, checksum */
	error.buf[quoted + 1] = 0xff;
	error.buf[quoted + 8] = 77;
	error.buf[quoted + 10] ^= 0x55;
	error.buf[quoted + 11] ^= 0xaa;
	cr_expect(opens(&error, error.seq));
	error = make_default(AF_INET6);
	quoted = V6_LEN + ICMP_LEN;
	error.buf[quoted] = 0x6f;
	error.buf[quoted + 1] = 0xff;
	error.buf[quoted + 7] = 77;
	cr_expect(opens(&error, error.seq));
}

Test(quote, every_truncation_is_refused)
{
	static const int families[] = { AF_INET, AF_INET6 };
	error_t error, cut;
	chunk_t told;
	size_t len, by;
	u_int i, j;

	for (i = 0; i < countof(families); i++)
	{
		for (j = 0; j < 2; j++)
		{
			error = make_default(families[i]);
			error.encap = j;
			make(&error);
			for (len = 0; len < error.len; len++)
			{
				cr_expect_not(try(&error, len, error.seq, &told));
			}
			/* quoted in part by an error that is whole */
			for (by = 1; by < error.len - V6_LEN; by++)
			{
				cut = error;
				cut.len -= by;
				htoun16(cut.buf + (error.family == AF_INET ? 2 : 4),
						cut.len - (error.family == AF_INET ? 0 : V6_LEN));
				cr_expect_not(opens(&cut, cut.seq));
			}
		}
	}
}

Test(quote, every_changed_octet_of_esp_is_refused)
{
	static const int families[] = { AF_INET, AF_INET6 };
	error_t error;
	u_int i, bit;
	size_t at;

	for (i = 0; i < countof(families); i++)
	{
		error = make_default(families[i]);
		for (at = error.esp; at < error.len; at++)
		{
			for (bit = 0; bit < 8; bit++)
			{
				error.buf[at] ^= 1 << bit;
				/* so that no sequence number is too high */
				cr_expect_not(opens(&error, UINT32_MAX));
				cr_expect_not(opens(&error, error.seq + 1));
				error.buf[at] ^= 1 << bit;
			}
		}
		cr_expect(opens(&error, error.seq));
	}
}

Test(quote, what_is_not_about_the_way_is_refused)
{
	static const struct {
		int family;
		uint8_t type;
		uint8_t code;
		bool told;
	} errors[] = {
		{ AF_INET, ICMP_DEST_UNREACH, ICMP_NET_UNREACH, TRUE },
		{ AF_INET, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, TRUE },
		{ AF_INET, ICMP_DEST_UNREACH, ICMP_PROT_UNREACH, FALSE },
		{ AF_INET, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, FALSE },
		{ AF_INET, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, FALSE },
		{ AF_INET, ICMP_DEST_UNREACH, ICMP_PKT_FILTERED, TRUE },
		{ AF_INET, ICMP_TIME_EXCEEDED, ICMP_EXC_TTL, TRUE },
		{ AF_INET, ICMP_TIME_EXCEEDED, ICMP_EXC_FRAGTIME, FALSE },
		{ AF_INET, ICMP_PARAMETERPROB, 0, TRUE },
		{ AF_INET, ICMP_REDIRECT, ICMP_REDIR_HOST, FALSE },
		{ AF_INET, ICMP_SOURCE_QUENCH, 0, FALSE },
		{ AF_INET, ICMP_ECHOREPLY, 0, FALSE },
		{ AF_INET6, ICMP6_DST_UNREACH, ICMP6_DST_UNREACH_NOROUTE, TRUE },
		{ AF_INET6, ICMP6_DST_UNREACH, ICMP6_DST_UNREACH_NOPORT, FALSE },
		{ AF_INET6, ICMP6_PACKET_TOO_BIG, 0, FALSE },
		{ AF_INET6, ICMP6_TIME_EXCEEDED, 0, TRUE },
		{ AF_INET6, ICMP6_TIME_EXCEEDED, 1, FALSE },
		{ AF_INET6, ICMP6_PARAM_PROB, ICMP6_PARAMPROB_HEADER, TRUE },
		{ AF_INET6, ICMP6_PARAM_PROB, ICMP6_PARAMPROB_NEXTHEADER, FALSE },
		{ AF_INET6, ICMP6_ECHO_REPLY, 0, FALSE },
		{ AF_INET6, 137, 0, FALSE },
	};
	error_t error;
	u_int i;

	for (i = 0; i < countof(errors); i++)
	{
		error = make_default(errors[i].family);
		error.type = errors[i].type;
		error.code = errors[i].code;
		make(&error);
		cr_expect_eq(opens(&error, error.seq), errors[i].told, "%u: %u/%u",
					 errors[i].family, error.type, error.code);
	}
}

Test(quote, headers_are_checked)
{
	static const struct {
		int family;
		size_t at;
		uint8_t change;
	} changes[] = {
		/* version and length, total length, fragments, protocol, to whom */
		{ AF_INET, 0, 0x10 }, { AF_INET, 0, 0x01 }, { AF_INET, 0, 0x06 },
		{ AF_INET, 2, 0x01 }, { AF_INET, 6, 0x20 }, { AF_INET, 7, 0x01 },
		{ AF_INET, 9, 0xff }, { AF_INET, 19, 0x01 },
		/* of what is quoted: the same, and from whom */
		{ AF_INET, 28, 0x10 }, { AF_INET, 28, 0x01 }, { AF_INET, 30, 0x01 },
		{ AF_INET, 31, 0x01 }, { AF_INET, 34, 0x20 }, { AF_INET, 35, 0x01 },
		{ AF_INET, 37, 0x01 }, { AF_INET, 43, 0x01 },
		{ AF_INET6, 0, 0x20 }, { AF_INET6, 4, 0x01 }, { AF_INET6, 6, 0x01 },
		{ AF_INET6, 39, 0x01 }, { AF_INET6, 48, 0x20 }, { AF_INET6, 52, 0x01 },
		{ AF_INET6, 53, 0x01 }, { AF_INET6, 54, 0x01 }, { AF_INET6, 71, 0x01 },
	};
	error_t error;
	u_int i;

	for (i = 0; i < countof(changes); i++)
	{
		error = make_default(changes[i].family);
		error.buf[changes[i].at] ^= changes[i].change;
		cr_expect_not(opens(&error, error.seq), "%u", i);
	}
	/* UDP from another port */
	error = make_default(AF_INET);
	error.encap = TRUE;
	make(&error);
	error.buf[error.esp - 7] ^= 1;
	cr_expect_not(opens(&error, error.seq));
}

Test(quote, numbers_were_sent_and_lately)
{
	error_t error = make_default(AF_INET);

	cr_expect_not(opens(&error, error.seq - 1));
	cr_expect(opens(&error, error.seq + COI_ESP_QUOTE_WINDOW));
	cr_expect_not(opens(&error, error.seq + COI_ESP_QUOTE_WINDOW + 1));
	error.seq = 0;
	make(&error);
	cr_expect_not(opens(&error, 0));

	error.esn = TRUE;
	error.seq = 0x2fffffffeULL;
	make(&error);
	cr_expect(opens(&error, 0x2fffffffeULL));
	cr_expect(opens(&error, 0x300000001ULL));
	/* another round */
	cr_expect_not(opens(&error, 0x1fffffffeULL));
	cr_expect_not(opens(&error, 0x3fffffffeULL));
	cr_expect_not(opens(&error, 0x2fffffffdULL));
	error.seq = 3;
	make(&error);
	cr_expect(opens(&error, 3));
	cr_expect_not(opens(&error, 2));
	/* the same without longer numbers */
	error.esn = FALSE;
	cr_expect_not(opens(&error, 3));
}

Test(quote, another_key_opens_nothing)
{
	error_t error = make_default(AF_INET);

	key[0] ^= 1;
	cr_expect_not(opens(&error, error.seq));
	key[0] ^= 1;
	key[sizeof(key) - 1] ^= 1;
	cr_expect_not(opens(&error, error.seq));
	key[sizeof(key) - 1] ^= 1;
	cr_expect(opens(&error, error.seq));
}

Test(quote, what_was_inside_is_checked)
{
	static const uint8_t nobody[] = {
		IPPROTO_NONE, IPPROTO_IPIP, IPPROTO_IPV6,
	};
	error_t error = make_default(AF_INET);
	u_int i;

	error.pad = sizeof(inside) + 1;
	make(&error);
	cr_expect(opens(&error, error.seq));
	error.pad++;
	make(&error);
	cr_expect_not(opens(&error, error.seq));
	error.pad = 255;
	make(&error);
	cr_expect_not(opens(&error, error.seq));
	error.pad = 1;
	for (i = 0; i < countof(nobody); i++)
	{
		error.next = nobody[i];
		make(&error);
		cr_expect_not(opens(&error, error.seq));
	}
}
