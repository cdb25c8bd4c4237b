/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the text of a list of community keys: sections for swanctl, as coi key
 * new prints them, and nothing else that swanctl.conf may have.
 *
 *	secrets {
 *	   ppk-finance {
 *	      # a comment
 *	      id = finance
 *	      secret = 0x<64 hexadecimal digits>
 *	   }
 *	}
 */

#ifndef COI_KEYLIST_H_
#define COI_KEYLIST_H_

#include "coi_limits.h"

#include <library.h>

/** Octets that a list may have. */
#define COI_KEYLIST_MAX 65536

typedef struct coi_keylist_t coi_keylist_t;
typedef struct coi_listed_t coi_listed_t;

/** A key of a list. */
struct coi_listed_t {
	/** section, without its end */
	char section[2 * COI_MAX_NAME + 1];
	/** community */
	char name[COI_MAX_NAME + 1];
	uint8_t key[COI_KEY_LEN];
};

struct coi_keylist_t {
	/** in their order: the oldest generation first */
	coi_listed_t *list;
	u_int count;
};

/**
 * Read a list of at least one and at most COI_MAX_KEYS keys.
 *
 * @param text		any octets
 * @param keys		receives the keys, to be cleared
 * @param wrong		receives what is wrong, constant, without anything of text
 * @param line		receives the number of the line
 * @return			FALSE if it is no list, or has none or too many
 */
bool coi_keylist_parse(chunk_t text, coi_keylist_t *keys, const char **wrong,
					   u_int *line) __attribute__((warn_unused_result));

/** Wipe and free. */
void coi_keylist_clear(coi_keylist_t *keys);

#endif /** COI_KEYLIST_H_ */
