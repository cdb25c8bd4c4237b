/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the community keys that come from encrypted files (wgt): CMS
 * EnvelopedData around a list of keys, opened by charon's container decoders
 * with a private key from charon's credentials.
 *
 * Each file's keys are a credential set of their own among charon's, where the
 * keyring finds them as it finds those of swanctl.
 */

#ifndef COI_KEY_FILES_H_
#define COI_KEY_FILES_H_

#include <daemon.h>
#include <collections/array.h>

typedef struct coi_key_files_t coi_key_files_t;

/** Octets that a file's name may have. */
#define COI_KEY_FILES_NAME 255

/** Thread-safe. */
struct coi_key_files_t {

	/**
	 * Load the keys of a file, in the place of one of that name.
	 *
	 * @param name			its name
	 * @param data			its content, DER
	 * @param communities	array_t, receives names of communities, char*, to be
	 *						freed; may be NULL
	 * @return				NULL, or what is wrong, allocated
	 */
	char *(*load)(coi_key_files_t *this, const char *name, chunk_t data,
				  array_t *communities);

	/**
	 * Forget the keys of a file.
	 *
	 * @param communities	as above
	 * @return				FALSE if there is none of that name
	 */
	bool (*unload)(coi_key_files_t *this, const char *name,
				   array_t *communities);

	void (*destroy)(coi_key_files_t *this);
};

coi_key_files_t *coi_key_files_create();

#endif /** COI_KEY_FILES_H_ */
