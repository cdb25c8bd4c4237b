/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_own_vals.h"

#include <collections/array.h>

/** A public key. */
typedef struct {
	uint8_t val[COI_MAX_VAL];
	/** when it is forgotten, ms; UINT64_MAX for the one that is in use */
	uint64_t until;
} known_t;

struct coi_vals_t {
	const coi_suite_t *suite;
	uint64_t keep;
	/** known_t, oldest first: one for each minute of the window */
	array_t *known;
};

coi_vals_t *coi_own_vals_create(const coi_suite_t *suite, uint64_t keep)
{
	coi_vals_t *this;

	INIT(this,
		.suite = suite,
		.keep = keep,
		.known = array_create(sizeof(known_t), 0),
	);
	return this;
}

void coi_own_vals_replace(coi_vals_t *this, const uint8_t *val, uint64_t now)
{
	known_t *current, next = {
		.until = UINT64_MAX,
	};
	enumerator_t *enumerator;

	enumerator = array_create_enumerator(this->known);
	while (enumerator->enumerate(enumerator, &current))
	{
		if (current->until == UINT64_MAX)
		{
			current->until = now + this->keep;
		}
		else if (current->until <= now)
		{
			array_remove_at(this->known, enumerator);
		}
	}
	enumerator->destroy(enumerator);
	if (val)
	{
		memcpy(next.val, val, this->suite->val_len);
		array_insert(this->known, ARRAY_TAIL, &next);
	}
}

bool coi_own_vals_has(const coi_vals_t *this, chunk_t val, uint64_t now)
{
	enumerator_t *enumerator;
	known_t *current;
	bool found = FALSE;

	if (val.len != this->suite->val_len)
	{
		return FALSE;
	}
	enumerator = array_create_enumerator(this->known);
	while (!found && enumerator->enumerate(enumerator, &current))
	{
		found = now < current->until && memeq(current->val, val.ptr, val.len);
	}
	enumerator->destroy(enumerator);
	return found;
}

u_int coi_own_vals_count(const coi_vals_t *this)
{
	return array_count(this->known);
}

void coi_own_vals_destroy(coi_vals_t *this)
{
	if (this)
	{
		array_destroy(this->known);
		free(this);
	}
}
