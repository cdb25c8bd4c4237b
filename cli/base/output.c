/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "output.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <collections/array.h>

#include "core/coi_utf8.h"

#define BOLD "\033[1m"
#define PLAIN "\033[0m"

typedef struct private_table_t private_table_t;

struct private_table_t {
	table_t public;
	u_int columns;
	/** char*[columns], the header first */
	array_t *rows;
};

/**
 * Replace octets that are no UTF-8, and characters that do more than show.
 */
static char *clean(const char *text, bool characters)
{
	char *copy = strdup(text);
	chunk_t rest = chunk_from_str(copy);
	uint32_t character;
	size_t len;

	while (rest.len)
	{
		len = coi_utf8_read(rest, &character);
		if (!len || (characters && !coi_utf8_is_clean(character)))
		{
			len = max(len, 1);
			memset(rest.ptr, '?', len);
		}
		rest = chunk_skip(rest, len);
	}
	return copy;
}

char *output_clean(const char *text)
{
	return clean(text, TRUE);
}

json_object *output_json_string(const char *text)
{
	json_object *value;
	char *copy;

	if (!text)
	{
		return NULL;
	}
	copy = clean(text, FALSE);
	value = json_object_new_string(copy);
	free(copy);
	return value;
}

/**
 * Print a JSON value in a form of json-c's, with what a terminal would obey
 * escaped: it stands in a string, as all that JSON itself has no use for.
 *
 * @param value		adopted
 */
static void print_json(json_object *value, int form)
{
	chunk_t rest;
	uint32_t character;
	size_t len;

	rest = chunk_from_str((char*)json_object_to_json_string_ext(value, form));
	while (rest.len)
	{
		len = coi_utf8_read(rest, &character);
		if (!len || character < ' ' || coi_utf8_is_clean(character))
		{	/* json-c breaks lines, and has escaped breaks in strings */
			len = max(len, 1);
			fwrite(rest.ptr, len, 1, stdout);
		}
		else
		{
			if (character > 0xffff)
			{	/* a surrogate pair, RFC 8259 section 7 */
				printf("\\u%04x", 0xd7c0 + (character >> 10));
				character = 0xdc00 | (character & 0x3ff);
			}
			printf("\\u%04x", character);
		}
		rest = chunk_skip(rest, len);
	}
	putchar('\n');
	json_object_put(value);
}

void output_json(json_object *value)
{
	print_json(value, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
			   JSON_C_TO_STRING_NOSLASHESCAPE);
}

void output_json_line(json_object *value)
{
	print_json(value, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
}

/** Characters, taken for as many columns. */
static size_t width(const char *text)
{
	size_t count = 0;

	for (; *text; text++)
	{
		count += (*text & 0xc0) != 0x80;
	}
	return count;
}

static void add_row(private_table_t *this, va_list args)
{
	char **row;
	const char *text;
	u_int i;

	row = calloc(this->columns, sizeof(char*));
	for (i = 0; i < this->columns; i++)
	{
		text = va_arg(args, const char*);
		row[i] = output_clean(text && *text ? text : "-");
	}
	array_insert(this->rows, ARRAY_TAIL, row);
}

METHOD(table_t, add, void,
	private_table_t *this, ...)
{
	va_list args;

	va_start(args, this);
	add_row(this, args);
	va_end(args);
}

METHOD(table_t, get_count, u_int,
	private_table_t *this)
{
	return array_count(this->rows) - 1;
}

METHOD(table_t, print, void,
	private_table_t *this)
{
	const char *no_color = getenv("NO_COLOR");
	bool bold = isatty(STDOUT_FILENO) && !(no_color && *no_color);
	size_t widths[this->columns];
	char **row;
	u_int i, j;

	memset(widths, 0, sizeof(widths));
	for (i = 0; i < (u_int)array_count(this->rows); i++)
	{
		array_get(this->rows, i, &row);
		for (j = 0; j < this->columns; j++)
		{
			widths[j] = max(widths[j], width(row[j]));
		}
	}
	for (i = 0; i < (u_int)array_count(this->rows); i++)
	{
		array_get(this->rows, i, &row);
		fputs(bold && !i ? BOLD : "", stdout);
		for (j = 0; j < this->columns; j++)
		{	/* no blanks at the end of a line */
			printf("%s%s%*s", j ? "  " : "", row[j],
				   (int)(j + 1 < this->columns ? widths[j] - width(row[j]) : 0),
				   "");
		}
		puts(bold && !i ? PLAIN : "");
	}
}

METHOD(table_t, destroy, void,
	private_table_t *this)
{
	char **row;
	u_int i;

	while (array_remove(this->rows, ARRAY_TAIL, &row))
	{
		for (i = 0; i < this->columns; i++)
		{
			free(row[i]);
		}
		free(row);
	}
	array_destroy(this->rows);
	free(this);
}

table_t *table_create(u_int columns, ...)
{
	private_table_t *this;
	va_list args;

	INIT(this,
		.public = {
			.add = _add,
			.get_count = _get_count,
			.print = _print,
			.destroy = _destroy,
		},
		.columns = columns,
		.rows = array_create(0, 0),
	);
	va_start(args, columns);
	add_row(this, args);
	va_end(args);
	return &this->public;
}
