/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_test.h"

#include <utils/debug.h>

#define PLUGINS "openssl kdf nonce random hmac sha1 sha2 aes gcm pem pkcs1 " \
				"pkcs8 x509 pubkey"

/** once it was asked for, or set */
static const coi_suite_t *suite_used;

void coi_test_init()
{
	char *level = getenv("COI_TEST_DEBUG");

	dbg_default_set_level(level ? atoi(level) : 0);
	if (!library_init(NULL, "coi-test"))
	{
		fprintf(stderr, "library not initialised\n");
		abort();
	}
	lib->plugins->add_path(lib->plugins, PLUGINDIR);
	if (!lib->plugins->load(lib->plugins, PLUGINS))
	{
		fprintf(stderr, "plugins not loaded\n");
		abort();
	}
}

void coi_test_deinit()
{
	library_deinit();
}

const coi_suite_t *coi_test_suite()
{
	char *name = getenv("COI_TEST_SUITE");

	if (!suite_used)
	{
		suite_used = name ? coi_suite_by_name(name) : coi_suite_nth(0);
	}
	if (!suite_used)
	{
		fprintf(stderr, "no suite %s\n", name);
		abort();
	}
	return suite_used;
}

void coi_test_use(const coi_suite_t *suite)
{
	suite_used = suite;
}

coi_timing_t coi_test_timing()
{
	return (coi_timing_t){
		.first = COI_RETRANSMIT_FIRST,
		.tries = COI_RETRANSMIT_TRIES,
		.last = COI_RETRANSMIT_LAST,
		.collect = COI_COLLECT_TIME,
		.pause = COI_REPEAT_PAUSE,
	};
}

coi_key_t *coi_test_key(const char *name, u_int generation)
{
	uint8_t secret[COI_KEY_LEN];
	size_t len = strlen(name);
	u_int i;

	for (i = 0; i < sizeof(secret); i++)
	{
		secret[i] = name[i % len] + generation * 31 + i;
	}
	return coi_key_create(coi_test_suite(), name, generation,
						  chunk_from_thing(secret));
}

coi_keyset_t *coi_test_keys(const char *names)
{
	coi_key_t *keys[COI_MAX_KEYS + 1];
	enumerator_t *enumerator;
	char *token, *slash;
	u_int count = 0;

	enumerator = enumerator_create_token(names, " ", " ");
	while (enumerator->enumerate(enumerator, &token) && count < countof(keys))
	{
		if (!*token)
		{
			continue;
		}
		slash = strchr(token, '/');
		if (slash)
		{
			*slash++ = '\0';
		}
		keys[count++] = coi_test_key(token, slash ? atoi(slash) : 0);
	}
	enumerator->destroy(enumerator);
	return coi_keyset_create(keys, count);
}

const char *coi_test_names(u_int first, u_int count)
{
	static char ring[4][COI_MAX_KEYS * 5 + 1];
	static u_int next;
	char *buf = ring[next++ % countof(ring)];
	u_int i;

	*buf = '\0';
	for (i = first; i < first + count; i++)
	{
		sprintf(buf + strlen(buf), "c%02u ", i);
	}
	return buf;
}

/**
 * Read "6/443-443 17/53-53".
 */
static coi_services_t parse_services(const char *list)
{
	coi_services_t services = {
		.list = calloc(COI_MAX_SERVICES, sizeof(coi_service_t)),
	};
	enumerator_t *enumerator;
	coi_service_t *service;
	char *token;

	enumerator = enumerator_create_token(list, " ", " ");
	while (enumerator->enumerate(enumerator, &token) &&
		   services.count < COI_MAX_SERVICES)
	{
		service = &services.list[services.count];
		if (sscanf(token, "%hhu/%hu-%hu", &service->proto, &service->from,
				   &service->to) == 3)
		{
			services.count++;
		}
	}
	enumerator->destroy(enumerator);
	return services;
}

coi_profile_t *coi_test_profile(const char *id, const char *names)
{
	coi_profile_t *profile;
	coi_community_t *community;
	enumerator_t *enumerator;
	char *token, *slash;

	/* ID_FQDN */
	profile = coi_profile_create(id ? 2 : 0,
								 id ? chunk_from_str((char*)id) : chunk_empty,
								 COI_TEST_WALL - 1000, COI_MAX_KEYS);
	profile->count = 0;
	enumerator = enumerator_create_token(names, " ", " ");
	while (enumerator->enumerate(enumerator, &token) &&
		   profile->count < COI_MAX_KEYS)
	{
		slash = strchr(token, '/');
		if (slash)
		{
			*slash = '\0';
		}
		if (!*token || coi_profile_find(profile, token))
		{
			continue;
		}
		community = &profile->communities[profile->count++];
		community->name = strdup(token);
		community->mode = 1;
		community->proposals = calloc(1, sizeof(coi_proposal_t));
		community->proposal_count = 1;
		community->proposals[0] = (coi_proposal_t){
			.encr = 20,
			.encr_bits = 256,
			.encr_len = 36,
		};
		community->offers = parse_services("0/0-65535");
		community->uses = parse_services("0/0-65535");
	}
	enumerator->destroy(enumerator);
	return profile;
}

void coi_test_services(coi_profile_t *profile, const char *name,
					   const char *offers, const char *uses)
{
	coi_community_t *community;

	community = (coi_community_t*)coi_profile_find(profile, name);
	coi_services_clear(&community->offers);
	coi_services_clear(&community->uses);
	community->offers = parse_services(offers);
	community->uses = parse_services(uses);
}

/**
 * Sign as coi_test_prove() says.
 */
static chunk_t sign(const coi_binder_t *binder, const coi_proof_t *proof)
{
	chunk_t octets;

	if (!coi_proof_octets(binder, proof, &octets))
	{
		abort();
	}
	return chunk_cat("cm", proof->id, octets);
}

bool coi_test_prove(const coi_session_t *session, const char *id,
					coi_proof_t *proof)
{
	coi_binder_t binder;

	*proof = (coi_proof_t){};
	if (!id || !coi_session_asked(session, &binder))
	{
		return FALSE;
	}
	proof->id_type = 2;
	proof->id = chunk_clone(chunk_from_str((char*)id));
	proof->algorithm = chunk_clone(chunk_from_str("none"));
	coi_proof_add_cert(proof, COI_CERT_RAW, proof->id);
	proof->signature = sign(&binder, proof);
	return TRUE;
}

bool coi_test_verify(const coi_session_t *session, const char *id)
{
	const coi_proof_t *proof;
	coi_binder_t binder;
	chunk_t signature;
	bool good;

	proof = coi_session_proof(session, &binder);
	if (!proof)
	{
		return FALSE;
	}
	signature = sign(&binder, proof);
	good = proof->cert_count == 1 && chunk_equals(proof->signature, signature) &&
		   (!id || chunk_equals(proof->id, chunk_from_str((char*)id)));
	chunk_free(&signature);
	return good;
}

coi_addresses_t coi_test_addresses(const uint8_t own[COI_ADDR_LEN],
								   const uint8_t seen[COI_ADDR_LEN])
{
	coi_addresses_t addresses = {
		.seen.port = COI_DEFAULT_PORT,
		.own.port = COI_DEFAULT_PORT,
	};

	memcpy(addresses.own.addr, own, COI_ADDR_LEN);
	memcpy(addresses.seen.addr, seen, COI_ADDR_LEN);
	return addresses;
}
