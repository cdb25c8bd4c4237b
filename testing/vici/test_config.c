/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "check.h"

#include <string.h>

#define CHILD(name) name " { mode = transport; start_action = trap; " \
	"esp_proposals = [aes256gcm16] } "

/** The connection as swanctl.conf has it, but for three things. */
#define LOAD(name, remote_addrs, child) name " { version = 2; " \
	"remote_addrs = [" remote_addrs "]; " \
	"local { auth = xauth-coi; id = moon.strongswan.org } " \
	"remote { auth = xauth-coi } " \
	"children { " CHILD("finance") CHILD(child) "} }"

#define TRAP(dst) "ip xfrm policy get src 0.0.0.0/0 dst " dst " dir out 2>&1"
#define PING "ping -c 1 -W 2 " PEER

static const lines_t *policies()
{
	return stream("list-policies", "list-policy", "trap = yes");
}

/** Wait, for 5 s at most, until a policy is listed, or none like it. */
static bool wait_policies(const char *pattern, bool wanted)
{
	int i;

	for (i = 0; i < 100 && lines_have(policies(), pattern) != wanted; i++)
	{
		sleep_ms(50);
	}
	return i < 100;
}

/** SPI of a community, to see whether a session is still the same. */
static const char *spi_of(const char *child)
{
	static char spi[32];
	char path[64];

	snprintf(path, sizeof(path), "*.child-sas.%s-*.spi-in", child);
	snprintf(spi, sizeof(spi), "%s", lines_value(sas(), path));
	return spi;
}

/** The session with these SPIs must be there, and carry traffic. */
static void check_kept(const char *finance, const char *engineering,
					   const char *what)
{
	check_said(strcmp(finance, spi_of("finance")) == 0 &&
			   strcmp(engineering, spi_of("engineering")) == 0, sas(),
			   "%s: the session stays", what);
	check(shell(PING, "64 bytes*"), "%s: traffic passes", what);
}

static void load(const char *what, const char *text)
{
	call("load-conn", text);
	check(succeeded(), "%s", what);
}

static void unload(const char *what, const char *name)
{
	callf("unload-conn", "name = %s", name);
	check(succeeded(), "%s", what);
}

static void test_same(const char *finance, const char *engineering)
{
	shell("ip xfrm policy | sort > /tmp/policies", "");
	load("load it unchanged", LOAD(CONN, "192.168.0.2", "engineering"));
	check_said(lines_count(policies(), "*.child=*") == 2, policies(),
			   "unchanged: two policies are listed");
	/* a trap that has no child goes after a second */
	sleep_ms(2000);
	check(shell("ip xfrm policy | sort | cmp - /tmp/policies && echo same",
				"same"),
		  "unchanged: the kernel's policies are as they were");
	check_kept(finance, engineering, "unchanged");
}

static void test_changed(const char *finance, const char *engineering)
{
	load("load it with another remote_addrs",
		 LOAD(CONN, "192.168.0.2, 10.9.0.0/16", "engineering"));
	check(wait_shell(TRAP("10.9.0.0/16"), "*dst 10.9.0.0/16*", true),
		  "remote_addrs: the trap follows");
	check_kept(finance, engineering, "remote_addrs");
	load("load it as it was", LOAD(CONN, "192.168.0.2", "engineering"));
	check(wait_shell(TRAP("10.9.0.0/16"), "*No such file*", true),
		  "as it was: so is the trap");
	check(wait_shell(TRAP("192.168.0.2/32"), "*dst 192.168.0.2/32*", true),
		  "as it was: there is a trap");
	check_kept(finance, engineering, "as it was");
}

static void test_renamed_child(const char *finance, const char *engineering)
{
	load("load it with a renamed child", LOAD(CONN, "192.168.0.2", "research"));
	check_said(wait_policies(CONN "/research.*", true) &&
			   wait_policies(CONN "/engineering.*", false), policies(),
			   "renamed child: the policies follow");
	check_kept(finance, engineering, "renamed child");
	call("initiate", "child = research; timeout = 5000");
	check(succeeded(), "renamed child: it can be initiated");
	check_said(wait_sas("*.child-sas.research-*.state=INSTALLED"), sas(),
			   "renamed child: its SA is there");
	check_said(wait_sas("*.child-sas.finance-*.state=INSTALLED"), sas(),
			   "renamed child: the other one as well");
	load("load it as it was", LOAD(CONN, "192.168.0.2", "engineering"));
	check_said(wait_policies(CONN "/research.*", false) &&
			   wait_policies(CONN "/engineering.*", true), policies(),
			   "as it was: so are the policies");
	close_sessions();
}

static void test_renamed()
{
	char finance[32], engineering[32];

	open_session();
	strcpy(finance, spi_of("finance"));
	strcpy(engineering, spi_of("engineering"));
	load("load it by another name",
		 LOAD("renamed", "192.168.0.2", "engineering"));
	unload("unload it by the old name", CONN);
	check_said(lines_count(policies(), "renamed/*.child=*") == 2 &&
			   lines_count(policies(), CONN "/*.child=*") == 0, policies(),
			   "renamed: the policies follow");
	sleep_ms(2000);
	check(shell(TRAP("192.168.0.2/32"), "*dst 192.168.0.2/32*"),
		  "renamed: there is a trap");
	check_kept(finance, engineering, "renamed");
	call("terminate", "ike = " CONN "; timeout = 3000");
	check(succeeded(), "renamed: the session ends by its name");
	check_said(wait_idle(), sas(), "renamed: it is gone");

	call("initiate", "ike = renamed; timeout = 5000");
	check(succeeded(), "renamed: it opens by the new name");
	check_said(lines_have(sas(), "renamed.state=ESTABLISHED"), sas(),
			   "renamed: the IKE_SA has the new name");
	load("load it by the old name", LOAD(CONN, "192.168.0.2", "engineering"));
	unload("unload it by the new name", "renamed");
	check(shell(PING, "64 bytes*"), "renamed back: traffic passes");
	call("terminate", "ike = renamed; timeout = 3000");
	check(succeeded(), "renamed back: the session ends");
	wait_idle();
}

static void test_removed()
{
	char finance[32], engineering[32];

	open_session();
	strcpy(finance, spi_of("finance"));
	strcpy(engineering, spi_of("engineering"));
	unload("unload it", CONN);
	check_said(!lines_have(policies(), CONN "/*"), policies(),
			   "unloaded: no policy is listed");
	call("get-conns", "");
	check(!lines_have(reply(), "conns=" CONN), "unloaded: get-conns");
	check(wait_shell(TRAP("192.168.0.2/32"), "*No such file*", true),
		  "unloaded: the trap is gone");
	check_kept(finance, engineering, "unloaded");
	call("rekey", "ike = " CONN);
	check(succeeded(), "unloaded: rekeying is asked for");
	sleep_ms(1000);
	check_kept(finance, engineering, "unloaded, there are no new keys");
	load("load it again", LOAD(CONN, "192.168.0.2", "engineering"));
	check_kept(finance, engineering, "loaded again");
	close_sessions();
}

void test_config()
{
	char finance[32], engineering[32];

	open_session();
	strcpy(finance, spi_of("finance"));
	strcpy(engineering, spi_of("engineering"));
	test_same(finance, engineering);
	test_changed(finance, engineering);
	test_renamed_child(finance, engineering);
	test_renamed();
	test_removed();
}

/**
 * Policies installed and taken out by hand.
 */
void test_install()
{
	call("install", "child = ghost; ike = silent");
	check(succeeded(), "install");
	check_said(lines_have(policies(), "silent/ghost.child=ghost"), policies(),
			   "install: it is listed");
	check(wait_shell(TRAP("192.168.0.200/32"), "*reqid*", true),
		  "install: the kernel has the trap");
	check(!shell("ping -c 1 -W 1 dave", "64 bytes*"),
		  "install: nothing passes in the clear");
	call("install", "child = ghost");
	check(succeeded() && lines_count(policies(), "silent/ghost.child=*") == 1,
		  "install again: it is there once");
	call("uninstall", "child = ghost; ike = silent");
	check(succeeded(), "uninstall");
	check_said(!lines_have(policies(), "silent/ghost.*"), policies(),
			   "uninstall: it is not listed");
	check(wait_shell(TRAP("192.168.0.200/32"), "*No such file*", true),
		  "uninstall: the kernel has no trap");
	call("uninstall", "child = ghost");
	check(failed_with("policy 'ghost' not found"), "uninstall again");

	open_session();
	call("uninstall", "child = finance");
	check(succeeded(), "uninstall a child of an open session");
	check_said(is_open() && shell(PING, "64 bytes*"), sas(),
			   "uninstall: the session stays");
	call("install", "child = finance");
	check(succeeded() && lines_have(policies(), CONN "/finance.child=finance"),
		  "install it again");
	close_sessions();
}
