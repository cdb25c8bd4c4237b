/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the table of coi(1)'s commands: each registers itself, all are found,
 * explained and given their options here.
 *
 * A command is one file that fills a command_t and has COMMAND(name) at its
 * end:
 *
 *	static bool all;
 *	static const char *peer;
 *
 *	static const command_t list = {
 *		.name = "list",
 *		.summary = "list open sessions",
 *		.operands = "[COI]",
 *		.max = 1,
 *		.json = TRUE,
 *		.options = {
 *			{ "all", 'a', .flag = &all, .help = "closing ones, too" },
 *			{ "peer", 'p', "ADDR", .value = &peer, .help = "with one peer" },
 *		},
 *		.call = call,
 *	};
 *
 *	COMMAND(list)
 */

#ifndef COMMAND_H_
#define COMMAND_H_

#include <library.h>

#include "exit_code.h"

/** Options of a command, without --help and --json. */
#define COMMAND_MAX_OPTIONS 12

typedef struct command_t command_t;
typedef struct command_option_t command_option_t;

struct command_option_t {
	/** --name */
	const char *name;
	/** -c, 0 if it has no short form; h and j are taken */
	char op;
	/** what its argument is called, NULL if it has none */
	const char *arg;
	/** one line, not a sentence */
	const char *help;
	/** set to TRUE, if there is no argument */
	bool *flag;
	/** set to the argument, the last one wins; unchanged if not given */
	const char **value;
};

struct command_t {
	/** one word, or two: "key new" */
	const char *name;
	/** one line, not a sentence */
	const char *summary;
	/** usage behind the options, NULL if there are no operands */
	const char *operands;
	/** how many operands are allowed */
	int min, max;
	/** whether --json is understood, see command_json() */
	bool json;
	command_option_t options[COMMAND_MAX_OPTIONS];
	/** more to say in --help, lines ending in a newline; may be NULL */
	const char *more;
	/**
	 * Run it. Options are set already.
	 *
	 * @param count		number of operands, within min and max
	 * @param operands	operands
	 * @return			exit code
	 */
	coi_exit_t (*call)(int count, char *operands[]);
};

/** Register a command, borrowed. */
void command_register(const command_t *command);

/** Have a command_t registered before main() runs. */
#define COMMAND(command) \
	static void __attribute__((constructor)) register_##command(void) \
	{ \
		command_register(&command); \
	}

/** Find, prepare and run what the command line says. @return exit code */
coi_exit_t command_dispatch(int argc, char *argv[]);

/** Whether --json was given. */
bool command_json(void);

/**
 * Say on stderr what is wrong. Never pass a secret.
 *
 * @param status	returned
 * @param fmt		one line without its end
 */
coi_exit_t command_error(coi_exit_t status, const char *fmt, ...)
						   __attribute__((format(printf, 2, 3)));

/** As command_error(), for something that does not stop the command. */
void command_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** Say nothing for a while, for whoever only tries. */
void command_mute(bool mute);

/**
 * Read a decimal number of an option. Says what is wrong if it is none.
 *
 * @param option	its name, for the message
 * @param text		argument
 * @param min		lowest and
 * @param max		highest number allowed
 * @param number	receives it
 */
bool command_number(const char *option, const char *text, u_int min,
					u_int max, u_int *number);

#endif /** COMMAND_H_ */
