/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "check.h"

/** Initiate and have what is logged meanwhile. */
static const lines_t *initiate(const char *text)
{
	return stream("initiate", "control-log", text);
}

static void test_open()
{
	const lines_t *log;

	log = initiate("child = finance; timeout = 5000");
	check(succeeded(), "child, with timeout");
	check_said(lines_have(log, "msg=*COI session with *open*"), log,
			   "what happens is told as control-log events");
	check_said(lines_have(log, "group=IKE") && lines_have(log, "level=1"), log,
			   "control-log events have group and level");
	check_said(lines_have(log, "ikesa-name=" CONN) &&
			   lines_have(log, "ikesa-uniqueid=*"), log,
			   "control-log events name the IKE_SA");
	check_said(lines_have(log, "msg=IKE_SA " CONN "* established between *") &&
			   lines_have(log, "msg=CHILD_SA finance* established *"), log,
			   "control-log events tell what is established");
	check_said(is_open(), sas(), "IKE_SA established, CHILD_SAs installed");

	initiate("child = engineering; ike = " CONN);
	check(succeeded(), "child and ike, while it is open");
	check_said(lines_count(sas(), CONN ".state=ESTABLISHED") == 1, sas(),
			   "an open session is not opened twice");
	close_sessions();

	initiate("ike = " CONN "; init-limits = yes");
	check(succeeded() && is_open(), "ike, with init-limits");
	close_sessions();
}

static void test_log_level()
{
	const lines_t *log;

	log = initiate("child = finance; loglevel = -1");
	check(succeeded(), "loglevel = -1");
	check_said(log->count == 0, log, "loglevel = -1 is silent");
	close_sessions();

	log = initiate("child = finance; loglevel = 2");
	check_said(succeeded() && log->count, log, "loglevel = 2");
	close_sessions();
}

static void test_no_wait()
{
	const lines_t *log;
	long start;

	start = now_ms();
	log = initiate("child = ghost; timeout = -1");
	check(succeeded() && now_ms() - start < 500,
		  "timeout = -1 returns at once, whoever answers");
	check_said(log->count == 0, log, "timeout = -1 is silent");

	initiate("child = finance; timeout = -1");
	check(succeeded(), "timeout = -1 to a peer that answers");
	check_said(wait_sas(CONN ".child-sas.finance-*.state=INSTALLED"), sas(),
			   "timeout = -1 opens in the background");
	check_said(!lines_have(stream("list-policies", "list-policy", "trap = yes"),
						   "silent/ghost.*"),
			   stream("list-policies", "list-policy", "trap = yes"),
			   "timeout = -1 installs no trap that nobody asked for");
	close_sessions();
}

static void test_no_answer()
{
	const lines_t *log;
	long start;

	wait_idle();
	start = now_ms();
	initiate("child = ghost; timeout = 300");
	check(failed_with("CHILD_SA 'ghost' not established after 300ms"),
		  "no answer within the timeout");
	check(now_ms() - start < 1500, "the timeout is kept");
	log = initiate("child = ghost");
	check(failed_with("establishing CHILD_SA 'ghost' failed"),
		  "no answer, without timeout");
	check_said(lines_have(log, "msg=*192.168.0.200*does not answer*"), log,
			   "the log says who does not answer");
	check_said(wait_idle(), sas(), "nothing is left of it");
}

/**
 * A community that the peer lacks, alone and beside others.
 */
static void test_not_shared()
{
	const lines_t *log;

	log = initiate("child = private; timeout = 5000");
	check(failed_with("establishing CHILD_SA 'private' failed"),
		  "a child that the peer does not share");
	check_said(lines_have(log, "msg=*192.168.0.2*does not share 'private'*"),
			   log, "the log says what the peer does not share");
	check_said(lines_have(sas(), "more.child-sas.finance-*.state=INSTALLED"),
			   sas(), "what it shares is open");
	close_sessions();
}

void test_initiate()
{
	test_open();
	test_log_level();
	test_no_wait();
	test_no_answer();
	test_not_shared();
}
