/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_selector.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <utils/debug.h>

/** longest address */
#define MAX_LEN 16

/** Called with each aligned block of a range, first and last number. */
typedef void (*block_cb_t)(void *data, const uint8_t *from, const uint8_t *to);

static bool get_bit(const uint8_t *number, int bit)
{
	return number[bit / 8] & (0x80 >> (bit % 8));
}

static void set_bit(uint8_t *number, int bit, bool value)
{
	if (value)
	{
		number[bit / 8] |= 0x80 >> (bit % 8);
	}
	else
	{
		number[bit / 8] &= ~(0x80 >> (bit % 8));
	}
}

/** Count up by one; FALSE on overflow. */
static bool increment(uint8_t *number, size_t len)
{
	while (len--)
	{
		if (++number[len])
		{
			return TRUE;
		}
	}
	return FALSE;
}

/**
 * Cut a range of big-endian numbers into the fewest blocks that a mask can
 * describe, lowest first.
 */
static void for_blocks(const uint8_t *from, const uint8_t *to, size_t len,
					   block_cb_t cb, void *data)
{
	uint8_t start[MAX_LEN], end[MAX_LEN];
	int bit;

	memcpy(start, from, len);
	while (memcmp(start, to, len) <= 0)
	{
		/* grow the block while it stays aligned and inside */
		memcpy(end, start, len);
		for (bit = len * 8 - 1; bit >= 0 && !get_bit(start, bit); bit--)
		{
			set_bit(end, bit, TRUE);
			if (memcmp(end, to, len) > 0)
			{
				set_bit(end, bit, FALSE);
				break;
			}
		}
		cb(data, start, end);
		if (!increment(end, len))
		{
			break;
		}
		memcpy(start, end, len);
	}
}

/** A list of port blocks; a range of 16 bit numbers has at most 30. */
typedef struct {
	struct {
		uint16_t from;
		uint16_t to;
	} list[30];
	u_int count;
} ports_t;

static void add_ports(ports_t *ports, const uint8_t *from, const uint8_t *to)
{
	if (ports->count < countof(ports->list))
	{
		ports->list[ports->count].from = untoh16((void*)from);
		ports->list[ports->count].to = untoh16((void*)to);
		ports->count++;
	}
}

static void cut_ports(ports_t *ports, uint16_t from, uint16_t to)
{
	uint8_t first[sizeof(from)], last[sizeof(to)];

	ports->count = 0;
	htoun16(first, from);
	htoun16(last, to);
	for_blocks(first, last, sizeof(first), (block_cb_t)add_ports, ports);
}

/** A list of traffic selectors, with the address length of the current range */
typedef struct {
	array_t *list;
	size_t len;
} subnets_t;

static void add_subnet(subnets_t *subnets, const uint8_t *from,
					   const uint8_t *to)
{
	traffic_selector_t *ts;

	ts = traffic_selector_create_from_bytes(0,
						subnets->len == 4 ? TS_IPV4_ADDR_RANGE
										  : TS_IPV6_ADDR_RANGE,
						chunk_create((u_char*)from, subnets->len), 0,
						chunk_create((u_char*)to, subnets->len), 0xffff);
	if (ts)
	{
		array_insert(subnets->list, ARRAY_TAIL, ts);
	}
}

coi_range_t coi_selector_range(host_t *host)
{
	chunk_t address = host->get_address(host);
	coi_range_t range;

	if (!coi_range_set(&range, host->get_family(host) == AF_INET ?
					   COI_FAMILY_IPV4 : COI_FAMILY_IPV6, address.ptr,
					   address.ptr))
	{
		return (coi_range_t){};
	}
	return range;
}

void coi_selector_print(const coi_range_t *range, char *buf, size_t len)
{
	int family = range->family == COI_FAMILY_IPV4 ? AF_INET : AF_INET6;
	char first[INET6_ADDRSTRLEN] = "", last[INET6_ADDRSTRLEN] = "";

	inet_ntop(family, range->first, first, sizeof(first));
	inet_ntop(family, range->last, last, sizeof(last));
	snprintf(buf, len, "%s-%s", first, last);
}

/**
 * List the subnets of a range, of a host if it has no addresses.
 *
 * @return			traffic_selector_t*, to be freed
 */
static array_t *cut_range(const coi_range_t *range, host_t *host)
{
	coi_range_t itself = coi_selector_range(host);
	subnets_t subnets = {
		.list = array_create(0, 0),
	};

	if (range->family == COI_FAMILY_HOST)
	{
		range = &itself;
	}
	subnets.len = coi_range_len(range->family);
	for_blocks(range->first, range->last, subnets.len, (block_cb_t)add_subnet,
			   &subnets);
	return subnets.list;
}

/** Copy a selector, with a protocol and ports. */
static traffic_selector_t *with_ports(traffic_selector_t *ts, uint8_t proto,
									  uint16_t from, uint16_t to)
{
	return traffic_selector_create_from_bytes(proto, ts->get_type(ts),
							ts->get_from_address(ts), from,
							ts->get_to_address(ts), to);
}

/** What a flow is cut into. */
typedef struct {
	/** traffic_selector_t */
	array_t *from;
	array_t *to;
	/** coi_selector_t, result */
	array_t *result;
	/** some are left out */
	bool excess;
} cut_t;

static void add_pair(cut_t *cut, traffic_selector_t *from,
					 traffic_selector_t *to, uint8_t proto,
					 const ports_t *local, const ports_t *remote)
{
	coi_selector_t selector;
	u_int i, j;

	for (i = 0; i < local->count; i++)
	{
		for (j = 0; j < remote->count; j++)
		{
			if (array_count(cut->result) >= COI_SELECTOR_MAX)
			{
				cut->excess = TRUE;
				return;
			}
			selector.local = with_ports(from, proto, local->list[i].from,
										local->list[i].to);
			selector.remote = with_ports(to, proto, remote->list[j].from,
										 remote->list[j].to);
			array_insert(cut->result, ARRAY_TAIL, &selector);
		}
	}
}

static void add_proto(cut_t *cut, uint8_t proto, const coi_flow_t *flow)
{
	traffic_selector_t *from, *to;
	ports_t local, remote;
	int i, j;

	cut_ports(&local, flow->local_from, flow->local_to);
	cut_ports(&remote, flow->remote_from, flow->remote_to);
	for (i = 0; i < array_count(cut->from); i++)
	{
		for (j = 0; j < array_count(cut->to) && !cut->excess; j++)
		{
			array_get(cut->from, i, &from);
			array_get(cut->to, j, &to);
			if (from->get_type(from) == to->get_type(to))
			{
				add_pair(cut, from, to, proto, &local, &remote);
			}
		}
	}
}

static bool all_ports(const coi_flow_t *flow)
{
	return flow->local_from == 0 && flow->local_to == 0xffff &&
		   flow->remote_from == 0 && flow->remote_to == 0xffff;
}

bool coi_selector_add_flow(array_t *array, host_t *me, host_t *other,
						   const coi_flow_t *flow)
{
	static const uint8_t protos[] = {
		IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP,
	};
	coi_flow_t any = {
		.local_to = 0xffff,
		.remote_to = 0xffff,
	};
	cut_t cut = {
		.from = cut_range(&flow->local, me),
		.to = cut_range(&flow->remote, other),
		.result = array,
	};
	u_int i;

	switch (flow->proto)
	{
		case IPPROTO_TCP:
		case IPPROTO_UDP:
		case IPPROTO_UDPLITE:
		case IPPROTO_SCTP:
		case IPPROTO_DCCP:
			add_proto(&cut, flow->proto, flow);
			break;
		case IPPROTO_ICMP:
		case IPPROTO_ICMPV6:
			/* the kernel has types where others have ports */
			add_proto(&cut, flow->proto, &any);
			break;
		case 0:
			if (all_ports(flow))
			{
				add_proto(&cut, 0, flow);
				break;
			}
			for (i = 0; i < countof(protos); i++)
			{
				add_proto(&cut, protos[i], flow);
			}
			break;
		default:
			if (all_ports(flow))
			{
				add_proto(&cut, flow->proto, flow);
			}
			break;
	}
	array_destroy_offset(cut.from, offsetof(traffic_selector_t, destroy));
	array_destroy_offset(cut.to, offsetof(traffic_selector_t, destroy));
	return !cut.excess;
}

bool coi_selector_add_type(array_t *array, host_t *me, host_t *other,
						   const coi_flow_t *flow, uint8_t type)
{
	coi_flow_t typed = {
		.local_to = 0xffff,
		/* as charon writes it: any code */
		.remote_from = type << 8,
		.remote_to = type << 8,
	};
	cut_t cut = {
		.from = cut_range(&flow->local, me),
		.to = cut_range(&flow->remote, other),
		.result = array,
	};

	add_proto(&cut, flow->proto, &typed);
	array_destroy_offset(cut.from, offsetof(traffic_selector_t, destroy));
	array_destroy_offset(cut.to, offsetof(traffic_selector_t, destroy));
	return !cut.excess;
}

/** Make a selector of a range as it is. */
static traffic_selector_t *show_range(const coi_range_t *range, host_t *host,
									  uint8_t proto, uint16_t from, uint16_t to)
{
	coi_range_t itself = coi_selector_range(host);
	size_t len;

	if (range->family == COI_FAMILY_HOST)
	{
		range = &itself;
	}
	len = coi_range_len(range->family);
	return traffic_selector_create_from_bytes(proto,
						len == 4 ? TS_IPV4_ADDR_RANGE : TS_IPV6_ADDR_RANGE,
						chunk_create((u_char*)range->first, len), from,
						chunk_create((u_char*)range->last, len), to);
}

coi_selector_t coi_selector_show_flow(host_t *me, host_t *other,
									  const coi_flow_t *flow)
{
	coi_selector_t selector = {
		.local = show_range(&flow->local, me, flow->proto, flow->local_from,
							flow->local_to),
		.remote = show_range(&flow->remote, other, flow->proto,
							 flow->remote_from, flow->remote_to),
	};

	return selector;
}

static bool add_range(subnets_t *subnets, host_t *from, host_t *to)
{
	chunk_t first, last;

	first = from->get_address(from);
	last = to->get_address(to);
	if (first.len != last.len || first.len > MAX_LEN)
	{
		return FALSE;
	}
	subnets->len = first.len;
	for_blocks(first.ptr, last.ptr, first.len, (block_cb_t)add_subnet, subnets);
	return TRUE;
}

static bool add_cidr(subnets_t *subnets, char *cidr)
{
	traffic_selector_t *ts;

	ts = traffic_selector_create_from_cidr(cidr, 0, 0, 0xffff);
	if (ts)
	{
		array_insert(subnets->list, ARRAY_TAIL, ts);
	}
	return ts != NULL;
}

static bool add_element(subnets_t *subnets, char *str)
{
	host_t *from, *to;
	bool success = FALSE;

	if (streq(str, "%any"))
	{
		return add_cidr(subnets, "0.0.0.0/0") && add_cidr(subnets, "::/0");
	}
	if (streq(str, "%any4") || streq(str, "0.0.0.0"))
	{
		return add_cidr(subnets, "0.0.0.0/0");
	}
	if (streq(str, "%any6") || streq(str, "::"))
	{
		return add_cidr(subnets, "::/0");
	}
	if (strchr(str, '/'))
	{
		return add_cidr(subnets, str);
	}
	if (host_create_from_range(str, &from, &to))
	{
		success = add_range(subnets, from, to);
		to->destroy(to);
	}
	else
	{
		from = host_create_from_string(str, 0);
		success = from && add_range(subnets, from, from);
	}
	DESTROY_IF(from);
	return success;
}

/** Read a list of addresses; what is none is left out and said. */
static array_t *read_list(char *str, bool *good)
{
	subnets_t subnets = {
		.list = array_create(0, 0),
	};
	enumerator_t *enumerator;
	char *element;

	enumerator = enumerator_create_token(str, ",", " ");
	while (enumerator->enumerate(enumerator, &element))
	{
		if (!add_element(&subnets, element))
		{
			DBG1(DBG_CFG, "'%s' is no address, subnet or range", element);
			*good = FALSE;
		}
	}
	enumerator->destroy(enumerator);
	return subnets.list;
}

bool coi_selector_add_lists(array_t *array, char *local, char *remote)
{
	traffic_selector_t *mine, *theirs;
	coi_selector_t selector;
	array_t *from, *to;
	bool good = TRUE;
	int i, j;

	from = read_list(local, &good);
	to = read_list(remote, &good);
	for (i = 0; i < array_count(from); i++)
	{
		for (j = 0; j < array_count(to); j++)
		{
			array_get(from, i, &mine);
			array_get(to, j, &theirs);
			if (mine->get_type(mine) == theirs->get_type(theirs))
			{
				selector.local = mine->clone(mine);
				selector.remote = theirs->clone(theirs);
				array_insert(array, ARRAY_TAIL, &selector);
			}
		}
	}
	array_destroy_offset(from, offsetof(traffic_selector_t, destroy));
	array_destroy_offset(to, offsetof(traffic_selector_t, destroy));
	return good;
}

array_t *coi_selectors_create()
{
	return array_create(sizeof(coi_selector_t), 0);
}

void coi_selectors_destroy(array_t *array)
{
	coi_selector_t selector;

	while (array_remove(array, ARRAY_TAIL, &selector))
	{
		selector.local->destroy(selector.local);
		selector.remote->destroy(selector.remote);
	}
	array_destroy(array);
}
