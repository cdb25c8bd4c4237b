/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns what tests have instead of charon's VICI library: requests, messages as lines
 * of text, and a dispatcher that is called by hand.
 */

#ifndef FAKE_VICI_H_
#define FAKE_VICI_H_

#include "control/coi_command.h"

/**
 * Make a request.
 *
 * @param key		first key, and its value behind it, then the next; NULL at the end
 */
coi_command_request_t *fake_vici_request(const char *key, ...);

/** Let a value have any octets. */
void fake_vici_set(coi_command_request_t *request, const char *key,
				   chunk_t value);

/** Free it. */
void fake_vici_destroy(coi_command_request_t *request);

/**
 * Let a command carry out a request, and free that.
 *
 * @return			the answer: a line a value, "key = value", sections and lists in
 *					braces and brackets; valid until the next call
 */
const char *fake_vici_handle(coi_command_t *command,
							 coi_command_request_t *request);

/** Send a request to whoever listens, as above; NULL if nobody takes it. */
const char *fake_vici_send(const char *name, coi_command_request_t *request);

/** Events sent since the last call, "name: " and the message of each. */
const char *fake_vici_events();

/** Number of commands that somebody listens for. */
u_int fake_vici_commands();

#endif /** FAKE_VICI_H_ */
