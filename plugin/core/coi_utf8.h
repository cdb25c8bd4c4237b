/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the reading of UTF-8, RFC 3629: its shortest forms only, no surrogates;
 * and which characters a text for people may have, PROTOCOL.md section 1.
 */

#ifndef COI_UTF8_H_
#define COI_UTF8_H_

#include <library.h>

/**
 * Read the character that a text begins with.
 *
 * @param text		of at least one octet
 * @param character	receives it
 * @return			its octets, 1 to 4, 0 if the text does not begin with one
 */
size_t coi_utf8_read(chunk_t text, uint32_t *character);

/** Whether a character is a control character: C0, DEL and C1. */
static inline bool coi_utf8_is_control(uint32_t character)
{
	return character < 0x20 || (character >= 0x7f && character < 0xa0);
}

/**
 * Whether a character does nothing but show: it is no control character, ends no
 * line, turns no direction of writing, and hides nothing.
 */
bool coi_utf8_is_clean(uint32_t character);

/**
 * Whether a text can be shown, logged and stored as it is: UTF-8 of nothing but
 * clean characters.
 *
 * @param text		may be empty, which is clean
 */
bool coi_utf8_is_text(chunk_t text);

#endif /** COI_UTF8_H_ */
