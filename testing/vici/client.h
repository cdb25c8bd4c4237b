/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the connection to charon: commands with what they stream, and events.
 */

#ifndef CLIENT_H_
#define CLIENT_H_

#include "lines.h"

/**
 * Connect; ends the program if charon does not listen.
 *
 * @param uri		socket, NULL for charon's own
 */
void client_open(char *uri);
void client_close();

/**
 * Send a command and wait for its reply.
 *
 * @param command	VICI command
 * @param text		arguments, see request.h
 * @return			reply, borrowed until the next call; "error=..." if there
 *					is none
 */
const lines_t *call(const char *command, const char *text);

/** call() with printf() style arguments. */
const lines_t *callf(const char *command, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * Send a command that streams events.
 *
 * @param event		name of the streamed event
 * @return			what was streamed, all in one, borrowed until the next
 *					call; reply() has the reply
 */
const lines_t *stream(const char *command, const char *event, const char *text);

/** Reply to the last command. */
const lines_t *reply();

/** Whether the last reply says success=yes. */
bool succeeded();

/** Whether the last reply says success=no, with a text that matches. */
bool failed_with(const char *errmsg);

/** list-sas, borrowed until the next call. */
const lines_t *sas();

/** Wait, for 5 s at most, until list-sas has a line, or has none like it. */
bool wait_sas(const char *pattern);
bool wait_no_sas(const char *pattern);

/** Wait until no IKE_SA is left. */
bool wait_idle();

/** Subscribe to an event or give it up; FALSE if charon has no such event. */
bool subscribe(const char *event);
void unsubscribe(const char *event);

/**
 * Wait, for 5 s at most, until an event has come that has a line.
 *
 * @param pattern	of a line; lines begin with the event's name and a dot
 * @return			place of the first one since events_clear(), -1 if none came
 */
int wait_event(const char *pattern);

/** Event at a place, borrowed until events_clear(); NULL for -1. */
const lines_t *get_event(int place);

/** Number of events since events_clear() that have a line. */
int count_events(const char *pattern);

/** Forget all events. */
void events_clear();

/** ms since the start of the machine */
long now_ms();

void sleep_ms(int ms);

/** Run a command; TRUE if a line of its output matches a pattern of fnmatch(). */
bool shell(const char *command, const char *pattern);

/** Repeat shell() for 5 s at most until it says this. */
bool wait_shell(const char *command, const char *pattern, bool wanted);

#endif /** CLIENT_H_ */
