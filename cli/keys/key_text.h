/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns community keys as files hold them: reading those of a swanctl.conf, and
 * writing the section that swanctl loads.
 *
 * A secret comes from a file or from standard input, never from the command
 * line, which all users of a host can see.
 */

#ifndef KEY_TEXT_H_
#define KEY_TEXT_H_

#include "core/coi_key.h"

#include <json-c/json.h>

#include "base/command.h"

typedef struct secret_t secret_t;
typedef struct secrets_t secrets_t;

/** A key. */
struct secret_t {
	/** community's name, any text */
	char *name;
	/** its section of secrets { }, NULL if it has none */
	char *section;
	uint8_t key[COI_KEY_LEN];
	char fingerprint[COI_FINGERPRINT_TEXT];
};

/** Keys in the order of their file: the oldest generation first. */
struct secrets_t {
	secret_t *list;
	u_int count;
};

/**
 * Prepare for secrets: algorithms, and no core dumps. Says what is missing.
 */
bool secrets_init(void);

/**
 * Make a random generator for keys. Says so if there is none.
 */
rng_t *secrets_rng(void);

/**
 * Whether text is a community's name that swanctl.conf can hold: as an id, and
 * as the name of a child. Says what is wrong.
 */
bool secrets_check_name(const char *name);

/** Whether text can be a part of a section's name. Says what is wrong. */
bool secrets_check_suffix(const char *suffix);

/**
 * Read a file. Says what is wrong; warns if all users may read it.
 *
 * @param path		path, NULL or "-" for standard input
 * @param content	receives it, terminated by a zero that is not counted;
 *					to be cleared
 */
coi_exit_t secrets_read(const char *path, chunk_t *content);

/**
 * A path as it may be said in a message: not if it could be a secret that
 * somebody gave instead of a file.
 */
const char *secrets_path(const char *path);

/**
 * Prepare for secrets, and get the keys of a file in the syntax of swanctl.conf,
 * or the only one, in hexadecimal. Says what is wrong.
 *
 * @param path		path, NULL or "-" for standard input
 * @param name		community whose keys are wanted, NULL for all; a bare
 *					number is taken for its key
 * @param secrets	receives at least one key, to be cleared
 */
coi_exit_t secrets_load(const char *path, const char *name,
						secrets_t *secrets);

void secrets_clear(secrets_t *secrets);

/**
 * Whose keys they are and where they stand, for programs; not the keys.
 *
 * @param fingerprints	whether their fingerprints are added
 * @return				an array, to be put by the caller
 */
json_object *secrets_json(const secrets_t *secrets, bool fingerprints);

/**
 * Print a key as a section for swanctl.
 *
 * @param name		community's name, checked
 * @param suffix	of the section's name, checked; NULL for none
 * @param key		COI_KEY_LEN octets
 * @param path		file to be created, NULL for standard output
 * @param force		whether an existing file is replaced
 */
coi_exit_t secrets_print(const char *name, const char *suffix,
						 const uint8_t key[COI_KEY_LEN], const char *path,
						 bool force);

/**
 * Print text that is secret. A file is for its owner alone, and complete or
 * not there.
 *
 * @param text		text
 * @param path		file to be created, NULL for standard output
 * @param force		whether an existing file is replaced
 */
coi_exit_t secrets_write(chunk_t text, const char *path, bool force);

#endif /** KEY_TEXT_H_ */
