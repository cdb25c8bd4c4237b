/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the putting together of text: behind what stands in a buffer, of which no
 * more is written than it has room for, or in one that grows up to a limit.
 *
 * Formats are those of strongSwan's printf hooks.
 */

#ifndef COI_TEXT_H_
#define COI_TEXT_H_

#include <stdarg.h>

#include <library.h>

typedef struct coi_text_t coi_text_t;

/**
 * Append to a text in a buffer. What has no room is cut off.
 *
 * @param buf		text so far, ends with a zero
 * @param size		octets of the buffer
 */
void coi_text_append(char *buf, size_t size, const char *fmt, ...);

/** The same with arguments of a caller's. */
void coi_text_append_args(char *buf, size_t size, const char *fmt, va_list args);

/**
 * Append an item to a list in a buffer. What has no room is cut off.
 *
 * @param buf		list so far, empty before its first item
 * @param size		octets of the buffer
 * @param separator	what stands between two items
 */
void coi_text_list(char *buf, size_t size, const char *separator,
				   const char *fmt, ...);

/** A text that grows. */
struct coi_text_t {
	/** its octets, and a zero behind them; never NULL */
	char *str;
	/** octets without that zero */
	size_t len;
	/** it never gets longer */
	size_t max;
	/** something did not fit, it and all after it are left out */
	bool cut;
};

/**
 * Begin an empty text that grows, to be freed with coi_text_clear().
 *
 * @param max		octets that it has at most
 */
void coi_text_init(coi_text_t *this, size_t max);

/** Add octets, as they are. */
void coi_text_put(coi_text_t *this, const void *octets, size_t len);

/** Add a text by a format. */
void coi_text_print(coi_text_t *this, const char *fmt, ...);

/** Free a text. */
void coi_text_clear(coi_text_t *this);

#endif /** COI_TEXT_H_ */
