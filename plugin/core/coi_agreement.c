/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_agreement.h"

coi_shared_community_t *coi_agreement_find(const coi_agreement_t *this,
										   const char *name)
{
	u_int i;

	for (i = 0; i < this->count; i++)
	{
		if (streq(this->list[i].name, name))
		{
			return &this->list[i];
		}
	}
	return NULL;
}

void coi_agreement_add(coi_agreement_t *this, coi_key_t *key)
{
	this->list = realloc(this->list, (this->count + 1) * sizeof(*this->list));
	this->list[this->count++] = (coi_shared_community_t){
		.name = key->name,
		.key = coi_key_get_ref(key),
	};
}

/**
 * Octet order; strcmp() compares as unsigned and puts prefixes first.
 */
static int compare(const void *a, const void *b)
{
	const coi_shared_community_t *x = a, *y = b;

	return strcmp(x->name, y->name);
}

void coi_agreement_sort(coi_agreement_t *this)
{
	if (this->count)
	{
		qsort(this->list, this->count, sizeof(*this->list), compare);
	}
}

coi_agreement_t coi_agreement_clone(const coi_agreement_t *this)
{
	coi_agreement_t clone = {
		.list = calloc(max(this->count, 1), sizeof(*clone.list)),
		.count = this->count,
	};
	coi_shared_community_t *to;
	u_int i;

	for (i = 0; i < this->count; i++)
	{
		to = &clone.list[i];
		*to = this->list[i];
		coi_key_get_ref(to->key);
		to->encr_in = to->integ_in = to->encr_out = to->integ_out = chunk_empty;
		to->offers_there = coi_services_clone(&this->list[i].offers_there);
		to->uses_there = coi_services_clone(&this->list[i].uses_there);
		to->flows = coi_flows_clone(&this->list[i].flows);
	}
	return clone;
}

bool coi_agreement_uses_others(const coi_agreement_t *this,
							   const uint16_t *indexes, u_int count)
{
	u_int i, named = 0;

	for (i = 0; i < this->count; i++)
	{
		if (named < count && indexes[named] == i)
		{
			named++;
		}
		else if (this->list[i].used)
		{
			return TRUE;
		}
	}
	return FALSE;
}

static void wipe_keys(coi_shared_community_t *common)
{
	chunk_clear(&common->encr_in);
	chunk_clear(&common->integ_in);
	chunk_clear(&common->encr_out);
	chunk_clear(&common->integ_out);
}

void coi_agreement_drop(coi_agreement_t *this, const uint16_t *indexes,
						u_int count)
{
	u_int i;

	for (i = 0; i < count; i++)
	{
		this->list[indexes[i]].used = FALSE;
		wipe_keys(&this->list[indexes[i]]);
	}
}

void coi_agreement_clear(coi_agreement_t *this)
{
	coi_shared_community_t *common;
	u_int i;

	for (i = 0; i < this->count; i++)
	{
		common = &this->list[i];
		coi_key_destroy(common->key);
		wipe_keys(common);
		coi_services_clear(&common->offers_there);
		coi_services_clear(&common->uses_there);
		coi_flows_clear(&common->flows);
	}
	free(this->list);
	*this = (coi_agreement_t){};
}

bool coi_agreement_allocate(coi_agreement_t *this, const uint32_t *spis)
{
	u_int i;

	for (i = 0; i < this->count; i++)
	{
		if (spis[i] && ntohl(spis[i]) < COI_MIN_SPI)
		{
			return FALSE;
		}
	}
	for (i = 0; i < this->count; i++)
	{
		this->list[i].spi_in = spis[i];
		this->list[i].used = this->list[i].used && spis[i];
	}
	return TRUE;
}

/**
 * Describe one community; the lists are borrowed.
 */
static void describe(const coi_shared_community_t *common, u_int index,
					 const coi_community_t *community, bool initiator,
					 coi_info_community_t *out)
{
	*out = (coi_info_community_t){
		.index = index,
		.spi = common->spi_in,
		.mode = community->mode,
		.proposals = initiator ? (coi_proposal_t*)&common->proposal
							   : community->proposals,
		.proposal_count = initiator ? 1 : community->proposal_count,
		.offers = community->offers,
		.uses = community->uses,
	};
}

bool coi_agreement_describe(coi_agreement_t *this, const coi_profile_t *profile,
							bool initiator, const coi_info_t *more, size_t room,
							chunk_t *data)
{
	coi_info_community_t communities[COI_MAX_KEYS];
	coi_info_t info = {
		.id_type = profile->id_type,
		.id = profile->id,
		.start = profile->start,
		.user = more->user,
		.addresses = more->addresses,
		.communities = communities,
		.rounds = more->rounds,
		.proof = more->proof,
		.wish = more->wish,
	};
	const coi_community_t *community;
	coi_shared_community_t *common;
	size_t size = 0, needed;
	bool full = FALSE;
	u_int i;

	*data = chunk_empty;
	for (i = 0; i < this->count; i++)
	{
		common = &this->list[i];
		community = coi_profile_find(profile, common->name);
		common->used = common->used && community && !full &&
					   info.count < countof(communities);
		if (!common->used)
		{
			continue;
		}
		describe(common, i, community, initiator, &communities[info.count]);
		needed = coi_info_community_size(&communities[info.count]);
		if (coi_info_size(&info, size + needed) > room)
		{
			common->used = FALSE;
			full = TRUE;
			continue;
		}
		size += needed;
		info.count++;
	}
	return info.count && coi_info_encode(&info, data);
}

/**
 * Take the first of the peer's proposals that is one of ours, with the lengths
 * that only we know.
 */
static bool select_proposal(const coi_community_t *community,
							const coi_info_community_t *theirs,
							coi_proposal_t *selected)
{
	const coi_proposal_t *a, *b;
	u_int i, j;

	for (i = 0; i < theirs->proposal_count; i++)
	{
		for (j = 0; j < community->proposal_count; j++)
		{
			a = &theirs->proposals[i];
			b = &community->proposals[j];
			if (a->encr == b->encr && a->encr_bits == b->encr_bits &&
				a->integ == b->integ && a->esn == b->esn)
			{
				*selected = *b;
				return TRUE;
			}
		}
	}
	return FALSE;
}

/**
 * Compute the flows of a community.
 *
 * @param here		what the hosts themselves stand for, empty to leave it open
 * @param there
 */
static bool compute_flows(coi_shared_community_t *common,
						  const coi_community_t *community,
						  coi_ranges_t here, coi_ranges_t there)
{
	coi_side_t mine = {
		.offers = &community->offers,
		.uses = &community->uses,
		.itself = here,
	}, theirs = {
		.offers = &common->offers_there,
		.uses = &common->uses_there,
		.itself = there,
	};

	coi_flows_clear(&common->flows);
	return coi_filter_flows(&mine, &theirs, &common->flows);
}

/**
 * Apply what the peer says of one community. Whether it is used then depends on
 * who has the choice: the initiator leaves it out, the responder had said what it
 * takes and must be obeyed.
 */
static coi_reason_t apply(coi_shared_community_t *common,
						  const coi_community_t *community, bool initiator,
						  const coi_info_community_t *theirs)
{
	bool fits;

	fits = community && community->mode == theirs->mode &&
		   select_proposal(community, theirs, &common->proposal);
	if (!fits || (!initiator && theirs->proposal_count != 1))
	{
		return initiator ? COI_OK : COI_INFO;
	}
	common->used = TRUE;
	common->mode = community->mode;
	common->spi_out = theirs->spi;
	coi_services_clear(&common->offers_there);
	coi_services_clear(&common->uses_there);
	common->offers_there = coi_services_clone(&theirs->offers);
	common->uses_there = coi_services_clone(&theirs->uses);
	return compute_flows(common, community, (coi_ranges_t){},
						 (coi_ranges_t){}) ? COI_OK : COI_INTERNAL;
}

coi_reason_t coi_agreement_apply(coi_agreement_t *this,
								 const coi_profile_t *profile, bool initiator,
								 const coi_info_t *info)
{
	bool offered[COI_MAX_KEYS], any = FALSE;
	const coi_info_community_t *theirs;
	coi_reason_t reason;
	coi_shared_community_t *common;
	u_int i;

	if (this->count > countof(offered))
	{
		return COI_INTERNAL;
	}
	for (i = 0; i < this->count; i++)
	{
		offered[i] = initiator || this->list[i].used;
		this->list[i].used = FALSE;
	}
	for (i = 0; i < info->count; i++)
	{
		theirs = &info->communities[i];
		if (theirs->index >= this->count || !offered[theirs->index])
		{
			return COI_INFO;
		}
		common = &this->list[theirs->index];
		reason = apply(common, coi_profile_find(profile, common->name),
					   initiator, theirs);
		if (reason != COI_OK)
		{
			return reason;
		}
		any |= common->used;
	}
	return any ? COI_OK : COI_NO_PROPOSAL;
}

bool coi_agreement_resolve(coi_agreement_t *this, const coi_profile_t *profile,
						   const coi_itself_t *here, const coi_itself_t *there)
{
	const coi_community_t *community;
	coi_shared_community_t *common;
	u_int i;

	for (i = 0; i < this->count; i++)
	{
		common = &this->list[i];
		community = coi_profile_find(profile, common->name);
		if (common->used && community && common->mode == COI_MODE_TUNNEL &&
			!compute_flows(common, community,
						   coi_itself_choose(here, &common->uses_there),
						   coi_itself_choose(there, &community->uses)))
		{
			return FALSE;
		}
	}
	return TRUE;
}
