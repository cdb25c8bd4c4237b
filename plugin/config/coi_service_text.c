/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_service_text.h"
#include "util/coi_number.h"
#include "util/coi_text.h"

#include <netinet/in.h>
#include <stdio.h>

/** Protocols that have a name here. */
static const struct {
	const char *name;
	uint8_t proto;
	bool ports;
} names[] = {
	{ "any", 0, FALSE },
	{ "icmp", IPPROTO_ICMP, FALSE },
	{ "tcp", IPPROTO_TCP, TRUE },
	{ "udp", IPPROTO_UDP, TRUE },
	{ "ipv6-icmp", IPPROTO_ICMPV6, FALSE },
	{ "sctp", IPPROTO_SCTP, TRUE },
};

static void write_proto(uint8_t proto, char buf[COI_SERVICE_TEXT_LEN])
{
	u_int i;

	snprintf(buf, COI_SERVICE_TEXT_LEN, "%u", proto);
	for (i = 0; i < countof(names); i++)
	{
		if (names[i].proto == proto)
		{
			snprintf(buf, COI_SERVICE_TEXT_LEN, "%s", names[i].name);
		}
	}
}

char *coi_service_text_write(const coi_service_t *service,
							 char buf[COI_SERVICE_TEXT_LEN])
{
	write_proto(service->proto, buf);
	if (service->from == service->to)
	{
		coi_text_append(buf, COI_SERVICE_TEXT_LEN, "/%u", service->from);
	}
	else if (service->from || service->to != 65535)
	{
		coi_text_append(buf, COI_SERVICE_TEXT_LEN, "/%u-%u", service->from,
						service->to);
	}
	return buf;
}

bool coi_service_query_read(const char *text, coi_service_query_t *asked)
{
	char proto[COI_SERVICE_TEXT_LEN] = "";
	const char *port = strchr(text, '/');
	bool ports = FALSE;
	uint64_t number;
	u_int i;

	*asked = (coi_service_query_t){
		.any_port = TRUE,
	};
	snprintf(proto, sizeof(proto), "%.*s",
			 (int)(port ? port - text : (ssize_t)strlen(text)), text);
	if (coi_number_read(proto, 0, 255, &number))
	{
		asked->proto = number;
		for (i = 0; i < countof(names); i++)
		{
			ports |= names[i].ports && names[i].proto == number;
		}
	}
	else
	{
		for (i = 0; i < countof(names); i++)
		{
			if (streq(names[i].name, proto))
			{
				break;
			}
		}
		if (i == countof(names))
		{
			return FALSE;
		}
		asked->proto = names[i].proto;
		ports = names[i].ports;
	}
	if (port)
	{
		if (!ports || !coi_number_read(port + 1, 0, 65535, &number))
		{
			return FALSE;
		}
		asked->port = number;
		asked->any_port = FALSE;
	}
	return TRUE;
}

char *coi_service_query_write(const coi_service_query_t *asked,
							  char buf[COI_SERVICE_TEXT_LEN])
{
	if (!asked->proto)
	{
		snprintf(buf, COI_SERVICE_TEXT_LEN, "any traffic");
		return buf;
	}
	write_proto(asked->proto, buf);
	if (!asked->any_port)
	{
		coi_text_append(buf, COI_SERVICE_TEXT_LEN, "/%u", asked->port);
	}
	return buf;
}

/** Whether a protocol and ports are, or touch, what is asked about. */
static bool is_asked(const coi_service_query_t *asked, uint8_t proto,
					 uint16_t from,
					 uint16_t to)
{
	if (asked->proto && proto && asked->proto != proto)
	{
		return FALSE;
	}
	return asked->any_port || (asked->port >= from && asked->port <= to);
}

/** Whether the other end may be where a service or flow is. */
static bool is_there(const coi_service_query_t *asked, const coi_range_t *at)
{
	if (at->family == COI_FAMILY_HOST)
	{
		return !asked->behind;
	}
	return coi_range_contains(at, &asked->other);
}

bool coi_service_query_in(const coi_service_query_t *asked,
						  const coi_services_t *services,
						  bool inbound)
{
	u_int i;

	for (i = 0; i < services->count; i++)
	{
		if (is_asked(asked, services->list[i].proto, services->list[i].from,
					 services->list[i].to) &&
			(inbound || is_there(asked, &services->list[i].at)))
		{
			return TRUE;
		}
	}
	return FALSE;
}

bool coi_service_query_flows(const coi_service_query_t *asked,
							 const coi_flows_t *flows,
							 bool inbound)
{
	const coi_flow_t *flow;
	u_int i;

	for (i = 0; i < flows->count; i++)
	{
		flow = &flows->list[i];
		if (!is_there(asked, &flow->remote))
		{
			continue;
		}
		/* whoever asks for a service has any port, and may begin */
		if (inbound ? (flow->begin & COI_BEGIN_THERE) &&
					  is_asked(asked, flow->proto, flow->local_from,
							   flow->local_to)
					: (flow->begin & COI_BEGIN_HERE) &&
					  is_asked(asked, flow->proto, flow->remote_from,
							   flow->remote_to))
		{
			return TRUE;
		}
	}
	return FALSE;
}

bool coi_service_query_answers(const coi_service_query_t *asked,
							   const coi_flows_t *flows,
							   bool inbound)
{
	const coi_flow_t *flow;
	u_int i;

	for (i = 0; i < flows->count; i++)
	{
		flow = &flows->list[i];
		if (is_there(asked, &flow->remote) &&
			flow->begin == (inbound ? COI_BEGIN_HERE : COI_BEGIN_THERE) &&
			(inbound ? is_asked(asked, flow->proto, flow->local_from,
								flow->local_to)
					 : is_asked(asked, flow->proto, flow->remote_from,
								flow->remote_to)))
		{
			return TRUE;
		}
	}
	return FALSE;
}
