/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_vip_client.h"
#include "util/coi_multimap.h"
#include "coi_vip_leases.h"
#include "util/coi_host.h"
#include "util/coi_selector.h"

#include <threading/mutex.h>

typedef struct private_coi_vip_client_t private_coi_vip_client_t;
typedef struct given_t given_t;

/** What one IKE_SA was given. */
struct given_t {
	/** unique id of the IKE_SA */
	uint32_t user;
	/** name of its connection */
	char *conn;
	host_t *peer;
	coi_virtual_t addresses;
};

/** Has given_t, the owner of each, by what they are found by; of a key the oldest
 * comes first. */
struct private_coi_vip_client_t {
	coi_vip_client_t public;
	/** guards the others */
	mutex_t *mutex;
	/** by the unique id of the IKE_SA: one */
	coi_multimap_t *users;
	/** by the address of the peer: as many as its IKE_SAs */
	coi_multimap_t *peers;
	/** by each address that was given, likewise */
	coi_multimap_t *addresses;
};

static void given_destroy(given_t *this)
{
	this->peer->destroy(this->peer);
	memwipe(&this->addresses, sizeof(this->addresses));
	free(this->conn);
	free(this);
}

static chunk_t user_key(const uint32_t *user)
{
	return chunk_create((uint8_t*)user, sizeof(*user));
}

/** The key of a range that is one address. */
static chunk_t address_key(const coi_range_t *address)
{
	return chunk_create((uint8_t*)address->first,
						coi_range_len(address->family));
}

/**
 * Find what the same peer gave last.
 *
 * @param addresses	receives it
 * @return			FALSE if there is nothing
 */
static bool find_latest(private_coi_vip_client_t *this, ike_sa_t *ike_sa,
						coi_virtual_t *addresses)
{
	host_t *peer = ike_sa->get_other_host(ike_sa);
	enumerator_t *enumerator;
	given_t *current;
	bool found = FALSE;

	this->mutex->lock(this->mutex);
	enumerator = this->peers->create_enumerator(this->peers,
												peer->get_address(peer));
	while (enumerator->enumerate(enumerator, &current))
	{
		if (streq(current->conn, ike_sa->get_name(ike_sa)))
		{
			*addresses = current->addresses;
			found = TRUE;
		}
	}
	enumerator->destroy(enumerator);
	this->mutex->unlock(this->mutex);
	return found;
}

/** The addresses to ask for. */
static void want_addresses(private_coi_vip_client_t *this, ike_sa_t *ike_sa,
						   coi_virtual_t *addresses)
{
	peer_cfg_t *cfg = ike_sa->get_peer_cfg(ike_sa);
	coi_virtual_t had = {};
	enumerator_t *enumerator;
	coi_range_t range;
	host_t *host;

	*addresses = (coi_virtual_t){};
	if (find_latest(this, ike_sa, &had))
	{
		memcpy(addresses->ticket, had.ticket, sizeof(addresses->ticket));
	}
	enumerator = cfg->create_virtual_ip_enumerator(cfg);
	while (enumerator->enumerate(enumerator, &host))
	{
		range = coi_selector_range(host);
		if (coi_virtual_find(&had, range.family))
		{
			range = *coi_virtual_find(&had, range.family);
		}
		if (!coi_virtual_add(addresses, &range))
		{
			DBG1(DBG_IKE, "not asking for virtual IP %H, too", host);
		}
	}
	enumerator->destroy(enumerator);
	memwipe(&had, sizeof(had));
}

static bool has_type(const coi_wish_t *wish, uint16_t type)
{
	u_int i;

	for (i = 0; i < wish->type_count; i++)
	{
		if (wish->types[i] == type)
		{
			return TRUE;
		}
	}
	return FALSE;
}

/** The attributes that charon's handlers want with the addresses. */
static void want_attributes(ike_sa_t *ike_sa, coi_wish_t *wish)
{
	configuration_attribute_type_t type;
	attribute_handler_t *handler;
	enumerator_t *enumerator;
	linked_list_t *vips;
	chunk_t data;
	u_int i;

	vips = linked_list_create();
	for (i = 0; i < wish->addresses.count; i++)
	{
		vips->insert_last(vips, coi_host_of_range(&wish->addresses.list[i]));
	}
	enumerator = charon->attributes->create_initiator_enumerator(
										charon->attributes, ike_sa, vips);
	while (enumerator->enumerate(enumerator, &handler, &type, &data))
	{
		if (type > 0 && type < 0x8000 &&
			wish->type_count < countof(wish->types) && !has_type(wish, type))
		{
			wish->types[wish->type_count++] = type;
		}
	}
	enumerator->destroy(enumerator);
	vips->destroy_offset(vips, offsetof(host_t, destroy));
}

METHOD(coi_vip_client_t, wish_, bool,
	private_coi_vip_client_t *this, ike_sa_t *ike_sa, coi_wish_t *wish)
{
	*wish = (coi_wish_t){};
	want_addresses(this, ike_sa, &wish->addresses);
	if (!wish->addresses.count)
	{
		return FALSE;
	}
	want_attributes(ike_sa, wish);
	return TRUE;
}

METHOD(coi_vip_client_t, has, bool,
	private_coi_vip_client_t *this, host_t *host)
{
	bool found;

	this->mutex->lock(this->mutex);
	found = this->addresses->get(this->addresses,
								 host->get_address(host)) != NULL;
	this->mutex->unlock(this->mutex);
	return found;
}

/** Whether an IKE_SA has got an address of its own. */
static bool is_installed(ike_sa_t *ike_sa, host_t *address)
{
	enumerator_t *enumerator;
	host_t *current;
	bool found = FALSE;

	enumerator = ike_sa->create_virtual_ip_enumerator(ike_sa, TRUE);
	while (!found && enumerator->enumerate(enumerator, &current))
	{
		found = current->ip_equals(current, address);
	}
	enumerator->destroy(enumerator);
	return found;
}

/** Install one address. */
static bool install(private_coi_vip_client_t *this, ike_sa_t *ike_sa,
					host_t *address)
{
	/* a charon that was killed has left it, most likely; then it stays */
	if (!has(this, address) &&
		charon->kernel->get_interface(charon->kernel, address, NULL))
	{
		DBG1(DBG_IKE, "virtual IP %H of %H is an address that this host has "
			 "already", address, ike_sa->get_other_host(ike_sa));
	}
	ike_sa->add_virtual_ip(ike_sa, TRUE, address);
	return is_installed(ike_sa, address);
}

static void add(private_coi_vip_client_t *this, ike_sa_t *ike_sa,
				const coi_virtual_t *addresses)
{
	host_t *peer = ike_sa->get_other_host(ike_sa);
	given_t *given;
	u_int i;

	INIT(given,
		.user = ike_sa->get_unique_id(ike_sa),
		.conn = strdup(ike_sa->get_name(ike_sa)),
		.peer = peer->clone(peer),
		.addresses = *addresses,
	);
	this->mutex->lock(this->mutex);
	this->users->add(this->users, user_key(&given->user), given);
	this->peers->add(this->peers, peer->get_address(peer), given);
	for (i = 0; i < given->addresses.count; i++)
	{
		this->addresses->add(this->addresses,
							 address_key(&given->addresses.list[i]), given);
	}
	this->mutex->unlock(this->mutex);
}

/** Hand attributes to charon's handlers. */
static void handle(ike_sa_t *ike_sa, const coi_grant_t *grant)
{
	const coi_attribute_t *attribute;
	attribute_handler_t *handler;
	u_int i;

	for (i = 0; i < grant->attribute_count; i++)
	{
		attribute = &grant->attributes[i];
		handler = charon->attributes->handle(charon->attributes, ike_sa, NULL,
											 attribute->type,
											 attribute->value);
		ike_sa->add_configuration_attribute(ike_sa, handler, attribute->type,
											attribute->value);
	}
}

METHOD(coi_vip_client_t, accept_, bool,
	private_coi_vip_client_t *this, ike_sa_t *ike_sa,
	const coi_grant_t *grant)
{
	host_t *address;
	bool good = TRUE;
	u_int i;

	for (i = 0; i < grant->addresses.count && good; i++)
	{
		address = coi_host_of_range(&grant->addresses.list[i]);
		good = install(this, ike_sa, address);
		address->destroy(address);
	}
	if (good && grant->addresses.count)
	{
		add(this, ike_sa, &grant->addresses);
		handle(ike_sa, grant);
		charon->bus->handle_vips(charon->bus, ike_sa, TRUE);
	}
	return good;
}

/** Take what an IKE_SA was given out of the table; the lock is held. */
static void remove_(private_coi_vip_client_t *this, given_t *given)
{
	host_t *peer = given->peer;
	u_int i;

	this->users->remove(this->users, user_key(&given->user), given);
	this->peers->remove(this->peers, peer->get_address(peer), given);
	for (i = 0; i < given->addresses.count; i++)
	{
		this->addresses->remove(this->addresses,
								address_key(&given->addresses.list[i]), given);
	}
}

METHOD(coi_vip_client_t, forget, void,
	private_coi_vip_client_t *this, ike_sa_t *ike_sa)
{
	uint32_t user = ike_sa->get_unique_id(ike_sa);
	given_t *given;

	this->mutex->lock(this->mutex);
	while ((given = this->users->get(this->users, user_key(&user))))
	{
		remove_(this, given);
		given_destroy(given);
	}
	this->mutex->unlock(this->mutex);
}

METHOD(coi_vip_client_t, destroy, void,
	private_coi_vip_client_t *this)
{
	this->peers->destroy(this->peers);
	this->addresses->destroy(this->addresses);
	this->users->destroy_function(this->users, (void*)given_destroy);
	this->mutex->destroy(this->mutex);
	free(this);
}

coi_vip_client_t *coi_vip_client_create()
{
	private_coi_vip_client_t *this;

	INIT(this,
		.public = {
			.wish = _wish_,
			.accept = _accept_,
			.forget = _forget,
			.has = _has,
			.destroy = _destroy,
		},
		.mutex = mutex_create(MUTEX_TYPE_DEFAULT),
		.users = coi_multimap_create(),
		.peers = coi_multimap_create(),
		.addresses = coi_multimap_create(),
	);
	return &this->public;
}
