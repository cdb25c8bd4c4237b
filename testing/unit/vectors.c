/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_test.h"
#include "vectors.h"

#include <stdarg.h>

#include <criterion/criterion.h>

/** octets that are alive at a time, and the longest */
#define RING 512
#define LONGEST 40000

static void fail(const char *what, const char *which)
{
	fprintf(stderr, "vectors: %s: %s\n", what, which);
	abort();
}

/**
 * Take a line apart and add it to the last record.
 */
static void add_line(vectors_t *this, char *line)
{
	record_t *record = &this->records[this->count - 1];
	char *value;

	value = strstr(line, " =");
	if (!value)
	{
		fail("no value", line);
	}
	*value = '\0';
	value += 2;
	record->lines = realloc(record->lines,
							(record->count + 1) * sizeof(*record->lines));
	record->lines[record->count].name = line;
	record->lines[record->count++].value = *value ? value + 1 : value;
}

vectors_t *vectors_read(const char *name)
{
	vectors_t *this;
	char path[PATH_MAX], *line, *next;
	bool inside = FALSE;
	chunk_t *file;

	snprintf(path, sizeof(path), TESTING_DIR "/vectors/%s-%s.vec", name,
			 coi_test_suite()->name);
	if (access(path, R_OK) != 0)
	{	/* the first suite, or the same for all */
		snprintf(path, sizeof(path), TESTING_DIR "/vectors/%s.vec", name);
	}
	file = chunk_map(path, FALSE);
	if (!file)
	{
		fail("not readable", path);
	}
	INIT(this,
		.text = strndup((char*)file->ptr, file->len),
	);
	chunk_unmap(file);
	for (line = this->text; *line; line = next)
	{
		next = strchrnul(line, '\n');
		if (*next)
		{
			*next++ = '\0';
		}
		if (!*line)
		{
			inside = FALSE;
		}
		else if (*line != '#')
		{
			if (!inside)
			{
				this->records = realloc(this->records, (this->count + 1) *
										sizeof(*this->records));
				this->records[this->count++] = (record_t){};
				inside = TRUE;
			}
			add_line(this, line);
		}
	}
	if (!this->count)
	{
		fail("empty", path);
	}
	return this;
}

void vectors_destroy(vectors_t *this)
{
	u_int i;

	for (i = 0; i < this->count; i++)
	{
		free(this->records[i].lines);
	}
	free(this->records);
	free(this->text);
	free(this);
}

static const char *find(const record_t *record, const char *format,
						va_list args, bool required)
{
	char name[128];
	u_int i;

	vsnprintf(name, sizeof(name), format, args);
	for (i = 0; i < record->count; i++)
	{
		if (streq(record->lines[i].name, name))
		{
			return record->lines[i].value;
		}
	}
	if (required)
	{
		fail(record->lines[0].value, name);
	}
	return NULL;
}

bool vec_has(const record_t *record, const char *name, ...)
{
	const char *value;
	va_list args;

	va_start(args, name);
	value = find(record, name, args, FALSE);
	va_end(args);
	return value;
}

const char *vec_text(const record_t *record, const char *name, ...)
{
	const char *value;
	va_list args;

	va_start(args, name);
	value = find(record, name, args, TRUE);
	va_end(args);
	return value;
}

chunk_t vec_octets(const record_t *record, const char *name, ...)
{
	static uint8_t ring[RING][LONGEST / 2];
	static u_int next;
	const char *value;
	va_list args;

	va_start(args, name);
	value = find(record, name, args, TRUE);
	va_end(args);
	if (strlen(value) % 2 || strlen(value) > LONGEST)
	{
		fail("no octets", name);
	}
	return chunk_from_hex(chunk_from_str((char*)value),
						  (char*)ring[next++ % RING]);
}

uint64_t vec_number(const record_t *record, const char *name, ...)
{
	const char *value;
	va_list args;

	va_start(args, name);
	value = find(record, name, args, TRUE);
	va_end(args);
	return strtoull(value, NULL, 10);
}

uint64_t vec_spi(const record_t *record, const char *name)
{
	chunk_t octets = vec_octets(record, "%s", name);

	return octets.len == 8 ? untoh64(octets.ptr) : 0;
}

coi_key_t *vec_key(const record_t *record, const char *prefix)
{
	chunk_t octets = vec_octets(record, "%sname", prefix);
	char name[COI_MAX_NAME + 1] = {};
	coi_key_t *key;

	cr_assert_leq(octets.len, COI_MAX_NAME);
	memcpy(name, octets.ptr, octets.len);
	key = coi_key_create(SUITE, name, 0, vec_octets(record, "%sK", prefix));
	cr_assert_not_null(key);
	return key;
}

coi_range_t vec_range(const char *first, const char *last)
{
	chunk_t from, to;
	coi_range_t range;

	from = chunk_from_hex(chunk_from_str((char*)first), NULL);
	to = chunk_from_hex(chunk_from_str((char*)last), NULL);
	cr_assert_eq(from.len, to.len);
	cr_assert(coi_range_set(&range, from.len == 4 ? 4 : 6, from.ptr, to.ptr));
	free(from.ptr);
	free(to.ptr);
	return range;
}

coi_services_t vec_services(const record_t *record, const char *name)
{
	coi_services_t services = { .count = vec_number(record, "%s", name) };
	char first[33], last[33];
	coi_service_t *service;
	const char *text;
	u_int i;
	int n;

	services.list = calloc(max(services.count, 1), sizeof(*services.list));
	for (i = 0; i < services.count; i++)
	{
		service = &services.list[i];
		text = vec_text(record, "%s.%u", name, i);
		n = sscanf(text, "%hhu %hu %hu %32s %32s", &service->proto,
				   &service->from, &service->to, first, last);
		cr_assert(n == 3 || n == 5, "%s", text);
		service->at = n == 5 ? vec_range(first, last) : (coi_range_t){};
	}
	return services;
}
