/* SPDX-License-Identifier: GPL-2.0-or-later */

/* packets that wait for a tunnel, with rules, queue and hold SAs that are none:
 * each gets one verdict, in order, and no more are held than may be */

#include <criterion/criterion.h>

#include "coi_test.h"
#include "fake_raw.h"
#include "fake_timer.h"
#include "hold/coi_hold.h"
#include "hold/coi_hold_target.h"
#include "hold/coi_nfqueue.h"
#include "netfilter/coi_queue_rules.h"
#include "policy/coi_hold_sa.h"
#include "util/coi_address_type.h"

#include <daemon.h>

#include <arpa/inet.h>
#include <netinet/ip.h>

#define PER_PAIR 3
#define TOTAL 5
#define QUEUE 7

/** what the kernel has and takes */
static struct {
	bool no_rules;
	bool no_queue;
	bool refuse_rules;
	bool refuse_sa;
	/** the rules are as added */
	bool rules;
	u_int rules_added;
	u_int sas;
	bool queue;
	u_int length;
} sys;

/** verdicts in the order in which they were given */
static struct {
	u_int count;
	uint32_t id[64];
	bool pass[64];
} verdicts;

/** who was asked to open a session, and what is said to that */
static struct {
	u_int count;
	coi_origin_t origin;
	coi_connection_t *conn;
	char other[64];
	coi_hold_verdict_t answer;
	/** released before that is said */
	bool release;
} asked;

/** what the pair policy was told */
static uint32_t unmarked;
static u_int trapped;

static coi_nfqueue_cb_t on_packet;
static void *on_packet_data;
static kernel_listener_t *listener;

static coi_hold_t *hold;
static coi_counters_t *counters;
static coi_histograms_t *histograms;
static coi_options_t options;
static coi_connection_t conn = { .reqid = 9 };
static host_t *me, *a, *b, *c, *gateway;
static uint32_t next_id;

/** what the kernel's routes say of where packets go */
static coi_address_type_t type = COI_ADDRESS_TYPE_OTHER;

/* --- rules, queue and SAs --- */

static bool rules_add(coi_queue_rules_t *this)
{
	sys.rules_added++;
	sys.rules = !sys.refuse_rules;
	return sys.rules;
}

static bool rules_check(coi_queue_rules_t *this)
{
	return sys.rules;
}

static void rules_remove(coi_queue_rules_t *this)
{
	sys.rules = FALSE;
}

static void rules_destroy(coi_queue_rules_t *this)
{
}

static coi_queue_rules_t rules = {
	.add = rules_add,
	.check = rules_check,
	.remove = rules_remove,
	.destroy = rules_destroy,
};

coi_queue_rules_t *coi_queue_rules_create(
									const coi_queue_rules_config_t *config,
									coi_options_backend_t backend)
{
	cr_expect_eq(config->queue, QUEUE);
	cr_expect_eq(config->mark, 1U << options.hold_mark);
	cr_expect_eq(config->led, 1U << options.nat_mark);
	return sys.no_rules ? NULL : &rules;
}

static void verdict(coi_nfqueue_t *this, coi_held_packet_t packet, bool pass)
{
	cr_assert(sys.queue, "the queue is gone");
	cr_assert_lt(verdicts.count, countof(verdicts.id));
	verdicts.id[verdicts.count] = packet.id;
	verdicts.pass[verdicts.count++] = pass;
}

static void queue_destroy(coi_nfqueue_t *this)
{
	sys.queue = FALSE;
}

static coi_nfqueue_t queue = {
	.verdict = verdict,
	.destroy = queue_destroy,
};

coi_nfqueue_t *coi_nfqueue_create(uint16_t number, u_int length, uint32_t mark,
								  coi_nfqueue_cb_t cb, void *data)
{
	cr_expect_eq(number, QUEUE);
	cr_expect_eq(mark, 1U << options.hold_mark);
	sys.length = length;
	on_packet = cb;
	on_packet_data = data;
	sys.queue = !sys.no_queue;
	return sys.queue ? &queue : NULL;
}

bool coi_hold_sa_install()
{
	sys.sas++;
	return !sys.refuse_sa;
}

bool coi_hold_sa_policy(const coi_policy_entry_t *one, uint32_t owner, bool add)
{
	cr_assert_fail("no policy is installed here");
	return FALSE;
}

/* --- policies and connections --- */

coi_connection_t *coi_hold_target_find(coi_config_t *from,
									   coi_policy_store_t *store, host_t *src,
									   host_t *dst, host_t **gw)
{
	*gw = NULL;
	if (!gateway || !dst->ip_equals(dst, c))
	{
		return NULL;
	}
	*gw = gateway->clone(gateway);
	return &conn;
}

coi_address_type_t coi_address_type(host_t *host)
{
	return type;
}

coi_address_type_t coi_address_type_look(host_t *host)
{
	return *host->get_address(host).ptr == 224 ? COI_ADDRESS_TYPE_MULTICAST
											   : COI_ADDRESS_TYPE_OTHER;
}

void coi_connection_destroy(coi_connection_t *this)
{
}

static void policy_hold(coi_pair_policy_t *this, uint32_t mark)
{
	unmarked = mark;
}

static bool policy_is_trapped(coi_pair_policy_t *this, uint32_t reqid)
{
	return reqid == conn.reqid;
}

static bool policy_trap(coi_pair_policy_t *this, coi_connection_t *one)
{
	cr_expect_eq(one, &conn);
	trapped++;
	return TRUE;
}

static coi_policy_store_t *policy_store(coi_pair_policy_t *this)
{
	return NULL;
}

static coi_pair_policy_t policy = {
	.hold = policy_hold,
	.is_trapped = policy_is_trapped,
	.trap = policy_trap,
	.get_store = policy_store,
};

static enumerator_t *create_enumerator(coi_config_t *this)
{
	return enumerator_create_single(&conn, NULL);
}

static coi_config_t config = {
	.create_enumerator = create_enumerator,
};

/* --- charon --- */

static void add_listener(kernel_interface_t *this, kernel_listener_t *one)
{
	listener = one;
}

static void remove_listener(kernel_interface_t *this, kernel_listener_t *one)
{
	cr_expect_eq(listener, one);
	listener = NULL;
}

static bool get_interface(kernel_interface_t *this, host_t *host, char **name)
{
	return host->ip_equals(host, me);
}

static void no_log(bus_t *this, debug_t group, level_t level, char *fmt, ...)
{
}

static kernel_interface_t kernel = {
	.add_listener = add_listener,
	.remove_listener = remove_listener,
	.get_interface = get_interface,
};

static bus_t bus = {
	.log = no_log,
};

static daemon_t fake_daemon;

static coi_hold_verdict_t on_ask(void *data, coi_connection_t *one,
								 host_t *src, host_t *dst, coi_origin_t origin)
{
	cr_expect_eq(data, &asked);
	cr_expect(src->ip_equals(src, me));
	asked.count++;
	asked.conn = one;
	asked.origin = origin;
	inet_ntop(AF_INET, dst->get_address(dst).ptr, asked.other,
			  sizeof(asked.other));
	if (asked.release)
	{
		hold->release(hold, src, dst);
	}
	return asked.answer;
}

static void setup()
{
	coi_test_init();
	fake_daemon.kernel = &kernel;
	fake_daemon.bus = &bus;
	charon = &fake_daemon;
	me = host_create_from_string("192.0.2.1", 0);
	a = host_create_from_string("192.0.2.2", 0);
	b = host_create_from_string("192.0.2.3", 0);
	c = host_create_from_string("192.0.2.4", 0);
	options = (coi_options_t){
		.hold = TRUE,
		.hold_peer = PER_PAIR,
		.hold_total = TOTAL,
		.own_share = 100,
		.hold_mark = 29,
		.nat_mark = 28,
		.hold_queue = QUEUE,
		.unreachable = TRUE,
		.idle_port = 4711,
	};
	counters = coi_counters_create();
	histograms = coi_histograms_create();
}

static void start()
{
	hold = coi_hold_create(&options, counters, histograms, &policy);
	hold->start(hold, &config, on_ask, &asked);
}

static void teardown()
{
	if (hold)
	{
		hold->stop(hold);
		cr_expect_null(listener);
		cr_expect_not(sys.queue);
		hold->destroy(hold);
	}
	cr_expect_not(sys.rules, "the rules are gone");
	cr_expect_eq(verdicts.count, next_id, "each packet has its verdict");
	cr_expect_eq(fake_raw.open, 0);
	counters->destroy(counters);
	histograms->destroy(histograms);
	me->destroy(me);
	a->destroy(a);
	b->destroy(b);
	c->destroy(c);
	DESTROY_IF(gateway);
	DESTROY_IF(fake_raw.to);
}

TestSuite(hold, .init = setup, .fini = teardown);

/** Let a packet of a program come into the queue: UDP, between two hosts. */
static void send_packet(host_t *other, coi_origin_t origin)
{
	coi_held_packet_t packet = {
		.id = next_id++,
		.origin = origin,
		.len = sizeof(struct iphdr) + 8,
	};
	struct iphdr ip = {
		.version = 4,
		.ihl = 5,
		.protocol = IPPROTO_UDP,
	};

	memcpy(&ip.saddr, me->get_address(me).ptr, 4);
	memcpy(&ip.daddr, other->get_address(other).ptr, 4);
	memcpy(packet.head, &ip, sizeof(ip));
	on_packet(on_packet_data, packet, me, other);
}

/** Expect the verdicts on packets from one on, which are the last ones. */
static void expect_last(uint32_t first, u_int count, bool pass)
{
	u_int i, from = verdicts.count - count;

	cr_assert_geq(verdicts.count, count);
	for (i = 0; i < count; i++)
	{
		cr_expect_eq(verdicts.id[from + i], first + i);
		cr_expect_eq(verdicts.pass[from + i], pass, "%u", first + i);
	}
}

static void expect_counted(u_int held, u_int released, u_int dropped)
{
	cr_expect_eq(counters->get(counters, COI_COUNT_HELD), held);
	cr_expect_eq(counters->get(counters, COI_COUNT_RELEASED), released);
	cr_expect_eq(counters->get(counters, COI_COUNT_DROPPED), dropped);
}

Test(hold, released)
{
	coi_histogram_t took;

	start();
	cr_expect(sys.rules && sys.sas == 1 && sys.length == 2 * TOTAL);
	cr_expect(unmarked == 1U << 29 && trapped == 1);
	send_packet(a, 1000);
	send_packet(a, 1000);
	send_packet(b, 0);
	cr_expect(asked.count == 2 && !verdicts.count, "asked once for each pair");
	cr_expect_eq(hold->count(hold, me, a), 2);
	cr_expect_eq(hold->count(hold, NULL, NULL), 3);
	fake_timer.now += 40;
	hold->release(hold, me, a);
	cr_expect_eq(verdicts.count, 2);
	expect_last(0, 2, TRUE);
	cr_expect_eq(hold->count(hold, me, a), 0);
	cr_expect_eq(hold->count(hold, me, b), 1);
	hold->release(hold, me, a);
	cr_expect_eq(verdicts.count, 2, "no verdict is given twice");
	histograms->get(histograms, COI_STAGE_HOLD, &took);
	cr_expect_eq(took.sum, 40);
	cr_expect_eq(fake_raw.count, 0);
	expect_counted(3, 2, 0);
}

Test(hold, dropped)
{
	start();
	send_packet(a, 1000);
	send_packet(b, 1000);
	send_packet(a, 1000);
	hold->drop(hold, me, a);
	cr_expect_eq(verdicts.count, 2);
	cr_expect(verdicts.id[0] == 0 && verdicts.id[1] == 2);
	cr_expect_not(verdicts.pass[0] || verdicts.pass[1]);
	cr_expect_eq(fake_raw.count, 2, "programs get an error for each");
	cr_expect(fake_raw.to->ip_equals(fake_raw.to, me));
	cr_expect_eq(hold->count(hold, me, b), 1);
	expect_counted(3, 0, 2);
}

Test(hold, no_errors)
{
	options.unreachable = FALSE;
	start();
	send_packet(a, 1000);
	hold->drop(hold, me, a);
	expect_last(0, 1, FALSE);
	cr_expect_eq(fake_raw.count, 0);
}

/** What whoever is asked says at once: a session is there, or will not be. */
Test(hold, answered_at_once)
{
	start();
	asked.answer = COI_HOLD_GO;
	send_packet(a, 1000);
	expect_last(0, 1, TRUE);
	asked.answer = COI_HOLD_DROP;
	send_packet(a, 1000);
	expect_last(1, 1, FALSE);
	cr_expect_eq(fake_raw.count, 1);
	asked.answer = COI_HOLD_LATER;
	send_packet(a, 1000);
	expect_last(2, 1, FALSE);
	cr_expect_eq(fake_raw.count, 1, "it may be sent again");
	cr_expect_eq(hold->count(hold, NULL, NULL), 0);
	cr_expect_eq(asked.count, 3);
}

/** The session opens while it is asked for: nothing is left behind. */
Test(hold, opens_meanwhile)
{
	start();
	asked.answer = COI_HOLD_WAIT;
	asked.release = TRUE;
	send_packet(a, 1000);
	expect_last(0, 1, TRUE);
	cr_expect_eq(hold->count(hold, NULL, NULL), 0);
}

/** The one that is too many is dropped, since the first is sent again by
 * nobody. */
Test(hold, limits)
{
	u_int i;

	start();
	for (i = 0; i < PER_PAIR; i++)
	{
		send_packet(a, 1000);
	}
	cr_expect_eq(verdicts.count, 0);
	send_packet(a, 1000);
	expect_last(PER_PAIR, 1, FALSE);
	cr_expect_eq(asked.count, 1);
	send_packet(b, 1000);
	send_packet(b, 1000);
	cr_expect_eq(verdicts.count, 1);
	/* all are full: it is asked all the same, but the packet does not wait */
	send_packet(c, 1000);
	expect_last(PER_PAIR + 3, 1, FALSE);
	cr_expect_eq(asked.count, 3);
	cr_expect_eq(hold->count(hold, NULL, NULL), TOTAL);
	expect_counted(TOTAL, 0, 2);
	cr_expect_eq(fake_raw.count, 0);
}

/** A user has a share; what is left is for others. */
Test(hold, share)
{
	options.own_share = 40;
	start();
	send_packet(a, 1000);
	send_packet(a, 1000);
	send_packet(b, 1000);
	expect_last(2, 1, FALSE);
	send_packet(b, 1001);
	cr_expect_eq(verdicts.count, 1);
	cr_expect_eq(asked.origin, 1001);
}

/** Without hold = yes they only ask. */
Test(hold, no_hold)
{
	options.hold = FALSE;
	start();
	cr_expect_eq(fake_raw.open, 0);
	send_packet(a, 1000);
	send_packet(a, 1000);
	expect_last(1, 1, FALSE);
	hold->release(hold, me, a);
	cr_expect_eq(verdicts.count, 2);
	expect_last(0, 1, FALSE);
}

/** What asks for nothing opens nothing. */
Test(hold, no_question)
{
	host_t *many = host_create_from_string("224.0.0.1", 0);
	coi_held_packet_t packet = {};

	start();
	send_packet(many, 1000);
	on_packet(on_packet_data, packet, NULL, NULL);
	next_id++;
	on_packet(on_packet_data, packet, me, a);
	next_id++;
	cr_expect_eq(verdicts.count, 3);
	cr_expect_not(verdicts.pass[0] || verdicts.pass[1] || verdicts.pass[2]);
	cr_expect_eq(asked.count, 0);
	expect_counted(0, 0, 3);
	many->destroy(many);
}

/** A packet to a network waits for the tunnel to its gateway. */
Test(hold, network)
{
	gateway = b->clone(b);
	start();
	send_packet(c, 1000);
	cr_expect_eq(asked.conn, &conn);
	cr_expect_str_eq(asked.other, "192.0.2.3");
	hold->release(hold, me, c);
	cr_expect_eq(verdicts.count, 0);
	hold->release(hold, me, b);
	expect_last(0, 1, TRUE);
	/* but for what is in no network behind anybody */
	type = COI_ADDRESS_TYPE_LINK;
	send_packet(c, 1000);
	expect_last(1, 1, FALSE);
	cr_expect_eq(asked.count, 1);
}

/** What nobody has asked about again goes when the next one comes. */
Test(hold, stale)
{
	start();
	send_packet(a, 1000);
	fake_timer.now += 50000;
	send_packet(b, 1000);
	cr_expect_eq(verdicts.count, 0);
	fake_timer.now += 15000;
	send_packet(b, 1000);
	expect_last(0, 1, FALSE);
	cr_expect_eq(hold->count(hold, me, b), 2);
	cr_expect_eq(fake_raw.count, 0);
}

Test(hold, stopped)
{
	start();
	send_packet(a, 1000);
	send_packet(b, 1000);
	hold->stop(hold);
	cr_expect_eq(verdicts.count, 2);
	cr_expect_not(verdicts.pass[0] || verdicts.pass[1]);
	cr_expect_eq(hold->count(hold, NULL, NULL), 0);
	cr_expect_not(sys.queue);
	cr_expect(sys.rules, "without the queue they drop");
}

/** Rules that somebody has removed come back, at most once a second. */
Test(hold, repaired)
{
	start();
	sys.rules = FALSE;
	hold->repair(hold);
	hold->repair(hold);
	cr_expect_eq(fake_timer.count, 1, "one repair at a time");
	fake_timer_fire();
	cr_expect(sys.rules && sys.rules_added == 2 && sys.sas == 2);
	cr_expect_eq(trapped, 1);
	hold->repair(hold);
	cr_expect(fake_timer.count == 2 && fake_timer.delay == 1000);
	fake_timer_fire();
	cr_expect_eq(sys.rules_added, 2, "what is there stays");
	/* a packet has come to a hold SA */
	listener->expire(listener, IPPROTO_ESP, htonl(COI_SPI_HOLD), a, FALSE);
	cr_expect_eq(fake_timer.count, 3);
	listener->expire(listener, IPPROTO_ESP, htonl(COI_SPI_HOLD) + 1, a, FALSE);
	cr_expect_eq(fake_timer.count, 3);
	fake_timer_fire();
}

/** If they cannot be put back the traps alone call out. */
Test(hold, not_repaired)
{
	start();
	sys.rules = FALSE;
	sys.refuse_rules = TRUE;
	hold->repair(hold);
	fake_timer_fire();
	cr_expect_eq(unmarked, 0);
	cr_expect_eq(trapped, 2, "traps lead nothing to the hold SA any more");
	sys.refuse_rules = FALSE;
	fake_timer.now += 2000;
	hold->repair(hold);
	fake_timer_fire();
	cr_expect_eq(unmarked, 0, "which stays so");
}

Test(hold, no_queue)
{
	sys.no_queue = TRUE;
	sys.rules = TRUE;
	start();
	cr_expect_not(sys.rules, "of a dead charon");
	cr_expect_eq(sys.rules_added, 0);
	cr_expect(!unmarked && !trapped && !listener);
}

Test(hold, no_netfilter)
{
	sys.no_rules = TRUE;
	start();
	cr_expect(!unmarked && !trapped && !listener && !sys.sas);
	hold->release(hold, me, a);
	hold->drop(hold, me, a);
	cr_expect_eq(verdicts.count, 0);
}

Test(hold, refused)
{
	sys.refuse_sa = TRUE;
	start();
	cr_expect(sys.rules && !unmarked && !trapped);
	/* what comes nevertheless is held as ever */
	send_packet(a, 1000);
	cr_expect_eq(hold->count(hold, me, a), 1);
}
