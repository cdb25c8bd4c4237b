/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the file in which what is to be blocked is kept for the next boot, when it is
 * blocked before there is a network (coi block).
 */

#ifndef COI_BLOCK_FILE_H_
#define COI_BLOCK_FILE_H_

#include <library.h>
#include <collections/array.h>

typedef struct coi_block_file_t coi_block_file_t;

struct coi_block_file_t {

	/**
	 * Keep a list, if it is another one than was kept last.
	 *
	 * @param blocks	coi_block_t by value, borrowed
	 */
	void (*keep)(coi_block_file_t *this, array_t *blocks);

	/** Whether there is a file. */
	bool (*exists)(coi_block_file_t *this);

	/** The file stays. */
	void (*destroy)(coi_block_file_t *this);
};

/**
 * Use a file.
 *
 * @param path		absolute path, its folder is made if it does not exist; NULL for
 *					no file
 */
coi_block_file_t *coi_block_file_create(const char *path);

#endif /** COI_BLOCK_FILE_H_ */
