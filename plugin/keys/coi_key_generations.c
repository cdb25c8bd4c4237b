/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_key_generations.h"

static void held_clear(coi_key_generation_t *this)
{
	this->secret->destroy(this->secret);
	if (this->key)
	{
		coi_key_destroy(this->key);
	}
}

static bool equal_secrets(shared_key_t *a, shared_key_t *b)
{
	return a == b || chunk_equals_const(a->get_key(a), b->get_key(b));
}

/**
 * Find a secret among what a community holds.
 */
static coi_key_generation_t *find_secret(const coi_key_generations_t *this,
									 shared_key_t *secret)
{
	u_int i;

	for (i = 0; this && i < this->count; i++)
	{
		if (equal_secrets(this->held[i].secret, secret))
		{
			return &this->held[i];
		}
	}
	return NULL;
}

/**
 * Note what is wrong, the first thing only: it is one line in the log.
 */
static void complain(coi_key_generations_t *this, char *fmt, ...)
{
	va_list args;

	if (!this->complaint)
	{
		va_start(args, fmt);
		if (vasprintf(&this->complaint, fmt, args) < 0)
		{
			this->complaint = NULL;
		}
		va_end(args);
	}
}

/*
 * Charon's credential sets enumerate what was loaded last first, and swanctl
 * loads all secrets in the order of the file each time. So the first one is the
 * newest, and goes last in our list.
 */
void coi_key_generations_collect(coi_key_generations_t *this, const char *name,
								 const coi_suite_t *suite)
{
	enumerator_t *enumerator;
	identification_t *id;
	shared_key_t *secret;
	id_match_t match;
	chunk_t value;
	u_int i;

	*this = (coi_key_generations_t){
		.name = strdup(name),
		.suite = suite,
	};
	id = identification_create_from_string(this->name);
	enumerator = lib->credmgr->create_shared_enumerator(lib->credmgr,
														SHARED_PPK, id, NULL);
	while (enumerator->enumerate(enumerator, &secret, &match, NULL))
	{
		/* a PPK without an id is for anybody in IKE, but no COI's key */
		if (match != ID_MATCH_PERFECT || find_secret(this, secret))
		{
			continue;
		}
		value = secret->get_key(secret);
		if (value.len != COI_KEY_LEN)
		{
			complain(this, "secrets.ppk<suffix>.secret of id '%s' has %zu bit: "
					 "%d bit are allowed; this key of COI '%s' is not used",
					 this->name, value.len * 8, COI_KEY_LEN * 8, this->name);
			continue;
		}
		this->held = realloc(this->held, (this->count + 1) *
												sizeof(coi_key_generation_t));
		this->held[this->count++] = (coi_key_generation_t){
			.secret = secret->get_ref(secret),
		};
	}
	enumerator->destroy(enumerator);
	id->destroy(id);

	for (i = 0; i < this->count / 2; i++)
	{
		coi_key_generation_t swap = this->held[i];

		this->held[i] = this->held[this->count - 1 - i];
		this->held[this->count - 1 - i] = swap;
	}
}

/**
 * Remove a secret from a community.
 */
static void remove_held(coi_key_generations_t *this, u_int at)
{
	held_clear(&this->held[at]);
	this->count--;
	memmove(&this->held[at], &this->held[at + 1],
			(this->count - at) * sizeof(coi_key_generation_t));
}

void coi_key_generations_derive(coi_key_generations_t *this,
								const coi_key_generations_t *before)
{
	coi_key_generation_t *held;
	coi_key_t *key;
	u_int last = 0, i;

	if (before && before->suite != this->suite)
	{
		before = NULL;
	}
	this->highest = before ? before->highest : 0;
	for (i = 0; i < this->count;)
	{
		held = find_secret(before, this->held[i].secret);
		if (held && held->key->generation > last)
		{
			key = coi_key_get_ref(held->key);
		}
		else
		{
			key = coi_key_create(this->suite, this->name, this->highest + 1,
								 this->held[i].secret->get_key(
													this->held[i].secret));
			if (!key)
			{
				complain(this, "COI '%s': deriving a key failed, is there a "
						 "plugin for the algorithms of suite %s?", this->name,
						 this->suite->name);
				remove_held(this, i);
				continue;
			}
			this->highest++;
		}
		last = key->generation;
		this->held[i++].key = key;
	}
	if (!this->count)
	{
		complain(this, "COI '%s' is not used: it has no key, "
				 "secrets.ppk<suffix> with id = %s and a secret of %d bit is "
				 "needed", this->name, this->name, COI_KEY_LEN * 8);
	}
}

bool coi_key_generations_hold(const coi_key_generations_t *this,
							  const coi_key_t *key)
{
	u_int i;

	for (i = 0; this && i < this->count; i++)
	{
		if (coi_key_equals(this->held[i].key, key))
		{
			return TRUE;
		}
	}
	return FALSE;
}

void coi_key_generations_drop(coi_key_generations_t *this)
{
	complain(this, "COI '%s': a key is not used, %d keys in all COIs are "
			 "allowed", this->name, COI_MAX_KEYS);
	remove_held(this, 0);
}

void coi_key_generations_clear(coi_key_generations_t *this)
{
	u_int i;

	for (i = 0; i < this->count; i++)
	{
		held_clear(&this->held[i]);
	}
	free(this->held);
	free(this->complaint);
	free(this->name);
}
