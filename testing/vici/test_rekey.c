/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "check.h"

#include <string.h>

#define SPI CONN ".child-sas.finance-*.spi-in"

/** Wait until one IKE_SA is left. */
static bool wait_single()
{
	int i;

	for (i = 0; i < 120; i++)
	{
		if (lines_count(sas(), "*.version=2") == 1)
		{
			return true;
		}
		sleep_ms(100);
	}
	return false;
}

/** Wait until an SA with another SPI is installed. */
static bool wait_other_spi(const char *spi)
{
	const lines_t *list;
	int i;

	for (i = 0; i < 100; i++)
	{
		list = sas();
		if (lines_count(list, "*.child-sas.finance-*.state=INSTALLED") &&
			(lines_count(list, "*.child-sas.finance-*.spi-in=*") > 1 ||
			 strcmp(spi, lines_value(list, SPI)) != 0))
		{
			return true;
		}
		sleep_ms(50);
	}
	return false;
}

static void rekey(const char *what, const char *text)
{
	char spi[32];

	snprintf(spi, sizeof(spi), "%s", lines_value(sas(), SPI));
	call("rekey", text);
	check(succeeded() && lines_have(reply(), "matches=1"), "%s", what);
	check_said(wait_other_spi(spi), sas(), "%s: there are new SAs", what);
	check(shell("ping -c 1 -W 2 " PEER, "64 bytes*"), "%s: traffic passes",
		  what);
	check_said(wait_single(), sas(), "%s: the old ones go", what);
	check_said(is_open() && strcmp(spi, lines_value(sas(), SPI)) != 0, sas(),
			   "%s: the new ones stay", what);
}

/** Rekey by an id, which stands at a path of list-sas. */
static void rekey_id(const char *key, const char *path)
{
	char text[64];

	snprintf(text, sizeof(text), "%s = %s", key, lines_value(sas(), path));
	rekey(key, text);
}

void test_rekey()
{
	open_session();
	rekey("ike", "ike = " CONN);
	rekey_id("ike-id", CONN ".uniqueid");
	rekey("ike, reauth", "ike = " CONN "; reauth = yes");
	rekey("child", "child = finance");
	rekey_id("child-id", CONN ".child-sas.finance-*.uniqueid");
	close_sessions();
}

/** What clients read of one end of ike-rekey. */
static void check_ike(const lines_t *event, const char *section)
{
	static const char *keys[] = {
		"uniqueid=*", "initiator-spi=*", "responder-spi=*", "remote-id=sun*",
		"remote-host=*", "state=*",
	};
	char pattern[128];
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
	{
		snprintf(pattern, sizeof(pattern), "ike-rekey." CONN ".%s.%s", section,
				 keys[i]);
		check_said(lines_have(event, pattern), event, "ike-rekey has %s.%s",
				   section, keys[i]);
	}
}

/** child-rekey of one community. */
static void check_child(const char *name)
{
	char old[128], new[128], pattern[160];
	const lines_t *event;

	snprintf(old, sizeof(old), "child-rekey." CONN ".child-sas.%s.old.spi-in",
			 name);
	snprintf(new, sizeof(new), "child-rekey." CONN ".child-sas.%s.new.spi-in",
			 name);
	snprintf(pattern, sizeof(pattern), "%s=*", old);
	event = get_event(wait_event(pattern));
	check_said(event != NULL, NULL, "child-rekey comes for %s", name);
	if (event)
	{
		check_said(*lines_value(event, new) &&
				   strcmp(lines_value(event, old), lines_value(event, new)) != 0,
				   event, "child-rekey of %s has old and new SPIs", name);
		check(count_events(pattern) == 1, "one child-rekey for %s", name);
	}
}

/**
 * A rekeying is told as such: one ike-rekey, a child-rekey for each community,
 * and nothing comes up or goes down.
 */
static void check_rekeying(const char *text)
{
	const lines_t *event;

	events_clear();
	call("rekey", text);
	check(succeeded(), "rekey %s", text);
	event = get_event(wait_event("ike-rekey.*"));
	check_said(event != NULL, sas(), "ike-rekey comes");
	if (event)
	{
		check_ike(event, "old");
		check_ike(event, "new");
		check_said(strcmp(lines_value(event, "ike-rekey.*.old.uniqueid"),
						  lines_value(event, "ike-rekey.*.new.uniqueid")) != 0,
				   event, "old and new have ids of their own");
	}
	check_child("finance");
	check_child("engineering");
	check_said(wait_single(), sas(), "the old one goes");
	check(count_events("ike-rekey.*") == 1, "one ike-rekey");
	check(count_events("ike-updown.*") == 0, "no ike-updown");
	check(count_events("child-updown.*") == 0, "no child-updown");
}

void test_rekey_events()
{
	static const char *names[] = {
		"ike-rekey", "child-rekey", "ike-updown", "child-updown",
	};
	size_t i;

	open_session();
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
	{
		check(subscribe(names[i]), "subscribe to %s", names[i]);
	}
	check_rekeying("ike = " CONN);
	check_rekeying("child = finance");
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
	{
		unsubscribe(names[i]);
	}
	close_sessions();
}
