/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the files of secrets.h: nothing of them stays in stdio's buffers, and
 * none is ever readable for others.
 */

#include "key_text.h"
#include "share.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/** More than any configuration. */
#define MAX_FILE (1024 * 1024)

/** A word of more characters may be a secret. */
#define SHORT_PATH 24

static bool is_stdin(const char *path)
{
	return !path || streq(path, "-");
}

const char *secrets_path(const char *path)
{
	if (is_stdin(path))
	{
		return "standard input";
	}
	if (strpfx((char*)path, SHARE_PREFIX) || strcasepfx(path, "0x") ||
		strcasepfx(path, "0s") ||
		(strlen(path) >= SHORT_PATH && !strchr(path, '.')))
	{
		return "the file";
	}
	return path;
}

/**
 * Read all there is, into memory that does not move.
 */
static coi_exit_t read_all(int fd, const char *path, chunk_t *content)
{
	chunk_t buf = chunk_alloc(MAX_FILE + 1);
	size_t len = 0;
	ssize_t got;

	do
	{
		got = read(fd, buf.ptr + len, buf.len - len);
		len += max(got, 0);
	}
	while ((got > 0 && len < buf.len) || (got < 0 && errno == EINTR));
	if (got < 0 || len == buf.len)
	{
		memwipe(buf.ptr, len);
		free(buf.ptr);
		return command_error(EXIT_FAILED, "reading %s: %s", secrets_path(path),
							 got < 0 ? strerror(errno) : "too long");
	}
	*content = chunk_alloc(len + 1);
	memcpy(content->ptr, buf.ptr, len);
	content->ptr[len] = '\0';
	content->len = len;
	memwipe(buf.ptr, len);
	free(buf.ptr);
	if (strlen((char*)content->ptr) != len)
	{
		chunk_clear(content);
		return command_error(EXIT_FAILED, "%s is no text", secrets_path(path));
	}
	return EXIT_OK;
}

coi_exit_t secrets_read(const char *path, chunk_t *content)
{
	coi_exit_t status;
	struct stat st;
	int fd;

	if (is_stdin(path))
	{
		return read_all(STDIN_FILENO, path, content);
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
	{
		if (secrets_path(path) != path)
		{
			return command_error(EXIT_USAGE, "no such file. Secrets are read "
								 "from files and from standard input: all "
								 "users of this host can see a command line");
		}
		return command_error(errno == ENOENT ? EXIT_USAGE : EXIT_FAILED,
							 "%s: %s", path, strerror(errno));
	}
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
		(st.st_mode & (S_IROTH | S_IWOTH)))
	{
		command_warn("warning: all users may read or change %s; chmod 600 "
					 "it", secrets_path(path));
	}
	status = read_all(fd, path, content);
	close(fd);
	return status;
}

static bool write_all(int fd, chunk_t text)
{
	ssize_t done;

	while (text.len)
	{
		done = write(fd, text.ptr, text.len);
		if (done < 0 && errno != EINTR)
		{
			return FALSE;
		}
		text = chunk_skip(text, max(done, 0));
	}
	return TRUE;
}

/**
 * Create a file. One that is there is replaced when the new one is complete.
 */
static coi_exit_t write_file(chunk_t text, const char *path, bool force)
{
	char temp[PATH_MAX];
	bool success;
	int fd, error;

	if (snprintf(temp, sizeof(temp), force ? "%s.XXXXXX" : "%s",
				 path) >= (int)sizeof(temp))
	{
		return command_error(EXIT_FAILED, "%s: %s", path,
							 strerror(ENAMETOOLONG));
	}
	fd = force ? mkostemp(temp, O_CLOEXEC) :
		 open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
	if (fd < 0)
	{
		return command_error(EXIT_FAILED, "%s: %s%s", path, strerror(errno),
							 errno == EEXIST ? "; --force replaces it" : "");
	}
	success = write_all(fd, text) && fsync(fd) == 0 &&
			  (!force || rename(temp, path) == 0);
	error = errno;
	close(fd);
	if (!success)
	{
		unlink(temp);
		return command_error(EXIT_FAILED, "%s: %s", path, strerror(error));
	}
	return EXIT_OK;
}

coi_exit_t secrets_write(chunk_t text, const char *path, bool force)
{
	struct stat st;

	if (path)
	{
		if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode))
		{
			return command_error(EXIT_FAILED, "%s is there and is no regular "
								 "file", path);
		}
		return write_file(text, path, force);
	}
	if (!write_all(STDOUT_FILENO, text))
	{
		return command_error(EXIT_FAILED, "writing to standard output: %s",
							 strerror(errno));
	}
	return EXIT_OK;
}
