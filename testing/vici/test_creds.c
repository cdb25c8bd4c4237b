/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "check.h"

#include <string.h>

/** secrets as swanctl.conf has them, and one that nobody else has */
#define FINANCE "finance-key-for-the-vici-tests-1"
#define ENGINEERING "engineering-key-for-vici-tests-1"
#define OTHER "some-other-key-of-256-bits-in-us"

#define SPI "*.child-sas.finance-*.spi-in"

/** ms after which a key that is missing counts as gone, and some more */
#define GONE 3000

static void load(const char *what, const char *id, const char *owner,
				 const char *secret)
{
	callf("load-shared", "id = %s; type = ppk; data = %s; owners = [%s]", id,
		  secret, owner);
	check(succeeded(), "%s", what);
}

static void unload(const char *what, const char *id)
{
	callf("unload-shared", "id = %s", id);
	check(succeeded(), "%s", what);
}

static bool has_shared(const char *id)
{
	char pattern[64];

	snprintf(pattern, sizeof(pattern), "keys=%s", id);
	return lines_have(call("get-shared", ""), pattern);
}

/** The session with this SPI must be there, and stay. */
static void check_kept(const char *spi, const char *what)
{
	sleep_ms(GONE);
	check_said(is_open() && strcmp(spi, lines_value(sas(), SPI)) == 0, sas(),
			   "%s: the session stays", what);
}

/** The community must go, and finance be there or come back. */
static void check_gone(const char *what)
{
	check_said(wait_no_sas("*.child-sas.engineering-*"), sas(),
			   "%s: the community goes", what);
	check(wait_shell("ping -c 1 -W 1 " PEER, "64 bytes*", true),
		  "%s: the other one carries traffic", what);
	check_said(lines_have(sas(), "*.child-sas.finance-*.state=INSTALLED") &&
			   !lines_have(sas(), "*.child-sas.engineering-*"), sas(),
			   "%s: it is the only one", what);
}

static void check_back(const char *what)
{
	call("initiate", "child = engineering; timeout = 5000");
	check(succeeded(), "%s: the community opens", what);
	check_said(wait_sas("*.child-sas.engineering-*.state=INSTALLED") &&
			   wait_sas("*.child-sas.finance-*.state=INSTALLED"), sas(),
			   "%s: both are there", what);
}

static void test_keep()
{
	char spi[32];

	open_session();
	snprintf(spi, sizeof(spi), "%s", lines_value(sas(), SPI));
	check(has_shared("ppk-finance") && has_shared("ppk-engineering"),
		  "get-shared");
	load("load a key once more", "ppk-finance", "finance", FINANCE);
	check_kept(spi, "once more");
	load("load a second generation", "ppk-next", "finance", OTHER);
	check(has_shared("ppk-next"), "get-shared has the second generation");
	check_kept(spi, "second generation");
	unload("unload the second generation", "ppk-next");
	check(!has_shared("ppk-next"), "get-shared has it no more");
	unload("unload what is not there", "ppk-next");
	call("flush-certs", "");
	check(succeeded(), "flush-certs");
	check_kept(spi, "without the second generation");
}

static void test_unload()
{
	const lines_t *log;

	unload("unload a key", "ppk-engineering");
	check_gone("unloaded");
	log = stream("initiate", "control-log", "child = engineering");
	check(failed_with("establishing CHILD_SA 'engineering' failed"),
		  "unloaded: it cannot be initiated");
	check_said(lines_have(log, "msg=no key for COI 'engineering'*"), log,
			   "unloaded: the log says why");
	load("load it again", "ppk-engineering", "engineering", ENGINEERING);
	check_back("loaded again");

	load("change a key", "ppk-engineering", "engineering", OTHER);
	check_gone("changed");
	load("change it back", "ppk-engineering", "engineering", ENGINEERING);
	check_back("changed back");
}

static void test_clear()
{
	call("clear-creds", "");
	check(succeeded(), "clear-creds");
	call("get-shared", "");
	check(!lines_have(reply(), "keys=*"), "get-shared has nothing");
	check_said(wait_idle(), sas(), "cleared: the session goes");
	check(!shell("ping -c 1 -W 1 " PEER, "64 bytes*"),
		  "cleared: nothing passes in the clear");
	load("load finance", "ppk-finance", "finance", FINANCE);
	load("load engineering", "ppk-engineering", "engineering", ENGINEERING);
	check_back("all loaded");
	close_sessions();
}

void test_creds()
{
	test_keep();
	test_unload();
	test_clear();
}
