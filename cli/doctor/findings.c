/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "findings.h"
#include "base/output.h"

#include <stdarg.h>
#include <stdio.h>

/** Space for a finding. */
#define TEXT_LEN 1024

void doctor_add(doctor_t *doctor, doctor_result_t result, const char *check,
				const char *remedy, const char *fmt, ...)
{
	json_object *finding = json_object_new_object();
	char text[TEXT_LEN];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	json_object_object_add(finding, "check", json_object_new_string(check));
	json_object_object_add(finding, "result",
						   json_object_new_string(doctor_result_name(result)));
	json_object_object_add(finding, "text", output_json_string(text));
	if (remedy)
	{
		json_object_object_add(finding, "remedy", output_json_string(remedy));
	}
	json_object_array_add(doctor->findings, finding);
	doctor->count[result]++;
}

const char *doctor_result_name(doctor_result_t result)
{
	static const char *const names[] = { "OK", "WARN", "FAIL" };

	return names[result];
}

const char *doctor_option(const char *key)
{
	char name[128], *value;

	/* charon-systemd inherits from charon */
	snprintf(name, sizeof(name), "charon-systemd.plugins.coi.%s", key);
	value = lib->settings->get_str(lib->settings, name, NULL);
	if (!value)
	{
		snprintf(name, sizeof(name), "charon.plugins.coi.%s", key);
		value = lib->settings->get_str(lib->settings, name, NULL);
	}
	return value;
}

/** Edits that make one short name another one. */
static size_t distance(const char *a, const char *b)
{
	size_t row[64], last, next, i, j, len = strlen(b);

	if (len >= countof(row))
	{
		return len;
	}
	for (j = 0; j <= len; j++)
	{
		row[j] = j;
	}
	for (i = 0; a[i]; i++)
	{
		last = row[0]++;
		for (j = 0; j < len; j++)
		{
			next = min(last + (a[i] != b[j]), min(row[j], row[j + 1]) + 1);
			last = row[j + 1];
			row[j + 1] = next;
		}
	}
	return row[len];
}

const char *doctor_alike(const char *name, const char *const *known)
{
	const char *best = NULL;
	size_t least = max(strlen(name) / 3, (size_t)1) + 1, edits;

	for (; *known; known++)
	{
		edits = distance(name, *known);
		if (edits < least)
		{
			least = edits;
			best = *known;
		}
	}
	return best;
}

bool doctor_known(const char *name, const char *const *known)
{
	for (; *known; known++)
	{
		if (streq(name, *known))
		{
			return TRUE;
		}
	}
	return FALSE;
}
