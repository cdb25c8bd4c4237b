/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the reading of numbers that people and programs write: one reader, bounded
 * and strict, for settings, commands and arguments alike.
 */

#ifndef COI_NUMBER_H_
#define COI_NUMBER_H_

#include <stdbool.h>
#include <stdint.h>

/**
 * Read a decimal number that is the whole of a text: digits only, without sign,
 * space, point, prefix or unit. Zeros in front are allowed.
 *
 * @param text		what to read, NULL for nothing
 * @param min		the least that is allowed
 * @param max		the most that is allowed
 * @param number	receives it, unchanged if there is none that is allowed
 * @return			false if it is no number, or none from min to max
 */
bool coi_number_read(const char *text, uint64_t min, uint64_t max,
					 uint64_t *number);

#endif /** COI_NUMBER_H_ */
