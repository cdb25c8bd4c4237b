/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the way to the plugin in charon: its control socket, with answers as
 * JSON values. docs/CONTROL.md describes the commands.
 */

#ifndef CONTROL_CLIENT_H_
#define CONTROL_CLIENT_H_

#include <library.h>
#include <json-c/json.h>

#include "exit_code.h"

/** What --uri says, NULL if it was not given. */
extern const char *control_uri;

/** Option of every command that uses control_call(). */
#define CONTROL_OPTION \
	{ "uri", 'u', "URI", .value = &control_uri, \
	  .help = "control socket (default: unix:///run/charon.coi)" }

/** Make libvici ready, for whoever connects to something else. May be repeated. */
void control_init(void);

/** End the connection, the next command makes another one. */
void control_disconnect(void);

/**
 * Send a command. What does not work is said.
 *
 * Numbers and yes or no become such in JSON. Of the sections "communities" and
 * "generations" arrays are made, of objects that have their section's name as
 * "name" or "number".
 *
 * @param answer	receives an object: the answer's keys, and an array for each
 *					event; to be put by the caller. Only if it works
 * @param command	command
 * @param events	names of events that it streams, ended by NULL
 * @param ...		const char* keys and values, ended by a NULL key; those with
 *					value NULL are left out
 */
coi_exit_t control_call(json_object **answer, const char *command,
						const char *const *events, ...);

/**
 * Read an address that the user gave. Says what is wrong if it is none.
 *
 * @return			as the plugin writes it, allocated; NULL if it is none
 */
char *control_address(const char *text);

/**
 * Send a command about a peer that the user named, and print the answer: as JSON
 * with its address, or for people. What does not work is said.
 *
 * @param peer		address that the user gave
 * @param print		prints for people, with the address as the plugin writes it
 * @param command	command, which has the address as "peer"
 * @param ...		const char* keys and values, as for control_call()
 */
coi_exit_t control_call_peer(const char *peer, void (*print)(const char *address),
							 const char *command, ...);

/**
 * Print an answer as JSON, if that is wanted.
 *
 * @param peer		address to add, NULL for none
 * @return			FALSE if it is to be printed for people
 */
bool control_print_json(json_object *answer, const char *peer);

/** Member of an object as text, NULL if there is none. */
const char *control_str(json_object *object, const char *key);

/** Member of an object as number, 0 if there is none. */
uint64_t control_number(json_object *object, const char *key);

#endif /** CONTROL_CLIENT_H_ */
