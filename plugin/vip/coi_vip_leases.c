/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_vip_leases.h"
#include "util/coi_host.h"
#include "util/coi_multimap.h"
#include "util/coi_selector.h"

#include <threading/mutex.h>
#include <threading/thread_value.h>

typedef struct private_coi_vip_leases_t private_coi_vip_leases_t;
typedef struct lease_t lease_t;

/** One address of one IKE_SA. */
struct lease_t {
	/** unique id of the IKE_SA */
	uint32_t user;
	/** name of its connection */
	char *conn;
	host_t *address;
	/** address of the peer */
	host_t *peer;
	/** who the provider knows it by */
	identification_t *key;
	uint8_t ticket[COI_TICKET_LEN];
	/** how often it was acquired from the provider */
	u_int acquired;
};

/** Has lease_t, the owner of each, by what they are found by; of a key the one
 * that came first comes first. */
struct private_coi_vip_leases_t {
	coi_vip_leases_t public;
	/** guards the others */
	mutex_t *mutex;
	/** by the unique id of the IKE_SA: as many as addresses are given */
	coi_multimap_t *users;
	/** by the address: as many as IKE_SAs of a peer take each other's place */
	coi_multimap_t *addresses;
	/** likewise by the ticket */
	coi_multimap_t *tickets;
};

/** Who this thread asks providers for; charon's method has no room for a
 * closure. */
static thread_value_t *asking;

METHOD(ike_sa_t, get_other_eap_id, identification_t*,
	ike_sa_t *this)
{
	return asking->get(asking);
}

/** What was replaced in an IKE_SA while a provider is asked. */
typedef identification_t *(*get_id_t)(ike_sa_t*);

/**
 * Have providers know an IKE_SA by a key: they ask for its EAP identity, which
 * here is the name that a user claims.
 */
static get_id_t begin_asking(ike_sa_t *ike_sa, identification_t *key)
{
	get_id_t original = ike_sa->get_other_eap_id;

	asking->set(asking, key);
	ike_sa->get_other_eap_id = _get_other_eap_id;
	return original;
}

static void end_asking(ike_sa_t *ike_sa, get_id_t original)
{
	ike_sa->get_other_eap_id = original;
	asking->set(asking, NULL);
}

static void lease_destroy(lease_t *this)
{
	this->address->destroy(this->address);
	this->peer->destroy(this->peer);
	this->key->destroy(this->key);
	memwipe(this->ticket, sizeof(this->ticket));
	free(this->conn);
	free(this);
}

linked_list_t *coi_vip_leases_pools(peer_cfg_t *peer)
{
	return linked_list_create_from_enumerator(
										peer->create_pool_enumerator(peer));
}

static chunk_t user_key(const uint32_t *user)
{
	return chunk_create((uint8_t*)user, sizeof(*user));
}

static chunk_t ticket_key(const uint8_t *ticket)
{
	return chunk_create((uint8_t*)ticket, COI_TICKET_LEN);
}

/** Add a lease; the lock is held. */
static void add(private_coi_vip_leases_t *this, ike_sa_t *ike_sa,
				host_t *address, identification_t *key, const uint8_t *ticket,
				u_int acquired)
{
	host_t *peer = ike_sa->get_other_host(ike_sa);
	lease_t *lease;

	INIT(lease,
		.user = ike_sa->get_unique_id(ike_sa),
		.conn = strdup(ike_sa->get_name(ike_sa)),
		.address = address->clone(address),
		.peer = peer->clone(peer),
		.key = key->clone(key),
		.acquired = acquired,
	);
	memcpy(lease->ticket, ticket, sizeof(lease->ticket));
	this->users->add(this->users, user_key(&lease->user), lease);
	this->addresses->add(this->addresses, address->get_address(address),
						 lease);
	this->tickets->add(this->tickets, ticket_key(lease->ticket), lease);
}

/** Take a lease out of the table; the lock is held. */
static void remove_(private_coi_vip_leases_t *this, lease_t *lease)
{
	host_t *address = lease->address;

	this->users->remove(this->users, user_key(&lease->user), lease);
	this->addresses->remove(this->addresses, address->get_address(address),
							lease);
	this->tickets->remove(this->tickets, ticket_key(lease->ticket), lease);
}

/**
 * Find the lease of a family that a ticket is for; the lock is held.
 *
 * @param ike_sa	of the same connection, so with the same pools
 * @param key		who it has to belong to, NULL for whom it does
 */
static lease_t *find_ticket(private_coi_vip_leases_t *this, ike_sa_t *ike_sa,
							const coi_wish_t *wish, int family,
							identification_t *key)
{
	static const uint8_t none[COI_TICKET_LEN];
	lease_t *current, *found = NULL;
	enumerator_t *enumerator;

	if (memeq(wish->addresses.ticket, none, sizeof(none)))
	{
		return NULL;
	}
	/* the hash is keyed at random, so that how long this takes tells nothing of
	 * the tickets that there are */
	enumerator = this->tickets->create_enumerator(this->tickets,
										ticket_key(wish->addresses.ticket));
	while (!found && enumerator->enumerate(enumerator, &current))
	{
		if (current->address->get_family(current->address) == family &&
			(!key || key->equals(key, current->key)) &&
			streq(current->conn, ike_sa->get_name(ike_sa)))
		{
			found = current;
		}
	}
	enumerator->destroy(enumerator);
	return found;
}

/**
 * Share the address that a ticket is for.
 *
 * @return			clone of the address, NULL if there is none
 */
static host_t *share(private_coi_vip_leases_t *this, ike_sa_t *ike_sa,
					 identification_t *key, bool proved,
					 const coi_wish_t *wish, int family)
{
	host_t *address = NULL;
	lease_t *lease;

	this->mutex->lock(this->mutex);
	lease = find_ticket(this, ike_sa, wish, family, proved ? key : NULL);
	if (lease)
	{
		address = lease->address->clone(lease->address);
		add(this, ike_sa, address, lease->key, lease->ticket, 0);
	}
	this->mutex->unlock(this->mutex);
	return address;
}

/**
 * Whether an address belongs to another peer; the lock is held. The same one may
 * have come back without a ticket, after a crash.
 */
static bool is_taken(private_coi_vip_leases_t *this, ike_sa_t *ike_sa,
					 host_t *address, identification_t *key)
{
	host_t *peer = ike_sa->get_other_host(ike_sa);
	enumerator_t *enumerator;
	lease_t *current;
	bool taken = FALSE;

	enumerator = this->addresses->create_enumerator(this->addresses,
											address->get_address(address));
	while (!taken && enumerator->enumerate(enumerator, &current))
	{
		taken = !(key->equals(key, current->key) &&
				  peer->equals(peer, current->peer));
	}
	enumerator->destroy(enumerator);
	return taken;
}

/**
 * Get an address from a provider.
 */
static host_t *acquire(private_coi_vip_leases_t *this, ike_sa_t *ike_sa,
					   identification_t *key, linked_list_t *pools,
					   host_t *wanted, const uint8_t *ticket)
{
	coi_range_t range;
	host_t *address;
	bool taken;

	address = charon->attributes->acquire_address(charon->attributes, pools,
												  ike_sa, wanted);
	if (!address)
	{
		DBG1(DBG_IKE, "no virtual IP found for %H requested by '%Y'", wanted,
			 key);
		return NULL;
	}
	range = coi_selector_range(address);
	this->mutex->lock(this->mutex);
	taken = is_taken(this, ike_sa, address, key) ||
			!coi_virtual_usable(&range) ||
			address->get_family(address) != wanted->get_family(wanted);
	if (!taken)
	{
		add(this, ike_sa, address, key, ticket, 1);
	}
	this->mutex->unlock(this->mutex);
	if (taken)
	{
		DBG1(DBG_IKE, "virtual IP %H is none, or is in use by another peer, not "
			 "assigning it to '%Y'", address, key);
		charon->attributes->release_address(charon->attributes, pools, address,
											ike_sa);
		address->destroy(address);
		return NULL;
	}
	return address;
}

/** Draw a ticket. */
static bool draw(uint8_t *ticket)
{
	rng_t *rng;
	bool drawn;

	rng = lib->crypto->create_rng(lib->crypto, RNG_STRONG);
	drawn = rng && rng->get_bytes(rng, COI_TICKET_LEN, ticket);
	DESTROY_IF(rng);
	return drawn;
}

/**
 * Get an address for each that is asked for.
 *
 * @param vips		host_t*, those that are given
 */
static void acquire_all(private_coi_vip_leases_t *this, ike_sa_t *ike_sa,
						identification_t *key, bool proved,
						linked_list_t *pools, const coi_wish_t *wish,
						coi_virtual_t *given, linked_list_t *vips)
{
	host_t *wanted, *address;
	coi_range_t range;
	bool shared;
	u_int i;

	for (i = 0; i < wish->addresses.count; i++)
	{
		wanted = coi_host_of_range(&wish->addresses.list[i]);
		address = share(this, ike_sa, key, proved, wish,
						wanted->get_family(wanted));
		shared = address != NULL;
		if (shared)
		{	/* an address keeps its ticket; of two, both have the same */
			memcpy(given->ticket, wish->addresses.ticket,
				   sizeof(given->ticket));
		}
		else
		{
			address = acquire(this, ike_sa, key, pools, wanted,
							  given->ticket);
		}
		wanted->destroy(wanted);
		if (!address)
		{
			continue;
		}
		range = coi_selector_range(address);
		if (coi_virtual_add(given, &range))
		{
			DBG1(DBG_IKE, "%s virtual IP %H to peer '%Y'",
				 shared ? "leaving" : "assigning", address, key);
			ike_sa->add_virtual_ip(ike_sa, FALSE, address);
		}
		vips->insert_last(vips, address);
	}
}

/** Collect the attributes that are asked for. */
static void add_attributes(ike_sa_t *ike_sa, linked_list_t *pools,
						   linked_list_t *vips, const coi_wish_t *wish,
						   coi_grant_t *grant)
{
	configuration_attribute_type_t type;
	enumerator_t *enumerator;
	chunk_t value;
	u_int i;

	enumerator = charon->attributes->create_responder_enumerator(
								charon->attributes, pools, ike_sa, vips);
	while (enumerator->enumerate(enumerator, &type, &value))
	{
		for (i = 0; i < wish->type_count; i++)
		{
			if (wish->types[i] == type && !coi_grant_add(grant, type, value))
			{
				DBG1(DBG_IKE, "no room for attribute %N",
					 configuration_attribute_type_names, type);
			}
		}
	}
	enumerator->destroy(enumerator);
}

METHOD(coi_vip_leases_t, acquire_, bool,
	private_coi_vip_leases_t *this, ike_sa_t *ike_sa, identification_t *key,
	bool proved, const coi_wish_t *wish, coi_grant_t *grant)
{
	linked_list_t *pools, *vips;
	get_id_t original;

	*grant = (coi_grant_t){};
	if (!draw(grant->addresses.ticket))
	{
		return FALSE;
	}
	pools = coi_vip_leases_pools(ike_sa->get_peer_cfg(ike_sa));
	vips = linked_list_create();
	original = begin_asking(ike_sa, key);
	acquire_all(this, ike_sa, key, proved, pools, wish, &grant->addresses,
				vips);
	if (grant->addresses.count)
	{
		charon->bus->assign_vips(charon->bus, ike_sa, TRUE);
		add_attributes(ike_sa, pools, vips, wish, grant);
	}
	else
	{
		charon->bus->alert(charon->bus, ALERT_VIP_FAILURE, vips);
	}
	end_asking(ike_sa, original);
	vips->destroy_offset(vips, offsetof(host_t, destroy));
	pools->destroy(pools);
	return grant->addresses.count;
}

/**
 * Take a lease of an IKE_SA out of the table.
 *
 * @return			NULL if there is none left
 */
static lease_t *take(private_coi_vip_leases_t *this, uint32_t user)
{
	lease_t *found, *other;

	this->mutex->lock(this->mutex);
	found = this->users->get(this->users, user_key(&user));
	if (found)
	{
		remove_(this, found);
		other = this->addresses->get(this->addresses,
								found->address->get_address(found->address));
		if (other)
		{	/* who stays gives it back */
			other->acquired += found->acquired;
			found->acquired = 0;
		}
	}
	this->mutex->unlock(this->mutex);
	return found;
}

METHOD(coi_vip_leases_t, release_, void,
	private_coi_vip_leases_t *this, ike_sa_t *ike_sa)
{
	linked_list_t *pools;
	get_id_t original;
	lease_t *lease;

	while ((lease = take(this, ike_sa->get_unique_id(ike_sa))))
	{
		/* listeners see the addresses go while the IKE_SA has them */
		ike_sa->clear_virtual_ips(ike_sa, FALSE);
		pools = coi_vip_leases_pools(ike_sa->get_peer_cfg(ike_sa));
		original = begin_asking(ike_sa, lease->key);
		while (lease->acquired)
		{
			lease->acquired--;
			charon->attributes->release_address(charon->attributes, pools,
												lease->address, ike_sa);
		}
		end_asking(ike_sa, original);
		pools->destroy(pools);
		lease_destroy(lease);
	}
}

METHOD(coi_vip_leases_t, destroy, void,
	private_coi_vip_leases_t *this)
{
	this->addresses->destroy(this->addresses);
	this->tickets->destroy(this->tickets);
	this->users->destroy_function(this->users, (void*)lease_destroy);
	this->mutex->destroy(this->mutex);
	asking->destroy(asking);
	free(this);
}

coi_vip_leases_t *coi_vip_leases_create()
{
	private_coi_vip_leases_t *this;

	INIT(this,
		.public = {
			.acquire = _acquire_,
			.release = _release_,
			.destroy = _destroy,
		},
		.mutex = mutex_create(MUTEX_TYPE_DEFAULT),
		.users = coi_multimap_create(),
		.addresses = coi_multimap_create(),
		.tickets = coi_multimap_create(),
	);
	asking = thread_value_create(NULL);
	return &this->public;
}
