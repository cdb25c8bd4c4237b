/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_range.h"

size_t coi_range_len(uint8_t family)
{
	switch (family)
	{
		case COI_FAMILY_IPV4:
			return sizeof(struct in_addr);
		case COI_FAMILY_IPV6:
			return sizeof(struct in6_addr);
		default:
			return 0;
	}
}

bool coi_range_set(coi_range_t *range, uint8_t family, const uint8_t *first,
				   const uint8_t *last)
{
	size_t len = coi_range_len(family);

	*range = (coi_range_t){ .family = family };
	if (!len || memcmp(first, last, len) > 0)
	{
		return FALSE;
	}
	memcpy(range->first, first, len);
	memcpy(range->last, last, len);
	return TRUE;
}

/* what is not used of an address is zero */
int coi_range_compare(const void *a, const void *b)
{
	const coi_range_t *x = a, *y = b;
	int diff;

	if (x->family != y->family)
	{
		return (int)x->family - y->family;
	}
	diff = memcmp(x->first, y->first, sizeof(x->first));
	return diff ?: memcmp(x->last, y->last, sizeof(x->last));
}

bool coi_range_equals(const coi_range_t *a, const coi_range_t *b)
{
	return coi_range_compare(a, b) == 0;
}

bool coi_range_contains(const coi_range_t *a, const coi_range_t *b)
{
	return a->family == b->family &&
		   memcmp(a->first, b->first, sizeof(a->first)) <= 0 &&
		   memcmp(a->last, b->last, sizeof(a->last)) >= 0;
}

bool coi_range_intersect(const coi_range_t *a, const coi_range_t *b,
						 coi_range_t *both)
{
	if (a->family != b->family)
	{
		return FALSE;
	}
	*both = *a;
	if (memcmp(b->first, a->first, sizeof(a->first)) > 0)
	{
		memcpy(both->first, b->first, sizeof(both->first));
	}
	if (memcmp(b->last, a->last, sizeof(a->last)) < 0)
	{
		memcpy(both->last, b->last, sizeof(both->last));
	}
	return memcmp(both->first, both->last, sizeof(both->first)) <= 0;
}

void coi_ranges_join(coi_ranges_t *ranges)
{
	coi_range_t *last, *next;
	u_int i, used = 1;

	if (!ranges->count)
	{
		return;
	}
	qsort(ranges->list, ranges->count, sizeof(*ranges->list),
		  coi_range_compare);
	for (i = 1; i < ranges->count; i++)
	{
		last = &ranges->list[used - 1];
		next = &ranges->list[i];
		if (next->family != last->family ||
			memcmp(next->first, last->last, sizeof(next->first)) > 0)
		{
			ranges->list[used++] = *next;
		}
		else if (memcmp(next->last, last->last, sizeof(next->last)) > 0)
		{
			memcpy(last->last, next->last, sizeof(last->last));
		}
	}
	ranges->count = used;
}

bool coi_ranges_intersect(const coi_ranges_t *a, const coi_ranges_t *b,
						  coi_ranges_t *both)
{
	u_int i, j;

	/* ranges of one list are disjoint: there are fewer than in both together */
	*both = (coi_ranges_t){
		.list = calloc(a->count + b->count + 1, sizeof(*both->list)),
	};
	for (i = 0; both->list && i < a->count; i++)
	{
		for (j = 0; j < b->count; j++)
		{
			if (coi_range_intersect(&a->list[i], &b->list[j],
									&both->list[both->count]))
			{
				both->count++;
			}
		}
	}
	return both->list;
}
