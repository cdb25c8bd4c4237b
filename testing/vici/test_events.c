/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "check.h"

#include <string.h>

/** What clients read of an IKE_SA in an event. */
static const char *ike_keys[] = {
	"uniqueid=[1-9]*",
	"version=2",
	"local-host=192.168.0.1",
	"local-id=moon.strongswan.org",
	"remote-host=192.168.0.2",
	"remote-id=sun.strongswan.org",
	"initiator-spi=[0-9a-f]*",
	"responder-spi=[0-9a-f]*",
	"encr-alg=AES_GCM_16",
	NULL
};

static const char *child_keys[] = {
	"child-sas.finance-*.name=finance",
	"child-sas.finance-*.uniqueid=[1-9]*",
	"child-sas.finance-*.reqid=[1-9]*",
	"child-sas.finance-*.mode=TRANSPORT",
	"child-sas.finance-*.protocol=ESP",
	"child-sas.finance-*.spi-in=[0-9a-f]*",
	"child-sas.finance-*.spi-out=[0-9a-f]*",
	"child-sas.finance-*.encr-alg=AES_GCM_16",
	"child-sas.finance-*.local-ts=192.168.0.1/32*",
	"child-sas.finance-*.remote-ts=192.168.0.2/32*",
	"child-sas.finance-*.bytes-in=*",
	NULL
};

static void check_keys(const lines_t *event, const char *name,
					   const char *keys[])
{
	char pattern[128];

	for (; event && *keys; keys++)
	{
		snprintf(pattern, sizeof(pattern), "%s." CONN ".%s", name, *keys);
		check_said(lines_have(event, pattern), event, "%s has %s", name, *keys);
	}
}

static void check_up()
{
	const lines_t *event;
	int ike, child;

	events_clear();
	open_session();
	ike = wait_event("ike-updown.up=yes");
	check_said(ike >= 0, sas(), "ike-updown comes");
	check_keys(get_event(ike), "ike-updown", ike_keys);
	check(count_events("ike-updown." CONN ".state=ESTABLISHED") == 1,
		  "one ike-updown, established");

	child = wait_event("child-updown.*.child-sas.finance-*.name=finance");
	event = get_event(child);
	check_said(event != NULL, sas(), "child-updown comes");
	check_said(event && lines_have(event, "child-updown.up=yes"), event,
			   "child-updown is up");
	check_keys(event, "child-updown", ike_keys);
	check_keys(event, "child-updown", child_keys);
	check_said(event && lines_have(event, "*.finance-*.state=INSTALLED"),
			   event, "child-updown: installed");
	check(ike < child, "ike-updown comes before child-updown");
	check(wait_event("child-updown.*.engineering-*.state=INSTALLED") >= 0,
		  "child-updown comes for each community");
	check(count_events("child-updown.up=yes") == 2, "two child-updown");
	check(wait_event("log.msg=*COI session with*") >= 0, "log comes");
	check(count_events("log.group=IKE") > 0 && count_events("log.level=1") > 0,
		  "log has group and level");
}

static void check_down()
{
	events_clear();
	call("terminate", "ike = " CONN);
	check(wait_event("ike-updown." CONN ".remote-id=sun*") >= 0,
		  "ike-updown comes at the end");
	check(wait_event("child-updown.*.finance-*.name=finance") >= 0 &&
		  wait_event("child-updown.*.engineering-*.name=*") >= 0,
		  "child-updown comes for each community");
	wait_idle();
	check(count_events("*-updown.up=yes") == 0, "they are down");
	check(count_events("ike-updown.*") == 1 &&
		  count_events("child-updown.*") == 2, "each comes once");
	check(wait_event("log.ikesa-name=" CONN) >= 0,
		  "log names the IKE_SA");
}

void test_events()
{
	static const char *names[] = {
		"ike-updown", "child-updown", "log",
	};
	size_t i;

	check(!subscribe("ike-sideways"), "no such event");
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
	{
		check(subscribe(names[i]), "subscribe to %s", names[i]);
	}
	check_up();
	check_down();
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
	{
		unsubscribe(names[i]);
	}
	close_sessions();
}
