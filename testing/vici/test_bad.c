/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "check.h"

typedef struct {
	const char *what;
	const char *command;
	const char *text;
	/** pattern of errmsg */
	const char *errmsg;
	/** pattern of a control-log message, NULL if none is needed */
	const char *log;
} bad_t;

static const bad_t cases[] = {
	{ "initiate nothing", "initiate", "",
	  "missing configuration name", NULL },
	{ "initiate an unknown child", "initiate", "child = nochild",
	  "CHILD_SA config 'nochild' not found", NULL },
	{ "initiate an unknown ike", "initiate", "ike = noike",
	  "IKE_SA config 'noike' not found", NULL },
	{ "initiate a child of another connection", "initiate",
	  "child = finance; ike = silent",
	  "CHILD_SA config 'finance' not found", NULL },
	{ "initiate to a subnet", "initiate", "child = branch; timeout = 5000",
	  "establishing CHILD_SA 'branch' failed",
	  "connection 'subnet' has no single address in remote_addrs*traffic*" },
	{ "initiate ike to a subnet", "initiate", "ike = subnet",
	  "establishing IKE_SA 'subnet' failed",
	  "connection 'subnet' has no single address in remote_addrs*" },
	{ "initiate to %any", "initiate", "child = anyone; timeout = 5000",
	  "establishing CHILD_SA 'anyone' failed",
	  "connection 'any' has no single address in remote_addrs*" },
	{ "initiate to itself", "initiate", "child = mirror; timeout = 5000",
	  "establishing CHILD_SA 'mirror' failed",
	  "remote_addrs of connection 'self' is 192.168.0.1*no other host, or link-local" },
	{ "initiate without a key in the connection", "initiate",
	  "child = vault; timeout = 5000",
	  "establishing CHILD_SA 'vault' failed",
	  "no key for COI 'vault'*secrets.ppk*id = vault*" },
	{ "initiate ike without a key", "initiate", "ike = keyless",
	  "establishing IKE_SA 'keyless' failed",
	  "no key for any COI of connection 'keyless'*secrets.ppk*" },
	{ "initiate a child without a key beside others", "initiate",
	  "child = locked; timeout = 5000",
	  "establishing CHILD_SA 'locked' failed",
	  "no key for COI 'locked'*secrets.ppk*id = locked*" },
	{ "initiate a connection that is not usable", "initiate",
	  "child = named; timeout = 5000",
	  "establishing CHILD_SA 'named' failed",
	  "connections.who.remote.id*%any is allowed*'who' is not used" },

	{ "terminate nothing", "terminate", "",
	  "missing terminate selector", NULL },
	{ "terminate an unknown ike", "terminate", "ike = noike",
	  "no matching SAs to terminate found", NULL },
	{ "terminate an unknown child", "terminate", "child = nochild",
	  "no matching SAs to terminate found", NULL },
	{ "terminate an unknown ike-id", "terminate", "ike-id = 99999",
	  "no matching SAs to terminate found", NULL },
	{ "terminate an unknown child-id", "terminate", "child-id = 99999",
	  "no matching SAs to terminate found", NULL },
	{ "terminate ike-id abc", "terminate", "ike-id = abc",
	  "missing terminate selector", NULL },
	{ "terminate a child of another ike", "terminate",
	  "ike = silent; child = finance",
	  "no matching SAs to terminate found", NULL },

	{ "rekey nothing", "rekey", "", "missing rekey selector", NULL },
	{ "rekey an unknown ike", "rekey", "ike = noike",
	  "no matching SAs to rekey found", NULL },
	{ "rekey an unknown child", "rekey", "child = nochild",
	  "no matching SAs to rekey found", NULL },
	{ "rekey an unknown child-id", "rekey", "child-id = 99999",
	  "no matching SAs to rekey found", NULL },
	{ "rekey child-id abc", "rekey", "child-id = abc",
	  "missing rekey selector", NULL },

	{ "redirect to nowhere", "redirect", "ike = " CONN,
	  "missing target gateway", NULL },
	{ "redirect an unknown ike", "redirect",
	  "ike = noike; gateway = 192.168.0.9",
	  "no matching SAs to redirect found", NULL },

	{ "install nothing", "install", "", "missing configuration name", NULL },
	{ "install an unknown child", "install", "child = nochild",
	  "configuration name not found", NULL },
	{ "install of a connection that is not usable", "install",
	  "child = named", "installing policy 'named' failed", NULL },
	{ "uninstall an unknown child", "uninstall", "child = nochild",
	  "policy 'nochild' not found", NULL },
	{ "uninstall of another ike", "uninstall",
	  "child = finance; ike = silent", "policy 'finance' not found", NULL },

	{ "load a connection with an unknown key", "load-conn",
	  CONN " { remote_adrs = [192.168.0.2] }",
	  "unknown option: remote_adrs, config discarded", NULL },
	{ "load a connection with a bad value", "load-conn",
	  CONN " { version = seven }",
	  "invalid value for: version, config discarded", NULL },
	{ "unload no connection", "unload-conn", "",
	  "unload: missing connection name", NULL },
	{ "unload an unknown connection", "unload-conn", "name = noike",
	  "unload: connection 'noike' not found", NULL },
	{ "load a secret without type", "load-shared", "id = x; data = abc",
	  "shared key type missing", NULL },
	{ "load a secret of an unknown type", "load-shared",
	  "id = x; type = coi; data = abc", "invalid shared key type: coi", NULL },
	{ "load a secret without data", "load-shared", "id = x; type = ppk",
	  "shared key data missing", NULL },
	{ "unload no secret", "unload-shared", "",
	  "unique identifier missing", NULL },
	{ "flush an unknown kind of certificate", "flush-certs", "type = coi",
	  "invalid certificate type 'coi'", NULL },
};

/** All that must not change, without what counts or tells the time. */
static lines_t snapshot()
{
	static const struct {
		const char *command;
		const char *event;
		const char *text;
	} lists[] = {
		{ "list-sas", "list-sa", "" },
		{ "list-policies", "list-policy",
		  "trap = yes; drop = yes; pass = yes" },
		{ "list-conns", "list-conn", "" },
	};
	static const char *moving[] = {
		"*.established=*", "*-time=*", "*.bytes-*", "*.packets-*", "*.use-*",
	};
	lines_t all = {};
	const lines_t *list;
	size_t i;
	int j;

	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
	{
		list = stream(lists[i].command, lists[i].event, lists[i].text);
		for (j = 0; j < list->count; j++)
		{
			lines_addf(&all, "%s", list->line[j]);
		}
	}
	for (i = 0; i < sizeof(moving) / sizeof(moving[0]); i++)
	{
		lines_drop(&all, moving[i]);
	}
	return all;
}

static void check_case(const bad_t *bad)
{
	const lines_t *log;

	log = stream(bad->command, "control-log", bad->text);
	check(failed_with(bad->errmsg), "%s: %s", bad->what, bad->errmsg);
	if (bad->log)
	{
		char pattern[256];

		snprintf(pattern, sizeof(pattern), "msg=%s", bad->log);
		check_said(lines_have(log, pattern), log, "%s: the log says %s",
				   bad->what, bad->log);
	}
}

void test_bad()
{
	lines_t before, after;
	size_t i;

	open_session();
	before = snapshot();
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		check_case(&cases[i]);
	}
	/* not a number: the default, which is to wait as long as it takes */
	call("initiate", "child = finance; timeout = x");
	check(succeeded(), "timeout = x is as if there was none");
	call("nonsense", "");
	check(lines_have(reply(), "error=*"), "an unknown command");
	after = snapshot();
	check_said(lines_equal(&before, &after), &after,
			   "none of this has changed anything");
	check(shell("ping -c 1 -W 2 " PEER, "64 bytes*"), "traffic passes");
	lines_clear(&before);
	lines_clear(&after);
	close_sessions();
}
