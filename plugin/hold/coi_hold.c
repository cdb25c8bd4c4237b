/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_hold.h"
#include "coi_hold_target.h"
#include "coi_may_acquire.h"
#include "util/coi_address_type.h"
#include "coi_nfqueue.h"
#include "netfilter/coi_queue_rules.h"
#include "policy/coi_hold_sa.h"
#include "util/coi_timer.h"
#include "coi_unreachable.h"

#include <threading/mutex.h>

/** ms after which packets are dropped that nobody has asked about again; no
 * opening lasts as long */
#define STALE 60000

/** ms between repairs, so that nothing makes us do nothing else */
#define REPAIR_PAUSE 1000

typedef struct private_coi_hold_t private_coi_hold_t;

struct private_coi_hold_t {
	coi_hold_t public;

	/** notified when a hold SA is used */
	kernel_listener_t listener;

	const coi_options_t *options;
	coi_counters_t *counters;
	coi_histograms_t *histograms;
	coi_pair_policy_t *policy;
	coi_config_t *config;

	/** both NULL if nothing can be held */
	coi_queue_rules_t *rules;
	coi_nfqueue_t *queue;

	/** NULL if programs are not to be told what is dropped */
	coi_unreachable_t *unreachable;

	coi_hold_cb_t cb;
	void *data;

	/** guards what follows; not held during verdicts, kernel calls and
	 * callbacks */
	mutex_t *mutex;

	coi_held_packets_t *held;

	/** packets are led to the hold SAs */
	bool holding;

	/** a repair is under way or scheduled */
	bool repairing;

	/** when the last one was, ms */
	uint64_t repaired;

	/** when stale packets were last looked for, by the queue's thread alone */
	uint64_t swept;
};

static uint32_t get_mark(private_coi_hold_t *this)
{
	return 1U << this->options->hold_mark;
}

/**
 * Give all packets of a list the same verdict, and free it.
 */
static void give_verdicts(private_coi_hold_t *this, array_t *list,
						  bool pass)
{
	coi_held_packet_t packet;

	while (array_remove(list, ARRAY_HEAD, &packet))
	{
		this->queue->verdict(this->queue, packet, pass);
		this->counters->count(this->counters, pass ? COI_COUNT_RELEASED
												   : COI_COUNT_DROPPED);
	}
	array_destroy(list);
}

/**
 * Notify the programs that sent packets that they do not go out: nothing else
 * does, and a TCP connect would go on for minutes.
 */
static void notify_senders(private_coi_hold_t *this, array_t *list)
{
	coi_held_packet_t packet;
	int i;

	for (i = 0; this->unreachable && i < array_count(list); i++)
	{
		array_get(list, i, &packet);
		this->unreachable->send(this->unreachable, &packet);
	}
}

static void end(private_coi_hold_t *this, host_t *me, host_t *other,
				coi_hold_verdict_t answer)
{
	bool pass = answer == COI_HOLD_GO;
	/* else it has only asked */
	bool go = pass && this->options->hold;
	uint64_t since;
	array_t *list;

	list = array_create(sizeof(coi_held_packet_t), 0);
	this->mutex->lock(this->mutex);
	since = this->held->take(this->held, me, other, list);
	this->mutex->unlock(this->mutex);
	if (array_count(list))
	{
		DBG2(DBG_KNL, "%s %d packets from %H to %H", go ? "releasing" :
			 "dropping", array_count(list), me, other);
		if (go)
		{
			this->histograms->add(this->histograms, COI_STAGE_HOLD,
							   coi_timer_now() - since);
		}
		else if (answer == COI_HOLD_DROP)
		{
			notify_senders(this, list);
		}
	}
	give_verdicts(this, list, go);
}

METHOD(coi_hold_t, release, void,
	private_coi_hold_t *this, host_t *me, host_t *other)
{
	end(this, me, other, COI_HOLD_GO);
}

METHOD(coi_hold_t, drop, void,
	private_coi_hold_t *this, host_t *me, host_t *other)
{
	end(this, me, other, COI_HOLD_DROP);
}

METHOD(coi_hold_t, count, u_int,
	private_coi_hold_t *this, host_t *me, host_t *other)
{
	u_int count;

	this->mutex->lock(this->mutex);
	count = me ? this->held->get_waiting(this->held, me, other)
			   : this->held->get_count(this->held);
	this->mutex->unlock(this->mutex);
	return count;
}

static void drop_packet(private_coi_hold_t *this,
						coi_held_packet_t packet)
{
	this->queue->verdict(this->queue, packet, FALSE);
	this->counters->count(this->counters, COI_COUNT_DROPPED);
}

static void drop_before(private_coi_hold_t *this, uint64_t since)
{
	array_t *list;

	list = array_create(sizeof(coi_held_packet_t), 0);
	this->mutex->lock(this->mutex);
	this->held->take_before(this->held, since, list);
	this->mutex->unlock(this->mutex);
	give_verdicts(this, list, FALSE);
}

/**
 * Ask for the session of a packet. When the answer comes others may already
 * have ended the waiting: what is asked here comes after the packet was put
 * into the list, so either they see the packet, or we see what they did.
 */
static void ask(private_coi_hold_t *this, coi_connection_t *conn,
				host_t *me, host_t *other, coi_origin_t origin)
{
	coi_hold_verdict_t answer;

	answer = this->cb(this->data, conn, me, other, origin);
	if (answer != COI_HOLD_WAIT)
	{
		end(this, me, other, answer);
	}
}

/**
 * Hold a packet for the tunnel between two hosts.
 *
 * @param conn		see coi_hold_cb_t
 */
static void hold_packet(private_coi_hold_t *this, coi_connection_t *conn,
						coi_held_packet_t packet, host_t *me,
						host_t *other)
{
	uint64_t now = coi_timer_now();
	coi_held_packets_result_t result;

	if (now > this->swept + STALE)
	{
		drop_before(this, now - STALE);
		this->swept = now;
	}
	this->mutex->lock(this->mutex);
	result = this->held->add(this->held, me, other, packet, now);
	this->mutex->unlock(this->mutex);
	if (result == COI_HELD_PACKETS_FULL || result == COI_HELD_PACKETS_MANY)
	{
		drop_packet(this, packet);
	}
	else
	{
		this->counters->count(this->counters, COI_COUNT_HELD);
	}
	if (result == COI_HELD_PACKETS_FIRST || result == COI_HELD_PACKETS_FULL)
	{
		ask(this, conn, me, other, packet.origin);
	}
}

/** A packet is in the queue, a coi_nfqueue_cb_t. */
static void on_packet(void *data, coi_held_packet_t packet, host_t *src,
					  host_t *dst)
{
	private_coi_hold_t *this = data;
	coi_connection_t *conn;
	host_t *gateway;

	if (!src || !dst ||
		coi_address_type_look(dst) >= COI_ADDRESS_TYPE_BROADCAST ||
		!coi_may_acquire_may(packet.head, packet.len, this->options->idle_port))
	{	/* what many hosts are sent waits for nothing; nor does what the kernel
		 * made for a packet that it refused, a stranger's, for example: nobody
		 * here wants to talk to him */
		drop_packet(this, packet);
		return;
	}
	conn = coi_hold_target_find(this->config,
								this->policy->get_store(this->policy), src,
								dst, &gateway);
	if (conn && coi_address_type(dst) >= COI_ADDRESS_TYPE_LINK)
	{	/* nor is a gateway asked for it */
		drop_packet(this, packet);
		DESTROY_IF(gateway);
		coi_connection_destroy(conn);
		return;
	}
	hold_packet(this, conn, packet, src, conn ? gateway : dst);
	DESTROY_IF(gateway);
	coi_connection_destroy(conn);
}

/**
 * Bring the policies of all connections that are trapped up to date.
 */
static void hold(private_coi_hold_t *this, bool on)
{
	enumerator_t *enumerator;
	coi_connection_t *conn;

	this->mutex->lock(this->mutex);
	this->holding = on;
	this->mutex->unlock(this->mutex);
	this->policy->hold(this->policy, on ? get_mark(this) : 0);
	enumerator = this->config->create_enumerator(this->config);
	while (enumerator->enumerate(enumerator, &conn))
	{
		if (this->policy->is_trapped(this->policy, conn->reqid))
		{
			this->policy->trap(this->policy, conn);
		}
	}
	enumerator->destroy(enumerator);
}

/**
 * Put the rule back if it is gone, and the hold SAs.
 */
static bool restore(private_coi_hold_t *this)
{
	if (!this->rules->check(this->rules))
	{
		if (!this->rules->add(this->rules))
		{
			return FALSE;
		}
		DBG1(DBG_KNL, "put back the netfilter rule for held packets, which "
			 "somebody has removed; what it missed was dropped");
	}
	return coi_hold_sa_install();
}

static void on_repair(void *data, uintptr_t id, u_int generation)
{
	private_coi_hold_t *this = data;
	bool holding;

	this->mutex->lock(this->mutex);
	holding = this->holding;
	this->repaired = coi_timer_now();
	this->repairing = FALSE;
	this->mutex->unlock(this->mutex);
	if (!holding)
	{	/* errors are led away all the same */
		coi_hold_sa_install();
	}
	else if (!restore(this))
	{
		DBG1(DBG_KNL, "packets can no longer be held until their tunnel is "
			 "open: the first one to a peer is lost");
		holding = FALSE;
	}
	if (!holding)
	{	/* also if a trap was installed while the others gave up */
		hold(this, FALSE);
	}
}

METHOD(coi_hold_t, repair, void,
	private_coi_hold_t *this)
{
	uint64_t now = coi_timer_now(), next;
	bool start;

	this->mutex->lock(this->mutex);
	start = !this->repairing;
	next = this->repaired + REPAIR_PAUSE;
	this->repairing |= start;
	this->mutex->unlock(this->mutex);
	if (start)
	{	/* the kernel's event waits for us */
		coi_timer_arm(on_repair, this, 0, 0, next > now ? next - now : 0);
	}
}

METHOD(kernel_listener_t, expire, bool,
	kernel_listener_t *listener, uint8_t protocol, uint32_t spi, host_t *dst,
	bool hard)
{
	private_coi_hold_t *this;

	this = (private_coi_hold_t*)
					((char*)listener - offsetof(typeof(*this), listener));
	if (spi == htonl(COI_SPI_HOLD))
	{
		repair(this);
	}
	return TRUE;
}

static coi_queue_rules_t *create_rules(private_coi_hold_t *this)
{
	coi_queue_rules_config_t config = {
		.reqid = COI_REQID_HOLD,
		.mark = get_mark(this),
		.led = 1U << this->options->nat_mark,
		.queue = this->options->hold_queue,
	};

	return coi_queue_rules_create(&config, this->options->hold_backend);
}

METHOD(coi_hold_t, start, void,
	private_coi_hold_t *this, coi_config_t *config, coi_hold_cb_t cb,
	void *data)
{
	this->config = config;
	this->cb = cb;
	this->data = data;
	if (this->rules)
	{	/* the kernel's limit is for packets whose verdict is under way, too */
		this->queue = coi_nfqueue_create(this->options->hold_queue,
										 this->options->hold_total * 2,
										 get_mark(this), on_packet, this);
	}
	if (this->queue)
	{
		charon->kernel->add_listener(charon->kernel, &this->listener);
		if (this->rules->add(this->rules) && coi_hold_sa_install())
		{
			hold(this, TRUE);
		}
	}
	else if (this->rules)
	{	/* of a dead charon */
		this->rules->remove(this->rules);
	}
	if (this->options->hold && !this->holding)
	{
		DBG1(DBG_KNL, "this kernel cannot hold packets until their tunnel is "
			 "open: the first one to a peer is lost");
	}
}

METHOD(coi_hold_t, stop, void,
	private_coi_hold_t *this)
{
	if (this->queue)
	{
		charon->kernel->remove_listener(charon->kernel, &this->listener);
		drop_before(this, UINT64_MAX);
		this->queue->destroy(this->queue);
		this->queue = NULL;
	}
}

METHOD(coi_hold_t, destroy, void,
	private_coi_hold_t *this)
{
	if (this->rules)
	{
		this->rules->remove(this->rules);
		this->rules->destroy(this->rules);
	}
	DESTROY_IF(this->unreachable);
	this->held->destroy(this->held);
	this->mutex->destroy(this->mutex);
	free(this);
}

coi_hold_t *coi_hold_create(const coi_options_t *options,
							coi_counters_t *counters,
							coi_histograms_t *histograms,
							coi_pair_policy_t *policy)
{
	private_coi_hold_t *this;

	INIT(this,
		.public = {
			.start = _start,
			.release = _release,
			.drop = _drop,
			.count = _count,
			.repair = _repair,
			.stop = _stop,
			.destroy = _destroy,
		},
		.listener = {
			.expire = _expire,
		},
		.options = options,
		.counters = counters,
		.histograms = histograms,
		.policy = policy,
		.mutex = mutex_create(MUTEX_TYPE_DEFAULT),
		.held = coi_held_packets_create(options->hold ? options->hold_peer : 1,
										options->hold_total,
										options->own_share),
		.swept = coi_timer_now(),
	);
	this->rules = create_rules(this);
	if (this->rules && options->hold && options->unreachable)
	{
		this->unreachable = coi_unreachable_create();
	}
	return &this->public;
}
