/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_info.h"
#include "coi_cursor.h"
#include "coi_services_wire.h"

/** types of elements, section 10 */
enum {
	TYPE_IDENTITY = COI_INFO_CRITICAL | 1,
	TYPE_START = COI_INFO_CRITICAL | 2,
	TYPE_COMMUNITY = COI_INFO_CRITICAL | 3,
	TYPE_PADDING = 4,
	TYPE_USER = 6,
	TYPE_ADDRESSES = COI_INFO_CRITICAL | 5,
	TYPE_ROUNDS = COI_INFO_CRITICAL | 7,
	TYPE_PROOF = COI_INFO_PROOF,
	TYPE_CERTIFICATE = COI_INFO_CERTIFICATE,
	TYPE_WISH = COI_INFO_WISH,
	TYPE_GRANT = COI_INFO_GRANT,
	TYPE_ATTRIBUTE = COI_INFO_ATTRIBUTE,
};

/** lengths on the wire */
#define ELEMENT_HEADER	4
#define START_LEN		8
#define USER_FIXED		8
#define ADDRESSES_LEN	(2 * (COI_ADDR_LEN + 2) + 1 + 1)
#define ROUNDS_LEN		1
#define PROPOSAL_LEN	8
#define COMMUNITY_FIXED	(2 + 4 + 1 + 1 + 1 + 1)

/** flags of addresses: the sender wants ESP in UDP */
#define FLAG_ENCAP		1

static bool decode_identity(chunk_t value, coi_info_t *info)
{
	coi_cursor_t cursor = coi_cursor(value);
	chunk_t data;

	if (!coi_cursor_u8(&cursor, &info->id_type) ||
		!coi_cursor_bytes(&cursor, coi_cursor_remaining(&cursor), &data) ||
		!coi_profile_valid_id(info->id_type, data.len))
	{
		return FALSE;
	}
	info->id = chunk_clone(data);
	return TRUE;
}

static bool decode_start(chunk_t value, coi_info_t *info)
{
	coi_cursor_t cursor = coi_cursor(value);

	coi_cursor_u64(&cursor, &info->start);
	return coi_cursor_done(&cursor);
}

static bool decode_user(chunk_t value, coi_info_t *info)
{
	coi_cursor_t cursor = coi_cursor(value);
	uint64_t since;
	chunk_t name;

	coi_cursor_u64(&cursor, &since);
	if (!coi_cursor_bytes(&cursor, coi_cursor_remaining(&cursor), &name) ||
		!coi_user_valid(name))
	{
		return FALSE;
	}
	info->user = (coi_user_t){
		.name = chunk_clone(name),
		.since = since,
	};
	return TRUE;
}

static bool decode_address(coi_cursor_t *cursor, coi_address_t *address)
{
	return coi_cursor_copy(cursor, address->addr, sizeof(address->addr)) &&
		   coi_cursor_u16(cursor, &address->port);
}

static bool decode_addresses(chunk_t value, coi_addresses_t *addresses)
{
	coi_cursor_t cursor = coi_cursor(value);
	uint8_t flags, zero;

	if (!decode_address(&cursor, &addresses->seen) ||
		!decode_address(&cursor, &addresses->own) ||
		!coi_cursor_u8(&cursor, &flags) || flags & ~FLAG_ENCAP ||
		!coi_cursor_u8(&cursor, &zero) || zero)
	{
		return FALSE;
	}
	addresses->encap = flags & FLAG_ENCAP;
	return coi_cursor_done(&cursor) && coi_addresses_valid(addresses);
}

static bool decode_rounds(chunk_t value, coi_info_t *info)
{
	coi_cursor_t cursor = coi_cursor(value);

	/* once, and it says something */
	return !info->rounds && coi_cursor_u8(&cursor, &info->rounds) &&
		   coi_cursor_done(&cursor) && info->rounds &&
		   !(info->rounds & ~(COI_ROUND_SESS3 | COI_ROUND_PROVE));
}

static bool decode_proposals(coi_cursor_t *cursor,
							 coi_info_community_t *community)
{
	coi_proposal_t *proposal;
	uint8_t count, esn, zero;
	u_int i;

	coi_cursor_u8(cursor, &count);
	if (!count || count > COI_MAX_PROPOSALS)
	{
		return FALSE;
	}
	community->proposals = calloc(count, sizeof(*community->proposals));
	community->proposal_count = count;
	for (i = 0; i < count; i++)
	{
		proposal = &community->proposals[i];
		coi_cursor_u16(cursor, &proposal->encr);
		coi_cursor_u16(cursor, &proposal->encr_bits);
		coi_cursor_u16(cursor, &proposal->integ);
		coi_cursor_u8(cursor, &esn);
		if (!coi_cursor_u8(cursor, &zero) || esn > 1 || zero)
		{
			return FALSE;
		}
		proposal->esn = esn;
	}
	return TRUE;
}

/**
 * Decode a community into the next place; the caller clears it on failure too.
 */
static bool decode_community(chunk_t value, coi_info_t *info)
{
	coi_cursor_t cursor = coi_cursor(value);
	coi_info_community_t *community;
	u_int i;

	if (info->count == COI_MAX_KEYS)
	{
		return FALSE;
	}
	community = &info->communities[info->count++];
	coi_cursor_u16(&cursor, &community->index);
	/* an SPI is no number but octets that stay in their order */
	coi_cursor_copy(&cursor, &community->spi, sizeof(community->spi));
	coi_cursor_u8(&cursor, &community->mode);
	if (ntohl(community->spi) < COI_MIN_SPI ||
		(community->mode != COI_MODE_TRANSPORT &&
		 community->mode != COI_MODE_TUNNEL))
	{
		return FALSE;
	}
	for (i = 0; i < info->count - 1; i++)
	{	/* two SAs with one SPI to one address cannot be */
		if (info->communities[i].index == community->index ||
			info->communities[i].spi == community->spi)
		{
			return FALSE;
		}
	}
	return decode_proposals(&cursor, community) &&
		   coi_services_wire_decode(&cursor, community->mode,
									&community->offers) &&
		   coi_services_wire_decode(&cursor, community->mode,
									&community->uses) &&
		   coi_cursor_done(&cursor);
}

static bool is_zero(chunk_t value)
{
	size_t i;

	for (i = 0; i < value.len; i++)
	{
		if (value.ptr[i])
		{
			return FALSE;
		}
	}
	return TRUE;
}

/**
 * Decode a list of elements.
 *
 * @param third		TRUE if it is that of a Sess3
 */
static bool decode(chunk_t data, bool third, coi_info_t *info)
{
	coi_info_t this = {
		.communities = calloc(COI_MAX_KEYS, sizeof(*this.communities)),
	};
	coi_cursor_t cursor = coi_cursor(data);
	u_int identities = 0, starts = 0, users = 0, addresses = 0;
	uint16_t type, len;
	chunk_t value;
	bool valid;

	valid = data.len % COI_INFO_ALIGN == 0;
	while (valid && coi_cursor_remaining(&cursor))
	{
		coi_cursor_u16(&cursor, &type);
		coi_cursor_u16(&cursor, &len);
		if (!coi_cursor_bytes(&cursor, len, &value))
		{
			valid = FALSE;
			break;
		}
		switch (type)
		{
			case TYPE_IDENTITY:
				valid = !third && !identities++ &&
						decode_identity(value, &this);
				break;
			case TYPE_START:
				valid = !third && !starts++ && decode_start(value, &this);
				break;
			case TYPE_ADDRESSES:
				valid = !third && !addresses++ &&
						decode_addresses(value, &this.addresses);
				break;
			case TYPE_COMMUNITY:
				valid = !third && decode_community(value, &this);
				break;
			case TYPE_ROUNDS:
				valid = !third && decode_rounds(value, &this);
				break;
			case TYPE_PROOF:
				valid = coi_proof_decode(value, &this.proof);
				break;
			case TYPE_CERTIFICATE:
				valid = coi_proof_decode_cert(value, &this.proof);
				break;
			case TYPE_WISH:
				valid = !third && coi_wish_decode(value, &this.wish);
				break;
			case TYPE_GRANT:
				valid = third && coi_grant_decode(value, &this.grant);
				break;
			case TYPE_ATTRIBUTE:
				valid = third &&
						coi_grant_decode_attribute(value, &this.grant);
				break;
			case TYPE_USER:
				valid = !third && !users++ && decode_user(value, &this);
				break;
			case TYPE_PADDING:
				valid = is_zero(value);
				break;
			default:
				valid = !(type & COI_INFO_CRITICAL);
				break;
		}
	}
	if (!valid || !coi_cursor_done(&cursor) ||
		(!third && (!identities || !starts || !addresses)) ||
		!coi_proof_is_whole(&this.proof) || !coi_grant_is_whole(&this.grant))
	{
		coi_info_clear(&this);
		return FALSE;
	}
	*info = this;
	return TRUE;
}

bool coi_info_decode(chunk_t data, coi_info_t *info)
{
	return decode(data, FALSE, info);
}

bool coi_info_decode_third(chunk_t data, coi_info_t *info)
{
	return decode(data, TRUE, info);
}

/**
 * Begin an element.
 */
static void write_element(coi_writer_t *writer, uint16_t type, size_t len)
{
	coi_writer_u16(writer, type);
	coi_writer_u16(writer, len);
}

static void write_address(coi_writer_t *writer, const coi_address_t *address)
{
	coi_writer_bytes(writer, chunk_from_thing(address->addr));
	coi_writer_u16(writer, address->port);
}

static bool write_addresses(coi_writer_t *writer,
							const coi_addresses_t *addresses)
{
	write_element(writer, TYPE_ADDRESSES, ADDRESSES_LEN);
	write_address(writer, &addresses->seen);
	write_address(writer, &addresses->own);
	coi_writer_u8(writer, addresses->encap ? FLAG_ENCAP : 0);
	coi_writer_u8(writer, 0);
	return coi_addresses_valid(addresses);
}

static bool write_community(coi_writer_t *writer,
							const coi_info_community_t *community)
{
	const coi_proposal_t *proposal;
	u_int i;

	if (!community->proposal_count ||
		community->proposal_count > COI_MAX_PROPOSALS)
	{
		return FALSE;
	}
	write_element(writer, TYPE_COMMUNITY,
				  coi_info_community_size(community) - ELEMENT_HEADER);
	coi_writer_u16(writer, community->index);
	coi_writer_bytes(writer, chunk_from_thing(community->spi));
	coi_writer_u8(writer, community->mode);
	coi_writer_u8(writer, community->proposal_count);
	for (i = 0; i < community->proposal_count; i++)
	{
		proposal = &community->proposals[i];
		coi_writer_u16(writer, proposal->encr);
		coi_writer_u16(writer, proposal->encr_bits);
		coi_writer_u16(writer, proposal->integ);
		coi_writer_u8(writer, proposal->esn);
		coi_writer_u8(writer, 0);
	}
	return coi_services_wire_encode(writer, community->mode,
									&community->offers) &&
		   coi_services_wire_encode(writer, community->mode, &community->uses);
}

static bool write_user(coi_writer_t *writer, const coi_user_t *user)
{
	if (!user->name.len)
	{
		return TRUE;
	}
	write_element(writer, TYPE_USER, USER_FIXED + user->name.len);
	coi_writer_u64(writer, user->since);
	coi_writer_bytes(writer, user->name);
	return coi_user_valid(user->name);
}

/**
 * Octets of the elements that not every SessionInfo has.
 */
static size_t more_size(const coi_info_t *info)
{
	return (info->user.name.len ?
			ELEMENT_HEADER + USER_FIXED + info->user.name.len : 0) +
		   (info->rounds ? ELEMENT_HEADER + ROUNDS_LEN : 0) +
		   coi_proof_size(&info->proof) + coi_wish_size(&info->wish) +
		   coi_grant_size(&info->grant);
}

/**
 * The length with padding.
 */
static size_t pad(size_t len)
{
	if (len % COI_INFO_ALIGN)
	{
		len = round_up(len + ELEMENT_HEADER, COI_INFO_ALIGN);
	}
	return len;
}

/**
 * Write what not every SessionInfo has.
 */
static bool write_more(coi_writer_t *writer, const coi_info_t *info)
{
	if (info->rounds)
	{
		write_element(writer, TYPE_ROUNDS, ROUNDS_LEN);
		coi_writer_u8(writer, info->rounds);
	}
	return coi_proof_write(writer, &info->proof) &&
		   coi_wish_write(writer, &info->wish) &&
		   coi_grant_write(writer, &info->grant);
}

/**
 * Fill up with padding, if all before it was written.
 */
static bool finish(coi_writer_t *writer, bool valid, chunk_t *data)
{
	chunk_t written, padding;

	if (valid && writer->used < data->len)
	{
		write_element(writer, TYPE_PADDING,
					  data->len - writer->used - ELEMENT_HEADER);
		padding = coi_writer_gap(writer, data->len - writer->used);
		memset(padding.ptr, 0, padding.len);
	}
	if (!valid || !coi_writer_done(writer, &written))
	{
		chunk_clear(data);
		return FALSE;
	}
	return TRUE;
}

bool coi_info_encode(const coi_info_t *info, chunk_t *data)
{
	coi_writer_t writer;
	size_t communities = 0;
	bool valid;
	u_int i;

	*data = chunk_empty;
	valid = coi_profile_valid_id(info->id_type, info->id.len);
	for (i = 0; i < info->count; i++)
	{
		communities += coi_info_community_size(&info->communities[i]);
	}
	*data = chunk_alloc(coi_info_size(info, communities));
	writer = coi_writer(data->ptr, data->len);
	write_element(&writer, TYPE_IDENTITY, 1 + info->id.len);
	coi_writer_u8(&writer, info->id_type);
	coi_writer_bytes(&writer, info->id);
	write_element(&writer, TYPE_START, START_LEN);
	coi_writer_u64(&writer, info->start);
	valid = write_addresses(&writer, &info->addresses) && valid &&
			write_user(&writer, &info->user);
	for (i = 0; i < info->count && valid; i++)
	{
		valid = write_community(&writer, &info->communities[i]);
	}
	valid = valid && write_more(&writer, info);
	return finish(&writer, valid, data);
}

bool coi_info_encode_third(const coi_info_t *info, chunk_t *data)
{
	coi_writer_t writer;

	*data = chunk_alloc(pad(more_size(info)));
	writer = coi_writer(data->ptr, data->len);
	return finish(&writer, write_more(&writer, info), data);
}

size_t coi_info_community_size(const coi_info_community_t *community)
{
	return ELEMENT_HEADER + COMMUNITY_FIXED +
		   community->proposal_count * PROPOSAL_LEN +
		   coi_services_wire_size(&community->offers) +
		   coi_services_wire_size(&community->uses);
}

size_t coi_info_size(const coi_info_t *info, size_t communities)
{
	return pad(ELEMENT_HEADER + 1 + info->id.len + ELEMENT_HEADER + START_LEN +
			   ELEMENT_HEADER + ADDRESSES_LEN + more_size(info) + communities);
}

void coi_info_clear(coi_info_t *info)
{
	u_int i;

	for (i = 0; i < info->count; i++)
	{
		free(info->communities[i].proposals);
		coi_services_clear(&info->communities[i].offers);
		coi_services_clear(&info->communities[i].uses);
	}
	free(info->communities);
	chunk_free(&info->id);
	coi_user_clear(&info->user);
	coi_proof_clear(&info->proof);
	coi_grant_clear(&info->grant);
	memwipe(&info->wish, sizeof(info->wish));
	*info = (coi_info_t){};
}
