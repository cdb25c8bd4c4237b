/* SPDX-License-Identifier: GPL-2.0-or-later */

#define _GNU_SOURCE

#include "lines.h"

#include <fnmatch.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/** more than any message's sections */
#define MAX_PATH 512

static void add(lines_t *this, char *line)
{
	this->line = realloc(this->line, (this->count + 1) * sizeof(*this->line));
	this->line[this->count++] = line;
}

void lines_addf(lines_t *this, const char *fmt, ...)
{
	va_list args;
	char *line;

	va_start(args, fmt);
	if (vasprintf(&line, fmt, args) < 0)
	{
		abort();
	}
	va_end(args);
	add(this, line);
}

/**
 * A value as text; what is not printable shows as its length.
 */
static void add_value(lines_t *this, const char *path, const char *name,
					  vici_res_t *res)
{
	char *value;
	int len = 0;

	value = vici_parse_value_str(res);
	if (value)
	{
		lines_addf(this, "%s%s=%s", path, name, value);
	}
	else if (vici_parse_value(res, &len))
	{
		lines_addf(this, "%s%s=(%d octets)", path, name, len);
	}
	else
	{
		lines_addf(this, "%s%s=", path, name);
	}
}

/** Take the last section off a path "a.b.". */
static void leave_section(char *path, size_t *ends, int depth)
{
	path[ends[depth]] = '\0';
}

bool lines_add(lines_t *this, vici_res_t *res)
{
	char path[MAX_PATH] = "", list[MAX_PATH] = "";
	size_t ends[MAX_PATH] = {};
	int depth = 0;

	while (true)
	{
		switch (vici_parse(res))
		{
			case VICI_PARSE_BEGIN_SECTION:
				ends[depth++] = strlen(path);
				snprintf(path + strlen(path), sizeof(path) - strlen(path),
						 "%s.", vici_parse_name(res));
				break;
			case VICI_PARSE_END_SECTION:
				leave_section(path, ends, --depth);
				break;
			case VICI_PARSE_BEGIN_LIST:
				snprintf(list, sizeof(list), "%s", vici_parse_name(res));
				break;
			case VICI_PARSE_LIST_ITEM:
				add_value(this, path, list, res);
				break;
			case VICI_PARSE_END_LIST:
				break;
			case VICI_PARSE_KEY_VALUE:
				add_value(this, path, vici_parse_name(res), res);
				break;
			case VICI_PARSE_END:
				return true;
			case VICI_PARSE_ERROR:
				return false;
		}
	}
}

int lines_count(const lines_t *this, const char *pattern)
{
	int i, count = 0;

	for (i = 0; i < this->count; i++)
	{
		count += fnmatch(pattern, this->line[i], 0) == 0;
	}
	return count;
}

bool lines_have(const lines_t *this, const char *pattern)
{
	return lines_count(this, pattern) > 0;
}

const char *lines_value(const lines_t *this, const char *pattern)
{
	char key[MAX_PATH], *equals;
	int i;

	for (i = 0; i < this->count; i++)
	{
		equals = strchr(this->line[i], '=');
		snprintf(key, sizeof(key), "%.*s", (int)(equals - this->line[i]),
				 this->line[i]);
		if (fnmatch(pattern, key, 0) == 0)
		{
			return equals + 1;
		}
	}
	return "";
}

/** Number of lines with exactly this text. */
static int count_exact(const lines_t *this, const char *text)
{
	int i, count = 0;

	for (i = 0; i < this->count; i++)
	{
		count += strcmp(this->line[i], text) == 0;
	}
	return count;
}

bool lines_equal(const lines_t *this, const lines_t *other)
{
	int i;

	if (this->count != other->count)
	{
		return false;
	}
	for (i = 0; i < this->count; i++)
	{
		if (count_exact(this, this->line[i]) !=
			count_exact(other, this->line[i]))
		{
			return false;
		}
	}
	return true;
}

void lines_drop(lines_t *this, const char *pattern)
{
	int i, kept = 0;

	for (i = 0; i < this->count; i++)
	{
		if (fnmatch(pattern, this->line[i], 0) == 0)
		{
			free(this->line[i]);
		}
		else
		{
			this->line[kept++] = this->line[i];
		}
	}
	this->count = kept;
}

void lines_print(const lines_t *this, const char *prefix)
{
	int i;

	for (i = 0; i < this->count; i++)
	{
		printf("%s%s\n", prefix, this->line[i]);
	}
}

void lines_clear(lines_t *this)
{
	lines_drop(this, "*");
	free(this->line);
	*this = (lines_t){};
}
