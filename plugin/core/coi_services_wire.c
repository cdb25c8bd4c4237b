/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_services_wire.h"

/** length on the wire without addresses */
#define SERVICE_FIXED	6

/**
 * Whether a service's ports are right: only protocols that have ports may limit
 * them.
 */
static bool valid_ports(const coi_service_t *service)
{
	switch (service->proto)
	{
		case IPPROTO_TCP:
		case IPPROTO_UDP:
		case IPPROTO_DCCP:
		case IPPROTO_SCTP:
		case IPPROTO_UDPLITE:
			return service->from <= service->to;
		default:
			return service->from == 0 && service->to == UINT16_MAX;
	}
}

/**
 * Whether a service may be at a family's addresses: only a tunnel leads to others
 * than the host itself.
 */
static bool valid_family(uint8_t mode, uint8_t family)
{
	return family == COI_FAMILY_HOST ||
		   (mode == COI_MODE_TUNNEL && coi_range_len(family));
}

static bool decode_range(coi_cursor_t *cursor, uint8_t family,
						 coi_range_t *range)
{
	uint8_t first[COI_ADDR_LEN], last[COI_ADDR_LEN];
	size_t len = coi_range_len(family);

	if (family == COI_FAMILY_HOST)
	{	/* no addresses follow */
		return TRUE;
	}
	coi_cursor_copy(cursor, first, len);
	return coi_cursor_copy(cursor, last, len) &&
		   coi_range_set(range, family, first, last);
}

bool coi_services_wire_decode(coi_cursor_t *cursor, uint8_t mode,
							  coi_services_t *services)
{
	coi_service_t *service;
	uint8_t count, family;
	u_int i;

	coi_cursor_u8(cursor, &count);
	if (!count || count > COI_MAX_SERVICES)
	{
		return FALSE;
	}
	services->list = calloc(count, sizeof(*services->list));
	services->count = count;
	for (i = 0; i < count; i++)
	{
		service = &services->list[i];
		coi_cursor_u8(cursor, &service->proto);
		coi_cursor_u8(cursor, &family);
		coi_cursor_u16(cursor, &service->from);
		if (!coi_cursor_u16(cursor, &service->to) || !valid_ports(service) ||
			!valid_family(mode, family) ||
			!decode_range(cursor, family, &service->at))
		{
			return FALSE;
		}
	}
	return TRUE;
}

static void write_range(coi_writer_t *writer, const coi_range_t *range)
{
	size_t len = coi_range_len(range->family);

	coi_writer_bytes(writer, chunk_create((u_char*)range->first, len));
	coi_writer_bytes(writer, chunk_create((u_char*)range->last, len));
}

bool coi_services_wire_encode(coi_writer_t *writer, uint8_t mode,
							  const coi_services_t *services)
{
	const coi_service_t *service;
	u_int i;

	if (!services->count || services->count > COI_MAX_SERVICES)
	{
		return FALSE;
	}
	coi_writer_u8(writer, services->count);
	for (i = 0; i < services->count; i++)
	{
		service = &services->list[i];
		if (!valid_ports(service) || !valid_family(mode, service->at.family))
		{
			return FALSE;
		}
		coi_writer_u8(writer, service->proto);
		coi_writer_u8(writer, service->at.family);
		coi_writer_u16(writer, service->from);
		coi_writer_u16(writer, service->to);
		write_range(writer, &service->at);
	}
	return TRUE;
}

size_t coi_services_wire_size(const coi_services_t *services)
{
	size_t size = 0;
	u_int i;

	for (i = 0; i < services->count; i++)
	{
		size += SERVICE_FIXED + 2 * coi_range_len(services->list[i].at.family);
	}
	return size;
}
