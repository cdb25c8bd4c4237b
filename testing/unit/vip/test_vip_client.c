/* SPDX-License-Identifier: GPL-2.0-or-later */

/* virtual addresses that this host was given: what it asks for, has, and forgets */

#include <criterion/criterion.h>

#include "coi_test.h"
#include "util/coi_selector.h"
#include "vip/coi_vip_client.h"

/** An IKE_SA that asks for addresses. */
typedef struct {
	ike_sa_t public;
	peer_cfg_t peer;
	uint32_t id;
	char *name;
	host_t *other;
	/** what swanctl.conf has as vips */
	char *vips;
	/** host_t, addresses that charon has installed for it */
	linked_list_t *installed;
	/** whether charon can install any */
	bool broken;
} sa_t;

static daemon_t daemon_stub;
static kernel_interface_t kernel;
static coi_vip_client_t *client;
static uint32_t last_id;

METHOD(kernel_interface_t, get_interface, bool,
	kernel_interface_t *this, host_t *host, char **name)
{
	return FALSE;
}

static void destroy_hosts(void *data)
{
	linked_list_t *list = data;

	list->destroy_offset(list, offsetof(host_t, destroy));
}

static enumerator_t *enumerate_vips(peer_cfg_t *peer)
{
	sa_t *sa = (sa_t*)((char*)peer - offsetof(sa_t, peer));
	linked_list_t *list = linked_list_create();
	enumerator_t *enumerator;
	char *token;

	enumerator = enumerator_create_token(sa->vips, ",", " ");
	while (enumerator->enumerate(enumerator, &token))
	{
		list->insert_last(list, host_create_from_string(token, 0));
	}
	enumerator->destroy(enumerator);
	return enumerator_create_cleaner(list->create_enumerator(list),
									 destroy_hosts, list);
}

METHOD(ike_sa_t, get_unique_id, uint32_t,
	sa_t *this)
{
	return this->id;
}

METHOD(ike_sa_t, get_name, char*,
	sa_t *this)
{
	return this->name;
}

METHOD(ike_sa_t, get_other_host, host_t*,
	sa_t *this)
{
	return this->other;
}

METHOD(ike_sa_t, get_peer_cfg, peer_cfg_t*,
	sa_t *this)
{
	return &this->peer;
}

METHOD(ike_sa_t, add_virtual_ip, void,
	sa_t *this, bool local, host_t *address)
{
	cr_expect(local);
	if (!this->broken)
	{
		this->installed->insert_last(this->installed, address->clone(address));
	}
}

METHOD(ike_sa_t, create_virtual_ip_enumerator, enumerator_t*,
	sa_t *this, bool local)
{
	cr_expect(local);
	return this->installed->create_enumerator(this->installed);
}

static sa_t *sa_create(char *name, const char *other, char *vips)
{
	sa_t *this;

	INIT(this,
		.public = {
			.get_unique_id = (void*)_get_unique_id,
			.get_name = (void*)_get_name,
			.get_other_host = (void*)_get_other_host,
			.get_peer_cfg = (void*)_get_peer_cfg,
			.add_virtual_ip = (void*)_add_virtual_ip,
			.create_virtual_ip_enumerator =
									(void*)_create_virtual_ip_enumerator,
		},
		.peer.create_virtual_ip_enumerator = enumerate_vips,
		.id = ++last_id,
		.name = name,
		.other = host_create_from_string((char*)other, 4570),
		.vips = vips,
		.installed = linked_list_create(),
	);
	return this;
}

static void end(sa_t *sa)
{
	client->forget(client, &sa->public);
	sa->installed->destroy_offset(sa->installed, offsetof(host_t, destroy));
	sa->other->destroy(sa->other);
	free(sa);
}

static void setup()
{
	coi_test_init();
	kernel.get_interface = _get_interface;
	charon = &daemon_stub;
	charon->bus = bus_create();
	charon->kernel = &kernel;
	charon->attributes = attribute_manager_create();
	client = coi_vip_client_create();
}

static void teardown()
{
	client->destroy(client);
	charon->attributes->destroy(charon->attributes);
	charon->bus->destroy(charon->bus);
	charon = NULL;
	coi_test_deinit();
}

TestSuite(client, .init = setup, .fini = teardown);

static coi_range_t range_of(const char *address)
{
	host_t *host = host_create_from_string((char*)address, 0);
	coi_range_t range = coi_selector_range(host);

	host->destroy(host);
	return range;
}

static bool has(const char *address)
{
	host_t *host = host_create_from_string((char*)address, 0);
	bool found = client->has(client, host);

	host->destroy(host);
	return found;
}

/** A peer gives an address. */
static bool give(sa_t *sa, const char *address, uint8_t ticket)
{
	coi_range_t range = range_of(address);
	coi_grant_t grant = {};

	memset(grant.addresses.ticket, ticket, sizeof(grant.addresses.ticket));
	cr_assert(coi_virtual_add(&grant.addresses, &range));
	return client->accept(client, &sa->public, &grant);
}

/** Whether an IKE_SA asks for one address, and with which ticket. */
static void check_wish(sa_t *sa, const char *address, uint8_t ticket)
{
	coi_range_t range = range_of(address);
	coi_wish_t wish;
	u_int i;

	cr_assert(client->wish(client, &sa->public, &wish));
	cr_assert_eq(wish.addresses.count, 1);
	cr_assert(coi_range_equals(&wish.addresses.list[0], &range), "%s", address);
	for (i = 0; i < sizeof(wish.addresses.ticket); i++)
	{
		cr_assert_eq(wish.addresses.ticket[i], ticket);
	}
}

Test(client, wish)
{
	sa_t *sa = sa_create("c", "192.0.2.1", "");
	coi_wish_t wish;

	cr_assert(!client->wish(client, &sa->public, &wish));
	sa->vips = "0.0.0.0";
	check_wish(sa, "0.0.0.0", 0);
	sa->vips = "10.3.0.7";
	check_wish(sa, "10.3.0.7", 0);
	sa->vips = "0.0.0.0, ::";
	cr_assert(client->wish(client, &sa->public, &wish));
	cr_assert_eq(wish.addresses.count, 2);
	/* one of each family, whatever is configured */
	sa->vips = "10.3.0.7, 10.3.0.8";
	check_wish(sa, "10.3.0.7", 0);
	end(sa);
}

/** The next one with the same peer asks for what the last one was given. */
Test(client, again)
{
	sa_t *one = sa_create("c", "192.0.2.1", "0.0.0.0"), *two, *other;

	cr_assert(!has("10.3.0.1"));
	cr_assert(give(one, "10.3.0.1", 1));
	cr_assert(has("10.3.0.1") && !has("10.3.0.2"));
	cr_assert_eq(one->installed->get_count(one->installed), 1);
	two = sa_create("c", "192.0.2.1", "0.0.0.0");
	check_wish(two, "10.3.0.1", 1);
	/* another peer, or another connection, is shown nothing of it */
	other = sa_create("c", "192.0.2.2", "0.0.0.0");
	check_wish(other, "0.0.0.0", 0);
	end(other);
	other = sa_create("d", "192.0.2.1", "0.0.0.0");
	check_wish(other, "0.0.0.0", 0);
	end(other);

	/* the address stays as long as one of them has it */
	cr_assert(give(two, "10.3.0.1", 2));
	end(one);
	cr_assert(has("10.3.0.1"));
	one = sa_create("c", "192.0.2.1", "0.0.0.0");
	check_wish(one, "10.3.0.1", 2);
	end(two);
	cr_assert(!has("10.3.0.1"));
	check_wish(one, "0.0.0.0", 0);
	end(one);
}

/** What cannot be installed was not given. */
Test(client, not_installed)
{
	sa_t *sa = sa_create("c", "192.0.2.1", "0.0.0.0");

	sa->broken = TRUE;
	cr_assert(!give(sa, "10.3.0.1", 1));
	cr_assert(!has("10.3.0.1"));
	check_wish(sa, "0.0.0.0", 0);
	end(sa);
}

/** Nothing given is no mistake, and nothing to forget. */
Test(client, nothing)
{
	sa_t *sa = sa_create("c", "192.0.2.1", "0.0.0.0");
	coi_grant_t grant = {};

	cr_assert(client->accept(client, &sa->public, &grant));
	cr_assert_eq(sa->installed->get_count(sa->installed), 0);
	client->forget(client, &sa->public);
	check_wish(sa, "0.0.0.0", 0);
	end(sa);
}
