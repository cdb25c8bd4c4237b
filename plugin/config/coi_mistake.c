/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_mistake.h"

#include <stdarg.h>

/**
 * Put a section before what is wrong in it.
 *
 * @return			allocated, NULL if there is no memory
 */
static char *name_section(coi_mistake_t *this, const char *what)
{
	const char *inner = this->conn ? ".children." : ".communities.";
	char *text;

	if (asprintf(&text, "%s%s%s%s%s",
				 this->conn ? "connections." : "charon.plugins.coi",
				 this->conn ?: "", this->child ? inner : "", this->child ?: "",
				 what) < 0)
	{
		return NULL;
	}
	return text;
}

bool coi_mistake_note(coi_mistake_t *this, const char *fmt, ...)
{
	va_list args;
	char *what;

	if (this->found)
	{
		return FALSE;
	}
	this->found = TRUE;
	va_start(args, fmt);
	if (vasprintf(&what, fmt, args) >= 0)
	{
		this->text = name_section(this, what);
		free(what);
	}
	va_end(args);
	return FALSE;
}

bool coi_mistake_take(coi_mistake_t *this, coi_mistake_t *from)
{
	if (from->found && !this->found)
	{
		this->found = TRUE;
		this->text = from->text;
		from->text = NULL;
	}
	coi_mistake_clear(from);
	return !this->found;
}

void coi_mistake_clear(coi_mistake_t *this)
{
	free(this->text);
	this->text = NULL;
	this->found = FALSE;
}
