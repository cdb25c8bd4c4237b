/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns how values of an answer are put into words, for tables.
 */

#ifndef WORDS_H_
#define WORDS_H_

#include <library.h>
#include <json-c/json.h>

/** Space for a number in words. */
#define WORDS_LEN 32

/**
 * A member that is a number of seconds, in the largest unit of which there are
 * two: "90s", "12m", "3d".
 *
 * @param buf		space
 * @return			buf, empty if there is no such member
 */
char *words_seconds(json_object *object, const char *key, char buf[WORDS_LEN]);

/** A member that is a number, as it is. */
char *words_number(json_object *object, const char *key, char buf[WORDS_LEN]);

/**
 * Members of an array, separated by commas.
 *
 * @param array		texts, or objects
 * @param key		what to take of objects, NULL for texts
 * @return			allocated
 */
char *words_list(json_object *array, const char *key);

#endif /** WORDS_H_ */
