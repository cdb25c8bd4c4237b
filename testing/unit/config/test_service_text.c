/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <criterion/criterion.h>

#include "coi_test.h"

#include "config/coi_service_text.h"

#include <netinet/in.h>

TestSuite(service_text, .init = coi_test_init, .fini = coi_test_deinit);

/* what is asked about is read, and written the same */
Test(service_text, query)
{
	static const struct {
		const char *text;
		uint8_t proto;
		uint16_t port;
		bool any_port;
		const char *written;
	} cases[] = {
		{ "any", 0, 0, TRUE, "any traffic" },
		{ "tcp", IPPROTO_TCP, 0, TRUE, "tcp" },
		{ "tcp/443", IPPROTO_TCP, 443, FALSE, "tcp/443" },
		{ "tcp/0", IPPROTO_TCP, 0, FALSE, "tcp/0" },
		{ "udp/65535", IPPROTO_UDP, 65535, FALSE, "udp/65535" },
		{ "sctp/9", IPPROTO_SCTP, 9, FALSE, "sctp/9" },
		{ "6/443", IPPROTO_TCP, 443, FALSE, "tcp/443" },
		{ "icmp", IPPROTO_ICMP, 0, TRUE, "icmp" },
		{ "ipv6-icmp", IPPROTO_ICMPV6, 0, TRUE, "ipv6-icmp" },
		{ "47", IPPROTO_GRE, 0, TRUE, "47" },
		{ "255", 255, 0, TRUE, "255" },
	};
	char buf[COI_SERVICE_TEXT_LEN];
	coi_service_query_t query;
	u_int i;

	for (i = 0; i < countof(cases); i++)
	{
		cr_assert(coi_service_query_read(cases[i].text, &query), "%s",
				  cases[i].text);
		cr_expect_eq(query.proto, cases[i].proto, "%s", cases[i].text);
		cr_expect_eq(query.port, cases[i].port, "%s", cases[i].text);
		cr_expect_eq(query.any_port, cases[i].any_port, "%s", cases[i].text);
		cr_expect_str_eq(coi_service_query_write(&query, buf), cases[i].written);
	}
}

/* all else is refused */
Test(service_text, query_bad)
{
	static const char *cases[] = {
		"", "/", "tcp/", "/443", "tcp/65536", "tcp/-1", "tcp/ 1", "tcp/1 ",
		"tcp/+1", "tcp/443/1", "tcp/443-444", "tcp/https", "tcp/0x10",
		"tcp/18446744073709552059", "256", "-1", "47/1", "icmp/8", "any/1", "TCP",
		"tcp ", " tcp", "esp", "4294967302",
		"tcptcptcptcptcptcptcptcptcptcptcptcptcptcptcptcp",
	};
	coi_service_query_t query;
	u_int i;

	for (i = 0; i < countof(cases); i++)
	{
		cr_expect_not(coi_service_query_read(cases[i], &query), "%s", cases[i]);
	}
}

/* whether a list of services has what is asked about */
Test(service_text, in)
{
	coi_service_t list[] = {
		{ .proto = IPPROTO_TCP, .from = 80, .to = 443 },
		{ .proto = IPPROTO_ICMP, .to = 65535 },
	};
	coi_services_t services = {
		.list = list,
		.count = countof(list),
	};
	static const struct {
		const char *text;
		bool has;
	} cases[] = {
		{ "tcp/80", TRUE }, { "tcp/443", TRUE }, { "tcp/79", FALSE },
		{ "tcp/444", FALSE }, { "tcp", TRUE }, { "icmp", TRUE },
		{ "udp/80", FALSE }, { "udp", FALSE }, { "any", TRUE },
	};
	coi_service_query_t query;
	u_int i;

	for (i = 0; i < countof(cases); i++)
	{
		cr_assert(coi_service_query_read(cases[i].text, &query));
		cr_expect_eq(coi_service_query_in(&query, &services, FALSE),
					 cases[i].has, "%s", cases[i].text);
		/* who is behind the peer is none of these */
		query.behind = TRUE;
		cr_expect_not(coi_service_query_in(&query, &services, FALSE), "%s",
					  cases[i].text);
	}
}
