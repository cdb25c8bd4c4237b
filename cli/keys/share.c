/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "share.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>

#define FORM "1"

#define CHECK_LEN 4

/** Octets of a group of VALUE. */
#define GROUP 3

/** Fields with ':' between them. */
enum {
	PREFIX,
	NAME,
	FINGERPRINT,
	THRESHOLD,
	INDEX,
	VALUE,
	CHECK,
	FIELDS,
};

/** Whether a character of a name cannot stand for itself. */
static bool is_special(u_char c)
{
	return c <= ' ' || c == '%' || c == ':' || c == 0x7f;
}

static void write_hex(char *out, const uint8_t *octets, u_int len, u_int group)
{
	u_int i;

	for (i = 0; i < len; i++)
	{
		if (i && group && i % group == 0)
		{
			*out++ = '-';
		}
		snprintf(out, 3, "%02x", octets[i]);
		out += 2;
	}
}

/**
 * CHECK over the beginning of a line.
 */
static bool get_check(const char *text, size_t len, char out[2 * CHECK_LEN + 1])
{
	uint8_t hash[HASH_SIZE_SHA256];
	hasher_t *hasher;
	bool success;

	hasher = lib->crypto->create_hasher(lib->crypto, HASH_SHA256);
	success = hasher && hasher->get_hash(hasher,
									chunk_create((u_char*)text, len), hash);
	DESTROY_IF(hasher);
	if (success)
	{
		write_hex(out, hash, CHECK_LEN, 0);
	}
	memwipe(hash, sizeof(hash));
	return success;
}

bool share_write(const share_t *share, char out[SHARE_TEXT])
{
	char name[3 * COI_MAX_NAME + 1], *pos = name, check[2 * CHECK_LEN + 1];
	char value[2 * SHAMIR_VALUE_LEN + SHAMIR_VALUE_LEN / GROUP];
	const char *c;
	int len;

	for (c = share->name; *c; c++)
	{
		if (is_special(*c))
		{
			pos += snprintf(pos, 4, "%%%02X", (u_char)*c);
		}
		else
		{
			*pos++ = *c;
		}
	}
	*pos = '\0';
	write_hex(value, share->point.value, SHAMIR_VALUE_LEN, GROUP);
	len = snprintf(out, SHARE_TEXT, SHARE_PREFIX FORM ":%s:%s:%u:%u:%s",
				   name, share->fingerprint, share->threshold,
				   share->point.index, value);
	memwipe(value, sizeof(value));
	if (!get_check(out, len, check))
	{
		return FALSE;
	}
	snprintf(out + len, SHARE_TEXT - len, ":%s", check);
	return TRUE;
}

static bool read_number(const char *text, u_int min, u_int max, u_int *number)
{
	u_int i;

	*number = 0;
	for (i = 0; text[i]; i++)
	{
		if (!isdigit((u_char)text[i]) || i == 3)
		{
			return FALSE;
		}
		*number = *number * 10 + text[i] - '0';
	}
	return i && *number >= min && *number <= max;
}

/** One octet of two hex digits. */
static bool read_octet(const char *text, uint8_t *octet)
{
	char digits[3] = {};

	if (!isxdigit((u_char)text[0]) || !isxdigit((u_char)text[1]))
	{
		return FALSE;
	}
	memcpy(digits, text, 2);
	*octet = strtoul(digits, NULL, 16);
	memwipe(digits, sizeof(digits));
	return TRUE;
}

static bool read_name(const char *text, char name[COI_MAX_NAME + 1])
{
	u_int len;

	for (len = 0; *text; len++, text++)
	{
		if (len == COI_MAX_NAME)
		{
			return FALSE;
		}
		name[len] = *text;
		if (*text == '%')
		{
			if (!read_octet(text + 1, (uint8_t*)&name[len]) || !name[len])
			{
				return FALSE;
			}
			text += 2;
		}
	}
	name[len] = '\0';
	return len;
}

/** VALUE; where groups begin is seen when it is written again. */
static bool read_value(const char *text, uint8_t value[SHAMIR_VALUE_LEN])
{
	u_int i;

	for (i = 0; i < SHAMIR_VALUE_LEN; i++)
	{
		if (*text == '-')
		{
			text++;
		}
		if (!read_octet(text, &value[i]))
		{
			return FALSE;
		}
		text += 2;
	}
	return !*text;
}

/**
 * Read the fields of a line whose CHECK is right.
 */
static const char *read_fields(char *fields[FIELDS], share_t *share)
{
	if (!read_name(fields[NAME], share->name))
	{
		return "its name of the COI is not right";
	}
	if (strlen(fields[FINGERPRINT]) != COI_FINGERPRINT_TEXT - 1)
	{
		return "its fingerprint is not right";
	}
	strcpy(share->fingerprint, fields[FINGERPRINT]);
	if (!read_number(fields[THRESHOLD], SHAMIR_MIN, SHAMIR_MAX,
					 &share->threshold) ||
		!read_number(fields[INDEX], 1, SHAMIR_MAX, &share->point.index))
	{
		return "its numbers are not right";
	}
	if (!read_value(fields[VALUE], share->point.value))
	{
		return "its value is not right";
	}
	return NULL;
}

const char *share_read(const char *line, share_t *share)
{
	char copy[SHARE_TEXT], check[2 * CHECK_LEN + 1], *fields[FIELDS];
	size_t len = strlen(line);
	const char *wrong = NULL;
	u_int count = 0;
	char *pos = copy;

	memset(share, 0, sizeof(*share));
	if (!strpfx((char*)line, SHARE_PREFIX))
	{
		return "this is not a share";
	}
	if (!strpfx((char*)line, SHARE_PREFIX FORM ":"))
	{
		return "this is a share of a version that is not known, or mistyped";
	}
	if (len >= sizeof(copy))
	{
		return "it is too long";
	}
	memcpy(copy, line, len + 1);
	while (pos && count < FIELDS)
	{
		fields[count++] = strsep(&pos, ":");
	}
	if (count < FIELDS || pos)
	{
		wrong = "it is not complete, or mistyped";
	}
	else if (!get_check(line, fields[CHECK] - copy - 1, check))
	{
		wrong = "SHA-256 is not available";
	}
	else if (!streq(fields[CHECK], check))
	{
		wrong = "its checksum is not right: it is mistyped";
	}
	else
	{
		wrong = read_fields(fields, share);
	}
	if (!wrong && (!share_write(share, copy) || !streq(copy, line)))
	{
		wrong = "it is not written as shares are";
	}
	if (wrong)
	{
		memwipe(share, sizeof(*share));
	}
	memwipe(copy, sizeof(copy));
	return wrong;
}

/**
 * The fingerprint of a key.
 */
static bool get_fingerprint(const char *name, const uint8_t *secret,
							char out[COI_FINGERPRINT_TEXT])
{
	coi_key_t *key;

	key = coi_key_create(coi_suite_by_name("p384"), name, 0,
						 chunk_create((u_char*)secret, COI_KEY_LEN));
	if (!key)
	{
		return FALSE;
	}
	coi_key_fingerprint(key, out);
	coi_key_destroy(key);
	return TRUE;
}

bool share_split(const char *name, const uint8_t secret[COI_KEY_LEN],
				 rng_t *rng, u_int threshold, share_t *shares, u_int count)
{
	shamir_point_t points[SHAMIR_MAX];
	share_t share = { .threshold = threshold };
	bool success;
	u_int i;

	success = get_fingerprint(name, secret, share.fingerprint) &&
			  shamir_split(rng, secret, threshold, points, count);
	if (success)
	{
		strcpy(share.name, name);
		for (i = 0; i < count; i++)
		{
			shares[i] = share;
			shares[i].point = points[i];
		}
	}
	memwipe(points, sizeof(points));
	return success;
}

static char *say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static char *say(const char *fmt, ...)
{
	va_list args;
	char *text;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
	{
		abort();
	}
	va_end(args);
	return text;
}

/** Why shares do not belong together, NULL if they do. */
static char *compare(const share_t *a, const share_t *b)
{
	if (!streq(a->name, b->name))
	{
		return say("shares of different COIs are mixed: '%s' and '%s'",
				   a->name, b->name);
	}
	if (!streq(a->fingerprint, b->fingerprint))
	{
		return say("shares of different keys of COI '%s' are mixed: %s and %s",
				   a->name, a->fingerprint, b->fingerprint);
	}
	if (a->threshold != b->threshold)
	{
		return say("shares of different splits are mixed: some say that %u are "
				   "needed, some %u", a->threshold, b->threshold);
	}
	if (a->point.index == b->point.index)
	{
		return say("share %u is given twice", a->point.index);
	}
	return NULL;
}

char *share_combine(const share_t *shares, u_int count,
					uint8_t secret[COI_KEY_LEN])
{
	shamir_point_t points[SHAMIR_MAX];
	char fingerprint[COI_FINGERPRINT_TEXT], *wrong = NULL;
	uint8_t found[COI_KEY_LEN];
	u_int i, j;

	if (!count)
	{
		return say("no share is given");
	}
	for (i = 0; i < count && !wrong; i++)
	{
		for (j = 0; j < i && !wrong; j++)
		{
			wrong = compare(&shares[j], &shares[i]);
		}
	}
	if (wrong)
	{
		return wrong;
	}
	if (count < shares->threshold)
	{
		return say("%u shares of COI '%s' are needed, only %u %s given",
				   shares->threshold, shares->name, count,
				   count == 1 ? "is" : "are");
	}
	/* their indexes differ, so there are not more than fit */
	for (i = 0; i < count; i++)
	{
		points[i] = shares[i].point;
	}
	if (!shamir_combine(shares->threshold, points, count, found) ||
		!get_fingerprint(shares->name, found, fingerprint) ||
		!streq(fingerprint, shares->fingerprint))
	{
		wrong = say("these shares do not give the key %s of COI '%s': they are "
					"of different splits, or not genuine", shares->fingerprint,
					shares->name);
	}
	else
	{
		memcpy(secret, found, sizeof(found));
	}
	memwipe(found, sizeof(found));
	memwipe(points, sizeof(points));
	return wrong;
}
