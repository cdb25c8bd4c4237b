/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_session_vips.h"
#include "sa/coi_ike_shell.h"

/** Check out the IKE_SA of a session, NULL if charon has destroyed it. */
static ike_sa_t *checkout(const coi_session_entry_t *entry)
{
	return charon->ike_sa_manager->checkout(charon->ike_sa_manager,
									entry->tunnel->get_id(entry->tunnel));
}

bool coi_session_vips_wish(const coi_session_entry_t *entry,
						   coi_vip_client_t *client, coi_wish_t *wish)
{
	ike_sa_t *ike_sa;
	bool wants;

	ike_sa = entry->conn->profile->wishes ? checkout(entry) : NULL;
	if (!ike_sa)
	{
		return FALSE;
	}
	wants = client->wish(client, ike_sa, wish);
	coi_ike_shell_checkin(ike_sa);
	return wants;
}

/**
 * Who a lease is for: who the peer has proved to be, or says to be, or where it
 * is seen.
 */
static identification_t *get_key(const coi_session_entry_t *entry, bool *proved)
{
	const coi_proof_t *proof;
	identification_t *said;
	coi_binder_t binder;

	*proved = entry->conn->profile->demands;
	proof = *proved ? coi_session_proof(entry->session, &binder) : NULL;
	if (proof)
	{
		return identification_create_from_encoding(proof->id_type, proof->id);
	}
	said = coi_session_entry_peer_id(entry);
	return said ?: identification_create_from_sockaddr(
									entry->other->get_sockaddr(entry->other));
}

bool coi_session_vips_lease(const coi_session_entry_t *entry,
							coi_vip_leases_t *leases, coi_grant_t *grant)
{
	const coi_wish_t *wish = coi_session_wish(entry->session);
	bool pools = entry->conn->gives, proved, leased;
	identification_t *key;
	ike_sa_t *ike_sa;

	*grant = (coi_grant_t){};
	if (!pools && !wish)
	{
		return TRUE;
	}
	if (!pools || !wish)
	{
		DBG1(DBG_IKE, "COI session with %H refused: %s", entry->other,
			 wish ? "it asks for a virtual address, and there is no pool"
				  : "it does not ask for a virtual address");
		return FALSE;
	}
	ike_sa = checkout(entry);
	if (!ike_sa)
	{
		return FALSE;
	}
	key = get_key(entry, &proved);
	leased = leases->acquire(leases, ike_sa, key, proved, wish, grant);
	if (!leased)
	{
		DBG1(DBG_IKE, "COI session with %H refused: no virtual address left "
			 "for '%Y'", entry->other, key);
	}
	key->destroy(key);
	coi_ike_shell_checkin(ike_sa);
	return leased;
}

bool coi_session_vips_accept(const coi_session_entry_t *entry,
							 coi_vip_client_t *client)
{
	const coi_grant_t *grant = coi_session_grant(entry->session);
	ike_sa_t *ike_sa;
	bool accepted;

	if (!entry->conn->profile->wishes)
	{
		return TRUE;
	}
	if (!grant->addresses.count)
	{
		DBG1(DBG_IKE, "COI session with %H refused: it gives no virtual "
			 "address", entry->other);
		return FALSE;
	}
	ike_sa = checkout(entry);
	if (!ike_sa)
	{
		return FALSE;
	}
	accepted = client->accept(client, ike_sa, grant);
	coi_ike_shell_checkin(ike_sa);
	return accepted;
}

bool coi_session_vips_are_owned(const coi_connection_t *conn)
{
	linked_list_t *pools = coi_vip_leases_pools(conn->peer);
	bool dhcp;

	dhcp = pools->find_first(pools, linked_list_match_str, NULL, "dhcp");
	pools->destroy(pools);
	return !dhcp;
}
