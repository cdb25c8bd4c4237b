/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_ike_names.h"

void coi_ike_names_set_mine(ike_sa_t *ike_sa, peer_cfg_t *peer)
{
	enumerator_t *enumerator;
	identification_t *id;
	auth_cfg_t *auth;

	enumerator = peer->create_auth_cfg_enumerator(peer, TRUE);
	if (enumerator->enumerate(enumerator, &auth))
	{
		id = auth->get(auth, AUTH_RULE_IDENTITY);
		if (id)
		{
			ike_sa->set_my_id(ike_sa, id->clone(id));
		}
	}
	enumerator->destroy(enumerator);
}

void coi_ike_names_set_other(ike_sa_t *ike_sa, identification_t *id)
{
	identification_t *current = ike_sa->get_other_id(ike_sa);
	host_t *other = ike_sa->get_other_host(ike_sa);

	if (id->get_type(id) != ID_ANY)
	{
		ike_sa->set_other_id(ike_sa, id->clone(id));
	}
	else if (current->get_type(current) == ID_ANY)
	{
		ike_sa->set_other_id(ike_sa, identification_create_from_sockaddr(
												other->get_sockaddr(other)));
	}
}
