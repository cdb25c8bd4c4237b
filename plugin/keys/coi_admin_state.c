/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_admin_state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <collections/array.h>
#include <threading/mutex.h>

/** Appended to the path of the control socket. */
#define SUFFIX ".switches"

/** First words of the file's lines. */
#define DISABLED "disabled "
#define ENABLED "enabled "
#define ISOLATED "isolated"

typedef struct private_coi_admin_state_t private_coi_admin_state_t;

struct private_coi_admin_state_t {
	coi_admin_state_t public;

	/** NULL without a control socket, by which anything is switched */
	char *path;

	/** guards all below, and the file */
	mutex_t *mutex;

	/** char* */
	array_t *disabled;
	array_t *enabled;
	bool isolated;
};

/** Place of a name in a list, -1 if it is not there. */
static int find(array_t *list, const char *name)
{
	char *current;
	int i;

	for (i = 0; i < array_count(list); i++)
	{
		array_get(list, i, &current);
		if (streq(current, name))
		{
			return i;
		}
	}
	return -1;
}

static void add(array_t *list, const char *name)
{
	if (find(list, name) < 0)
	{
		array_insert(list, ARRAY_TAIL, strdup(name));
	}
}

static void take(array_t *list, const char *name)
{
	int i = find(list, name);
	char *current;

	if (i >= 0)
	{
		array_get(list, i, &current);
		array_remove(list, i, NULL);
		free(current);
	}
}

static void clear(array_t *list)
{
	char *current;

	while (array_remove(list, ARRAY_TAIL, &current))
	{
		free(current);
	}
}

static void write_list(FILE *file, const char *word, array_t *list)
{
	char *current;
	int i;

	for (i = 0; i < array_count(list); i++)
	{
		array_get(list, i, &current);
		fprintf(file, "%s%s\n", word, current);
	}
}

/** Write the file anew; the mutex is held. */
static bool write_file(private_coi_admin_state_t *this, const char *next)
{
	FILE *file;
	bool ok;
	int fd;

	unlink(next);
	fd = open(next, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
	file = fd < 0 ? NULL : fdopen(fd, "w");
	if (!file)
	{
		return FALSE;
	}
	if (this->isolated)
	{
		fprintf(file, "%s\n", ISOLATED);
	}
	write_list(file, DISABLED, this->disabled);
	write_list(file, ENABLED, this->enabled);
	ok = fflush(file) == 0 && fsync(fd) == 0 && !ferror(file);
	fclose(file);
	return ok && rename(next, this->path) == 0;
}

/** Keep what there is; the mutex is held. */
static bool keep(private_coi_admin_state_t *this)
{
	char next[PATH_MAX];

	if (!this->path)
	{
		return TRUE;
	}
	if (!this->isolated && !array_count(this->disabled) &&
		!array_count(this->enabled))
	{
		return unlink(this->path) == 0 || errno == ENOENT;
	}
	snprintf(next, sizeof(next), "%s.new", this->path);
	if (write_file(this, next))
	{
		return TRUE;
	}
	DBG1(DBG_CFG, "which communities are disabled or enabled cannot be written "
		 "to %s, it is not kept over a restart: %s", this->path,
		 strerror(errno));
	return FALSE;
}

/** Disable all, as what was kept cannot be told. */
static void isolate(private_coi_admin_state_t *this, const char *why)
{
	DBG1(DBG_CFG, "which communities are disabled cannot be read from %s, so "
		 "all are: %s", this->path, why);
	this->isolated = TRUE;
}

/**
 * Open the file that was kept. One that others could have written says nothing
 * of what the administrator wants.
 *
 * @return			NULL if there is none, or it cannot be used
 */
static FILE *open_file(private_coi_admin_state_t *this)
{
	struct stat st;
	FILE *file;
	int fd;

	/* a pipe must not keep us waiting */
	fd = open(this->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
	{
		if (errno != ENOENT)
		{
			isolate(this, strerror(errno));
		}
		return NULL;
	}
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) ||
		(st.st_uid && st.st_uid != geteuid()) ||
		(st.st_mode & (S_IWGRP | S_IWOTH)))
	{
		isolate(this, "it is no file that only charon's user can write");
		close(fd);
		return NULL;
	}
	file = fdopen(fd, "r");
	if (!file)
	{
		isolate(this, strerror(errno));
		close(fd);
	}
	return file;
}

/** Take in a line. */
static void load_line(private_coi_admin_state_t *this, const char *line)
{
	if (streq(line, ISOLATED))
	{
		DBG1(DBG_CFG, "all COIs are disabled by command");
		this->isolated = TRUE;
	}
	else if (strpfx(line, DISABLED))
	{
		DBG1(DBG_CFG, "COI '%s' is disabled by command",
			 line + strlen(DISABLED));
		add(this->disabled, line + strlen(DISABLED));
	}
	else if (strpfx(line, ENABLED))
	{
		add(this->enabled, line + strlen(ENABLED));
	}
	else
	{
		DBG1(DBG_CFG, "%s has a line that means nothing, so all COIs are "
			 "disabled", this->path);
		this->isolated = TRUE;
	}
}

/** Take in what was kept, nobody else knows us yet. */
static void load(private_coi_admin_state_t *this)
{
	char line[512];
	FILE *file;
	size_t len;

	file = open_file(this);
	if (!file)
	{
		return;
	}
	while (fgets(line, sizeof(line), file))
	{
		/* what is cut off, too long or has a NUL may have named another one */
		len = strcspn(line, "\n");
		if (line[len] == '\n')
		{
			line[len] = '\0';
			load_line(this, line);
		}
		else
		{
			load_line(this, "");
		}
	}
	if (ferror(file))
	{
		isolate(this, strerror(errno));
	}
	fclose(file);
}

METHOD(coi_admin_state_t, is_disabled, bool,
	private_coi_admin_state_t *this, const char *name)
{
	bool disabled;

	this->mutex->lock(this->mutex);
	disabled = this->isolated || find(this->disabled, name) >= 0;
	this->mutex->unlock(this->mutex);
	return disabled;
}

METHOD(coi_admin_state_t, is_isolated, bool,
	private_coi_admin_state_t *this)
{
	bool isolated;

	this->mutex->lock(this->mutex);
	isolated = this->isolated;
	this->mutex->unlock(this->mutex);
	return isolated;
}

METHOD(coi_admin_state_t, is_enabled, bool,
	private_coi_admin_state_t *this, const char *name)
{
	bool enabled;

	this->mutex->lock(this->mutex);
	enabled = find(this->enabled, name) >= 0;
	this->mutex->unlock(this->mutex);
	return enabled;
}

METHOD(coi_admin_state_t, disable, bool,
	private_coi_admin_state_t *this, const char *name)
{
	bool kept;

	this->mutex->lock(this->mutex);
	if (name)
	{
		add(this->disabled, name);
		take(this->enabled, name);
	}
	else
	{
		this->isolated = TRUE;
	}
	kept = keep(this);
	this->mutex->unlock(this->mutex);
	return kept;
}

METHOD(coi_admin_state_t, enable, bool,
	private_coi_admin_state_t *this, const char *name, bool demand)
{
	bool kept;

	this->mutex->lock(this->mutex);
	if (name)
	{
		take(this->disabled, name);
		if (demand)
		{
			add(this->enabled, name);
		}
	}
	else
	{
		clear(this->disabled);
		this->isolated = FALSE;
	}
	kept = keep(this);
	this->mutex->unlock(this->mutex);
	return kept;
}

METHOD(coi_admin_state_t, destroy, void,
	private_coi_admin_state_t *this)
{
	clear(this->disabled);
	clear(this->enabled);
	array_destroy(this->disabled);
	array_destroy(this->enabled);
	this->mutex->destroy(this->mutex);
	free(this->path);
	free(this);
}

coi_admin_state_t *coi_admin_state_create(const coi_options_t *options)
{
	private_coi_admin_state_t *this;

	INIT(this,
		.public = {
			.is_disabled = _is_disabled,
			.is_isolated = _is_isolated,
			.is_enabled = _is_enabled,
			.disable = _disable,
			.enable = _enable,
			.destroy = _destroy,
		},
		.mutex = mutex_create(MUTEX_TYPE_DEFAULT),
		.disabled = array_create(0, 0),
		.enabled = array_create(0, 0),
	);
	if (options->control &&
		asprintf(&this->path, "%s%s", options->control + strlen("unix://"),
				 SUFFIX) < 0)
	{
		this->path = NULL;
	}
	if (this->path)
	{
		load(this);
	}
	return &this->public;
}
