/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "command.h"
#include "output.h"
#include "util/coi_number.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>

/** Commands that may be registered. */
#define MAX_COMMANDS 64

/** Column of the explanation of an option and of a command. */
#define COLUMN 24

/** What getopt_long() returns for long options: from LONG on, places in the
 * table. No character, so that optopt tells them from short ones. */
#define LONG 256
#define LONG_HELP 512
#define LONG_JSON 513

static const command_t *commands[MAX_COMMANDS];
static u_int command_count;
static bool json;
static bool muted;

void command_register(const command_t *command)
{
	u_int i;

	if (command_count == MAX_COMMANDS)
	{
		fprintf(stderr, "coi: too many commands\n");
		abort();
	}
	/* in the order of their names, in whatever order they are linked */
	for (i = command_count++; i; i--)
	{
		if (strcmp(commands[i - 1]->name, command->name) < 0)
		{
			break;
		}
		commands[i] = commands[i - 1];
	}
	commands[i] = command;
}

bool command_json(void)
{
	return json;
}

static void complain(const char *fmt, va_list args)
{
	char *text, *clean;

	if (muted)
	{
		return;
	}
	if (vasprintf(&text, fmt, args) < 0)
	{
		abort();
	}
	/* names in it may come from anywhere */
	clean = output_clean(text);
	fflush(stdout);
	fprintf(stderr, "coi: %s\n", clean);
	free(clean);
	free(text);
}

void command_mute(bool mute)
{
	muted = mute;
}

coi_exit_t command_error(coi_exit_t status, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	complain(fmt, args);
	va_end(args);
	return status;
}

void command_warn(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	complain(fmt, args);
	va_end(args);
}

bool command_number(const char *option, const char *text, u_int min,
					u_int max, u_int *number)
{
	uint64_t value;

	if (!coi_number_read(text, min, max, &value))
	{
		command_error(EXIT_USAGE, "--%s needs a number from %u to %u",
					  option, min, max);
		return FALSE;
	}
	*number = value;
	return TRUE;
}

/**
 * How many words of the command line a name takes, 0 if it is another one.
 */
static int match(const char *name, int count, char *words[])
{
	int used = 0;
	size_t len;

	while (TRUE)
	{
		len = strcspn(name, " ");
		if (used == count || strlen(words[used]) != len ||
			!strneq(words[used], name, len))
		{
			return 0;
		}
		used++;
		if (!name[len])
		{
			return used;
		}
		name += len + 1;
	}
}

/** Whether a command's name is the word, or begins with it. */
static bool in_group(const command_t *command, const char *word)
{
	size_t len = strlen(word);

	return strneq(command->name, word, len) && command->name[len] == ' ';
}

/**
 * List all commands, or those whose first word is a certain one.
 */
static void list_commands(FILE *out, const char *group)
{
	u_int i;

	for (i = 0; i < command_count; i++)
	{
		if (!group || in_group(commands[i], group))
		{
			fprintf(out, "  %-*s %s\n", COLUMN - 3, commands[i]->name,
					commands[i]->summary);
		}
	}
}

static void general_help(FILE *out)
{
	fprintf(out, "usage: coi COMMAND [OPTION...] [OPERAND...]\n\n");
	list_commands(out, NULL);
	fprintf(out,
		"\n"
		"  coi COMMAND --help       what it does, its options\n"
		"  coi --help               this list\n"
		"  coi --version            the version\n"
		"\n"
		"Exit status: 0 done, 1 failed, 2 wrong usage or no such thing,\n"
		"3 charon does not run. See coi(1).\n");
}

static void print_option(FILE *out, const command_option_t *option)
{
	char left[64], op[] = "    ";

	if (option->op)
	{
		snprintf(op, sizeof(op), "-%c, ", option->op);
	}
	snprintf(left, sizeof(left), "%s--%s%s%s", op, option->name,
			 option->arg ? " " : "", option->arg ?: "");
	fprintf(out, "  %-*s %s\n", COLUMN - 3, left, option->help);
}

static void command_help(FILE *out, const command_t *command)
{
	static const command_option_t
		json_option = { "json", 'j', .help = "print JSON" },
		help_option = { "help", 'h', .help = "print this" };
	u_int i;

	fprintf(out, "usage: coi %s [OPTION...]%s%s\n\n  %s\n\n", command->name,
			command->operands ? " " : "", command->operands ?: "",
			command->summary);
	for (i = 0; i < COMMAND_MAX_OPTIONS && command->options[i].name; i++)
	{
		print_option(out, &command->options[i]);
	}
	if (command->json)
	{
		print_option(out, &json_option);
	}
	print_option(out, &help_option);
	if (command->more)
	{
		fprintf(out, "\n%s", command->more);
	}
}

static coi_exit_t misused(const command_t *command)
{
	fprintf(stderr, "usage: coi %s [OPTION...]%s%s\n", command->name,
			command->operands ? " " : "", command->operands ?: "");
	return EXIT_USAGE;
}

/**
 * Say which option getopt_long() did not like, but not what was given to it:
 * that may be a secret.
 */
static coi_exit_t bad_option(const command_t *command, const char *word,
							   bool argument_missing)
{
	char op[] = { '-', optopt, '\0' };

	if (!optopt || optopt >= LONG)
	{
		command_error(EXIT_USAGE, "%s: option '%.*s' %s", command->name,
					  (int)strcspn(word, "="), word, argument_missing ?
					  "needs an argument" : "is unknown, or not so used");
	}
	else
	{
		command_error(EXIT_USAGE, "%s: option '%s' %s", command->name, op,
					  argument_missing ? "needs an argument" : "is unknown");
	}
	return misused(command);
}

/**
 * Set what an option is for.
 */
static void set_option(const command_t *command, int op)
{
	const command_option_t *option;
	u_int i;

	for (i = 0; i < COMMAND_MAX_OPTIONS && command->options[i].name; i++)
	{
		option = &command->options[i];
		if (op == (int)(LONG + i) || op == option->op)
		{
			if (option->arg)
			{
				*option->value = optarg;
			}
			else
			{
				*option->flag = TRUE;
			}
		}
	}
}

/**
 * Read the options and run.
 */
static coi_exit_t run(const command_t *command, int argc, char *argv[])
{
	struct option longs[COMMAND_MAX_OPTIONS + 3] = {};
	char shorts[2 * countof(longs) + 2], *pos = shorts;
	const command_option_t *option;
	u_int i;
	int op;

	*pos++ = ':';
	for (i = 0; i < COMMAND_MAX_OPTIONS && command->options[i].name; i++)
	{
		option = &command->options[i];
		longs[i].name = option->name;
		longs[i].has_arg = option->arg ? required_argument : no_argument;
		longs[i].val = LONG + i;
		if (option->op)
		{
			*pos++ = option->op;
			if (option->arg)
			{
				*pos++ = ':';
			}
		}
	}
	longs[i++] = (struct option){ "help", no_argument, NULL, LONG_HELP };
	*pos++ = 'h';
	if (command->json)
	{
		longs[i] = (struct option){ "json", no_argument, NULL, LONG_JSON };
		*pos++ = 'j';
	}
	*pos = '\0';

	optind = 0;
	opterr = 0;
	while ((op = getopt_long(argc, argv, shorts, longs, NULL)) != EOF)
	{
		switch (op)
		{
			case 'h':
			case LONG_HELP:
				command_help(stdout, command);
				return EXIT_OK;
			case ':':
			case '?':
				return bad_option(command, argv[optind - 1], op == ':');
			case 'j':
			case LONG_JSON:
				json = TRUE;
				break;
			default:
				set_option(command, op);
				break;
		}
	}
	if (argc - optind < command->min || argc - optind > command->max)
	{
		command_error(EXIT_USAGE, "%s: too %s operands", command->name,
					  argc - optind < command->min ? "few" : "many");
		return misused(command);
	}
	return command->call(argc - optind, argv + optind);
}

/**
 * Deal with what is no command: half of one, or something unknown.
 */
static coi_exit_t no_command(int count, char *words[])
{
	bool group = FALSE;
	u_int i;

	for (i = 0; i < command_count; i++)
	{
		group = group || in_group(commands[i], words[0]);
	}
	if (!group)
	{
		return command_error(EXIT_USAGE, "unknown command; see coi --help");
	}
	if (count > 1 && (streq(words[1], "--help") || streq(words[1], "-h")))
	{
		list_commands(stdout, words[0]);
		return EXIT_OK;
	}
	command_error(EXIT_USAGE, "%s: which of these?", words[0]);
	list_commands(stderr, words[0]);
	return EXIT_USAGE;
}

coi_exit_t command_dispatch(int argc, char *argv[])
{
	const command_t *found = NULL;
	int used, longest = 0;
	u_int i;

	if (argc < 2)
	{
		general_help(stderr);
		return EXIT_USAGE;
	}
	if (streq(argv[1], "--help") || streq(argv[1], "-h"))
	{
		general_help(stdout);
		return EXIT_OK;
	}
	if (streq(argv[1], "--version") || streq(argv[1], "-V"))
	{
		printf("coi %s\n", COI_RELEASE);
		return EXIT_OK;
	}
	for (i = 0; i < command_count; i++)
	{
		used = match(commands[i]->name, argc - 1, argv + 1);
		if (used > longest)
		{
			longest = used;
			found = commands[i];
		}
	}
	if (!found)
	{
		return no_command(argc - 1, argv + 1);
	}
	return run(found, argc - longest, argv + longest);
}
