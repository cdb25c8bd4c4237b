/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the finding of a setting's place: which line of which file says so.
 * libstrongswan's parser knows no lines, so the files are read once more.
 *
 * It is for people to look up, never for a decision: what it does not find, or
 * finds inherited from another section, it does not claim.
 */

#ifndef SETTING_PLACE_H_
#define SETTING_PLACE_H_

#include <library.h>

/** Where swanctl reads its configuration, unless told otherwise. */
#define LOCATE_SWANCTL "/etc/swanctl/swanctl.conf"

/** A place in a file. */
typedef struct {
	/** allocated, NULL if none was found */
	char *file;
	u_int line;
	/** the setting itself, not only a section around it */
	bool exact;
} locate_t;

/**
 * Find a setting, or the innermost section around it that is there. What is
 * set several times counts where it is set last, as it does for swanctl.
 *
 * @param path		file to begin with, and what it includes
 * @param setting	full name, "connections.coi.children.finance.remote_ts"
 * @param place		receives it, file to be freed
 */
void locate_setting(const char *path, const char *setting, locate_t *place);

/** Called for each value: its full name, the value, file and line. */
typedef void (*locate_cb_t)(void *data, const char *name, const char *value,
							const char *file, u_int line);

/**
 * Call back for each value and section (value NULL) in a file and what it
 * includes.
 *
 * @return			FALSE if the file cannot be read
 */
bool locate_all(const char *path, locate_cb_t cb, void *data);

#endif /** SETTING_PLACE_H_ */
