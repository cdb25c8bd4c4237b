/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the reading of testing/vectors/: records of lines NAME = VALUE.
 */

#ifndef VECTORS_H_
#define VECTORS_H_

#include "core/coi_filter.h"
#include "core/coi_key.h"

typedef struct vectors_t vectors_t;
typedef struct record_t record_t;

/** A record; values live as long as the file. */
struct record_t {
	struct {
		const char *name;
		const char *value;
	} *lines;
	u_int count;
};

/** A file's records. */
struct vectors_t {
	char *text;
	record_t *records;
	u_int count;
};

/** Each record of a file in turn. */
#define each_record(vectors, record) \
	for (record = (vectors)->records; \
		 record < (vectors)->records + (vectors)->count; record++)

/** Read the file of the suite under test, by its name without suite and ".vec"; fails
 * the process if that fails. */
vectors_t *vectors_read(const char *name);

void vectors_destroy(vectors_t *vectors);

/** Whether there is such a line. Names are formats. */
bool vec_has(const record_t *record, const char *name, ...)
			 __attribute__((format(printf, 2, 3)));

/** The value as it stands. A missing one fails the process. */
const char *vec_text(const record_t *record, const char *name, ...)
					 __attribute__((format(printf, 2, 3)));

/** Octets; they come from a ring of buffers and live for a while. */
chunk_t vec_octets(const record_t *record, const char *name, ...)
				   __attribute__((format(printf, 2, 3)));

/** A number in decimal. */
uint64_t vec_number(const record_t *record, const char *name, ...)
					__attribute__((format(printf, 2, 3)));

/** Eight octets as a number. */
uint64_t vec_spi(const record_t *record, const char *name);

/** A key of PREFIXname and PREFIXK, of generation 0. */
coi_key_t *vec_key(const record_t *record, const char *prefix);

/** A range of addresses from its first and last one in hexadecimal digits. */
coi_range_t vec_range(const char *first, const char *last);

/** A list of services: NAME says how many, NAME.N each. To be cleared. */
coi_services_t vec_services(const record_t *record, const char *name);

#endif /** VECTORS_H_ */
