/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_key.h"

/**
 * Derive base and gate0 from the secret.
 */
static bool derive(coi_key_t *this, chunk_t secret)
{
	uint8_t label[COI_LABEL_LEN], gate0[COI_MAX_HASH];
	chunk_t name = chunk_from_str(this->name), salt;

	salt = coi_suite_label(this->suite, "community", FALSE, label);
	this->base = chunk_alloc(this->suite->hash_len);
	if (coi_suite_extract(this->suite, salt, secret, this->base.ptr) &&
		coi_suite_expand(this->suite, this->base, "gate0", &name, 1, gate0,
						 this->suite->hash_len))
	{
		this->gate0 = coi_suite_mac_create(this->suite,
								chunk_create(gate0, this->suite->hash_len));
	}
	memwipe(gate0, sizeof(gate0));
	return this->gate0;
}

/**
 * Derive the fingerprint, by suite p384 for all suites: somebody who has only
 * the key cannot know the community's.
 */
static bool derive_fingerprint(coi_key_t *this, chunk_t secret)
{
	const coi_suite_t *suite = coi_suite_by_name("p384");
	uint8_t base[COI_MAX_HASH], label[COI_LABEL_LEN];
	chunk_t name = chunk_from_str(this->name), salt;
	bool success;

	salt = coi_suite_label(suite, "community", FALSE, label);
	success = coi_suite_extract(suite, salt, secret, base) &&
			  coi_suite_expand(suite, chunk_create(base, suite->hash_len),
							   "fingerprint", &name, 1, this->fingerprint,
							   sizeof(this->fingerprint));
	memwipe(base, sizeof(base));
	return success;
}

coi_key_t *coi_key_create(const coi_suite_t *suite, const char *name,
						  u_int generation, chunk_t secret)
{
	coi_key_t *this;
	size_t len = strlen(name);

	if (!len || len > COI_MAX_NAME || secret.len != COI_KEY_LEN)
	{
		return NULL;
	}
	INIT(this,
		.name = strdup(name),
		.suite = suite,
		.generation = generation,
		.refcount = 1,
	);
	if (!derive(this, secret) || !derive_fingerprint(this, secret))
	{
		coi_key_destroy(this);
		return NULL;
	}
	return this;
}

coi_key_t *coi_key_get_ref(coi_key_t *key)
{
	ref_get(&key->refcount);
	return key;
}

bool coi_key_equals(const coi_key_t *a, const coi_key_t *b)
{
	return a == b || (a->suite == b->suite && streq(a->name, b->name) &&
					  chunk_equals_const(a->base, b->base));
}

void coi_key_fingerprint(const coi_key_t *key, char out[COI_FINGERPRINT_TEXT])
{
	u_int i;

	for (i = 0; i < COI_FINGERPRINT_LEN; i += 2)
	{
		out += sprintf(out, "%s%02x%02x", i ? "-" : "", key->fingerprint[i],
					   key->fingerprint[i + 1]);
	}
}

void coi_key_destroy(coi_key_t *key)
{
	if (key && ref_put(&key->refcount))
	{
		DESTROY_IF(key->gate0);
		chunk_clear(&key->base);
		free(key->name);
		free(key);
	}
}

coi_keyset_t *coi_keyset_create(coi_key_t **keys, u_int count)
{
	coi_keyset_t *this;
	u_int i;

	if (count > COI_MAX_KEYS)
	{
		for (i = 0; i < count; i++)
		{
			coi_key_destroy(keys[i]);
		}
		return NULL;
	}
	INIT(this,
		.keys = calloc(max(count, 1), sizeof(*keys)),
		.count = count,
		.refcount = 1,
	);
	memcpy(this->keys, keys, count * sizeof(*keys));
	return this;
}

coi_keyset_t *coi_keyset_get_ref(coi_keyset_t *set)
{
	ref_get(&set->refcount);
	return set;
}

void coi_keyset_destroy(coi_keyset_t *set)
{
	u_int i;

	if (set && ref_put(&set->refcount))
	{
		for (i = 0; i < set->count; i++)
		{
			coi_key_destroy(set->keys[i]);
		}
		free(set->keys);
		free(set);
	}
}
