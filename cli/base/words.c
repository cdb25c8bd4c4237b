/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "words.h"
#include "control_client.h"

#include <inttypes.h>

char *words_seconds(json_object *object, const char *key, char buf[WORDS_LEN])
{
	static const struct {
		char unit;
		u_int seconds;
	} units[] = {
		{ 'd', 86400 },
		{ 'h', 3600 },
		{ 'm', 60 },
		{ 's', 1 },
	};
	uint64_t value;
	u_int i = 0;

	buf[0] = '\0';
	if (json_object_object_get_ex(object, key, NULL))
	{
		value = control_number(object, key);
		while (i < countof(units) - 1 && value < 2 * units[i].seconds)
		{
			i++;
		}
		snprintf(buf, WORDS_LEN, "%" PRIu64 "%c", value / units[i].seconds,
				 units[i].unit);
	}
	return buf;
}

char *words_number(json_object *object, const char *key, char buf[WORDS_LEN])
{
	buf[0] = '\0';
	if (json_object_object_get_ex(object, key, NULL))
	{
		snprintf(buf, WORDS_LEN, "%" PRIu64, control_number(object, key));
	}
	return buf;
}

char *words_list(json_object *array, const char *key)
{
	json_object *item;
	char *list = strdup(""), *longer;
	const char *text;
	size_t i;

	for (i = 0; array && i < json_object_array_length(array); i++)
	{
		item = json_object_array_get_idx(array, i);
		text = key ? control_str(item, key) : json_object_get_string(item);
		if (asprintf(&longer, "%s%s%s", list, *list ? "," : "", text ?: "") < 0)
		{
			break;
		}
		free(list);
		list = longer;
	}
	return list;
}
