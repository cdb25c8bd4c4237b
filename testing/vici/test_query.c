/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "check.h"

#include <stdlib.h>
#include <string.h>

/** Each pattern must match a line of what was listed. */
static void check_all(const lines_t *list, const char *what,
					  const char *patterns[])
{
	for (; *patterns; patterns++)
	{
		check_said(lines_have(list, *patterns), list, "%s has %s", what,
				   *patterns);
	}
}

static const lines_t *list_sas(const char *text)
{
	return stream("list-sas", "list-sa", text);
}

static const lines_t *list_policies(const char *text)
{
	return stream("list-policies", "list-policy", text);
}

/** What orchestrators read of an IKE_SA and its CHILD_SAs. */
static void check_sas()
{
	static const char *ike[] = {
		CONN ".uniqueid=[1-9]*",
		CONN ".version=2",
		CONN ".state=ESTABLISHED",
		CONN ".local-host=192.168.0.1",
		CONN ".local-port=4570",
		CONN ".local-id=moon.strongswan.org",
		CONN ".remote-host=192.168.0.2",
		CONN ".remote-port=4570",
		CONN ".remote-id=sun.strongswan.org",
		CONN ".initiator=yes",
		CONN ".initiator-spi=[0-9a-f]*",
		CONN ".responder-spi=[0-9a-f]*",
		CONN ".encr-alg=AES_GCM_16",
		CONN ".encr-keysize=256",
		CONN ".prf-alg=*",
		CONN ".dh-group=ECP_384",
		CONN ".established=[0-9]*",
		NULL
	};
	static const char *child[] = {
		"*.finance-*.name=finance",
		"*.finance-*.uniqueid=[1-9]*",
		"*.finance-*.reqid=[1-9]*",
		"*.finance-*.state=INSTALLED",
		"*.finance-*.mode=TRANSPORT",
		"*.finance-*.protocol=ESP",
		"*.finance-*.spi-in=[0-9a-f]*",
		"*.finance-*.spi-out=[0-9a-f]*",
		"*.finance-*.encr-alg=AES_GCM_16",
		"*.finance-*.encr-keysize=256",
		"*.child-sas.*.bytes-in=[1-9]*",
		"*.child-sas.*.packets-in=[1-9]*",
		"*.child-sas.*.use-in=[0-9]*",
		"*.child-sas.*.bytes-out=[1-9]*",
		"*.child-sas.*.packets-out=[1-9]*",
		"*.child-sas.*.use-out=[0-9]*",
		"*.finance-*.rekey-time=[1-9]*",
		"*.finance-*.life-time=[1-9]*",
		"*.finance-*.install-time=[0-9]*",
		"*.finance-*.local-ts=192.168.0.1/32*",
		"*.finance-*.remote-ts=192.168.0.2/32*",
		NULL
	};

	shell("ping -c 2 -i 0.2 -W 2 " PEER, "*");
	check_all(sas(), "list-sas", ike);
	check_all(sas(), "list-sas", child);
	check_said(strlen(lines_value(sas(), CONN ".responder-spi")) == 16 &&
			   strtoull(lines_value(sas(), CONN ".responder-spi"), NULL, 16),
			   sas(), "the responder's SPI is known");
}

/** A filter that keeps one community, or the whole, or nothing. */
static void check_filter(const char *what, const char *text, int ikes,
						 int children)
{
	const lines_t *list = list_sas(text);

	check_said(lines_count(list, "*.version=2") == ikes &&
			   lines_count(list, "*.child-sas.*.name=*") == children, list,
			   "list-sas by %s: %d IKE_SA, %d CHILD_SA", what, ikes, children);
}

static void check_filter_id(const char *key, const char *path, int children)
{
	char text[64];

	snprintf(text, sizeof(text), "%s = %s", key, lines_value(sas(), path));
	check_filter(key, text, 1, children);
}

void test_list_sas()
{
	open_session();
	check_sas();
	check_filter("ike", "ike = " CONN, 1, 2);
	check_filter("another ike", "ike = other", 0, 0);
	check_filter("child", "child = finance", 1, 1);
	check_filter("another child", "child = other", 1, 0);
	check_filter("ike and child", "ike = " CONN "; child = engineering", 1, 1);
	check_filter("another ike-id", "ike-id = 99999", 0, 0);
	check_filter("noblock", "noblock = yes", 1, 2);
	check_filter_id("ike-id", CONN ".uniqueid", 2);
	check_filter_id("child-id", "*.finance-*.uniqueid", 1);
	close_sessions();
}

static void check_policies()
{
	static const char *trap[] = {
		CONN "/finance.child=finance",
		CONN "/finance.ike=" CONN,
		CONN "/finance.mode=TRANSPORT",
		CONN "/finance.local-ts=*",
		CONN "/finance.remote-ts=*",
		CONN "/engineering.child=engineering",
		NULL
	};
	const lines_t *list;

	check_all(list_policies("trap = yes"), "list-policies", trap);
	list = list_policies("trap = yes; child = finance; ike = " CONN);
	check_said(lines_count(list, "*.child=*") == 1, list,
			   "list-policies by child and ike");
	list = list_policies("trap = yes; ike = other");
	check_said(list->count == 0, list, "list-policies by another ike");
	list = list_policies("drop = yes; pass = yes");
	check_said(list->count == 0, list, "there are no shunts");
}

static void check_conns()
{
	static const char *conn[] = {
		CONN ".local_addrs=%any",
		CONN ".remote_addrs=192.168.0.2",
		CONN ".version=IKEv2",
		CONN ".local-1.class=XAuth",
		CONN ".local-1.xauth=coi",
		CONN ".local-1.id=moon.strongswan.org",
		CONN ".remote-1.class=XAuth",
		CONN ".children.finance.mode=TRANSPORT",
		CONN ".children.finance.local-ts=dynamic",
		CONN ".children.finance.remote-ts=dynamic",
		CONN ".children.engineering.mode=TRANSPORT",
		NULL
	};
	const lines_t *list;

	list = stream("list-conns", "list-conn", "ike = " CONN);
	check_all(list, "list-conns", conn);
	list = stream("list-conns", "list-conn", "ike = other");
	check_said(list->count == 0, list, "list-conns by another ike");
	call("get-conns", "");
	check(lines_have(reply(), "conns=" CONN) &&
		  lines_have(reply(), "conns=silent"), "get-conns");
}

void test_query()
{
	open_session();
	check_policies();
	check_conns();
	call("stats", "");
	check(lines_have(reply(), "plugins=coi"), "stats has the plugin");
	check(lines_have(reply(), "ikesas.total=1"), "stats counts the IKE_SA");
	check(lines_have(reply(), "ikesas.half-open=0"), "stats: none is half open");
	call("get-counters", "all = yes");
	check(succeeded(), "get-counters of all");
	call("get-counters", "");
	check(succeeded() && lines_have(reply(), "counters.*.ike-init-in-req=0"),
		  "get-counters: no IKE message was counted");
	call("reset-counters", "");
	check(succeeded(), "reset-counters");
	call("version", "");
	check(lines_have(reply(), "daemon=charon*"), "version");
	check_said(is_open(), sas(), "the session is as it was");
	close_sessions();
}
