/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "check.h"

#include <string.h>

/** Terminate, look at the reply, the log and what is left. */
static void terminate(const char *what, const char *text, const char *gone)
{
	const lines_t *log;

	open_session();
	log = stream("terminate", "control-log", text);
	check(succeeded() && lines_have(reply(), "matches=1") &&
		  lines_have(reply(), "terminated=1"), "%s", what);
	check_said(lines_have(log, "ikesa-name=" CONN) &&
			   lines_have(log, "ikesa-uniqueid=*") &&
			   lines_have(log, "msg=closing *"), log,
			   "%s: the log says what is closed", what);
	check_said(wait_no_sas(gone), sas(), "%s: it is gone", what);
	close_sessions();
}

/** Terminate with the id of what is open now. */
static void terminate_id(const char *what, const char *key, const char *path,
						 const char *gone)
{
	char id[32], text[64];

	open_session();
	snprintf(id, sizeof(id), "%s", lines_value(sas(), path));
	snprintf(text, sizeof(text), "%s = %s; timeout = 3000", key, id);
	check_said(*id, sas(), "%s: there is an id", what);
	terminate(what, text, gone);
}

void test_terminate()
{
	long start;

	terminate("ike", "ike = " CONN, "*");
	terminate("ike, with timeout", "ike = " CONN "; timeout = 3000", "*");
	terminate("ike, with force", "ike = " CONN "; force = yes", "*");
	terminate("ike, with force and timeout",
			  "ike = " CONN "; force = yes; timeout = 3000", "*");
	terminate_id("ike-id", "ike-id", CONN ".uniqueid", "*");
	terminate("child", "child = engineering; timeout = 3000",
			  "*.child-sas.engineering-*");
	terminate_id("child-id", "child-id",
				 CONN ".child-sas.engineering-*.uniqueid",
				 "*.child-sas.engineering-*");
	terminate("ike and child", "ike = " CONN "; child = engineering",
			  "*.child-sas.engineering-*");

	open_session();
	start = now_ms();
	stream("terminate", "control-log", "ike = " CONN "; timeout = -1");
	check(succeeded() && now_ms() - start < 500, "timeout = -1 returns at once");
	check_said(wait_idle(), sas(), "timeout = -1: it is gone");

	open_session();
	check(lines_have(stream("terminate", "control-log",
							"ike = " CONN "; loglevel = -1"), "*") == false,
		  "loglevel = -1 is silent");
	wait_idle();
}

/**
 * A community that is terminated leaves the others alone.
 */
void test_terminate_child()
{
	char spi[32];

	open_session();
	snprintf(spi, sizeof(spi), "%s",
			 lines_value(sas(), CONN ".child-sas.finance-*.spi-in"));
	call("terminate", "child = engineering; timeout = 3000");
	check(succeeded(), "end one community");
	check_said(wait_no_sas("*.child-sas.engineering-*"), sas(),
			   "the community is gone");
	check_said(*spi && strcmp(spi, lines_value(sas(), CONN
							".child-sas.finance-*.spi-in")) == 0, sas(),
			   "the other one stays as it is");
	check_said(lines_have(sas(), CONN ".state=ESTABLISHED"), sas(),
			   "the IKE_SA stays");
	call("initiate", "child = engineering; timeout = 5000");
	check(succeeded(), "open it again");
	check_said(wait_sas("*.child-sas.engineering-*.state=INSTALLED"), sas(),
			   "it is back");
	close_sessions();
}
