/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns what a VICI message says, as lines "section.section.key=value" in the
 * order of the message. Items of a list are lines of their own with one key.
 */

#ifndef LINES_H_
#define LINES_H_

#include <stdbool.h>
#include <libvici.h>

typedef struct lines_t lines_t;

struct lines_t {
	char **line;
	int count;
};

/**
 * Add the lines of a message, read from where its parser stands to its end.
 *
 * @return			FALSE if the message is malformed
 */
bool lines_add(lines_t *this, vici_res_t *res);

/** Add a line, printf() style. */
void lines_addf(lines_t *this, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/** Number of lines that match a pattern of fnmatch(). */
int lines_count(const lines_t *this, const char *pattern);

/** Whether there is one. */
bool lines_have(const lines_t *this, const char *pattern);

/**
 * Value of the first line whose key matches a pattern.
 *
 * @return			borrowed, "" if there is none
 */
const char *lines_value(const lines_t *this, const char *pattern);

/** Whether two messages say the same, in any order. */
bool lines_equal(const lines_t *this, const lines_t *other);

/** Take out the lines that match a pattern. */
void lines_drop(lines_t *this, const char *pattern);

void lines_print(const lines_t *this, const char *prefix);

/** Free the lines; the object may be used again. */
void lines_clear(lines_t *this);

#endif /** LINES_H_ */
