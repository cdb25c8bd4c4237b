/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_esp_quote.h"

#include "core/coi_cursor.h"

#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>

#define IPV4_LEN 20
#define IPV6_LEN 40
#define ICMP_LEN 8
#define UDP_LEN 8

/** of ESP: SPI and sequence number, IV of all AEADs, length of padding and next
 * header */
#define ESP_LEN 8
#define IV_LEN 8
#define TRAILER_LEN 2

/** where they are in an IP header */
#define IPV4_TOTAL 2
#define IPV4_PROTO 9
#define IPV4_CHECKSUM 10
#define IPV6_PAYLOAD 4
#define IPV6_NEXT 6

/** hops that what is for this host itself needs */
#define HOPS 1

/** codes of ICMPv6 that netinet has no name for */
#define REASSEMBLY 1

/** An IP packet. */
typedef struct {
	chunk_t header;
	uint8_t proto;
	chunk_t src;
	chunk_t dst;
	chunk_t payload;
} ip_t;

static bool read_v4(chunk_t packet, ip_t *ip)
{
	coi_cursor_t cursor = coi_cursor(packet);
	uint8_t first, skipped;
	uint16_t total, fragment, checksum;
	size_t len;

	coi_cursor_u8(&cursor, &first);
	coi_cursor_u8(&cursor, &skipped);
	coi_cursor_u16(&cursor, &total);
	coi_cursor_u16(&cursor, &fragment);
	coi_cursor_u16(&cursor, &fragment);
	coi_cursor_u8(&cursor, &skipped);
	coi_cursor_u8(&cursor, &ip->proto);
	coi_cursor_u16(&cursor, &checksum);
	coi_cursor_bytes(&cursor, sizeof(struct in_addr), &ip->src);
	coi_cursor_bytes(&cursor, sizeof(struct in_addr), &ip->dst);
	len = (first & 0x0f) * 4;
	if (cursor.failed || first >> 4 != 4 || len < IPV4_LEN || total < len ||
		total > packet.len || fragment & (IP_MF | IP_OFFMASK))
	{
		return FALSE;
	}
	ip->header = coi_slice(packet, 0, len);
	ip->payload = coi_slice(packet, len, total);
	return TRUE;
}

static bool read_v6(chunk_t packet, ip_t *ip)
{
	coi_cursor_t cursor = coi_cursor(packet);
	uint32_t first;
	uint16_t len;
	uint8_t hops;

	coi_cursor_u32(&cursor, &first);
	coi_cursor_u16(&cursor, &len);
	coi_cursor_u8(&cursor, &ip->proto);
	coi_cursor_u8(&cursor, &hops);
	coi_cursor_bytes(&cursor, sizeof(struct in6_addr), &ip->src);
	coi_cursor_bytes(&cursor, sizeof(struct in6_addr), &ip->dst);
	if (cursor.failed || first >> 28 != 6 ||
		len > coi_cursor_remaining(&cursor))
	{
		return FALSE;
	}
	ip->header = coi_slice(packet, 0, IPV6_LEN);
	ip->payload = coi_slice(packet, IPV6_LEN, IPV6_LEN + len);
	return TRUE;
}

static bool read_ip(int family, chunk_t packet, ip_t *ip)
{
	return family == AF_INET ? read_v4(packet, ip) : read_v6(packet, ip);
}

/** Whether an error is about the way that a packet took. */
static bool is_about_way(const coi_esp_quote_t *quote)
{
	if (quote->family == AF_INET)
	{
		switch (quote->type)
		{
			case ICMP_DEST_UNREACH:
				return quote->code != ICMP_PROT_UNREACH &&
					   quote->code != ICMP_PORT_UNREACH &&
					   quote->code != ICMP_FRAG_NEEDED;
			case ICMP_TIME_EXCEEDED:
				return quote->code == ICMP_EXC_TTL;
			case ICMP_PARAMETERPROB:
				return TRUE;
			default:
				return FALSE;
		}
	}
	switch (quote->type)
	{
		case ICMP6_DST_UNREACH:
			return quote->code != ICMP6_DST_UNREACH_NOPORT;
		case ICMP6_TIME_EXCEEDED:
			return quote->code != REASSEMBLY;
		case ICMP6_PARAM_PROB:
			return quote->code == ICMP6_PARAMPROB_HEADER;
		default:
			return FALSE;
	}
}

bool coi_esp_quote_read(int family, chunk_t packet, uint16_t port,
						coi_esp_quote_t *quote)
{
	coi_cursor_t cursor;
	uint16_t checksum, from;
	chunk_t quoted;
	ip_t outer, inner;

	*quote = (coi_esp_quote_t){
		.family = family,
	};
	if (!read_ip(family, packet, &outer) ||
		outer.proto != (family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6))
	{
		return FALSE;
	}
	cursor = coi_cursor(outer.payload);
	coi_cursor_u8(&cursor, &quote->type);
	coi_cursor_u8(&cursor, &quote->code);
	coi_cursor_u16(&cursor, &checksum);
	coi_cursor_u32(&cursor, &quote->rest);
	coi_cursor_bytes(&cursor, coi_cursor_remaining(&cursor), &quoted);
	if (cursor.failed || !is_about_way(quote) ||
		!read_ip(family, quoted, &inner) ||
		!chunk_equals(outer.dst, inner.src))
	{
		return FALSE;
	}
	quote->router = outer.src;
	quote->me = inner.src;
	quote->other = inner.dst;
	quote->header = inner.header;
	quote->esp = inner.payload;
	if (inner.proto == IPPROTO_UDP)
	{
		quote->encap = TRUE;
		quote->esp = coi_slice(inner.payload, UDP_LEN, inner.payload.len);
		cursor = coi_cursor(inner.payload);
		if (!coi_cursor_u16(&cursor, &from) || from != port)
		{
			return FALSE;
		}
	}
	else if (inner.proto != IPPROTO_ESP)
	{
		return FALSE;
	}
	cursor = coi_cursor(quote->esp);
	/* 0 is what is no ESP in UDP, and no number that is ever sent */
	return coi_cursor_u32(&cursor, &quote->spi) && quote->spi &&
		   coi_cursor_u32(&cursor, &quote->seq) &&
		   coi_cursor_remaining(&cursor) > IV_LEN + TRAILER_LEN;
}

/** Find the whole sequence number; FALSE if it was not sent, or too long ago. */
static bool get_seq(const coi_esp_quote_t *quote, const coi_esp_quote_sa_t *sa,
					uint64_t *seq)
{
	*seq = quote->seq;
	if (sa->esn)
	{
		*seq |= sa->sent & ~(uint64_t)UINT32_MAX;
		if (*seq > sa->sent && sa->sent > UINT32_MAX)
		{
			*seq -= 1ULL << 32;
		}
	}
	return *seq && *seq <= sa->sent && sa->sent - *seq <= COI_ESP_QUOTE_WINDOW;
}

/**
 * Decrypt what was inside and find where it ends.
 *
 * @param plain		receives padding as well, to be cleared
 */
static bool decrypt(const coi_esp_quote_t *quote, const coi_esp_quote_sa_t *sa,
					uint64_t seq, chunk_t *plain)
{
	chunk_t iv = coi_slice(quote->esp, ESP_LEN, ESP_LEN + IV_LEN);
	chunk_t sealed = coi_slice(quote->esp, ESP_LEN + IV_LEN, quote->esp.len);
	uint8_t buf[12];
	coi_writer_t writer = coi_writer(buf, sizeof(buf));
	bool success;
	aead_t *aead;
	chunk_t assoc;

	coi_writer_u32(&writer, quote->spi);
	if (sa->esn)
	{
		coi_writer_u32(&writer, seq >> 32);
	}
	coi_writer_u32(&writer, quote->seq);
	assoc = chunk_create(buf, writer.used);
	if (sa->key.len <= sa->salt_len)
	{
		return FALSE;
	}
	aead = lib->crypto->create_aead(lib->crypto, sa->alg,
									sa->key.len - sa->salt_len, sa->salt_len);
	if (!aead)
	{
		return FALSE;
	}
	success = aead->get_iv_size(aead) == IV_LEN &&
			  aead->get_key_size(aead) == sa->key.len &&
			  sealed.len >= aead->get_icv_size(aead) + TRAILER_LEN &&
			  aead->set_key(aead, sa->key) &&
			  aead->decrypt(aead, sealed, assoc, iv, plain);
	aead->destroy(aead);
	return success;
}

/** Make the error about a packet, whose header is that of the ESP packet. */
static chunk_t make_error(const coi_esp_quote_t *quote, uint8_t proto,
						  chunk_t payload)
{
	bool v4 = quote->family == AF_INET;
	size_t outer_len = v4 ? IPV4_LEN : IPV6_LEN, icmp_len;
	size_t quoted_len = quote->header.len + payload.len;
	chunk_t error, icmp, header, quoted;
	uint8_t pseudo[8];
	coi_writer_t writer;
	uint16_t sum;

	icmp_len = ICMP_LEN + quoted_len;
	error = chunk_alloc(outer_len + icmp_len);
	writer = coi_writer(error.ptr, error.len);
	header = coi_writer_gap(&writer, outer_len);
	icmp = coi_writer_gap(&writer, icmp_len);

	writer = coi_writer(header.ptr, header.len);
	if (v4)
	{	/* the kernel fills in id and checksum */
		coi_writer_u32(&writer, 0x45000000 | error.len);
		coi_writer_u32(&writer, 0);
		coi_writer_u32(&writer, HOPS << 24 | IPPROTO_ICMP << 16);
	}
	else
	{
		coi_writer_u32(&writer, 0x60000000);
		coi_writer_u32(&writer, icmp_len << 16 | IPPROTO_ICMPV6 << 8 | HOPS);
	}
	coi_writer_bytes(&writer, quote->router);
	coi_writer_bytes(&writer, quote->me);

	writer = coi_writer(icmp.ptr, icmp.len);
	coi_writer_u8(&writer, quote->type);
	coi_writer_u8(&writer, quote->code);
	coi_writer_u16(&writer, 0);
	/* other messages have there how long the quote was, and nothing else */
	coi_writer_u32(&writer, quote->type == (v4 ? ICMP_PARAMETERPROB
											: ICMP6_PARAM_PROB) ? quote->rest : 0);
	quoted = coi_writer_gap(&writer, quoted_len);

	writer = coi_writer(quoted.ptr, quoted.len);
	coi_writer_bytes(&writer, quote->header);
	coi_writer_bytes(&writer, payload);
	if (v4)
	{
		quoted.ptr[IPV4_PROTO] = proto;
		htoun16(quoted.ptr + IPV4_TOTAL, quoted_len);
		htoun16(quoted.ptr + IPV4_CHECKSUM, 0);
		sum = chunk_internet_checksum(coi_slice(quoted, 0, quote->header.len));
		memcpy(quoted.ptr + IPV4_CHECKSUM, &sum, sizeof(sum));
		sum = chunk_internet_checksum(icmp);
	}
	else
	{
		quoted.ptr[IPV6_NEXT] = proto;
		htoun16(quoted.ptr + IPV6_PAYLOAD, payload.len);
		/* RFC 8200 section 8.1 */
		writer = coi_writer(pseudo, sizeof(pseudo));
		coi_writer_u32(&writer, icmp_len);
		coi_writer_u32(&writer, IPPROTO_ICMPV6);
		sum = chunk_internet_checksum(quote->router);
		sum = chunk_internet_checksum_inc(quote->me, sum);
		sum = chunk_internet_checksum_inc(chunk_from_thing(pseudo), sum);
		sum = chunk_internet_checksum_inc(icmp, sum);
	}
	memcpy(icmp.ptr + 2, &sum, sizeof(sum));
	return error;
}

bool coi_esp_quote_open(const coi_esp_quote_t *quote,
						const coi_esp_quote_sa_t *sa,
						chunk_t *error)
{
	chunk_t plain = chunk_empty, trailer;
	bool success = FALSE;
	uint64_t seq;

	if (!get_seq(quote, sa, &seq) || !decrypt(quote, sa, seq, &plain))
	{	/* some AEADs allocate it before they know */
		chunk_clear(&plain);
		return FALSE;
	}
	trailer = coi_slice(plain, plain.len - TRAILER_LEN, plain.len);
	/* what has no next header is nobody's, and IP in IP is no transport mode */
	if (trailer.ptr[0] <= plain.len - TRAILER_LEN &&
		trailer.ptr[1] != IPPROTO_NONE && trailer.ptr[1] != IPPROTO_IPIP &&
		trailer.ptr[1] != IPPROTO_IPV6)
	{
		*error = make_error(quote, trailer.ptr[1],
							coi_slice(plain, 0, plain.len - TRAILER_LEN -
									  trailer.ptr[0]));
		success = TRUE;
	}
	chunk_clear(&plain);
	return success;
}
