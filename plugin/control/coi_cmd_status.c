/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_cmd_status.h"
#include "coi_visit.h"
#include "coi_why.h"
#include "util/coi_host.h"
#include "util/coi_timer.h"

#include <inttypes.h>

#include <collections/array.h>

typedef struct private_coi_cmd_status_t private_coi_cmd_status_t;

struct private_coi_cmd_status_t {
	coi_command_t public;
	coi_session_table_t *sessions;
	coi_engine_t *engine;
	coi_hold_t *hold;
	coi_negative_cache_t *negative_cache;
	coi_encap_peers_t *encap_peers;
};

/** What all SAs of a session have carried, while its message is made. */
typedef struct {
	vici_builder_t *b;
	const coi_shared_community_t *common;
	u_int count;
	time_t now;
	uint64_t octets_in;
	uint64_t octets_out;
	uint64_t packets_in;
	uint64_t packets_out;
	time_t last;
	time_t rekey;
} sum_t;

/** Seconds since the last packet, and until the next rekeying, if there are. */
static void add_times(sum_t *sum, time_t last, time_t rekey)
{
	if (last)
	{
		coi_command_add_number(sum->b, "last-traffic", max(sum->now - last, 0));
	}
	if (rekey)
	{
		coi_command_add_number(sum->b, "rekey-in", max(rekey - sum->now, 0));
	}
}

static void add_use(void *data, const coi_tunnel_use_t *use)
{
	sum_t *sum = data;
	vici_builder_t *b = sum->b;
	u_int i;

	b->begin_section(b, (char*)use->name);
	b->add_kv(b, "state", "%N", child_sa_state_names, use->state);
	b->add_kv(b, "spi-in", "%.8x", ntohl(use->spi_in));
	b->add_kv(b, "spi-out", "%.8x", ntohl(use->spi_out));
	for (i = 0; i < sum->count; i++)
	{
		if (streq(sum->common[i].name, use->name))
		{
			coi_command_add_number(b, "generation", sum->common[i].key->generation);
			coi_command_add_fingerprint(b, sum->common[i].key);
		}
	}
	coi_command_add_traffic(b, use->octets_in, use->octets_out, use->packets_in,
				use->packets_out);
	add_times(sum, use->last, use->rekey);
	b->end_section(b);

	sum->octets_in += use->octets_in;
	sum->octets_out += use->octets_out;
	sum->packets_in += use->packets_in;
	sum->packets_out += use->packets_out;
	sum->last = max(sum->last, use->last);
	if (use->rekey && (!sum->rekey || use->rekey < sum->rekey))
	{
		sum->rekey = use->rekey;
	}
}

static void add_communities(vici_builder_t *b, const coi_session_entry_t *entry)
{
	sum_t sum = {
		.b = b,
		.now = time_monotonic(NULL),
	};

	sum.common = coi_session_common(entry->session, &sum.count);
	b->begin_section(b, "communities");
	if (entry->established && entry->tunnel)
	{
		entry->tunnel->for_uses(entry->tunnel, add_use, &sum);
	}
	b->end_section(b);
	if (entry->established)
	{
		coi_command_add_traffic(b, sum.octets_in, sum.octets_out, sum.packets_in,
					sum.packets_out);
	}
	add_times(&sum, sum.last, sum.rekey);
}

static void add_may_join(vici_builder_t *b, const coi_session_entry_t *entry)
{
	char *name;
	u_int i;

	b->begin_list(b, "may-join");
	for (i = 0; entry->established && i < entry->conn->count; i++)
	{
		name = entry->conn->children[i].name;
		if (!coi_session_carries(entry->session, name) &&
			entry->joins->may_join(entry->joins, name))
		{
			b->add_li(b, "%s", name);
		}
	}
	b->end_list(b);
}

static char *yes_or_no(bool yes)
{
	return yes ? "yes" : "no";
}

/** Where the peer is seen, and who is behind a NAT. */
static void add_nat(vici_builder_t *b, const coi_session_entry_t *entry)
{
	coi_nat_t nat = coi_session_nat(entry->session);

	coi_command_add_number(b, "port", entry->other->get_port(entry->other));
	b->add_kv(b, "nat-here", "%s", yes_or_no(nat.here));
	b->add_kv(b, "nat-there", "%s", yes_or_no(nat.there));
	b->add_kv(b, "encap", "%s", yes_or_no(coi_nat_encap(nat)));
}

/** Whether ESP gets through. */
static void add_esp(vici_builder_t *b, const coi_session_entry_t *entry,
					coi_encap_peers_t *encap_peers)
{
	u_int left;

	if (encap_peers->has(encap_peers, entry->other, coi_timer_now(), &left))
	{
		coi_command_add_number(b, "no-esp", left);
	}
	if (coi_why_is_unheard(entry))
	{
		b->add_kv(b, "unheard", "yes");
	}
}

static void add_identity(vici_builder_t *b, const coi_session_entry_t *entry)
{
	identification_t *id = coi_session_entry_peer_id(entry);

	if (id)
	{
		b->add_kv(b, "identity", "%Y", id);
		id->destroy(id);
	}
}

/** Who uses the peer, and since when its charon runs. */
static void add_user(vici_builder_t *b, const coi_session_entry_t *entry)
{
	const coi_user_t *user = coi_session_peer_user(entry->session);

	if (coi_session_peer_start(entry->session))
	{
		coi_command_add_number(b, "peer-start",
						  coi_session_peer_start(entry->session));
	}
	if (user->name.len)
	{
		b->add_kv(b, "user", "%.*s", (int)user->name.len, user->name.ptr);
		if (user->since)
		{
			coi_command_add_number(b, "user-since", user->since);
		}
	}
}

/** Virtual addresses, and who has them. */
static void add_virtual(vici_builder_t *b, const coi_session_entry_t *entry)
{
	const coi_virtual_t *given;
	host_t *host;
	u_int i;

	given = &coi_session_grant(entry->session)->addresses;
	if (!given->count)
	{
		return;
	}
	b->begin_list(b, entry->initiator ? "virtual-here" : "virtual-there");
	for (i = 0; i < given->count; i++)
	{
		host = coi_host_of_range(&given->list[i]);
		b->add_li(b, "%H", host);
		host->destroy(host);
	}
	b->end_list(b);
}

/** How far an opening is, or since when it is open. */
static void add_progress(vici_builder_t *b, const coi_session_entry_t *entry)
{
	if (entry->established)
	{
		coi_command_add_number(b, "age",
						  (coi_timer_now() - entry->established) / 1000);
	}
	else if (entry->initiator)
	{
		coi_command_add_number(b, "attempt", entry->unanswered + 1);
		if (entry->tries)
		{
			coi_command_add_number(b, "attempts-left", entry->tries - 1);
		}
	}
}

/** What peers are told of with. */
typedef struct {
	private_coi_cmd_status_t *command;
	coi_command_request_t *request;
	/** made with the session checked out, sent when it is no more */
	vici_message_t *message;
} peer_t;

static void build_peer(void *data, const coi_session_entry_t *entry)
{
	peer_t *peer = data;
	coi_session_table_t *sessions = peer->command->sessions;
	coi_hold_t *hold = peer->command->hold;
	vici_builder_t *b = coi_vici_library_builder();
	u_int held;

	b->add_kv(b, "peer", "%H", entry->other);
	b->add_kv(b, "me", "%H", entry->me);
	b->add_kv(b, "connection", "%s", entry->conn->name);
	b->add_kv(b, "spi-i", "%.16" PRIx64, coi_session_spi_i(entry->session));
	b->add_kv(b, "spi-r", "%.16" PRIx64, coi_session_spi_r(entry->session));
	b->add_kv(b, "role", entry->initiator ? "initiator" : "responder");
	b->add_kv(b, "state", "%N", coi_state_names,
			  coi_session_state(entry->session));
	b->add_kv(b, "suite", "%s", coi_session_suite(entry->session)->name);
	b->add_kv(b, "superseded", sessions->has_flag(sessions, entry->id,
									COI_SESSION_SUPERSEDED) ? "yes" : "no");
	add_nat(b, entry);
	add_esp(b, entry, peer->command->encap_peers);
	add_identity(b, entry);
	add_user(b, entry);
	add_virtual(b, entry);
	add_progress(b, entry);
	held = hold->count(hold, entry->me, entry->other);
	if (held)
	{
		coi_command_add_number(b, "held", held);
	}
	add_communities(b, entry);
	add_may_join(b, entry);
	peer->message = b->finalize(b);
}

static void send_peer(void *data)
{
	peer_t *peer = data;

	coi_command_send(peer->request, "peer", peer->message);
}

/** A peer that is refused. */
typedef struct {
	host_t *me;
	host_t *other;
	u_int left;
} refused_t;

static void collect_refused(void *data, host_t *me, host_t *other, u_int left)
{
	refused_t refused = {
		.me = me->clone(me),
		.other = other->clone(other),
		.left = left,
	};

	array_insert(data, ARRAY_TAIL, &refused);
}

static void send_refused(coi_negative_cache_t *negative_cache,
						 coi_command_request_t *request)
{
	refused_t refused;
	vici_builder_t *b;
	array_t *list;

	list = array_create(sizeof(refused_t), 0);
	negative_cache->for_all(negative_cache, collect_refused, list);
	while (array_remove(list, ARRAY_HEAD, &refused))
	{
		b = coi_vici_library_builder();
		b->add_kv(b, "peer", "%H", refused.other);
		b->add_kv(b, "me", "%H", refused.me);
		coi_command_add_number(b, "left", refused.left);
		refused.me->destroy(refused.me);
		refused.other->destroy(refused.other);
		coi_command_send(request, "refused", b->finalize(b));
	}
	array_destroy(list);
}

METHOD(coi_command_t, handle, vici_message_t*,
	private_coi_cmd_status_t *this, coi_command_request_t *request)
{
	vici_message_t *message = request->message;
	peer_t peer = {
		.command = this,
		.request = request,
	};

	coi_visit_sessions(this->sessions, this->engine,
					   !message->get_bool(message, FALSE, "noblock"),
					   build_peer, send_peer, &peer);
	send_refused(this->negative_cache, request);
	return coi_command_done();
}

coi_command_t *coi_cmd_status_create(coi_session_table_t *sessions,
									 coi_engine_t *engine, coi_hold_t *hold,
									 coi_negative_cache_t *negative_cache,
									 coi_encap_peers_t *encap_peers)
{
	private_coi_cmd_status_t *this;

	INIT(this,
		.public = {
			.name = "status",
			.keys = { "noblock" },
			.handle = _handle,
			.destroy = (void*)free,
		},
		.sessions = sessions,
		.engine = engine,
		.hold = hold,
		.negative_cache = negative_cache,
		.encap_peers = encap_peers,
	);
	return &this->public;
}
