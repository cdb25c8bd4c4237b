/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_profile.h"

/** ID types of RFC 7296 section 3.5 that the protocol knows */
enum {
	ID_TYPE_NONE = 0,
	ID_TYPE_IPV4 = 1,
	ID_TYPE_FQDN = 2,
	ID_TYPE_RFC822 = 3,
	ID_TYPE_IPV6 = 5,
	ID_TYPE_DN = 9,
	ID_TYPE_KEY_ID = 11,
};

coi_profile_t *coi_profile_create(uint8_t id_type, chunk_t id, uint64_t start,
								  u_int count)
{
	coi_profile_t *this;

	if (id.len > COI_MAX_IDENTITY)
	{
		return NULL;
	}
	INIT(this,
		.id_type = id_type,
		.id = chunk_clone(id),
		.start = start,
		.communities = calloc(max(count, 1), sizeof(*this->communities)),
		.count = count,
		.refcount = 1,
	);
	return this;
}

coi_profile_t *coi_profile_get_ref(coi_profile_t *profile)
{
	ref_get(&profile->refcount);
	return profile;
}

bool coi_profile_valid_id(uint8_t type, size_t len)
{
	switch (type)
	{
		case ID_TYPE_NONE:
			return !len;
		case ID_TYPE_IPV4:
			return len == sizeof(struct in_addr);
		case ID_TYPE_IPV6:
			return len == sizeof(struct in6_addr);
		case ID_TYPE_FQDN:
		case ID_TYPE_RFC822:
		case ID_TYPE_DN:
		case ID_TYPE_KEY_ID:
			return len && len <= COI_MAX_IDENTITY;
		default:
			return FALSE;
	}
}

const coi_community_t *coi_profile_find(const coi_profile_t *profile,
										const char *name)
{
	u_int i;

	for (i = 0; i < profile->count; i++)
	{
		if (streq(profile->communities[i].name, name))
		{
			return &profile->communities[i];
		}
	}
	return NULL;
}

void coi_profile_destroy(coi_profile_t *profile)
{
	coi_community_t *community;
	u_int i;

	if (profile && ref_put(&profile->refcount))
	{
		for (i = 0; i < profile->count; i++)
		{
			community = &profile->communities[i];
			free(community->name);
			free(community->proposals);
			coi_services_clear(&community->offers);
			coi_services_clear(&community->uses);
		}
		free(profile->communities);
		chunk_free(&profile->id);
		free(profile);
	}
}
