/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_receiver.h"
#include "util/coi_host.h"
#include "util/coi_timer.h"

#include "core/coi_gate.h"

/** Sources share a bucket if they collide; only members fill any. */
#define BUCKETS 4096

/** Own addresses that a Sess0 may name: its destination, external ones, and the
 * one with which its sender sees this host. */
#define MAX_ADDRS 9

typedef struct private_coi_receiver_t private_coi_receiver_t;
typedef struct bucket_t bucket_t;

/** Openings that a source may still make, in thousandths. */
struct bucket_t {
	uint32_t level;
	uint64_t filled;
};

struct private_coi_receiver_t {
	coi_receiver_t public;
	const coi_options_t *options;
	coi_keyring_t *keyring;
	coi_session_table_t *sessions;
	coi_refusals_t *refusals;
	coi_counters_t *counters;
	coi_engine_t *engine;

	/** used by one thread at a time, like all below */
	coi_gate_t *gate;

	uint8_t addrs[MAX_ADDRS][COI_ADDR_LEN];
	u_int addr_count;

	bucket_t buckets[BUCKETS];
};

/**
 * Whether a source may open another session now.
 */
static bool within_rate(private_coi_receiver_t *this, host_t *src)
{
	const uint32_t full = this->options->burst * 1000;
	uint64_t now = coi_timer_now(), gained;
	bucket_t *bucket;

	bucket = &this->buckets[chunk_hash(src->get_address(src)) % BUCKETS];
	gained = bucket->filled ? (now - bucket->filled) * this->options->rate
							: full;
	bucket->level = min(full, bucket->level + gained);
	bucket->filled = now;
	if (bucket->level < 1000)
	{
		return FALSE;
	}
	bucket->level -= 1000;
	return TRUE;
}

/**
 * Admit a Sess0 that passed the gate, if there is room for it.
 */
static coi_reason_t admit(private_coi_receiver_t *this, host_t *src,
						  chunk_t datagram, const coi_header_t *header,
						  const coi_gate_match_t *match)
{
	/* a further part belongs to what was admitted already */
	if (!this->sessions->find_responder(this->sessions, src, header->spi_i))
	{
		if (!within_rate(this, src))
		{
			return COI_RATE;
		}
	}
	return coi_gate_remember(this->gate, datagram, match, coi_timer_wall());
}

/**
 * Remember a refusal that somebody may want explained.
 */
static void note(private_coi_receiver_t *this, host_t *src, chunk_t datagram,
				 const coi_header_t *header, coi_reason_t reason)
{
	coi_refusals_t *refusals = this->refusals;
	coi_sess0_t sess0;
	int64_t ahead = 0;

	if (reason == COI_TIME &&
		coi_sess0_view(coi_suite_get(header->suite), datagram, &sess0))
	{
		ahead = (int64_t)(sess0.time - coi_timer_wall()) / 1000;
	}
	refusals->note(refusals, src, reason, ahead);
}

/** How a peer with an open session sees this host. */
typedef struct {
	uint8_t *addr;
	bool found;
} seen_t;

static void find_seen(void *data, const coi_session_entry_t *entry)
{
	seen_t *seen = data;

	if (entry->established)
	{
		memcpy(seen->addr, entry->peer_seen.addr, COI_ADDR_LEN);
		seen->found = TRUE;
	}
}

/**
 * Learn how the sender of a Sess0 sees this host, if it has a session: a peer
 * may renew it though a NAT hides our address.
 */
static bool learn(private_coi_receiver_t *this, host_t *src)
{
	seen_t seen = {
		.addr = this->addrs[this->addr_count],
	};

	this->sessions->for_pair(this->sessions, NULL, src, find_seen, &seen);
	return seen.found;
}

/**
 * Take a Sess0: only members get past the gate, only so many past the rate.
 */
static coi_reason_t receive_sess0(private_coi_receiver_t *this, host_t *src,
								  host_t *dst, chunk_t datagram,
								  const coi_header_t *header)
{
	coi_gate_match_t match;
	coi_keyset_t *keys;
	coi_reason_t reason;
	bool repeated = FALSE;

	coi_host_write(dst, this->addrs[0]);
	keys = this->keyring->get_all(this->keyring);
	reason = coi_gate_check(this->gate, header, datagram,
							(const uint8_t (*)[COI_ADDR_LEN])this->addrs,
							this->addr_count, coi_timer_wall(), keys, &match);
	if (reason == COI_DESTINATION && learn(this, src))
	{
		reason = coi_gate_check(this->gate, header, datagram,
							(const uint8_t (*)[COI_ADDR_LEN])this->addrs,
							this->addr_count + 1, coi_timer_wall(), keys,
							&match);
	}
	if (reason == COI_REPLAY)
	{	/* counted by the engine unless it is the one repeat that is allowed */
		this->engine->repeat(this->engine, src, datagram, header, &match);
		reason = COI_OK;
		repeated = TRUE;
	}
	else if (reason == COI_OK)
	{
		/* what its keys vouch for comes before anything is spent on it: this thread
		 * alone looks at tags, and remembers them */
		reason = coi_gate_opens(datagram, &match);
	}
	if (reason == COI_OK && !repeated)
	{
		reason = admit(this, src, datagram, header, &match);
		if (reason == COI_OK)
		{
			this->engine->sess0(this->engine, dst, src, datagram, header,
								&match);
		}
	}
	coi_keyset_destroy(keys);
	if (reason == COI_TIME || reason == COI_NO_COMMUNITY ||
		reason == COI_DESTINATION)
	{
		note(this, src, datagram, header, reason);
	}
	return reason;
}

METHOD(coi_receiver_t, receive, void,
	private_coi_receiver_t *this, bool tunnel, host_t *src, host_t *dst,
	chunk_t datagram)
{
	static const coi_event_type_t events[] = {
		[COI_PDU_SESS0] = COI_EV_SESS0,
		[COI_PDU_SESS1] = COI_EV_SESS1,
		[COI_PDU_SESS2] = COI_EV_SESS2,
		[COI_PDU_SESS3] = COI_EV_SESS3,
		[COI_PDU_IDLE] = COI_EV_IDLE,
		[COI_PDU_TERM] = COI_EV_TERM,
	};
	coi_header_t header;
	coi_reason_t reason;

	this->counters->count(this->counters, COI_COUNT_RECEIVED);
	reason = coi_header_decode(datagram, &header);
	if (reason == COI_OK && tunnel != (header.type == COI_PDU_IDLE))
	{
		reason = COI_TYPE;
	}
	if (reason == COI_OK)
	{
		if (header.type == COI_PDU_SESS0)
		{
			reason = receive_sess0(this, src, dst, datagram, &header);
		}
		else
		{
			this->engine->datagram(this->engine, events[header.type], src,
								   datagram, &header);
		}
	}
	if (reason != COI_OK)
	{
		this->counters->refused(this->counters, reason);
	}
}

METHOD(coi_receiver_t, destroy, void,
	private_coi_receiver_t *this)
{
	coi_gate_destroy(this->gate);
	free(this);
}

coi_receiver_t *coi_receiver_create(const coi_options_t *options,
									coi_keyring_t *keyring,
									coi_session_table_t *sessions,
									coi_refusals_t *refusals,
									coi_counters_t *counters,
									coi_engine_t *engine)
{
	private_coi_receiver_t *this;
	enumerator_t *enumerator;
	host_t *addr;

	INIT(this,
		.public = {
			.receive = _receive,
			.destroy = _destroy,
		},
		.options = options,
		.keyring = keyring,
		.sessions = sessions,
		.refusals = refusals,
		.counters = counters,
		.engine = engine,
		.gate = coi_gate_create(options->window, options->replay_cache,
								coi_timer_wall()),
		/* the first is the datagram's destination */
		.addr_count = 1,
	);
	enumerator = options->external_addrs->create_enumerator(
													options->external_addrs);
	while (this->addr_count < MAX_ADDRS - 1 &&
		   enumerator->enumerate(enumerator, &addr))
	{
		coi_host_write(addr, this->addrs[this->addr_count++]);
	}
	enumerator->destroy(enumerator);
	return &this->public;
}
