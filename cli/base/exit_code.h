/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the exit codes of coi(1), which scripts rely on.
 */

#ifndef EXIT_CODE_H_
#define EXIT_CODE_H_

typedef enum {
	EXIT_OK = 0,
	/** understood, but it did not work */
	EXIT_FAILED = 1,
	/** wrong usage, or something is named that does not exist */
	EXIT_USAGE = 2,
	/** charon does not run, or its VICI socket cannot be reached */
	EXIT_NO_CHARON = 3,
	/** what was asked about goes in clear, see coi why */
	EXIT_CLEAR = 4,
} coi_exit_t;

#endif /** EXIT_CODE_H_ */
