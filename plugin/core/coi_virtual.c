/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_virtual.h"

/** lengths on the wire */
#define ELEMENT_HEADER	4
#define TYPE_LEN		2

/** bit of an attribute's type that IKE reserves */
#define TYPE_RESERVED	0x8000

static bool begins_with(const uint8_t *octets, uint8_t value, uint8_t mask)
{
	return (octets[0] & mask) == value;
}

static bool are_zero(const uint8_t *octets, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
	{
		if (octets[i])
		{
			return FALSE;
		}
	}
	return TRUE;
}

static bool usable4(const uint8_t *addr)
{
	/* this network, loopback, link-local, multicast and above */
	return addr[0] != 0 && addr[0] != 127 &&
		   !(addr[0] == 169 && addr[1] == 254) && addr[0] < 224;
}

static bool usable6(const uint8_t *addr)
{
	/* unspecified, loopback, mapped and other ways to write IPv4 */
	return !are_zero(addr, 10) && !begins_with(addr, 0xff, 0xff) &&
		   !(addr[0] == 0xfe && begins_with(addr + 1, 0x80, 0xc0));
}

bool coi_virtual_usable(const coi_range_t *address)
{
	size_t len = coi_range_len(address->family);

	if (!len || !memeq(address->first, address->last, len))
	{
		return FALSE;
	}
	return address->family == COI_FAMILY_IPV4 ? usable4(address->first)
											  : usable6(address->first);
}

bool coi_virtual_is_any(const coi_range_t *address)
{
	return are_zero(address->last, coi_range_len(address->family));
}

const coi_range_t *coi_virtual_find(const coi_virtual_t *this, uint8_t family)
{
	u_int i;

	for (i = 0; i < this->count; i++)
	{
		if (this->list[i].family == family)
		{
			return &this->list[i];
		}
	}
	return NULL;
}

bool coi_virtual_add(coi_virtual_t *this, const coi_range_t *address)
{
	if (this->count == COI_MAX_VIRTUAL || !coi_range_len(address->family) ||
		coi_virtual_find(this, address->family))
	{
		return FALSE;
	}
	this->list[this->count++] = *address;
	return TRUE;
}

static bool decode_addresses(coi_cursor_t *cursor, bool any,
							 coi_virtual_t *addresses)
{
	coi_range_t address;
	uint8_t count, family;
	chunk_t octets;
	u_int i;

	coi_cursor_copy(cursor, addresses->ticket, sizeof(addresses->ticket));
	if (!coi_cursor_u8(cursor, &count) || !count || count > COI_MAX_VIRTUAL)
	{
		return FALSE;
	}
	for (i = 0; i < count; i++)
	{
		if (!coi_cursor_u8(cursor, &family) || !coi_range_len(family) ||
			!coi_cursor_bytes(cursor, coi_range_len(family), &octets) ||
			!coi_range_set(&address, family, octets.ptr, octets.ptr) ||
			!(coi_virtual_usable(&address) ||
			  (any && coi_virtual_is_any(&address))) ||
			!coi_virtual_add(addresses, &address))
		{
			return FALSE;
		}
	}
	return TRUE;
}

static bool has_type(const coi_wish_t *wish, uint16_t type)
{
	u_int i;

	for (i = 0; i < wish->type_count; i++)
	{
		if (wish->types[i] == type)
		{
			return TRUE;
		}
	}
	return FALSE;
}

bool coi_wish_decode(chunk_t value, coi_wish_t *wish)
{
	coi_cursor_t cursor = coi_cursor(value);
	coi_wish_t this = {};
	uint8_t count;
	uint16_t type;
	u_int i;

	if (wish->addresses.count ||
		!decode_addresses(&cursor, TRUE, &this.addresses) ||
		!coi_cursor_u8(&cursor, &count) || count > COI_MAX_ATTRIBUTES)
	{
		return FALSE;
	}
	for (i = 0; i < count; i++)
	{
		if (!coi_cursor_u16(&cursor, &type) || !type ||
			type & TYPE_RESERVED || has_type(&this, type))
		{
			return FALSE;
		}
		this.types[this.type_count++] = type;
	}
	*wish = this;
	return coi_cursor_done(&cursor);
}

bool coi_grant_decode(chunk_t value, coi_grant_t *grant)
{
	coi_cursor_t cursor = coi_cursor(value);

	return !grant->addresses.count &&
		   decode_addresses(&cursor, FALSE, &grant->addresses) &&
		   coi_cursor_done(&cursor);
}

bool coi_grant_add(coi_grant_t *grant, uint16_t type, chunk_t value)
{
	size_t used = 0;
	u_int i;

	for (i = 0; i < grant->attribute_count; i++)
	{
		used += grant->attributes[i].value.len;
	}
	if (grant->attribute_count == COI_MAX_ATTRIBUTES ||
		value.len > COI_ATTRIBUTES_LEN - used || !type || type & TYPE_RESERVED)
	{
		return FALSE;
	}
	grant->attributes = realloc(grant->attributes,
				(grant->attribute_count + 1) * sizeof(*grant->attributes));
	grant->attributes[grant->attribute_count++] = (coi_attribute_t){
		.type = type,
		.value = chunk_clone(value),
	};
	return TRUE;
}

bool coi_grant_decode_attribute(chunk_t value, coi_grant_t *grant)
{
	coi_cursor_t cursor = coi_cursor(value);
	uint16_t type;
	chunk_t data;

	coi_cursor_u16(&cursor, &type);
	return coi_cursor_bytes(&cursor, coi_cursor_remaining(&cursor), &data) &&
		   coi_grant_add(grant, type, data);
}

bool coi_grant_is_whole(const coi_grant_t *grant)
{
	return grant->addresses.count || !grant->attribute_count;
}

/** Whether an address is one of the two that an end speaks of. */
static bool is_end(const coi_range_t *address, const coi_addresses_t *ends)
{
	static const uint8_t mapped[] = { [10] = 0xff, 0xff };
	uint8_t octets[COI_ADDR_LEN];

	memcpy(octets, address->first, sizeof(octets));
	if (address->family == COI_FAMILY_IPV4)
	{
		memcpy(octets, mapped, sizeof(mapped));
		memcpy(octets + sizeof(mapped), address->first,
			   sizeof(octets) - sizeof(mapped));
	}
	return memeq(octets, ends->seen.addr, sizeof(octets)) ||
		   memeq(octets, ends->own.addr, sizeof(octets));
}

bool coi_grant_answers(const coi_grant_t *grant, const coi_wish_t *wish,
					   const coi_addresses_t *ours,
					   const coi_addresses_t *theirs)
{
	const coi_range_t *address;
	u_int i;

	for (i = 0; i < grant->addresses.count; i++)
	{
		address = &grant->addresses.list[i];
		if (!coi_virtual_find(&wish->addresses, address->family) ||
			is_end(address, ours) || is_end(address, theirs))
		{
			return FALSE;
		}
	}
	for (i = 0; i < grant->attribute_count; i++)
	{
		if (!has_type(wish, grant->attributes[i].type))
		{
			return FALSE;
		}
	}
	return TRUE;
}

coi_grant_t coi_grant_clone(const coi_grant_t *grant)
{
	coi_grant_t clone = {
		.addresses = grant->addresses,
		.attribute_count = grant->attribute_count,
	};
	u_int i;

	if (clone.attribute_count)
	{
		clone.attributes = calloc(clone.attribute_count,
								  sizeof(*clone.attributes));
	}
	for (i = 0; i < clone.attribute_count; i++)
	{
		clone.attributes[i] = (coi_attribute_t){
			.type = grant->attributes[i].type,
			.value = chunk_clone(grant->attributes[i].value),
		};
	}
	return clone;
}

void coi_grant_clear(coi_grant_t *grant)
{
	u_int i;

	for (i = 0; i < grant->attribute_count; i++)
	{
		chunk_free(&grant->attributes[i].value);
	}
	free(grant->attributes);
	memwipe(grant, sizeof(*grant));
}

/** Octets of addresses, with ticket and count. */
static size_t addresses_size(const coi_virtual_t *addresses)
{
	size_t size = sizeof(addresses->ticket) + 1;
	u_int i;

	for (i = 0; i < addresses->count; i++)
	{
		size += 1 + coi_range_len(addresses->list[i].family);
	}
	return size;
}

size_t coi_wish_size(const coi_wish_t *wish)
{
	if (!wish->addresses.count)
	{
		return 0;
	}
	return ELEMENT_HEADER + addresses_size(&wish->addresses) + 1 +
		   wish->type_count * TYPE_LEN;
}

size_t coi_grant_size(const coi_grant_t *grant)
{
	size_t size;
	u_int i;

	if (!grant->addresses.count)
	{
		return 0;
	}
	size = ELEMENT_HEADER + addresses_size(&grant->addresses);
	for (i = 0; i < grant->attribute_count; i++)
	{
		size += ELEMENT_HEADER + TYPE_LEN + grant->attributes[i].value.len;
	}
	return size;
}

static bool write_addresses(coi_writer_t *writer, bool any,
							const coi_virtual_t *addresses)
{
	const coi_range_t *address;
	coi_virtual_t seen = {};
	u_int i;

	coi_writer_bytes(writer, chunk_create((uint8_t*)addresses->ticket,
										  sizeof(addresses->ticket)));
	coi_writer_u8(writer, addresses->count);
	for (i = 0; i < addresses->count; i++)
	{
		address = &addresses->list[i];
		if (!(coi_virtual_usable(address) ||
			  (any && coi_virtual_is_any(address))) ||
			!coi_virtual_add(&seen, address))
		{
			return FALSE;
		}
		coi_writer_u8(writer, address->family);
		coi_writer_bytes(writer, chunk_create((uint8_t*)address->first,
											  coi_range_len(address->family)));
	}
	return TRUE;
}

bool coi_wish_write(coi_writer_t *writer, const coi_wish_t *wish)
{
	u_int i;

	if (!wish->addresses.count)
	{
		return !wish->type_count;
	}
	if (wish->addresses.count > COI_MAX_VIRTUAL ||
		wish->type_count > COI_MAX_ATTRIBUTES)
	{
		return FALSE;
	}
	coi_writer_u16(writer, COI_INFO_WISH);
	coi_writer_u16(writer, coi_wish_size(wish) - ELEMENT_HEADER);
	if (!write_addresses(writer, TRUE, &wish->addresses))
	{
		return FALSE;
	}
	coi_writer_u8(writer, wish->type_count);
	for (i = 0; i < wish->type_count; i++)
	{
		coi_writer_u16(writer, wish->types[i]);
	}
	return TRUE;
}

bool coi_grant_write(coi_writer_t *writer, const coi_grant_t *grant)
{
	const coi_attribute_t *attribute;
	u_int i;

	if (!grant->addresses.count || grant->addresses.count > COI_MAX_VIRTUAL)
	{
		return !grant->addresses.count && coi_grant_is_whole(grant);
	}
	coi_writer_u16(writer, COI_INFO_GRANT);
	coi_writer_u16(writer, addresses_size(&grant->addresses));
	if (!write_addresses(writer, FALSE, &grant->addresses))
	{
		return FALSE;
	}
	for (i = 0; i < grant->attribute_count; i++)
	{
		attribute = &grant->attributes[i];
		coi_writer_u16(writer, COI_INFO_ATTRIBUTE);
		coi_writer_u16(writer, TYPE_LEN + attribute->value.len);
		coi_writer_u16(writer, attribute->type);
		coi_writer_bytes(writer, attribute->value);
	}
	return TRUE;
}
