/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_val.h"

coi_val_t *coi_val_create(const coi_suite_t *suite)
{
	return coi_val_create_of(suite, coi_suite_val_create(suite));
}

coi_val_t *coi_val_create_of(const coi_suite_t *suite, private_key_t *key)
{
	coi_val_t *this;

	INIT(this,
		.suite = suite,
		.key = key,
		.refcount = 1,
	);
	if (!this->key || !coi_suite_val_public(suite, this->key, this->public))
	{
		coi_val_destroy(this);
		return NULL;
	}
	return this;
}

coi_val_t *coi_val_get_ref(coi_val_t *val)
{
	ref_get(&val->refcount);
	return val;
}

void coi_val_destroy(coi_val_t *val)
{
	if (val && ref_put(&val->refcount))
	{
		DESTROY_IF(val->key);
		free(val);
	}
}
