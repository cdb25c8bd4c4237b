/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_pair.h"

/** SPIs that ends hand out begin here */
#define FIRST_SPI 0xc0010000

/**
 * Put a datagram on the wire, which decides what becomes of it.
 */
static void send_packet(coi_pair_t *pair, bool to_r, bool tunnel,
						chunk_t datagram)
{
	coi_packet_t *packet, *twin, **end;
	coi_verdict_t verdict = COI_PASS;

	INIT(packet,
		.to_r = to_r,
		.tunnel = tunnel,
		.datagram = chunk_clone(datagram),
	);
	packet->type = datagram.len > 5 ? datagram.ptr[5] : 0;
	if (packet->type < COI_PDU_MAX)
	{
		packet->nth = pair->sent[to_r][packet->type]++;
	}
	if (pair->decide)
	{
		verdict = pair->decide(pair, packet, pair->data);
	}
	for (end = &pair->wire; *end; end = &(*end)->next)
	{
		if (verdict != COI_LATE && (*end)->nth == UINT_MAX)
		{	/* late ones stay last */
			break;
		}
	}
	switch (verdict)
	{
		case COI_DROP:
			chunk_free(&packet->datagram);
			free(packet);
			return;
		case COI_DUPLICATE:
			INIT(twin);
			*twin = *packet;
			twin->datagram = chunk_clone(packet->datagram);
			twin->next = *end;
			packet->next = twin;
			*end = packet;
			return;
		case COI_LATE:
			packet->nth = UINT_MAX;
			break;
		default:
			break;
	}
	packet->next = *end;
	*end = packet;
}

void coi_pair_inject(coi_pair_t *pair, bool to_r, bool tunnel,
					 chunk_t datagram)
{
	coi_wire_t decide = pair->decide;

	pair->decide = NULL;
	send_packet(pair, to_r, tunnel, datagram);
	pair->decide = decide;
}

/**
 * Keep what would have been installed.
 */
static void install(coi_end_t *end, bool inbound)
{
	coi_shared_community_t *kept = inbound ? end->in : end->out;
	const coi_shared_community_t *common;
	u_int count, i;

	common = coi_session_common(end->session, &count);
	for (i = 0; i < count; i++)
	{
		kept[i] = (coi_shared_community_t){
			.name = strdup(common[i].name),
			.used = common[i].used,
			.mode = common[i].mode,
			.proposal = common[i].proposal,
			.spi_in = common[i].spi_in,
			.spi_out = common[i].spi_out,
			.encr_in = chunk_clone(common[i].encr_in),
			.integ_in = chunk_clone(common[i].integ_in),
			.encr_out = chunk_clone(common[i].encr_out),
			.integ_out = chunk_clone(common[i].integ_out),
		};
	}
	if (inbound)
	{
		end->in_count = count;
		coi_session_wipe_in(end->session);
	}
	else
	{
		end->out_count = count;
		coi_session_wipe_out(end->session);
	}
}

/**
 * Note which of what was installed is gone.
 */
static void uninstall(coi_end_t *end)
{
	const coi_shared_community_t *common;
	u_int count, i;

	common = coi_session_common(end->session, &count);
	for (i = 0; i < count; i++)
	{
		end->in[i].used = end->in[i].used && common[i].used;
		end->out[i].used = end->out[i].used && common[i].used;
	}
}

/**
 * Keep what the peer said.
 */
static void keep_words(coi_end_t *end, const coi_action_t *action)
{
	end->reason = action->reason;
	end->term = action->term;
	if (action->text)
	{
		snprintf(end->text, sizeof(end->text), "%s", action->text);
	}
}

/**
 * Look at the peer's proof, and make the own one.
 */
static void identify(coi_pair_t *pair, coi_end_t *end)
{
	coi_event_t event = { .type = COI_EV_IDENTIFIED };
	coi_proof_t proof = {};

	event.identity_refused = end->profile->demands &&
					!coi_test_verify(end->session, end->wants);
	if (!event.identity_refused && end == &pair->r &&
		coi_test_prove(end->session, end->is, &proof))
	{
		event.proof = &proof;
	}
	event.grant = end->grant;
	event.no_address = end->no_address;
	coi_pair_event(pair, end, &event);
	coi_proof_clear(&proof);
}

/**
 * Hand out SPIs.
 */
static void allocate(coi_pair_t *pair, coi_end_t *end)
{
	uint32_t spis[COI_MAX_KEYS] = {};
	coi_event_t event = {
		.type = COI_EV_ALLOCATED,
		.spis = spis,
	};
	coi_proof_t proof = {};
	u_int i;

	event.wish = end->wish;
	coi_session_common(end->session, &event.spi_count);
	for (i = 0; i < event.spi_count; i++)
	{
		if (i >= 32 || !(end->no_spi & (1U << i)))
		{
			spis[i] = htonl(end->next_spi++);
		}
	}
	if (end == &pair->i && coi_test_prove(end->session, end->is, &proof))
	{
		event.proof = &proof;
	}
	coi_pair_event(pair, end, &event);
	coi_proof_clear(&proof);
}

static void run_actions(coi_pair_t *pair, coi_end_t *end,
						const coi_actions_t *actions)
{
	const coi_action_t *action;
	bool closed = FALSE;
	u_int i, j;

	for (i = 0; i < actions->count; i++)
	{
		action = &actions->list[i];
		end->count[action->type]++;
		switch (action->type)
		{
			case COI_ACT_SEND:
			case COI_ACT_SEND_TUNNEL:
				for (j = 0; j < action->count; j++)
				{
					send_packet(pair, end == &pair->i,
								action->type == COI_ACT_SEND_TUNNEL,
								action->datagrams[j]);
				}
				break;
			case COI_ACT_ALLOCATE:
				allocate(pair, end);
				break;
			case COI_ACT_IDENTIFY:
				identify(pair, end);
				break;
			case COI_ACT_INSTALL_IN:
				install(end, TRUE);
				break;
			case COI_ACT_INSTALL_OUT:
				install(end, FALSE);
				break;
			case COI_ACT_INSTALL_BOTH:
				end->count[COI_ACT_INSTALL_IN]++;
				install(end, TRUE);
				end->count[COI_ACT_INSTALL_OUT]++;
				install(end, FALSE);
				break;
			case COI_ACT_TIMER:
				end->timer = action->delay ? pair->now + action->delay : 0;
				break;
			case COI_ACT_DROPPED:
				keep_words(end, action);
				uninstall(end);
				break;
			case COI_ACT_CLOSED:
				keep_words(end, action);
				end->timer = 0;
				closed = TRUE;
				break;
			case COI_ACT_ESTABLISHED:
			case COI_ACT_ALIVE:
				break;
		}
	}
	if (closed)
	{
		coi_session_destroy(end->session);
		end->session = NULL;
	}
}

coi_reason_t coi_pair_event(coi_pair_t *pair, coi_end_t *end,
							const coi_event_t *event)
{
	coi_event_t timed = *event;
	coi_actions_t actions;

	timed.now = pair->now;
	timed.wall = COI_TEST_WALL + pair->now;
	end->last = coi_session_step(end->session, &timed, &actions);
	if (end->last != COI_OK)
	{
		end->refused[end->last]++;
		return end->last;
	}
	run_actions(pair, end, &actions);
	return COI_OK;
}

void coi_pair_close(coi_pair_t *pair, coi_end_t *end, coi_term_t term,
					const char *text)
{
	coi_event_t event = {
		.type = COI_EV_CLOSE,
		.term = term,
		.text = text,
		.tell = TRUE,
	};

	coi_pair_event(pair, end, &event);
}

coi_reason_t coi_pair_drop(coi_pair_t *pair, coi_end_t *end,
						   const uint16_t *indexes, u_int count,
						   coi_term_t term, const char *text)
{
	coi_event_t event = {
		.type = COI_EV_CLOSE,
		.term = term,
		.text = text,
		.tell = TRUE,
		.indexes = indexes,
		.index_count = count,
	};

	return coi_pair_event(pair, end, &event);
}

/**
 * A Sess0 arrives, as the plugin's receiver and engine have it.
 */
static coi_reason_t receive_sess0(coi_pair_t *pair, coi_end_t *end,
								  coi_event_t *event)
{
	const uint8_t (*to)[COI_ADDR_LEN] = (const uint8_t(*)[COI_ADDR_LEN])end->addr;
	coi_gate_match_t match;
	coi_actions_t actions;
	coi_reason_t reason;
	bool known;

	event->now = pair->now;
	event->wall = COI_TEST_WALL + pair->now;
	reason = coi_gate_check(end->gate, event->header, event->datagram, to, 1,
							event->wall, end->keys, &match);
	event->match = &match;
	known = end->session && !coi_session_is_initiator(end->session) &&
			coi_session_spi_i(end->session) == event->header->spi_i;
	if (known && reason == COI_REPLAY &&
		coi_session_made_by(end->session, match.tag))
	{
		return coi_pair_event(pair, end, event);
	}
	if (reason == COI_OK)
	{
		reason = coi_gate_opens(event->datagram, &match);
	}
	if (reason == COI_OK)
	{
		reason = end->session && !known ? COI_HALF_OPEN :
				 coi_gate_remember(end->gate, event->datagram, &match,
								   event->wall);
	}
	if (reason != COI_OK)
	{
		return reason;
	}
	if (known)
	{
		return coi_pair_event(pair, end, event);
	}
	reason = coi_session_respond(end->profile, &pair->timing, &end->addresses,
								 event, &actions, &end->session);
	if (reason == COI_OK)
	{
		run_actions(pair, end, &actions);
	}
	return reason;
}

/**
 * A datagram arrives.
 */
static coi_reason_t receive(coi_pair_t *pair, coi_end_t *end,
							const coi_packet_t *packet)
{
	coi_header_t header;
	coi_event_t event = {
		.datagram = packet->datagram,
		.header = &header,
	};
	coi_reason_t reason;

	reason = coi_header_decode(packet->datagram, &header);
	if (reason != COI_OK)
	{
		return reason;
	}
	if (packet->tunnel != (header.type == COI_PDU_IDLE))
	{
		return COI_TYPE;
	}
	event.type = COI_EV_SESS0 + header.type;
	if (header.type == COI_PDU_SESS0)
	{
		return receive_sess0(pair, end, &event);
	}
	if (!end->session)
	{
		return COI_UNKNOWN_SESSION;
	}
	return coi_pair_event(pair, end, &event);
}

bool coi_pair_deliver(coi_pair_t *pair)
{
	coi_packet_t *packet = pair->wire;
	coi_reason_t reason;
	coi_end_t *end;
	u_int before[COI_REASON_MAX];

	if (!packet)
	{
		return FALSE;
	}
	pair->wire = packet->next;
	end = packet->to_r ? &pair->r : &pair->i;
	memcpy(before, end->refused, sizeof(before));
	reason = receive(pair, end, packet);
	if (reason != COI_OK && end->refused[reason] == before[reason])
	{	/* not yet counted by coi_pair_event() */
		end->refused[reason]++;
	}
	end->last = reason;
	chunk_free(&packet->datagram);
	free(packet);
	return TRUE;
}

void coi_pair_run(coi_pair_t *pair)
{
	u_int limit = 10000;

	while (limit-- && coi_pair_deliver(pair));
}

/**
 * Fire an end's timer if it is due.
 */
static void fire(coi_pair_t *pair, coi_end_t *end)
{
	coi_event_t event = { .type = COI_EV_TIMER };

	if (end->timer && end->timer <= pair->now && end->session)
	{
		end->timer = 0;
		coi_pair_event(pair, end, &event);
	}
}

void coi_pair_pass(coi_pair_t *pair, u_int ms)
{
	uint64_t until = pair->now + ms, next;

	coi_pair_run(pair);
	while (pair->now < until)
	{
		next = until;
		if (pair->i.timer)
		{
			next = min(next, max(pair->i.timer, pair->now));
		}
		if (pair->r.timer)
		{
			next = min(next, max(pair->r.timer, pair->now));
		}
		pair->now = next;
		fire(pair, &pair->i);
		fire(pair, &pair->r);
		coi_pair_run(pair);
	}
}

void coi_pair_open(coi_pair_t *pair)
{
	coi_event_t event = { .type = COI_EV_OPEN };

	pair->i.session = coi_session_create(pair->i.profile, pair->i.keys,
										 &pair->timing, &pair->i.addresses);
	if (pair->i.session)
	{
		coi_pair_event(pair, &pair->i, &event);
	}
}

/**
 * Whether what one end sends with is what the other one receives with.
 */
static bool same_direction(const coi_end_t *from, const coi_end_t *to)
{
	const coi_shared_community_t *out, *in;
	u_int i, j, used = 0, matched = 0;

	for (i = 0; i < from->out_count; i++)
	{
		out = &from->out[i];
		used += out->used;
		for (j = 0; out->used && j < to->in_count; j++)
		{
			in = &to->in[j];
			if (in->used && streq(in->name, out->name) && out->encr_out.len &&
				in->spi_in == out->spi_out &&
				chunk_equals(in->encr_in, out->encr_out) &&
				/* an AEAD has none, and two empty chunks are not equal */
				chunk_compare(in->integ_in, out->integ_out) == 0)
			{
				matched++;
			}
		}
	}
	return used && matched == used;
}

bool coi_pair_agrees(coi_pair_t *pair)
{
	return pair->i.session && pair->r.session &&
		   coi_session_state(pair->i.session) == COI_OPEN &&
		   coi_session_state(pair->r.session) == COI_OPEN &&
		   coi_session_confirmed(pair->i.session) &&
		   pair->i.count[COI_ACT_ESTABLISHED] == 1 &&
		   pair->r.count[COI_ACT_ESTABLISHED] == 1 &&
		   same_direction(&pair->i, &pair->r) &&
		   same_direction(&pair->r, &pair->i);
}

u_int coi_pair_used(const coi_end_t *end)
{
	u_int i, count = 0;

	for (i = 0; i < end->in_count; i++)
	{
		count += end->in[i].used;
	}
	return count;
}

u_int coi_pair_refused(const coi_end_t *end)
{
	u_int i, count = 0;

	for (i = 0; i < COI_REASON_MAX; i++)
	{
		count += end->refused[i];
	}
	return count;
}

bool coi_pair_clean(const coi_pair_t *pair)
{
	return !coi_pair_refused(&pair->i) && !coi_pair_refused(&pair->r);
}

u_int coi_pair_full_segments()
{
	return 96 * (16 + SUITE->entry_len) / COI_MAX_SEGMENT + 1;
}

bool coi_pair_establish(coi_pair_t *pair)
{
	coi_pair_open(pair);
	coi_pair_run(pair);
	return coi_pair_agrees(pair);
}

static void init_end(coi_end_t *end, uint8_t last, const char *id,
					 const char *keys)
{
	static const uint8_t prefix[] = { 0xff, 0xff, 10, 1, 0 };

	end->profile = coi_test_profile(id, keys);
	end->keys = coi_test_keys(keys);
	end->gate = coi_gate_create(COI_DEFAULT_WINDOW, 1000, COI_TEST_WALL);
	end->next_spi = FIRST_SPI + (last << 8);
	memcpy(end->addr + 10, prefix, sizeof(prefix));
	end->addr[15] = last;
}

coi_pair_t *coi_pair_create(const char *keys_i, const char *keys_r)
{
	coi_pair_t *pair;

	INIT(pair,
		.now = 1000,
		.timing = coi_test_timing(),
	);
	init_end(&pair->i, 1, "moon.example.org", keys_i);
	init_end(&pair->r, 2, "sun.example.org", keys_r);
	pair->i.addresses = coi_test_addresses(pair->i.addr, pair->r.addr);
	pair->r.addresses = coi_test_addresses(pair->r.addr, pair->i.addr);
	return pair;
}

static void clear_kept(coi_shared_community_t *kept, u_int count)
{
	u_int i;

	for (i = 0; i < count; i++)
	{
		free((char*)kept[i].name);
		chunk_clear(&kept[i].encr_in);
		chunk_clear(&kept[i].integ_in);
		chunk_clear(&kept[i].encr_out);
		chunk_clear(&kept[i].integ_out);
	}
}

static void clear_end(coi_end_t *end)
{
	coi_session_destroy(end->session);
	coi_gate_destroy(end->gate);
	coi_keyset_destroy(end->keys);
	coi_profile_destroy(end->profile);
	clear_kept(end->in, end->in_count);
	clear_kept(end->out, end->out_count);
}

void coi_pair_destroy(coi_pair_t *pair)
{
	coi_packet_t *packet;

	while ((packet = pair->wire))
	{
		pair->wire = packet->next;
		chunk_free(&packet->datagram);
		free(packet);
	}
	clear_end(&pair->i);
	clear_end(&pair->r);
	free(pair);
}
