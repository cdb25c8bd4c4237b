/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the findings of coi doctor: what was looked at, what was found and what to
 * do about it; and what several checks need to know.
 */

#ifndef FINDINGS_H_
#define FINDINGS_H_

#include <library.h>
#include <json-c/json.h>

typedef struct doctor_t doctor_t;
typedef enum doctor_result_t doctor_result_t;

enum doctor_result_t {
	DOCTOR_OK,
	/** works, but not as it should, or will not always */
	DOCTOR_WARN,
	/** does not work */
	DOCTOR_FAIL,
};

struct doctor_t {
	/** swanctl.conf to look at */
	const char *file;
	/** before the names of other programs' files, "" for none */
	const char *root;
	/** charon answers on its own VICI socket, with its version, else NULL */
	char *charon;
	/** the plugin answers */
	bool plugin;
	/** of the plugin, all may be NULL */
	json_object *counters;
	json_object *communities;
	json_object *mistakes;
	/** what was found */
	json_object *findings;
	u_int count[DOCTOR_FAIL + 1];
};

/**
 * Add a finding.
 *
 * @param check		name of what was looked at, one word
 * @param remedy	what to do, NULL if nothing
 */
void doctor_add(doctor_t *doctor, doctor_result_t result, const char *check,
				const char *remedy, const char *fmt, ...)
				__attribute__((format(printf, 5, 6)));

/** Name of a result, as findings have it. */
const char *doctor_result_name(doctor_result_t result);

/** An option of coi.conf, NULL if it is not set; borrowed. */
const char *doctor_option(const char *key);

/** The known name that a misspelt one is most like, NULL if it is like none. */
const char *doctor_alike(const char *name, const char *const *known);

/** Whether a name is one of those that are known. */
bool doctor_known(const char *name, const char *const *known);

#endif /** FINDINGS_H_ */
