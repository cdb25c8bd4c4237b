/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "request.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/** longest key or value */
#define MAX_WORD 512

static const char *skip_blanks(const char *text)
{
	return text + strspn(text, " \t\n;");
}

/**
 * Read up to one of some characters, without blanks at the end.
 *
 * @param word		receives what was read, MAX_WORD characters of room
 * @return			where the character stands
 */
static const char *read_word(const char *text, const char *until, char *word)
{
	size_t len;

	text += strspn(text, " \t\n");
	len = strcspn(text, until);
	if (len >= MAX_WORD)
	{
		fprintf(stderr, "word too long: %.40s...\n", text);
		exit(2);
	}
	memcpy(word, text, len);
	word[len] = '\0';
	text += len;
	while (len && isspace((unsigned char)word[len - 1]))
	{
		word[--len] = '\0';
	}
	return text;
}

static const char *read_list(vici_req_t *req, char *name, const char *text)
{
	char word[MAX_WORD];

	vici_begin_list(req, name);
	do
	{
		text = read_word(text + 1, ",]", word);
		if (*word)
		{
			vici_add_list_itemf(req, "%s", word);
		}
	}
	while (*text == ',');
	vici_end_list(req);
	return *text ? text + 1 : text;
}

vici_req_t *request_create(const char *command, const char *text)
{
	char name[MAX_WORD], value[MAX_WORD];
	vici_req_t *req;
	int depth = 0;

	req = vici_begin((char*)command);
	for (text = skip_blanks(text); *text; text = skip_blanks(text))
	{
		if (*text == '}')
		{
			vici_end_section(req);
			depth--;
			text++;
			continue;
		}
		text = read_word(text, "={", name);
		if (*text == '{')
		{
			vici_begin_section(req, name);
			depth++;
			text++;
			continue;
		}
		text += *text == '=';
		text += strspn(text, " \t");
		if (*text == '[')
		{
			text = read_list(req, name, text);
		}
		else
		{
			text = read_word(text, ";}\n", value);
			vici_add_key_valuef(req, name, "%s", value);
		}
	}
	if (depth)
	{
		fprintf(stderr, "%s: unbalanced braces in request\n", command);
		exit(2);
	}
	return req;
}
