/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Leases, with charon's own pool in memory behind a provider that does what that
 * of VICI does, and with IKE_SAs that have only what is asked of them.
 */

#include <criterion/criterion.h>

#include "coi_test.h"

#include "vip/coi_vip_leases.h"
#include "util/coi_host.h"

#include <attributes/mem_pool.h>

#define FIRST "10.3.0.1"
#define SECOND "10.3.0.2"

/** An IKE_SA that has leases. */
typedef struct {
	ike_sa_t public;
	peer_cfg_t peer;
	uint32_t id;
	char *name;
	host_t *other;
	/** number of addresses that it has now */
	u_int vips;
} sa_t;

static daemon_t daemon_stub;
static mem_pool_t *pool;
static coi_vip_leases_t *leases;

/** what the provider gives instead of one of the pool, if it is set */
static char *fixed;

/** addresses that providers gave and got back */
static u_int acquired, released;

static uint32_t last_id;

METHOD(attribute_provider_t, acquire_address, host_t*,
	attribute_provider_t *this, linked_list_t *pools, ike_sa_t *ike_sa,
	host_t *requested)
{
	identification_t *id = ike_sa->get_other_eap_id(ike_sa);
	host_t *address = NULL;
	mem_pool_op_t op;

	cr_assert_eq(pools->get_count(pools), 1);
	if (fixed)
	{
		acquired++;
		return host_create_from_string(fixed, 0);
	}
	for (op = MEM_POOL_EXISTING; op <= MEM_POOL_REASSIGN && !address; op++)
	{
		address = pool->acquire_address(pool, id, requested, op,
										ike_sa->get_other_host(ike_sa));
	}
	acquired += address != NULL;
	return address;
}

METHOD(attribute_provider_t, release_address, bool,
	attribute_provider_t *this, linked_list_t *pools, host_t *address,
	ike_sa_t *ike_sa)
{
	bool good;

	good = fixed || pool->release_address(pool, address,
								 ike_sa->get_other_eap_id(ike_sa));
	cr_expect(good);
	released += good;
	return good;
}

static attribute_provider_t provider;

METHOD(peer_cfg_t, create_pool_enumerator, enumerator_t*,
	peer_cfg_t *this)
{
	return enumerator_create_single("pool", NULL);
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

METHOD(ike_sa_t, get_other_eap_id, identification_t*,
	sa_t *this)
{
	cr_assert_fail("a provider is asked for nobody");
	return NULL;
}

METHOD(ike_sa_t, add_virtual_ip, void,
	sa_t *this, bool local, host_t *address)
{
	cr_expect_not(local);
	this->vips++;
}

METHOD(ike_sa_t, clear_virtual_ips, void,
	sa_t *this, bool local)
{
	cr_expect_not(local);
	this->vips = 0;
}

static sa_t *sa_create(char *name, const char *other)
{
	sa_t *this;

	INIT(this,
		.public = {
			.get_unique_id = (void*)_get_unique_id,
			.get_name = (void*)_get_name,
			.get_other_host = (void*)_get_other_host,
			.get_peer_cfg = (void*)_get_peer_cfg,
			.get_other_eap_id = (void*)_get_other_eap_id,
			.add_virtual_ip = (void*)_add_virtual_ip,
			.clear_virtual_ips = (void*)_clear_virtual_ips,
		},
		.peer.create_pool_enumerator = (void*)_create_pool_enumerator,
		.id = ++last_id,
		.name = name,
		.other = host_create_from_string((char*)other, 4570),
	);
	return this;
}

/** End an IKE_SA. */
static void end(sa_t *sa)
{
	leases->release(leases, &sa->public);
	cr_expect_eq(sa->vips, 0);
	cr_expect_eq(sa->public.get_other_eap_id, (void*)_get_other_eap_id);
	sa->other->destroy(sa->other);
	free(sa);
}

static void setup()
{
	host_t *from, *to;

	coi_test_init();
	charon = &daemon_stub;
	charon->bus = bus_create();
	charon->attributes = attribute_manager_create();
	provider = (attribute_provider_t){
		.acquire_address = _acquire_address,
		.release_address = _release_address,
		.create_attribute_enumerator = (void*)enumerator_create_empty,
	};
	charon->attributes->add_provider(charon->attributes, &provider);
	from = host_create_from_string(FIRST, 0);
	to = host_create_from_string(SECOND, 0);
	pool = mem_pool_create_range("pool", from, to);
	from->destroy(from);
	to->destroy(to);
	leases = coi_vip_leases_create();
}

/** What was given has gone back, all of it. */
static void teardown()
{
	cr_expect_eq(acquired, released);
	cr_expect_eq(pool->get_online(pool), 0);
	leases->destroy(leases);
	pool->destroy(pool);
	charon->attributes->remove_provider(charon->attributes, &provider);
	charon->attributes->destroy(charon->attributes);
	charon->bus->destroy(charon->bus);
	charon = NULL;
}

TestSuite(lease, .init = setup, .fini = teardown);

/** Ask for an IPv4 address. */
static coi_wish_t ask(const uint8_t *ticket)
{
	static const uint8_t any[4];
	coi_wish_t wish = {};
	coi_range_t range;

	cr_assert(coi_range_set(&range, COI_FAMILY_IPV4, any, any));
	cr_assert(coi_virtual_add(&wish.addresses, &range));
	if (ticket)
	{
		memcpy(wish.addresses.ticket, ticket, COI_TICKET_LEN);
	}
	return wish;
}

/**
 * Lease an address, and expect one.
 *
 * @param wanted	the address, NULL for none
 * @param ticket	what comes with it, NULL if that does not matter
 */
static void lease(sa_t *sa, const char *who, bool proved,
				  const uint8_t *shown, const char *wanted, uint8_t *ticket)
{
	identification_t *key = identification_create_from_string((char*)who);
	coi_wish_t wish = ask(shown);
	host_t *host, *given;
	coi_grant_t grant;

	cr_expect_eq(leases->acquire(leases, &sa->public, key, proved, &wish,
								 &grant),
				 wanted != NULL);
	cr_expect_eq(grant.addresses.count, wanted ? 1 : 0);
	cr_expect_eq(sa->vips, wanted ? 1 : 0);
	if (wanted && grant.addresses.count)
	{
		host = host_create_from_string((char*)wanted, 0);
		given = coi_host_of_range(&grant.addresses.list[0]);
		cr_expect(host->ip_equals(host, given), "%s is not given to %s",
				  wanted, who);
		given->destroy(given);
		host->destroy(host);
	}
	if (ticket)
	{
		memcpy(ticket, grant.addresses.ticket, COI_TICKET_LEN);
	}
	coi_grant_clear(&grant);
	key->destroy(key);
}

Test(lease, one_for_each)
{
	sa_t *a = sa_create("coi", "192.0.2.2"), *b = sa_create("coi", "192.0.2.3");
	uint8_t one[COI_TICKET_LEN], two[COI_TICKET_LEN];

	lease(a, "alice", TRUE, NULL, FIRST, one);
	lease(b, "bob", TRUE, NULL, SECOND, two);
	cr_expect(!memeq(one, two, sizeof(one)));
	cr_expect_eq(pool->get_online(pool), 2);
	end(a);
	cr_expect_eq(pool->get_online(pool), 1);
	end(b);
}

Test(lease, exhausted_pool)
{
	sa_t *a = sa_create("coi", "192.0.2.2"), *b = sa_create("coi", "192.0.2.3");
	sa_t *c = sa_create("coi", "192.0.2.4");

	lease(a, "alice", TRUE, NULL, FIRST, NULL);
	lease(b, "bob", TRUE, NULL, SECOND, NULL);
	lease(c, "carol", TRUE, NULL, NULL, NULL);
	end(c);
	end(a);
	/* what has come back is given again */
	c = sa_create("coi", "192.0.2.4");
	lease(c, "carol", TRUE, NULL, FIRST, NULL);
	end(b);
	end(c);
}

Test(lease, a_ticket_keeps_the_address)
{
	sa_t *old = sa_create("coi", "192.0.2.2");
	sa_t *new = sa_create("coi", "192.0.2.7");
	uint8_t ticket[COI_TICKET_LEN], again[COI_TICKET_LEN];

	lease(old, "alice", TRUE, NULL, FIRST, ticket);
	/* rekeyed, from where it is now; an address keeps its ticket */
	lease(new, "alice", TRUE, ticket, FIRST, again);
	cr_expect_arr_eq(ticket, again, sizeof(ticket));
	cr_expect_eq(acquired, 1);
	/* who stays gives it back */
	end(old);
	cr_expect_eq(released, 0);
	old = sa_create("coi", "192.0.2.7");
	lease(old, "alice", TRUE, ticket, FIRST, NULL);
	/* in the other order, too */
	end(old);
	cr_expect_eq(released, 0);
	end(new);
	cr_expect_eq(released, 1);
	/* that is over now */
	new = sa_create("coi", "192.0.2.7");
	lease(new, "bob", FALSE, ticket, SECOND, again);
	cr_expect(!memeq(ticket, again, sizeof(ticket)));
	end(new);
}

Test(lease, a_ticket_needs_who_has_proved_to_be_another)
{
	sa_t *a = sa_create("coi", "192.0.2.2"), *b = sa_create("coi", "192.0.2.3");
	uint8_t ticket[COI_TICKET_LEN];

	lease(a, "alice", TRUE, NULL, FIRST, ticket);
	lease(b, "bob", TRUE, ticket, SECOND, NULL);
	end(b);
	/* who proves nothing is known by the ticket alone */
	b = sa_create("coi", "192.0.2.3");
	lease(b, "bob", FALSE, ticket, FIRST, NULL);
	end(a);
	end(b);
}

Test(lease, a_ticket_is_for_one_connection)
{
	sa_t *a = sa_create("coi", "192.0.2.2"), *b = sa_create("other", "192.0.2.3");
	uint8_t ticket[COI_TICKET_LEN], wrong[COI_TICKET_LEN];

	lease(a, "alice", FALSE, NULL, FIRST, ticket);
	lease(b, "bob", FALSE, ticket, SECOND, NULL);
	end(b);
	b = sa_create("coi", "192.0.2.3");
	memcpy(wrong, ticket, sizeof(wrong));
	wrong[COI_TICKET_LEN - 1] ^= 1;
	lease(b, "carol", FALSE, wrong, SECOND, NULL);
	end(a);
	end(b);
}

Test(lease, the_same_peer_without_a_ticket)
{
	sa_t *old = sa_create("coi", "192.0.2.2");
	sa_t *new = sa_create("coi", "192.0.2.2");
	uint8_t ticket[COI_TICKET_LEN], other[COI_TICKET_LEN];

	/* it has crashed and comes back from where it was; not by charon's pool,
	 * which reads memory that it has freed when it gives an address again */
	fixed = FIRST;
	lease(old, "alice", TRUE, NULL, FIRST, ticket);
	lease(new, "alice", TRUE, NULL, FIRST, other);
	cr_expect(!memeq(ticket, other, sizeof(ticket)));
	cr_expect_eq(acquired, 2);
	end(old);
	/* it goes back as often as it was given, by whoever stays */
	cr_expect_eq(released, 0);
	end(new);
	cr_expect_eq(released, 2);
}

Test(lease, a_name_alone_gets_nobodys_address)
{
	sa_t *a = sa_create("coi", "192.0.2.2"), *b = sa_create("coi", "192.0.2.3");

	lease(a, "alice", FALSE, NULL, FIRST, NULL);
	/* another host claims the name: whatever it gets, it is not that one */
	lease(b, "alice", FALSE, NULL, SECOND, NULL);
	end(b);
	end(a);
}

Test(lease, an_address_in_use_is_given_back)
{
	sa_t *a = sa_create("coi", "192.0.2.2"), *b = sa_create("coi", "192.0.2.3");

	fixed = "10.3.0.9";
	lease(a, "alice", FALSE, NULL, fixed, NULL);
	lease(b, "alice", FALSE, NULL, NULL, NULL);
	cr_expect_eq(released, 1);
	lease(b, "bob", TRUE, NULL, NULL, NULL);
	cr_expect_eq(released, 2);
	end(a);
	/* now it is free */
	lease(b, "bob", TRUE, NULL, fixed, NULL);
	end(b);
}

Test(lease, an_address_that_is_none_is_given_back)
{
	sa_t *a = sa_create("coi", "192.0.2.2");

	fixed = "224.0.0.1";
	lease(a, "alice", TRUE, NULL, NULL, NULL);
	fixed = "2001:db8::1";
	lease(a, "alice", TRUE, NULL, NULL, NULL);
	cr_expect_eq(released, 2);
	end(a);
}

Test(lease, nothing_of_who_has_none)
{
	sa_t *a = sa_create("coi", "192.0.2.2");

	end(a);
	cr_expect_eq(acquired, 0);
}

Test(lease, what_is_left_is_freed)
{
	identification_t *key = identification_create_from_string("alice");
	sa_t *a = sa_create("coi", "192.0.2.2");

	lease(a, "alice", TRUE, NULL, FIRST, NULL);
	leases->destroy(leases);
	leases = coi_vip_leases_create();
	/* what the provider has given is its own business */
	leases->release(leases, &a->public);
	cr_expect_eq(released, 0);
	cr_expect(pool->release_address(pool, pool->get_base(pool), key));
	released++;
	a->vips = 0;
	end(a);
	key->destroy(key);
}
