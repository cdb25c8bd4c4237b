/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <criterion/criterion.h>

#include "coi_test.h"
#include "fake_configs.h"

#include "control/coi_why_private.h"
#include "policy/coi_negative_cache.h"
#include "util/coi_timer.h"

/** What the tables say; what a test does not change lets an opening begin. */
static struct {
	/** names of communities with a key, and of those that are disabled */
	const char *keys;
	const char *disabled;
	bool isolated;
	bool trapped;
	bool ready;
	/** seconds for which the peer is still refused, 0 if it is not */
	u_int refused;
	/** of ESP in UDP */
	u_int encap;
	/** how the last session ended, NULL if there was none */
	const char *end;
	/** why an opening of the peer was refused, COI_OK if none was */
	coi_reason_t reason;
	int64_t ahead;
} says;

static bool has_key(coi_keyring_t *this, const char *name)
{
	return strstr(says.keys, name) != NULL;
}

static bool is_disabled(coi_admin_state_t *this, const char *name)
{
	return strstr(says.disabled, name) != NULL;
}

static bool is_isolated(coi_admin_state_t *this)
{
	return says.isolated;
}

static bool is_trapped(coi_pair_policy_t *this, uint32_t reqid)
{
	return says.trapped;
}

static bool is_ready(coi_obstacles_t *this)
{
	return says.ready;
}

static void for_all(coi_obstacles_t *this, coi_obstacle_cb_t cb, void *data)
{
	cb(data, "ports", "UDP port 4570 is taken");
}

static bool find_refused(coi_negative_cache_t *this, host_t *me, host_t *other,
						 u_int *left)
{
	*left = says.refused;
	return says.refused;
}

static bool has_encap(coi_encap_peers_t *this, host_t *peer, uint64_t now,
					  u_int *left)
{
	*left = says.encap;
	return says.encap;
}

static coi_events_item_t *find_end(coi_events_t *this, host_t *peer)
{
	coi_events_item_t *item;

	if (!says.end)
	{
		return NULL;
	}
	item = coi_events_begin(COI_EVENTS_CLOSED);
	item->time = coi_timer_wall();
	coi_events_set(item, COI_EVENTS_REASON, "%s", says.end);
	return item;
}

static bool find_refusal(coi_refusals_t *this, host_t *source,
						 coi_refusals_item_t *item)
{
	*item = (coi_refusals_item_t){
		.reason = says.reason, .age = 3, .ahead = says.ahead,
	};
	return says.reason != COI_OK;
}

static coi_options_t options = {
	.port = 4570,
	.negative_cache = 30,
	.window = 60,
};
static coi_keyring_t keyring = { .has = has_key };
static coi_admin_state_t admin_state = {
	.is_disabled = is_disabled,
	.is_isolated = is_isolated,
};
static coi_pair_policy_t pair_policy = { .is_trapped = is_trapped };
static coi_obstacles_t obstacles = {
	.is_ready = is_ready,
	.for_all = for_all,
};
static coi_negative_cache_t negative_cache = { .find = find_refused };
static coi_encap_peers_t encap_peers = { .has = has_encap };
static coi_events_t events = { .find_end = find_end };
static coi_refusals_t refusals = { .find = find_refusal };

static const coi_why_tables_t tables = {
	.options = &options,
	.keyring = &keyring,
	.admin_state = &admin_state,
	.obstacles = &obstacles,
	.pair_policy = &pair_policy,
	.negative_cache = &negative_cache,
	.encap_peers = &encap_peers,
	.events = &events,
	.refusals = &refusals,
};

static coi_child_t children[] = {
	{ .name = "lab" }, { .name = "finance" },
};
static coi_connection_t conn = {
	.name = "office",
	.children = children,
	.count = countof(children),
};
static coi_why_t why;

/* this host uses tcp/443 in lab, and offers udp/53 in finance */
static void init()
{
	fake_configs_init();
	conn.profile = coi_test_profile(NULL, "lab finance");
	coi_test_services(conn.profile, "lab", "", "6/443-443");
	coi_test_services(conn.profile, "finance", "17/53-53", "");
	says = (typeof(says)){
		.keys = "lab finance", .disabled = "", .trapped = TRUE, .ready = TRUE,
	};
}

static void fini()
{
	coi_profile_destroy(conn.profile);
	fake_configs_deinit();
}

TestSuite(why, .init = init, .fini = fini);

/** Ask about a service without a session. */
static void ask(const char *service, bool inbound)
{
	coi_why_walk_t walk = {
		.tables = &tables,
		.why = &why,
		.conn = &conn,
	};

	why = (coi_why_t){
		.other = host_create_from_string("10.0.0.2", 0),
		.inbound = inbound,
	};
	cr_assert(coi_service_query_read(service, &why.asked));
	coi_why_closed(&walk);
	why.other->destroy(why.other);
}

/** Whether that is what is answered. */
static void expect(coi_why_verdict_t verdict, const char *decision,
				   const char *setting, const char *text)
{
	cr_expect_eq(why.verdict, verdict, "%s", why.text);
	cr_expect_str_eq(why.decision, decision, "%s", why.text);
	cr_expect_str_eq(why.setting, setting, "%s", why.text);
	cr_expect(strstr(why.text, text), "%s", why.text);
}

/* a packet opens a session in the community whose filter lets it through */
Test(why, no_session)
{
	ask("tcp/443", FALSE);
	expect(COI_VERDICT_OPENS, "no-session",
		   "connections.office.children.lab.remote_ts",
		   "it asks for one, and goes through it if the peer offers tcp/443 in "
		   "community 'lab'");
	cr_expect_str_eq(why.community, "lab");
	ask("udp/53", TRUE);
	expect(COI_VERDICT_OPENS, "no-session",
		   "connections.office.children.finance.local_ts", "if the peer uses "
		   "udp/53 in community 'finance'");
}

/* what no filter lets through opens none */
Test(why, filter)
{
	static const struct {
		const char *service;
		bool inbound;
	} cases[] = {
		{ "tcp/443", TRUE }, { "tcp/442", FALSE }, { "udp/443", FALSE },
		{ "udp/53", FALSE }, { "icmp", FALSE },
	};
	u_int i;

	for (i = 0; i < countof(cases); i++)
	{
		ask(cases[i].service, cases[i].inbound);
		expect(COI_VERDICT_BLOCKED, "filter-here", cases[i].inbound ?
			   "connections.office.children.lab.local_ts" :
			   "connections.office.children.lab.remote_ts",
			   "in 'lab', 'finance': it is blocked");
	}
}

/* without a key for it a community is not used, and it counts why */
Test(why, key)
{
	says.keys = "finance";
	ask("tcp/443", FALSE);
	expect(COI_VERDICT_BLOCKED, "no-key", "connections.office.children.lab",
		   "add secrets.ppk-lab with id = lab");
	says.disabled = "lab";
	ask("tcp/443", FALSE);
	expect(COI_VERDICT_BLOCKED, "disabled", "", "'coi enable lab' enables it");
	says.isolated = TRUE;
	ask("tcp/443", FALSE);
	expect(COI_VERDICT_BLOCKED, "disabled", "", "'coi enable --all' enables it");
	says.disabled = says.keys = "";
	ask("icmp", FALSE);
	expect(COI_VERDICT_BLOCKED, "no-key", "connections.office.children.lab", "");
}

/* a peer that did not answer is refused, with why it may be */
Test(why, refused)
{
	says.refused = 20;
	ask("tcp/443", FALSE);
	expect(COI_VERDICT_BLOCKED, "negative-cache",
		   "charon.plugins.coi.negative_cache",
		   "it is blocked since 10 s and for 20 s more");
	/* left may be more than an option that was made shorter says */
	says.refused = 31;
	ask("tcp/443", FALSE);
	expect(COI_VERDICT_BLOCKED, "negative-cache",
		   "charon.plugins.coi.negative_cache", "since 0 s and for 31 s more");
	says.reason = COI_TIME;
	says.ahead = -3600;
	ask("tcp/443", FALSE);
	expect(COI_VERDICT_BLOCKED, "negative-cache",
		   "charon.plugins.coi.negative_cache",
		   "its clock is 3600 s behind ours");
	says.end = enum_to_name(coi_reason_names, COI_NO_ESP);
	ask("tcp/443", FALSE);
	expect(COI_VERDICT_BLOCKED, "no-esp", "connections.office.encap",
		   "ESP (IP protocol 50) does not");
}

/* before all else: nothing traps, or COI is closed */
Test(why, before)
{
	says.refused = 20;
	says.keys = "";
	says.ready = FALSE;
	ask("tcp/443", FALSE);
	expect(COI_VERDICT_BLOCKED, "obstructed", "", "UDP port 4570 is taken");
	says.trapped = FALSE;
	ask("tcp/443", FALSE);
	expect(COI_VERDICT_CLEAR, "no-trap",
		   "connections.office.children.lab.start_action", "passes in clear");
}

/* what is known of the peer goes with it */
Test(why, known)
{
	says.end = "timeout";
	says.encap = 99;
	says.reason = COI_NO_COMMUNITY;
	ask("tcp/443", FALSE);
	expect(COI_VERDICT_OPENS, "no-session",
		   "connections.office.children.lab.remote_ts", "the last one ended 0 s "
		   "ago, timeout; UDP port 4570 gets through, ESP (IP protocol 50) does "
		   "not, so ESP goes in UDP for 99 s more; an opening from its address "
		   "was refused 3 s ago: it has no community's key that this host has");
}

/* a sentence that is too long is cut, and nothing behind it is touched */
Test(why, long_text)
{
	char name[COI_WHY_TEXT];
	u_int i;

	memset(&why, 0, sizeof(why));
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	coi_why_say(&why, COI_VERDICT_CLEAR, "pass", "%s", name);
	for (i = 0; i < 3; i++)
	{
		coi_why_add(&why, "; %s", name);
	}
	cr_assert_eq(strlen(why.text), sizeof(why.text) - 1);
	cr_assert_str_empty(why.setting);
	coi_why_child(&why, &conn, name, "remote_ts");
	cr_assert_eq(strlen(why.setting), sizeof(why.setting) - 1);
	cr_assert_str_empty(why.connection);
}
