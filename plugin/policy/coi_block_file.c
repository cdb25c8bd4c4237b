/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_block_file.h"
#include "core/coi_block.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct private_coi_block_file_t private_coi_block_file_t;

struct private_coi_block_file_t {
	coi_block_file_t public;

	/** NULL if nothing is kept */
	char *path;

	/** what was written last */
	chunk_t text;

	/** it could not be written, which was said */
	bool failed;
};

/** Write all of a text. */
static bool write_all(int fd, chunk_t text)
{
	ssize_t len;

	while (text.len)
	{
		len = write(fd, text.ptr, text.len);
		if (len < 0 && errno == EINTR)
		{
			continue;
		}
		if (len <= 0)
		{
			return FALSE;
		}
		text = chunk_skip(text, len);
	}
	return fsync(fd) == 0;
}

/**
 * Put a new file in the place of the old one, or leave that alone. Only root may read
 * it: it tells who is protected.
 */
static bool write_file(const char *path, chunk_t text)
{
	char next[PATH_MAX], folder[PATH_MAX];
	bool success;
	int fd;

	if (snprintf(next, sizeof(next), "%s.new", path) >= (int)sizeof(next))
	{
		errno = ENAMETOOLONG;
		return FALSE;
	}
	snprintf(folder, sizeof(folder), "%s", path);
	if (mkdir(dirname(folder), S_IRWXU) != 0 && errno != EEXIST)
	{
		return FALSE;
	}
	unlink(next);
	fd = open(next, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
			  S_IRUSR | S_IWUSR);
	if (fd < 0)
	{
		return FALSE;
	}
	success = write_all(fd, text);
	close(fd);
	if (!success || rename(next, path) != 0)
	{
		unlink(next);
		return FALSE;
	}
	return TRUE;
}

METHOD(coi_block_file_t, keep, void,
	private_coi_block_file_t *this, array_t *blocks)
{
	chunk_t text;

	if (!this->path)
	{
		return;
	}
	if (!coi_block_print_list(blocks, &text))
	{
		if (!this->failed)
		{
			DBG1(DBG_CFG, "more than %d policies, %s stays as it is",
				 COI_BLOCKS_MAX, this->path);
		}
		this->failed = TRUE;
		return;
	}
	if (chunk_equals(text, this->text))
	{
		chunk_free(&text);
		return;
	}
	if (write_file(this->path, text))
	{
		chunk_free(&this->text);
		this->text = text;
		this->failed = FALSE;
		return;
	}
	if (!this->failed)
	{	/* it is tried again, not said again */
		DBG1(DBG_CFG, "writing %s failed, at the next boot not everything will be "
			 "blocked before charon runs: %s", this->path, strerror(errno));
		this->failed = TRUE;
	}
	chunk_free(&text);
}

METHOD(coi_block_file_t, exists, bool,
	private_coi_block_file_t *this)
{
	return this->path && access(this->path, F_OK) == 0;
}

METHOD(coi_block_file_t, destroy, void,
	private_coi_block_file_t *this)
{
	chunk_free(&this->text);
	free(this->path);
	free(this);
}

coi_block_file_t *coi_block_file_create(const char *path)
{
	private_coi_block_file_t *this;

	INIT(this,
		.public = {
			.keep = _keep,
			.exists = _exists,
			.destroy = _destroy,
		},
		.path = path ? strdup(path) : NULL,
	);
	return &this->public;
}
