/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_number.h"

bool coi_number_read(const char *text, uint64_t min, uint64_t max,
					 uint64_t *number)
{
	uint64_t value = 0, digit;

	if (!text || !*text)
	{
		return false;
	}
	for (; *text; text++)
	{
		if (*text < '0' || *text > '9')
		{
			return false;
		}
		digit = *text - '0';
		if (value > (UINT64_MAX - digit) / 10)
		{	/* wraps */
			return false;
		}
		value = value * 10 + digit;
	}
	if (value < min || value > max)
	{
		return false;
	}
	*number = value;
	return true;
}
