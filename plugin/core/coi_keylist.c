/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_keylist.h"

typedef struct reader_t reader_t;

/** A list that is being read. */
struct reader_t {
	/** what is left */
	chunk_t text;
	u_int line;
	/** first mistake */
	const char *wrong;
	coi_keylist_t keys;
};

/** What ends a word. */
static bool is_special(uint8_t c)
{
	return c == '{' || c == '}' || c == '=' || c == '#' || c == '"' ||
		   c == ',' || c == ':' || c == '.' || c == '\\';
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool fail(reader_t *this, const char *wrong)
{
	if (!this->wrong)
	{
		this->wrong = wrong;
	}
	return FALSE;
}

/** Skip octets. */
static void skip(reader_t *this, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
	{
		this->line += this->text.ptr[i] == '\n';
	}
	this->text = chunk_skip(this->text, len);
}

/** Skip blanks and comments; FALSE at the end. */
static bool skip_blanks(reader_t *this)
{
	bool comment = FALSE;

	while (this->text.len && (comment || is_blank(this->text.ptr[0]) ||
							  this->text.ptr[0] == '#'))
	{
		comment = this->text.ptr[0] != '\n' &&
				  (comment || this->text.ptr[0] == '#');
		skip(this, 1);
	}
	return this->text.len != 0;
}

/** Take one of {, } and =. */
static bool take_special(reader_t *this, uint8_t special)
{
	if (!skip_blanks(this) || this->text.ptr[0] != special)
	{
		return FALSE;
	}
	skip(this, 1);
	return TRUE;
}

/**
 * Take a word.
 *
 * @param word		receives it, borrowed
 */
static bool take_word(reader_t *this, chunk_t *word)
{
	size_t len = 0;

	skip_blanks(this);
	while (len < this->text.len && !is_blank(this->text.ptr[len]) &&
		   !is_special(this->text.ptr[len]))
	{
		if (this->text.ptr[len] < ' ' || this->text.ptr[len] == 0x7f)
		{
			return fail(this, "a control character");
		}
		len++;
	}
	*word = chunk_create(this->text.ptr, len);
	skip(this, len);
	return len || fail(this, "a word is missing, quotes and the like are not "
					   "allowed");
}

static bool word_is(chunk_t word, const char *text)
{
	return chunk_equals(word, chunk_from_str((char*)text));
}

static bool starts_with(chunk_t word, const char *text)
{
	return word.len >= strlen(text) && memeq(word.ptr, text, strlen(text));
}

/** Copy a word, if there is space for it and its end. */
static bool copy_word(chunk_t word, char *to, size_t size)
{
	if (word.len >= size)
	{
		return FALSE;
	}
	memcpy(to, word.ptr, word.len);
	to[word.len] = '\0';
	return TRUE;
}

static int hex_digit(uint8_t c)
{
	return c >= '0' && c <= '9' ? c - '0' :
		   c >= 'a' && c <= 'f' ? c - 'a' + 10 :
		   c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool read_secret(reader_t *this, chunk_t word, uint8_t key[COI_KEY_LEN])
{
	int high, low;
	u_int i;

	if (word.len != 2 + 2 * COI_KEY_LEN || !starts_with(word, "0x"))
	{
		return fail(this, "a secret is 0x and 64 hexadecimal digits");
	}
	for (i = 0; i < COI_KEY_LEN; i++)
	{
		high = hex_digit(word.ptr[2 + 2 * i]);
		low = hex_digit(word.ptr[3 + 2 * i]);
		if (high < 0 || low < 0)
		{
			return fail(this, "a secret is 0x and 64 hexadecimal digits");
		}
		key[i] = high << 4 | low;
	}
	return TRUE;
}

/** Read what is between a section's braces. */
static bool read_values(reader_t *this, coi_listed_t *listed)
{
	u_int ids = 0, secrets = 0;
	chunk_t key, value;

	while (!take_special(this, '}'))
	{
		if (!take_word(this, &key) ||
			!(take_special(this, '=') || fail(this, "= is missing")) ||
			!take_word(this, &value))
		{
			return FALSE;
		}
		if (word_is(key, "id"))
		{
			if (ids++ || !copy_word(value, listed->name, sizeof(listed->name)))
			{
				return fail(this, "a section has one id, of 1 to 63 octets");
			}
		}
		else if (word_is(key, "secret"))
		{
			if (secrets++)
			{
				return fail(this, "a section has one secret");
			}
			if (!read_secret(this, value, listed->key))
			{
				return FALSE;
			}
		}
		else
		{
			return fail(this, "a section has id and secret, nothing else");
		}
	}
	return (ids && secrets) || fail(this, "a section has id and secret");
}

/** Read the sections of secrets { }, behind its first brace. */
static bool read_sections(reader_t *this)
{
	coi_listed_t *listed;
	chunk_t word;

	while (!take_special(this, '}'))
	{
		if (this->keys.count == COI_MAX_KEYS)
		{
			return fail(this, "more keys than a host may have, 96");
		}
		/* counted at once, so that it is wiped if it is wrong */
		listed = &this->keys.list[this->keys.count++];
		if (!take_word(this, &word))
		{
			return FALSE;
		}
		if (!starts_with(word, "ppk") ||
			!copy_word(word, listed->section, sizeof(listed->section)))
		{
			return fail(this, "a section's name begins with ppk, and has at "
						"most 126 octets");
		}
		if (!(take_special(this, '{') || fail(this, "{ is missing")) ||
			!read_values(this, listed))
		{
			return FALSE;
		}
	}
	return TRUE;
}

static bool read_list(reader_t *this)
{
	chunk_t word;

	if (this->text.len > COI_KEYLIST_MAX)
	{
		return fail(this, "longer than 65536 octets");
	}
	while (skip_blanks(this))
	{
		if (!take_word(this, &word) ||
			!(word_is(word, "secrets") ||
			  fail(this, "secrets { } is expected, and nothing else")) ||
			!(take_special(this, '{') || fail(this, "{ is missing")) ||
			!read_sections(this))
		{
			return FALSE;
		}
	}
	return this->keys.count || fail(this, "no key");
}

bool coi_keylist_parse(chunk_t text, coi_keylist_t *keys, const char **wrong,
					   u_int *line)
{
	reader_t reader = {
		.text = text,
		.line = 1,
		.keys = {
			.list = calloc(COI_MAX_KEYS, sizeof(coi_listed_t)),
		},
	};
	bool good;

	good = read_list(&reader);
	*wrong = reader.wrong;
	*line = reader.line;
	*keys = reader.keys;
	if (!good)
	{
		coi_keylist_clear(keys);
	}
	return good;
}

void coi_keylist_clear(coi_keylist_t *keys)
{
	if (keys->list)
	{
		memwipe(keys->list, keys->count * sizeof(coi_listed_t));
	}
	free(keys->list);
	*keys = (coi_keylist_t){};
}
