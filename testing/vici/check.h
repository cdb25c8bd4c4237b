/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the verdicts: one line on standard output for each check, and for a
 * failed one what charon said last.
 */

#ifndef CHECK_H_
#define CHECK_H_

#include "client.h"

/** The scenario's names; sun shares finance and engineering with moon. */
#define CONN "coi"
#define PEER "sun"

/** Begin a group of checks; its name stands before each. */
void check_begin(const char *group);

/**
 * Give a verdict.
 *
 * @param said		what to show if it failed, NULL for the last reply
 * @param fmt		what was checked
 */
void check_said(bool ok, const lines_t *said, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#define check(ok, ...) check_said(ok, NULL, __VA_ARGS__)

/** Whether the last initiate succeeded and both communities are up. */
bool is_open();

/** Have a session open with the peer, and none if there was trouble. */
void open_session();

/** Have no session. */
void close_sessions();

/**
 * End a group.
 *
 * @return			number of failed checks
 */
int check_end();

/* the groups */
void test_initiate();
void test_terminate();
void test_terminate_child();
void test_rekey();
void test_rekey_events();
void test_query();
void test_list_sas();
void test_config();
void test_install();
void test_creds();
void test_events();
void test_bad();

#endif /** CHECK_H_ */
