/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "setting_place.h"

#include <ctype.h>
#include <glob.h>
#include <stdio.h>

/** Sections in sections, and files that include files. */
#define MAX_DEPTH 16
#define MAX_INCLUDES 10

/** Files that are read, in all: they may include each other. */
#define MAX_FILES 256

/** Space for the full name of a setting. */
#define NAME_LEN 512

/** Reads one file after the other. */
typedef struct {
	locate_cb_t cb;
	void *data;
	/** section that is open */
	char name[NAME_LEN];
	/** length of the name before each open section */
	size_t before[MAX_DEPTH];
	u_int depth;
	u_int includes;
	u_int files;
} reader_t;

/** A file's text and where in it we are. */
typedef struct {
	const char *path;
	char *pos;
	u_int line;
} text_t;

static bool read_file(reader_t *reader, const char *path);

/** Skip blanks, comments and, if told, ends of lines. */
static void skip(text_t *text, bool lines)
{
	while (TRUE)
	{
		if (*text->pos == '#')
		{
			text->pos += strcspn(text->pos, "\n");
		}
		if (*text->pos == '\n' && lines)
		{
			text->line++;
		}
		else if (*text->pos != ' ' && *text->pos != '\t' && *text->pos != '\r')
		{
			return;
		}
		text->pos++;
	}
}

/** Enter a section, or name a value. */
static bool enter(reader_t *reader, const char *name)
{
	size_t len = strlen(reader->name);

	if (reader->depth == MAX_DEPTH ||
		len + strlen(name) + 2 > sizeof(reader->name))
	{
		return FALSE;
	}
	reader->before[reader->depth++] = len;
	snprintf(reader->name + len, sizeof(reader->name) - len, "%s%s",
			 len ? "." : "", name);
	return TRUE;
}

static void leave(reader_t *reader)
{
	reader->name[reader->before[--reader->depth]] = '\0';
}

/** Read a quoted string, or a value up to the end of its line. */
static char *read_value(text_t *text)
{
	char *start, *value;
	size_t len;

	skip(text, FALSE);
	if (*text->pos == '"')
	{
		start = ++text->pos;
		while (*text->pos && *text->pos != '"')
		{
			text->pos += *text->pos == '\\' && text->pos[1] ? 2 : 1;
			text->line += text->pos[-1] == '\n';
		}
		value = strndup(start, text->pos - start);
		text->pos += *text->pos == '"';
		return value;
	}
	len = strcspn(text->pos, "\n#}");
	value = strndup(text->pos, len);
	text->pos += len;
	while (len && isspace((u_char)value[len - 1]))
	{
		value[--len] = '\0';
	}
	return value;
}

/** Read what an include names, relative to the file that has it. */
static bool include(reader_t *reader, const text_t *text, const char *pattern)
{
	const char *slash = strrchr(text->path, '/');
	char path[PATH_MAX];
	glob_t found;
	size_t i;
	bool ok = TRUE;

	if (*pattern == '/' || !slash)
	{
		snprintf(path, sizeof(path), "%s", pattern);
	}
	else
	{
		snprintf(path, sizeof(path), "%.*s/%s", (int)(slash - text->path),
				 text->path, pattern);
	}
	if (reader->includes == MAX_INCLUDES || glob(path, 0, NULL, &found) != 0)
	{
		return reader->includes < MAX_INCLUDES;
	}
	reader->includes++;
	for (i = 0; i < found.gl_pathc; i++)
	{
		ok = read_file(reader, found.gl_pathv[i]) && ok;
	}
	reader->includes--;
	globfree(&found);
	return ok;
}

/** Read one thing that has a name. */
static bool read_named(reader_t *reader, text_t *text)
{
	char name[NAME_LEN], *value;
	u_int line = text->line;
	size_t len;
	bool ok;

	len = strcspn(text->pos, " \t\r\n={}#:\"");
	if (!len || len >= sizeof(name))
	{
		return FALSE;
	}
	snprintf(name, sizeof(name), "%.*s", (int)len, text->pos);
	text->pos += len;
	skip(text, FALSE);
	if (streq(name, "include") && *text->pos != '=' && *text->pos != '{')
	{
		value = read_value(text);
		ok = include(reader, text, value);
		free(value);
		return ok;
	}
	if (*text->pos == '=')
	{
		text->pos++;
		value = read_value(text);
		ok = enter(reader, name);
		if (ok)
		{
			reader->cb(reader->data, reader->name, value, text->path, line);
			leave(reader);
		}
		free(value);
		return ok;
	}
	if (*text->pos == ':')
	{	/* what a section inherits is found where it stands, or not at all */
		text->pos += strcspn(text->pos, "{\n");
	}
	skip(text, TRUE);
	if (*text->pos != '{' || !enter(reader, name))
	{
		return FALSE;
	}
	text->pos++;
	reader->cb(reader->data, reader->name, NULL, text->path, line);
	return TRUE;
}

static bool read_file(reader_t *reader, const char *path)
{
	u_int depth = reader->depth;
	chunk_t *mapped;
	char *copy;
	text_t text;
	bool ok = TRUE;

	mapped = reader->files++ < MAX_FILES ? chunk_map((char*)path, FALSE) : NULL;
	if (!mapped)
	{
		return FALSE;
	}
	/* of an empty file there is nothing */
	copy = mapped->len ? strndup((char*)mapped->ptr, mapped->len) : strdup("");
	chunk_unmap(mapped);
	text = (text_t){
		.path = path,
		.pos = copy,
		.line = 1,
	};
	while (ok)
	{
		skip(&text, TRUE);
		if (!*text.pos)
		{
			break;
		}
		if (*text.pos == '}')
		{
			ok = reader->depth > depth;
			text.pos++;
			if (ok)
			{
				leave(reader);
			}
			continue;
		}
		ok = read_named(reader, &text);
	}
	while (reader->depth > depth)
	{
		leave(reader);
	}
	/* there may be secrets in it */
	memwipe(copy, strlen(copy));
	free(copy);
	return ok;
}

bool locate_all(const char *path, locate_cb_t cb, void *data)
{
	reader_t reader = {
		.cb = cb,
		.data = data,
	};

	return read_file(&reader, path);
}

/** Looks for one setting. */
typedef struct {
	const char *wanted;
	/** how much of the name was found */
	size_t len;
	locate_t *place;
} search_t;

static void search(void *data, const char *name, const char *value,
				   const char *file, u_int line)
{
	search_t *this = data;
	size_t len = strlen(name);

	if (len >= this->len && strneq(name, this->wanted, len) &&
		(this->wanted[len] == '.' || !this->wanted[len]))
	{
		free(this->place->file);
		this->place->file = strdup(file);
		this->place->line = line;
		this->place->exact = !this->wanted[len];
		this->len = len;
	}
}

void locate_setting(const char *path, const char *setting, locate_t *place)
{
	search_t this = {
		.wanted = setting,
		.place = place,
	};

	*place = (locate_t){};
	locate_all(path, search, &this);
}
