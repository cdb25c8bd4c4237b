/* SPDX-License-Identifier: GPL-2.0-or-later */

/* the connections that are loaded: what is found, what is kept, what is said */

#include <criterion/criterion.h>

#include "fake_configs.h"
#include "config/coi_config.h"
#include "config/coi_reqids.h"

static coi_config_t *config;
static u_int errors;

static void on_error(void *data, const char *name, const char *error)
{
	cr_assert(strstr(error, name));
	(*(u_int*)data)++;
}

static void setup()
{
	fake_configs_init();
	config = coi_config_create(0, on_error, &errors);
}

static void teardown()
{
	config->destroy(config);
	fake_configs_deinit();
}

TestSuite(config, .init = setup, .fini = teardown);

static void add(const char *name, const char *remote)
{
	fake_connection_t fake = fake_connection(name);

	fake.ike.remote = (char*)remote;
	fake_configs_add(fake_connection_load(&fake));
}

static void add_bad(const char *name)
{
	fake_connection_t fake = fake_connection(name);

	fake.ike.dscp = 8;
	fake_configs_add(fake_connection_load(&fake));
}

/** The name of the connection for an address, NULL if there is none. */
static const char *find(const char *other)
{
	static char name[32];
	coi_connection_t *conn;
	host_t *host;

	host = host_create_from_string((char*)other, 0);
	conn = config->find(config, NULL, host);
	host->destroy(host);
	if (!conn)
	{
		return NULL;
	}
	snprintf(name, sizeof(name), "%s", conn->name);
	coi_connection_destroy(conn);
	return name;
}

static u_int count()
{
	enumerator_t *enumerator = config->create_enumerator(config);
	coi_connection_t *conn;
	u_int n = 0;

	while (enumerator->enumerate(enumerator, &conn))
	{
		n++;
	}
	enumerator->destroy(enumerator);
	return n;
}

Test(config, best_match)
{
	cr_assert_null(find("192.0.2.1"));
	cr_assert(!config->refresh(config));
	add("net", "192.0.2.0/24");
	add("host", "192.0.2.1");
	add("other", "2001:db8::/32");
	cr_assert(config->refresh(config));
	cr_assert(!config->refresh(config));
	cr_assert_eq(count(), 3);
	cr_assert_str_eq(find("192.0.2.1"), "host");
	cr_assert_str_eq(find("192.0.2.2"), "net");
	cr_assert_str_eq(find("2001:db8::1"), "other");
	cr_assert_null(find("198.51.100.1"));
}

/** What is as it was is the same object, with the same reqids. */
Test(config, reload)
{
	coi_connection_t *before, *after;
	const coi_child_t *child;
	uint32_t reqid;

	add("one", "192.0.2.1");
	config->refresh(config);
	before = config->find_name(config, "one");
	reqid = before->children[0].reqid;
	cr_assert(coi_reqids_is_ours(reqid) && coi_reqids_is_ours(before->reqid));
	cr_assert_neq(reqid, before->reqid);
	fake_configs_flush();
	add("one", "192.0.2.1");
	cr_assert(!config->refresh(config));
	after = config->find_name(config, "one");
	cr_assert_eq(before, after);
	coi_connection_destroy(after);

	/* what has changed is another one; its community is the same */
	fake_configs_flush();
	add("one", "192.0.2.2");
	cr_assert(config->refresh(config));
	after = config->find_name(config, "one");
	cr_assert_neq(before, after);
	cr_assert_eq(after->children[0].reqid, reqid);
	cr_assert_eq(after->reqid, before->reqid);
	coi_connection_destroy(after);
	coi_connection_destroy(before);

	before = config->find_reqid(config, reqid, &child);
	cr_assert_str_eq(child->name, "alpha");
	coi_connection_destroy(before);
	before = config->find_reqid(config, before->reqid, &child);
	cr_assert_null(child);
	coi_connection_destroy(before);
	cr_assert_null(config->find_reqid(config, COI_REQID_LAST, &child));

	fake_configs_flush();
	cr_assert(config->refresh(config));
	cr_assert_null(config->find_name(config, "one"));
	cr_assert_null(config->find_reqid(config, reqid, &child));
}

/** A mistake is said once, and takes nothing from the other connections. */
Test(config, mistake)
{
	add("good", "192.0.2.1");
	add_bad("bad");
	cr_assert(config->refresh(config));
	cr_assert_eq(errors, 1);
	cr_assert_str_eq(fake_configs_logged(), "connections.bad.dscp = 8: 0 is "
					 "allowed; connection 'bad' is not used\n");
	cr_assert_null(config->find_name(config, "bad"));
	cr_assert_null(config->find_name(config, "none"));
	cr_assert_eq(count(), 1);
	cr_assert(!config->refresh(config));
	cr_assert_eq(errors, 1);
	cr_assert_str_empty(fake_configs_logged());
	errors = 0;
	config->for_errors(config, on_error, &errors);
	cr_assert_eq(errors, 1);
	cr_assert_str_eq(find("192.0.2.1"), "good");
}

/** A connection that gets a mistake is not used as it was. */
Test(config, becomes_bad)
{
	add("one", "192.0.2.1");
	config->refresh(config);
	fake_configs_flush();
	add_bad("one");
	cr_assert(config->refresh(config));
	cr_assert_null(config->find_name(config, "one"));
	cr_assert_null(find("192.0.2.1"));
}

/** charon asks its backends in order, so the first one of a name counts. */
Test(config, same_name)
{
	add("one", "192.0.2.1");
	add("one", "192.0.2.2");
	config->refresh(config);
	cr_assert_eq(count(), 1);
	cr_assert_str_eq(find("192.0.2.1"), "one");
	cr_assert_null(find("192.0.2.2"));
}

/** One that charon hands out before we have seen it is read then. */
Test(config, get)
{
	fake_connection_t fake = fake_connection("one");
	coi_connection_t *conn;
	peer_cfg_t *peer;

	peer = fake_connection_load(&fake);
	fake_configs_add(peer);
	conn = config->get(config, peer);
	cr_assert_str_eq(conn->name, "one");
	cr_assert(coi_reqids_is_ours(conn->reqid));
	coi_connection_destroy(conn);

	/* one that no backend has is none */
	fake.name = "two";
	peer = fake_connection_load(&fake);
	cr_assert_null(config->get(config, peer));
	peer->destroy(peer);
	/* nor is one of IKE */
	fake.local[0].coi = FALSE;
	fake.local[0].auth = AUTH_CLASS_PUBKEY;
	peer = fake_connection_load(&fake);
	cr_assert_null(config->get(config, peer));
	peer->destroy(peer);
}
