/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_services_read.h"

#include <netinet/in.h>

typedef struct reader_t reader_t;

/** A list of traffic selectors that is being read. */
struct reader_t {
	uint8_t mode;
	coi_mistake_t *mistake;
};

/**
 * Append a service unless it is there already.
 *
 * @return			FALSE if there is no room
 */
static bool add_service(coi_services_t *services, const coi_range_t *at,
						uint8_t proto, uint16_t from, uint16_t to)
{
	u_int i;

	for (i = 0; i < services->count; i++)
	{
		if (services->list[i].proto == proto &&
			services->list[i].from == from && services->list[i].to == to &&
			coi_range_equals(&services->list[i].at, at))
		{
			return TRUE;
		}
	}
	if (services->count == COI_MAX_SERVICES)
	{
		return FALSE;
	}
	services->list[services->count++] = (coi_service_t){
		.proto = proto,
		.from = from,
		.to = to,
		.at = *at,
	};
	return TRUE;
}

/**
 * Read where a traffic selector is.
 */
static bool read_range(reader_t *this, char *key, traffic_selector_t *ts,
					   coi_range_t *range)
{
	chunk_t from, to;

	*range = (coi_range_t){};
	if (ts->is_dynamic(ts))
	{
		return TRUE;
	}
	if (this->mode != COI_MODE_TUNNEL)
	{
		return coi_mistake_note(this->mistake, ".%s = %R: dynamic with a "
								"protocol and ports is allowed, networks need "
								"mode = tunnel", key, ts);
	}
	from = ts->get_from_address(ts);
	to = ts->get_to_address(ts);
	return coi_range_set(range, ts->get_type(ts) == TS_IPV4_ADDR_RANGE ?
						 COI_FAMILY_IPV4 : COI_FAMILY_IPV6, from.ptr, to.ptr) ||
		   coi_mistake_note(this->mistake, ".%s = %R: addresses from low to "
							"high are allowed", key, ts);
}

/**
 * Add what a traffic selector stands for.
 */
static bool read_selector(reader_t *this, char *key, traffic_selector_t *ts,
						  coi_services_t *services)
{
	/* protocols in whose place a port without a protocol stands */
	static const uint8_t ported[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP };
	uint16_t from, to;
	uint8_t proto;
	coi_range_t at;
	bool room = TRUE;
	u_int i;

	proto = ts->get_protocol(ts);
	from = ts->get_from_port(ts);
	to = ts->get_to_port(ts);
	if (!read_range(this, key, ts, &at))
	{
		return FALSE;
	}
	if (from > to)
	{
		return coi_mistake_note(this->mistake, ".%s = %R: a port, or a range "
								"from low to high, is allowed", key, ts);
	}
	switch (proto)
	{
		case 0:
			if (from == 0 && to == 0xffff)
			{
				room = add_service(services, &at, 0, 0, 0xffff);
				break;
			}
			for (i = 0; i < countof(ported); i++)
			{
				room = room && add_service(services, &at, ported[i], from, to);
			}
			break;
		case IPPROTO_TCP:
		case IPPROTO_UDP:
		case IPPROTO_SCTP:
		case IPPROTO_DCCP:
		case IPPROTO_UDPLITE:
			room = add_service(services, &at, proto, from, to);
			break;
		case IPPROTO_ICMP:
		case IPPROTO_ICMPV6:
			/* a type has no provider, so answers could not be told apart */
			room = add_service(services, &at, proto, 0, 0xffff);
			break;
		default:
			if (from != 0 || to != 0xffff)
			{
				return coi_mistake_note(this->mistake, ".%s = %R: ports are "
										"allowed for tcp, udp, sctp, dccp and "
										"udplite", key, ts);
			}
			room = add_service(services, &at, proto, 0, 0xffff);
			break;
	}
	if (!room)
	{
		return coi_mistake_note(this->mistake, ".%s: %d services are allowed, "
								"a port of any protocol counts as three", key,
								COI_MAX_SERVICES);
	}
	return TRUE;
}

bool coi_services_read(child_cfg_t *cfg, bool local, uint8_t mode,
					   coi_services_t *services, coi_mistake_t *mistake)
{
	enumerator_t *enumerator;
	linked_list_t *list;
	traffic_selector_t *ts;
	char *key = local ? "local_ts" : "remote_ts";
	bool good = TRUE;
	reader_t reader = {
		.mode = mode,
		.mistake = mistake,
	};

	services->list = calloc(COI_MAX_SERVICES, sizeof(coi_service_t));
	list = cfg->get_traffic_selectors(cfg, local, NULL, NULL, FALSE);
	enumerator = list->create_enumerator(list);
	while (good && enumerator->enumerate(enumerator, &ts))
	{
		good = read_selector(&reader, key, ts, services);
	}
	enumerator->destroy(enumerator);
	list->destroy_offset(list, offsetof(traffic_selector_t, destroy));
	if (good && !services->count)
	{
		good = coi_mistake_note(mistake, ".%s: at least one selector is needed",
								key);
	}
	return good;
}
