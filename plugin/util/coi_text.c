/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_text.h"

#include <stdio.h>

void coi_text_append_args(char *buf, size_t size, const char *fmt, va_list args)
{
	size_t len = strnlen(buf, size);

	if (len < size)
	{
		vsnprintf(buf + len, size - len, fmt, args);
	}
}

void coi_text_append(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	coi_text_append_args(buf, size, fmt, args);
	va_end(args);
}

void coi_text_list(char *buf, size_t size, const char *separator,
				   const char *fmt, ...)
{
	va_list args;

	if (size && *buf)
	{
		coi_text_append(buf, size, "%s", separator);
	}
	va_start(args, fmt);
	coi_text_append_args(buf, size, fmt, args);
	va_end(args);
}

void coi_text_init(coi_text_t *this, size_t max)
{
	*this = (coi_text_t){
		.str = strdup(""),
		.max = max,
	};
}

void coi_text_put(coi_text_t *this, const void *octets, size_t len)
{
	this->cut |= len > this->max - this->len;
	if (!this->cut && len)
	{
		this->str = realloc(this->str, this->len + len + 1);
		memcpy(this->str + this->len, octets, len);
		this->len += len;
		this->str[this->len] = '\0';
	}
}

void coi_text_print(coi_text_t *this, const char *fmt, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, fmt);
	len = vasprintf(&text, fmt, args);
	va_end(args);
	if (len < 0)
	{
		this->cut = TRUE;
		return;
	}
	coi_text_put(this, text, len);
	free(text);
}

void coi_text_clear(coi_text_t *this)
{
	free(this->str);
	*this = (coi_text_t){};
}
