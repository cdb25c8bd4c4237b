/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_auth_rounds.h"

/** what xauth-coi leaves in AUTH_RULE_XAUTH_BACKEND */
#define BACKEND "coi"

static bool is_ours(auth_cfg_t *auth)
{
	char *backend = auth->get(auth, AUTH_RULE_XAUTH_BACKEND);

	return backend && streq(backend, BACKEND);
}

u_int coi_auth_rounds_count(peer_cfg_t *peer, bool local, u_int *total)
{
	enumerator_t *enumerator;
	auth_cfg_t *auth;
	u_int ours = 0;

	*total = 0;
	enumerator = peer->create_auth_cfg_enumerator(peer, local);
	while (enumerator->enumerate(enumerator, &auth))
	{
		ours += is_ours(auth);
		(*total)++;
	}
	enumerator->destroy(enumerator);
	return ours;
}

/** Get a round by its place. */
static auth_cfg_t *get_round(peer_cfg_t *peer, bool local, u_int place)
{
	enumerator_t *enumerator;
	auth_cfg_t *current, *found = NULL;

	enumerator = peer->create_auth_cfg_enumerator(peer, local);
	while (!found && enumerator->enumerate(enumerator, &current))
	{
		if (!place--)
		{
			found = current;
		}
	}
	enumerator->destroy(enumerator);
	return found;
}

auth_cfg_t *coi_auth_rounds_identity(peer_cfg_t *peer, bool local)
{
	return get_round(peer, local, 1);
}

/**
 * Check how many rounds a side has, and what they prove by.
 */
static bool check_side(peer_cfg_t *peer, bool local, coi_mistake_t *mistake)
{
	char *side = local ? "local" : "remote";
	auth_cfg_t *auth;
	u_int ours, total;

	ours = coi_auth_rounds_count(peer, local, &total);
	if (!ours || !is_ours(get_round(peer, local, 0)))
	{
		return coi_mistake_note(mistake, ".%s.auth: xauth-coi is allowed, in "
								"the first round of both sides", side);
	}
	if (total > 2)
	{
		return coi_mistake_note(mistake, ".%s-*.auth: two rounds are allowed "
								"with xauth-coi, not %u", side, total);
	}
	auth = coi_auth_rounds_identity(peer, local);
	if (auth && (is_ours(auth) ||
		(uintptr_t)auth->get(auth, AUTH_RULE_AUTH_CLASS) != AUTH_CLASS_PUBKEY))
	{
		return coi_mistake_note(mistake, ".%s-2.auth: pubkey is allowed in a "
								"round after xauth-coi", side);
	}
	return TRUE;
}

/**
 * Refuse an identity that the peer would have to prove in the first round:
 * membership proves none, so it must not look as if it were checked. What else a
 * round may not have, coi_settings_check.h refuses.
 */
static bool check_membership(peer_cfg_t *peer, coi_mistake_t *mistake)
{
	auth_cfg_t *auth = get_round(peer, FALSE, 0);
	identification_t *identity;

	identity = auth->get(auth, AUTH_RULE_IDENTITY);
	if (identity && identity->get_type(identity) != ID_ANY)
	{
		return coi_mistake_note(mistake, ".remote.id = %Y: %%any is allowed, "
								"xauth-coi proves membership and not who a "
								"member is, which remote-2 with auth = pubkey "
								"demands", identity);
	}
	return TRUE;
}

bool coi_auth_rounds_check(peer_cfg_t *peer, coi_mistake_t *mistake)
{
	return check_side(peer, TRUE, mistake) &&
		   check_side(peer, FALSE, mistake) &&
		   check_membership(peer, mistake);
}
