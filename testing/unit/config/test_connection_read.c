/* SPDX-License-Identifier: GPL-2.0-or-later */

/* connections of swanctl.conf: what is read, and the line for what cannot be */

#include <criterion/criterion.h>

#include "fake_configs.h"
#include "config/coi_connection_read.h"

#define START 1700000000000ULL

typedef void (*change_t)(fake_connection_t *this);

TestSuite(connection, .init = fake_configs_init, .fini = fake_configs_deinit);

static coi_connection_t *read_it(fake_connection_t *fake, char **error)
{
	coi_connection_t *conn;
	peer_cfg_t *peer;

	peer = fake_connection_load(fake);
	conn = coi_connection_read(peer, START, error);
	peer->destroy(peer);
	return conn;
}

static coi_connection_t *read_good(fake_connection_t *fake)
{
	coi_connection_t *conn;
	char *error;

	conn = read_it(fake, &error);
	cr_assert(conn, "%s", error ?: "");
	cr_assert_null(error);
	return conn;
}

/** A connection that has a mistake is not there at all, and says one line. */
static void read_bad(fake_connection_t *fake, const char *text)
{
	char line[1024], *error;

	cr_assert_null(read_it(fake, &error), "%s", text);
	snprintf(line, sizeof(line), "connections.c%s; connection 'c' is not used",
			 text);
	cr_assert_str_eq(error, line);
	free(error);
}

Test(connection, good)
{
	fake_connection_t fake = fake_connection("c");
	coi_connection_t *conn;

	fake.local[0].id = "moon.example.org";
	fake.local[0].xauth_id = "alice";
	conn = read_good(&fake);
	cr_assert_str_eq(conn->name, "c");
	cr_assert_eq(conn->count, 1);
	cr_assert_str_eq(conn->children[0].name, "alpha");
	cr_assert_eq(conn->suite, conn->children[0].suite);
	cr_assert_eq(conn->reqid, 0);
	cr_assert_eq(conn->profile->count, 1);
	cr_assert_eq(conn->profile->communities[0].mode, COI_MODE_TRANSPORT);
	cr_assert(chunk_equals(conn->user.name, chunk_from_str("alice")));
	cr_assert(!conn->gives && !conn->profile->wishes);
	cr_assert(!conn->profile->demands && !conn->profile->third);
	cr_assert_eq(coi_connection_find(conn, "alpha"), &conn->children[0]);
	cr_assert_null(coi_connection_find(conn, "beta"));
	cr_assert_null(coi_connection_find(conn, "alph"));
	cr_assert(!coi_connection_wants_encap(conn));
	/* a reference keeps it */
	cr_assert_eq(coi_connection_get_ref(conn), conn);
	coi_connection_destroy(conn);
	cr_assert_str_eq(conn->name, "c");
	coi_connection_destroy(conn);
	coi_connection_destroy(NULL);
}

/** Each kind of local identity goes onto the wire as it is. */
Test(connection, identities)
{
	static const struct {
		const char *id;
		uint8_t type;
	} ids[] = {
		{ "192.0.2.1", ID_IPV4_ADDR },
		{ "2001:db8::1", ID_IPV6_ADDR },
		{ "moon.example.org", ID_FQDN },
		{ "moon@example.org", ID_RFC822_ADDR },
		{ "C=CH, CN=moon", ID_DER_ASN1_DN },
		{ "@#0123", ID_KEY_ID },
		{ NULL, 0 },
	};
	fake_connection_t fake = fake_connection("c");
	coi_connection_t *conn;
	u_int i;

	for (i = 0; i < countof(ids); i++)
	{
		fake.local[0].id = ids[i].id;
		conn = read_good(&fake);
		cr_assert_eq(conn->profile->id_type, ids[i].type, "%s", ids[i].id);
		coi_connection_destroy(conn);
	}
}

/** Whatever a round beside membership proves by is asked for in a third message. */
Test(connection, rounds)
{
	fake_connection_t fake = fake_connection("c");
	coi_connection_t *conn;

	fake.local[1].auth = AUTH_CLASS_PUBKEY;
	fake.locals = 2;
	conn = read_good(&fake);
	cr_assert(conn->profile->third && !conn->profile->demands);
	coi_connection_destroy(conn);

	fake.locals = 1;
	fake.remote[1].auth = AUTH_CLASS_PUBKEY;
	fake.remotes = 2;
	conn = read_good(&fake);
	cr_assert(!conn->profile->third && conn->profile->demands);
	coi_connection_destroy(conn);
}

Test(connection, virtual_addresses)
{
	fake_connection_t fake = fake_connection("c");
	coi_connection_t *conn;

	fake.children[0].data.mode = MODE_TUNNEL;
	fake.vips = "0.0.0.0, ::";
	conn = read_good(&fake);
	cr_assert(conn->profile->wishes && !conn->gives && !conn->profile->third);
	coi_connection_destroy(conn);

	fake.vips = NULL;
	fake.pool = "pool";
	conn = read_good(&fake);
	cr_assert(!conn->profile->wishes && conn->gives && conn->profile->third);
	coi_connection_destroy(conn);
}

static void no_xauth(fake_connection_t *this)
{
	this->remote[0].coi = FALSE;
	this->remote[0].auth = AUTH_CLASS_PUBKEY;
}

static void second_xauth(fake_connection_t *this)
{
	this->local[1] = this->local[0];
	this->local[0].coi = FALSE;
	this->local[0].auth = AUTH_CLASS_PUBKEY;
	this->locals = 2;
}

static void both_xauth(fake_connection_t *this)
{
	this->local[1].coi = TRUE;
	this->locals = 2;
}

static void second_eap(fake_connection_t *this)
{
	this->remote[1].auth = AUTH_CLASS_EAP;
	this->remotes = 2;
}

static void three_rounds(fake_connection_t *this)
{
	this->remote[1].auth = this->remote[2].auth = AUTH_CLASS_PUBKEY;
	this->remotes = 3;
}

static void remote_id(fake_connection_t *this)
{
	this->remote[0].id = "sun.example.org";
}

static void local_range(fake_connection_t *this)
{
	this->local[0].id = "192.0.2.0/24";
}

static char long_id[COI_MAX_IDENTITY + 2];

static void local_long(fake_connection_t *this)
{
	memset(long_id, 'x', sizeof(long_id) - 1);
	this->local[0].id = long_id;
}

static void user_address(fake_connection_t *this)
{
	this->local[0].xauth_id = "192.0.2.1";
}

static void version_1(fake_connection_t *this)
{
	this->ike.version = IKEV1;
}

static void no_child(fake_connection_t *this)
{
	this->count = 0;
}

static void same_child(fake_connection_t *this)
{
	this->children[1] = this->children[0];
	this->count = 2;
}

static void vips_transport(fake_connection_t *this)
{
	this->vips = "0.0.0.0";
}

static void pools_transport(fake_connection_t *this)
{
	this->pool = "pool";
}

static void shunt_start(fake_connection_t *this)
{
	this->children[1] = this->children[0];
	this->children[1].name = "lan";
	this->children[1].data.mode = MODE_PASS;
	this->children[1].data.start_action = ACTION_START;
	this->count = 2;
}

static void only_shunt(fake_connection_t *this)
{
	this->children[0].data.mode = MODE_DROP;
}

Test(connection, mistakes)
{
	static const struct {
		change_t change;
		const char *text;
	} bad[] = {
		{ no_xauth, ".remote.auth: xauth-coi is allowed, in the first round of "
			"both sides" },
		{ second_xauth, ".local.auth: xauth-coi is allowed, in the first round "
			"of both sides" },
		{ both_xauth, ".local-2.auth: pubkey is allowed in a round after "
			"xauth-coi" },
		{ second_eap, ".remote-2.auth: pubkey is allowed in a round after "
			"xauth-coi" },
		{ three_rounds, ".remote-*.auth: two rounds are allowed with xauth-coi, "
			"not 3" },
		{ remote_id, ".remote.id = sun.example.org: %any is allowed, xauth-coi "
			"proves membership and not who a member is, which remote-2 with "
			"auth = pubkey demands" },
		{ local_range, ".local.id = 192.0.2.0/24: an address, host name, mail "
			"address, DN or key id is allowed" },
		{ user_address, ".local.xauth_id = 192.0.2.1: a user's name of 1 to 255 "
			"octets of UTF-8 without control characters is allowed" },
		{ version_1, ".version = 1: 2 is allowed with xauth-coi" },
		{ no_child, ".children: 1 to 96 COIs are allowed, not 0" },
		{ only_shunt, ".children: 1 to 96 COIs are allowed, not 0" },
		{ same_child, ".children.alpha: each COI is allowed once" },
		{ vips_transport, ".vips: mode = tunnel is needed in children.alpha" },
		{ pools_transport, ".pools: mode = tunnel is needed in children.alpha" },
		{ shunt_start, ".children.lan.start_action = start: none and trap are "
			"allowed with mode = pass" },
	};
	fake_connection_t fake;
	u_int i;

	for (i = 0; i < countof(bad); i++)
	{
		fake = fake_connection("c");
		bad[i].change(&fake);
		read_bad(&fake, bad[i].text);
	}
}

Test(connection, long_identity)
{
	fake_connection_t fake = fake_connection("c");
	char *error;

	local_long(&fake);
	cr_assert_null(read_it(&fake, &error));
	cr_assert(strstr(error, "octets are allowed; connection 'c' is not used"));
	free(error);
	/* one less is the most that is allowed */
	long_id[COI_MAX_IDENTITY] = '\0';
	coi_connection_destroy(read_good(&fake));
}

/** What concerns us also says so if it is only half of it. */
Test(connection, concerns)
{
	fake_connection_t fake = fake_connection("c");
	peer_cfg_t *peer;

	peer = fake_connection_load(&fake);
	cr_assert(coi_connection_concerns(peer) && coi_connection_is_coi(peer));
	peer->destroy(peer);
	no_xauth(&fake);
	peer = fake_connection_load(&fake);
	cr_assert(coi_connection_concerns(peer) && !coi_connection_is_coi(peer));
	peer->destroy(peer);
	fake.local[0] = fake.remote[0];
	peer = fake_connection_load(&fake);
	cr_assert(!coi_connection_concerns(peer) && !coi_connection_is_coi(peer));
	peer->destroy(peer);
}

Test(connection, equal)
{
	fake_connection_t fake = fake_connection("c");
	coi_connection_t *one, *two;
	peer_cfg_t *peer;
	char *error;

	peer = fake_connection_load(&fake);
	one = coi_connection_read(peer, START, &error);
	cr_assert(coi_connection_is_of(one, peer));
	peer->destroy(peer);
	two = read_good(&fake);
	cr_assert(coi_connection_equals(one, two));
	cr_assert(!coi_connection_is_of(one, two->peer));
	coi_connection_destroy(two);

	fake.children[0].name = "beta";
	two = read_good(&fake);
	cr_assert(!coi_connection_equals(one, two));
	coi_connection_destroy(two);

	fake = fake_connection("c");
	fake.ike.remote = "192.0.2.0/25";
	two = read_good(&fake);
	cr_assert(!coi_connection_equals(one, two));
	coi_connection_destroy(two);

	fake = fake_connection("d");
	two = read_good(&fake);
	cr_assert(!coi_connection_equals(one, two));
	coi_connection_destroy(two);
	coi_connection_destroy(one);
}
