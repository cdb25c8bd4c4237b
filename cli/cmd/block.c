/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "base/command.h"
#include "base/control_client.h"
#include "base/leftovers.h"
#include "base/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEFAULT_FILE "/var/lib/strongswan-coi/blocks"

static const char *file = DEFAULT_FILE;
static bool force;

/** Whether nobody but root, or who runs this, can have written a file. */
static bool is_trusted(const struct stat *st)
{
	return S_ISREG(st->st_mode) && !(st->st_mode & (S_IWGRP | S_IWOTH)) &&
		   (st->st_uid == 0 || st->st_uid == geteuid());
}

/**
 * Read the file.
 *
 * @param text		receives it, to be freed
 * @param missing	receives TRUE if there is none
 */
static coi_exit_t read_text(chunk_t *text, bool *missing)
{
	coi_exit_t status = EXIT_OK;
	struct stat st;
	size_t used = 0;
	ssize_t len = 1;
	int fd;

	*text = chunk_empty;
	fd = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	*missing = fd < 0 && errno == ENOENT;
	if (*missing)
	{
		return EXIT_OK;
	}
	if (fd < 0 || fstat(fd, &st) != 0)
	{
		status = command_error(EXIT_FAILED, "reading %s failed: %s", file,
							   strerror(errno));
	}
	else if (!is_trusted(&st) || st.st_size > COI_BLOCKS_TEXT_MAX)
	{
		status = command_error(EXIT_FAILED, "%s is not used: it has to be a file "
							   "of root's that nobody else can write, of %d octets "
							   "at most", file, COI_BLOCKS_TEXT_MAX);
	}
	else
	{
		*text = chunk_alloc(st.st_size + 1);
		while (len > 0 && used < text->len)
		{
			len = read(fd, text->ptr + used, text->len - used);
			used += max(len, 0);
		}
		text->len = used;
		if (len < 0)
		{
			status = command_error(EXIT_FAILED, "reading %s failed: %s", file,
								   strerror(errno));
		}
	}
	if (fd >= 0)
	{
		close(fd);
	}
	return status;
}

/** Install all. */
static coi_exit_t install_all(array_t *blocks)
{
	json_object *object;
	coi_block_t block;
	int i, code, error = 0, failed = 0;

	for (i = 0; i < array_count(blocks); i++)
	{
		array_get(blocks, i, &block);
		code = left_install(&block);
		error = code ?: error;
		failed += code != 0;
	}
	if (error)
	{	/* those that could be installed stay */
		return command_error(EXIT_FAILED, "the kernel refused %d of %d "
							 "policies: %s%s", failed, array_count(blocks),
							 strerror(error), error == EPERM ?
							 "; run it as root" : "");
	}
	if (command_json())
	{
		object = json_object_new_object();
		json_object_object_add(object, "installed",
							   json_object_new_int(array_count(blocks)));
		output_json(object);
	}
	else
	{
		printf("%d policies block what charon protects, and let pass what it lets "
			   "pass; 'coi release' removes them\n", array_count(blocks));
	}
	return EXIT_OK;
}

static coi_exit_t call(int count, char *operands[])
{
	coi_exit_t status;
	array_t *blocks;
	chunk_t text;
	bool missing;

	if (!force && left_charon_runs())
	{
		return command_error(EXIT_FAILED, "charon runs and protects what is to be "
							 "protected; --force blocks what it does not");
	}
	status = read_text(&text, &missing);
	blocks = array_create(sizeof(coi_block_t), 0);
	if (status == EXIT_OK && !missing && !coi_block_parse_list(text, blocks))
	{
		status = command_error(EXIT_FAILED, "%s is damaged and is not used; charon "
							   "writes a new one when it runs", file);
	}
	if (status == EXIT_OK && missing && !command_json())
	{
		printf("nothing to block: charon has not written %s yet\n", file);
	}
	else if (status == EXIT_OK)
	{
		status = install_all(blocks);
	}
	array_destroy(blocks);
	chunk_free(&text);
	return status;
}

static const command_t block_command = {
	.name = "block",
	.summary = "block what charon protected when it ran last, before it runs",
	.json = TRUE,
	.options = {
		{ "file", 'f', "FILE", .value = &file,
		  .help = "what charon has written (default: " DEFAULT_FILE ")" },
		{ "force", 'F', .flag = &force, .help = "although charon runs" },
		CONTROL_OPTION,
	},
	.call = call,
	.more = "It needs no charon, and is for the boot: see strongswan-coi(7).\n",
};

COMMAND(block_command)
