/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns how coi(1) prints: tables for people, JSON (by json-c) for programs.
 *
 * What a peer or a file says may hold characters which a terminal would obey,
 * or by which it would show a line as another one, and broken UTF-8, which is no
 * JSON: a table has "?" in their place, JSON escapes.
 */

#ifndef OUTPUT_H_
#define OUTPUT_H_

#include <library.h>
#include <json-c/json.h>

typedef struct table_t table_t;

/** Rows with aligned columns, printed when all are known. */
struct table_t {

	/**
	 * Add a row.
	 *
	 * @param ...		char* for each column, cloned; NULL or "" shows as "-"
	 */
	void (*add)(table_t *this, ...);

	/** Number of rows without the header. */
	u_int (*get_count)(table_t *this);

	/** Print to stdout; the header is bold on a terminal, unless NO_COLOR. */
	void (*print)(table_t *this);

	void (*destroy)(table_t *this);
};

/**
 * Create a table.
 *
 * @param columns	number of columns
 * @param ...		char* title for each column, cloned
 */
table_t *table_create(u_int columns, ...);

/**
 * Make text printable: UTF-8 of clean characters, see coi_utf8.h, others replaced
 * by "?".
 *
 * @param text		any octets
 * @return			allocated
 */
char *output_clean(const char *text);

/** A JSON string of any text, cleaned of what is no UTF-8; null of NULL. */
json_object *output_json_string(const char *text);

/**
 * Print a JSON value and a newline to stdout.
 *
 * @param value		adopted
 */
void output_json(json_object *value);

/** The same in one line. */
void output_json_line(json_object *value);

#endif /** OUTPUT_H_ */
