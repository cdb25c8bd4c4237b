/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns what all commands of the control socket share: how they are asked and
 * how they answer. docs/CONTROL.md.
 */

#ifndef COI_COMMAND_H_
#define COI_COMMAND_H_

#include "hooks/coi_initiate.h"
#include "coi_vici_library.h"
#include "keys/coi_key_files.h"

/** Space to list names in an answer. */
#define COI_LIST_LEN 256

typedef struct coi_command_t coi_command_t;
typedef struct coi_tools_t coi_tools_t;

/** What commands work with; borrowed. */
struct coi_tools_t {
	coi_parts_t parts;
	coi_engine_t *engine;
	coi_config_watch_t *refresher;
	coi_initiate_t *initiator;
	coi_key_files_t *wgt;
	vici_dispatcher_t *dispatcher;
};

/** A command that was sent. */
struct coi_command_t {
	const coi_tools_t *tools;
	/** who sent it, for the dispatcher */
	u_int id;
	vici_message_t *message;
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
 * Read a number of a request.
 *
 * @param key		its name
 * @param number	receives it, unchanged if there is none
 * @return			FALSE if it is none, or does not fit
 */
bool coi_command_number(coi_command_t *request, char *key, uint64_t *number);

/** Append a name to a list for people; what does not fit is left out. */
void coi_command_list(char list[COI_LIST_LEN], const char *name);

/**
 * Read the address of a request, key "peer".
 *
 * @param answer	receives what is to be answered if there is none
 * @return			NULL if it is missing or wrong
 */
host_t *coi_command_peer(coi_command_t *request, vici_message_t **answer);

#endif /** COI_COMMAND_H_ */
