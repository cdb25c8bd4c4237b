/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns requests whose values are no text: keys and files, for charon's own VICI
 * socket or that of the plugin.
 */

#ifndef VICI_REQUEST_H_
#define VICI_REQUEST_H_

#include <library.h>
#include <json-c/json.h>

#include "exit_code.h"

/** charon's own socket. */
#define SEND_CHARON_URI "unix:///var/run/charon.vici"

typedef struct send_value_t send_value_t;

/** A value of a request; those with one key that follow each other, and are
 * items, become a list. */
struct send_value_t {
	const char *key;
	/** borrowed */
	chunk_t value;
	bool item;
};

/**
 * Send a request and wait for its answer. What does not work is said.
 *
 * @param uri		socket
 * @param command	command
 * @param values	what it has
 * @param count		number of values
 * @param answer	receives an object with what is at the top of the answer,
 *					texts and arrays of texts, to be put by the caller; may be
 *					NULL
 */
coi_exit_t send_request(const char *uri, const char *command,
						const send_value_t *values, u_int count,
						json_object **answer);

#endif /** VICI_REQUEST_H_ */
