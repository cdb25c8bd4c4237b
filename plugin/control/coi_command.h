/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns what all commands of the control socket share: how they are asked and how
 * they answer. docs/CONTROL.md.
 *
 * A command is made with what it uses, by the constructor in its own file
 * coi_cmd_..., and sees nothing else.
 */

#ifndef COI_COMMAND_H_
#define COI_COMMAND_H_

#include "coi_vici_library.h"
#include "core/coi_key.h"

#include <networking/host.h>

/** Keys that a command may have. */
#define COI_COMMAND_KEYS 3

/** Space to list names in an answer. */
#define COI_COMMAND_LIST 256

typedef struct coi_command_t coi_command_t;
typedef struct coi_command_request_t coi_command_request_t;

/** A command that was sent. */
struct coi_command_request_t {
	/** what events are sent with, borrowed */
	vici_dispatcher_t *dispatcher;
	/** whoever sent it, for the dispatcher */
	u_int id;
	/** borrowed */
	vici_message_t *message;
};

/** A command that can be sent. */
struct coi_command_t {

	/** its name on the wire, static */
	char *name;

	/** keys that a request for it may have, static; the rest is NULL */
	char *keys[COI_COMMAND_KEYS];

	/**
	 * Carry it out; several threads may at once.
	 *
	 * @param request	its keys are known ones
	 * @return			what to answer, for the caller to destroy
	 */
	vici_message_t *(*handle)(coi_command_t *this,
							  coi_command_request_t *request);

	void (*destroy)(coi_command_t *this);
};

/** Answer that it worked. */
vici_message_t *coi_command_done();

/**
 * Answer that the request is wrong, or names what does not exist.
 *
 * @param fmt		what is wrong and what would be right
 */
vici_message_t *coi_command_invalid(char *fmt, ...);

/** Answer that it did not work, and why. */
vici_message_t *coi_command_failed(char *fmt, ...);

/** Answer that it worked, with a number. */
vici_message_t *coi_command_count(char *key, u_int count);

/**
 * Send an event to whoever asked.
 *
 * @param message	adopted
 */
void coi_command_send(coi_command_request_t *request, char *event,
					  vici_message_t *message);

/**
 * Read a number of a request.
 *
 * @param key		its name
 * @param max		the most that is allowed
 * @param number	receives it, unchanged if there is none
 * @return			FALSE if it is none, or more than that
 */
bool coi_command_number(coi_command_request_t *request, char *key, uint64_t max,
						uint64_t *number);

/**
 * Read the address of a request, key "peer".
 *
 * @param answer	receives what is to be answered if there is none
 * @return			NULL if it is missing or wrong
 */
host_t *coi_command_peer(coi_command_request_t *request,
						 vici_message_t **answer);

/** Append a name to a list for people; what does not fit is left out. */
void coi_command_list(char list[COI_COMMAND_LIST], const char *name);

/** Add a number to a message. */
void coi_command_add_number(vici_builder_t *b, char *key, uint64_t number);

/** Add what SAs have carried to a message. */
void coi_command_add_traffic(vici_builder_t *b, uint64_t octets_in,
							 uint64_t octets_out, uint64_t packets_in,
							 uint64_t packets_out);

/** Add a key's fingerprint to a message. */
void coi_command_add_fingerprint(vici_builder_t *b, const coi_key_t *key);

#endif /** COI_COMMAND_H_ */
