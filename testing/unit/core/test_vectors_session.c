/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Whole sessions on the datagrams of the independent implementation: what it
 * sent is accepted, with the keys that it had, and each datagram of bad.vec is
 * refused for its reason. Sessions are put into the state that the vectors
 * describe, as they draw their secrets themselves otherwise.
 */

#include <criterion/criterion.h>

#include "coi_test.h"
#include "vectors.h"

#include "core/coi_sess0.h"
#include "core/coi_session_private.h"

TestSuite(vectors_session, .init = coi_test_init);

/**
 * Keys as "PREFIX.keys" and "PREFIX.key.N.*" have them, oldest first.
 */
static coi_keyset_t *make_keys(const record_t *record, const char *prefix)
{
	u_int count = vec_number(record, "%s.keys", prefix), i;
	coi_key_t *keys[COI_MAX_KEYS];
	char name[COI_MAX_NAME + 1];
	chunk_t octets;

	for (i = 0; i < count; i++)
	{
		octets = vec_octets(record, "%s.key.%u.name", prefix, i);
		memset(name, 0, sizeof(name));
		memcpy(name, octets.ptr, octets.len);
		keys[i] = coi_key_create(SUITE, name, i,
								 vec_octets(record, "%s.key.%u.K", prefix, i));
		cr_assert_not_null(keys[i]);
	}
	return coi_keyset_create(keys, count);
}

/**
 * Lengths of KEYMAT for the proposals of the vectors.
 */
static void set_lengths(coi_proposal_t *proposal)
{
	proposal->encr_len = proposal->encr == 20 ? proposal->encr_bits / 8 + 4
											  : proposal->encr_bits / 8;
	proposal->integ_len = proposal->integ == 14 ? 64 :
						  proposal->integ == 12 ? 32 : 0;
}

/**
 * A profile that says what a SessionInfo says.
 */
static coi_profile_t *make_profile(const record_t *record, chunk_t octets)
{
	coi_info_community_t *from;
	coi_community_t *to;
	coi_profile_t *profile;
	coi_info_t info;
	char name[COI_MAX_NAME + 1];
	chunk_t octets_name;
	u_int i, j;

	cr_assert(coi_info_decode(octets, &info));
	profile = coi_profile_create(info.id_type, info.id, info.start, info.count);
	for (i = 0; i < info.count; i++)
	{
		from = &info.communities[i];
		to = &profile->communities[i];
		octets_name = vec_octets(record, "C.%u.name", from->index);
		memset(name, 0, sizeof(name));
		memcpy(name, octets_name.ptr, octets_name.len);
		to->name = strdup(name);
		to->mode = from->mode;
		to->proposals = from->proposals;
		from->proposals = NULL;
		to->proposal_count = from->proposal_count;
		for (j = 0; j < to->proposal_count; j++)
		{
			set_lengths(&to->proposals[j]);
		}
		to->offers = coi_services_clone(&from->offers);
		to->uses = coi_services_clone(&from->uses);
	}
	coi_info_clear(&info);
	return profile;
}

/**
 * What a host said of addresses; NULL for one whose do not matter.
 */
static coi_addresses_t make_addresses(const record_t *record, const char *said)
{
	coi_addresses_t addresses = {};
	coi_info_t info;

	if (said)
	{
		cr_assert(coi_info_decode(vec_octets(record, "%s", said), &info));
		addresses = info.addresses;
		coi_info_clear(&info);
	}
	return addresses;
}

/**
 * A profile that takes part in everything, as the receivers of bad.vec do.
 */
static coi_profile_t *make_plain_profile(const coi_keyset_t *keys)
{
	coi_service_t any = { .to = UINT16_MAX };
	coi_services_t services = { &any, 1 };
	coi_profile_t *profile;
	coi_community_t *community;
	u_int i;

	profile = coi_profile_create(0, chunk_empty, 0, keys->count);
	for (i = 0; i < keys->count; i++)
	{
		community = &profile->communities[i];
		community->name = strdup(keys->keys[i]->name);
		community->mode = 1;
		community->proposals = calloc(1, sizeof(coi_proposal_t));
		community->proposal_count = 1;
		community->proposals[0].encr = 20;
		community->proposals[0].encr_bits = 256;
		set_lengths(&community->proposals[0]);
		community->offers = coi_services_clone(&services);
		community->uses = coi_services_clone(&services);
	}
	return profile;
}

/**
 * An initiator that has sent the Sess0 of a record.
 */
static coi_session_t *make_initiator(const record_t *record, const char *prefix,
									 coi_keyset_t *keys,
									 coi_profile_t *profile, const char *said,
									 const chunk_t *parts, u_int count)
{
	coi_addresses_t addresses = make_addresses(record, said);
	coi_timing_t timing = coi_test_timing();
	coi_exchange_t *exchange;
	coi_session_t *this;
	chunk_t spi, enc, nonce;
	u_int i;

	spi = vec_octets(record, "%sspi_i", prefix);
	enc = vec_octets(record, "%sENC_I", prefix);
	nonce = vec_octets(record, "%snonce_i", prefix);
	this = coi_session_alloc(TRUE, SUITE, profile, &timing, &addresses);
	exchange = this->exchange;
	this->spi_i = untoh64(spi.ptr);
	memcpy(this->nonce_i, nonce.ptr, sizeof(this->nonce_i));
	this->val = coi_val_create_of(SUITE, coi_suite_val_load(SUITE,
						vec_octets(record, "%sVAL_I.private.der", prefix)));
	cr_assert(this->val);
	memcpy(exchange->token_i.enc, enc.ptr, enc.len);
	memcpy(exchange->token_i.val, this->val->public,
		   sizeof(exchange->token_i.val));
	exchange->keys = coi_keyset_get_ref(keys);
	exchange->gates = malloc(keys->count * SUITE->hash_len);
	for (i = 0; i < keys->count; i++)
	{
		cr_assert(coi_token_gate1(keys->keys[i], enc, nonce,
								  coi_session_gate1(this, i).ptr));
	}
	this->datagrams = calloc(count, sizeof(chunk_t));
	this->datagram_count = count;
	for (i = 0; i < count; i++)
	{
		this->datagrams[i] = chunk_clone(parts[i]);
	}
	this->state = COI_PENDING_OPEN;
	return this;
}

/**
 * Give a Sess0 to the gate.
 */
static coi_reason_t check_gate(coi_gate_t *gate, coi_event_t *event,
							   coi_header_t *header, coi_gate_match_t *match,
							   const record_t *record, const char *destination,
							   const coi_keyset_t *keys)
{
	chunk_t to = vec_octets(record, "%s", destination);

	event->type = COI_EV_SESS0;
	event->header = header;
	event->match = match;
	return coi_gate_check(gate, header, event->datagram,
						  (const uint8_t(*)[COI_ADDR_LEN])to.ptr, 1,
						  event->wall, keys, match);
}

/**
 * A responder that takes all the Sess0 and waits for SPIs.
 */
static coi_session_t *make_responder(const record_t *record, coi_keyset_t *keys,
									 coi_profile_t *profile,
									 const char *said, const chunk_t *parts,
									 u_int count, const char *destination)
{
	coi_addresses_t addresses = make_addresses(record, said);
	coi_timing_t timing = coi_test_timing();
	coi_session_t *this = NULL;
	coi_gate_match_t match;
	coi_actions_t actions;
	coi_header_t header;
	coi_event_t event = {};
	coi_gate_t *gate;
	u_int i;

	event.wall = vec_number(record, "now");
	gate = coi_gate_create(COI_DEFAULT_WINDOW, 100, event.wall - 60000);
	for (i = 0; i < count; i++)
	{
		event.datagram = parts[i];
		cr_assert_eq(coi_header_decode(parts[i], &header), COI_OK);
		cr_assert_eq(check_gate(gate, &event, &header, &match, record,
								destination, keys), COI_OK);
		if (!this)
		{
			cr_assert_eq(coi_session_respond(profile, &timing, &addresses,
											 &event, &actions, &this), COI_OK);
		}
		else
		{
			cr_assert_eq(coi_session_step(this, &event, &actions), COI_OK);
		}
	}
	cr_assert_eq(coi_session_state(this), COI_PENDING_OPEN);
	cr_assert_eq(actions.list[actions.count - 1].type, COI_ACT_ALLOCATE);
	coi_gate_destroy(gate);
	return this;
}

/**
 * Make it have sent the Sess1 of a record.
 */
static void send_sess1(coi_session_t *this, const record_t *record,
					   const char *prefix)
{
	coi_exchange_t *exchange = this->exchange;
	coi_header_t header;
	coi_message1_t message;
	coi_info_t info;
	chunk_t nonces, encs, spi, nonce, enc;
	uint32_t spis[COI_MAX_KEYS] = {};
	u_int i;

	spi = vec_octets(record, "%sspi_r", prefix);
	nonce = vec_octets(record, "%snonce_r", prefix);
	enc = vec_octets(record, "%sENC_R", prefix);
	this->spi_r = untoh64(spi.ptr);
	memcpy(exchange->nonce_r, nonce.ptr, nonce.len);
	memcpy(exchange->token_r.enc, enc.ptr, enc.len);
	this->val = coi_val_create_of(SUITE, coi_suite_val_load(SUITE,
						vec_octets(record, "%sVAL_R.private.der", prefix)));
	cr_assert(this->val);
	memcpy(exchange->token_r.val, this->val->public,
		   sizeof(exchange->token_r.val));
	exchange->dh = lib->crypto->create_ke(lib->crypto, SUITE->dh);
	cr_assert(exchange->dh->set_private_key(exchange->dh,
							vec_octets(record, "%sDH_R.private", prefix)));
	cr_assert(coi_info_decode(vec_octets(record, "%sSessionInfo_R", prefix),
							  &info));
	for (i = 0; i < info.count; i++)
	{
		spis[info.communities[i].index] = info.communities[i].spi;
	}
	coi_info_clear(&info);
	cr_assert_eq(this->agreement.count, vec_number(record, "%sC", prefix));
	cr_assert(coi_agreement_allocate(&this->agreement, spis));
	nonces = chunk_cata("cc", chunk_from_thing(this->nonce_i), nonce);
	encs = chunk_cata("cc", chunk_from_thing(exchange->token_i.enc), enc);
	cr_assert(coi_keymat_agree(&exchange->keymat, nonces, encs,
							   this->agreement.list, this->agreement.count));
	header = coi_session_header(this, COI_PDU_SESS1);
	cr_assert(coi_message1_decode(SUITE,
						vec_octets(record, "%smessage1", prefix), &message));
	cr_assert_eq(coi_keymat_verify(&exchange->keymat, &header, message.body,
								   chunk_val(exchange->token_r.val),
								   message.signature), COI_OK);
	this->state = COI_PENDING_FINAL;
}

/**
 * Parts of a record that were used.
 */
static u_int get_parts(const record_t *record, const char *format, u_int count,
					   chunk_t *parts)
{
	char name[32];
	u_int i;

	for (i = 0; i < count; i++)
	{
		snprintf(name, sizeof(name), format, i);
		parts[i] = vec_octets(record, "%s", name);
	}
	return count;
}

static coi_reason_t step(coi_session_t *session, chunk_t datagram,
						 coi_actions_t *actions)
{
	coi_header_t header;
	coi_event_t event = { .datagram = datagram, .header = &header };
	coi_reason_t reason;

	reason = coi_header_decode(datagram, &header);
	if (reason != COI_OK)
	{
		return reason;
	}
	event.type = COI_EV_SESS0 + header.type;
	return coi_session_step(session, &event, actions);
}

static void check_child(const record_t *record, u_int i,
						const coi_shared_community_t *common, bool initiator)
{
	chunk_t name = vec_octets(record, "child%u.name", i);
	const char *in = initiator ? "ri" : "ir", *out = initiator ? "ir" : "ri";

	cr_assert(chunk_equals(name, chunk_from_str((char*)common->name)));
	cr_assert_eq(common->mode, vec_number(record, "child%u.mode", i));
	cr_assert_eq(common->proposal.encr,
				 vec_number(record, "child%u.encryption", i));
	cr_assert_eq(common->proposal.esn, vec_number(record, "child%u.esn", i));
	cr_assert_eq(ntohl(initiator ? common->spi_out : common->spi_in),
				 vec_number(record, "child%u.esp_r", i));
	if (initiator)
	{	/* its own SPIs and keys are not drawn yet */
		return;
	}
	cr_assert_eq(ntohl(common->spi_out), vec_number(record, "child%u.esp_i",
													i));
	cr_assert(chunk_equals(common->encr_in,
						   vec_octets(record, "child%u.encr_%s", i, in)));
	cr_assert(chunk_equals(common->encr_out,
						   vec_octets(record, "child%u.encr_%s", i, out)));
	cr_assert_eq(chunk_compare(common->integ_in,
					vec_octets(record, "child%u.integ_%s", i, in)), 0);
	cr_assert_eq(chunk_compare(common->integ_out,
					vec_octets(record, "child%u.integ_%s", i, out)), 0);
}

static void check_children(const record_t *record, coi_session_t *session)
{
	const coi_shared_community_t *common;
	u_int count, i, child = 0;

	common = coi_session_common(session, &count);
	for (i = 0; i < count; i++)
	{
		if (common[i].used)
		{
			check_child(record, child++, &common[i],
						coi_session_is_initiator(session));
		}
	}
	cr_assert_eq(child, vec_number(record, "children"));
}

/** Who it finds to be behind a NAT. */
static void check_nat(const record_t *record, const coi_session_t *session,
					  const char *here, const char *there)
{
	coi_nat_t nat = coi_session_nat(session);

	cr_assert_eq(nat.here, vec_number(record, "nat.%s", here));
	cr_assert_eq(nat.there, vec_number(record, "nat.%s", there));
	cr_assert_eq(nat.forced, vec_number(record, "nat.forced"));
	cr_assert_eq(coi_nat_encap(nat), nat.here || nat.there || nat.forced);
}

/** The initiator takes the reference's Sess1. */
static void check_initiator(const record_t *record)
{
	coi_keyset_t *keys = make_keys(record, "i");
	coi_profile_t *profile = make_profile(record,
										  vec_octets(record, "SessionInfo_I"));
	chunk_t parts[COI_SESS0_MAX_PARTS];
	u_int count = vec_number(record, "sess0.count"), i;
	coi_session_t *session;
	coi_actions_t actions;
	coi_info_t info;
	chunk_t id;

	get_parts(record, "sess0.%u.datagram", count, parts);
	session = make_initiator(record, "", keys, profile, "SessionInfo_I", parts,
							 count);
	count = vec_number(record, "sess1.datagrams");
	for (i = count; i--;)
	{
		cr_assert_eq(step(session, vec_octets(record, "sess1.datagram.%u", i),
						  &actions), COI_OK, "%s", vec_text(record, "case"));
		cr_assert_eq(actions.count, !i);
	}
	cr_assert_eq(actions.list[0].type, COI_ACT_ALLOCATE);
	cr_assert_eq(coi_session_state(session), COI_PENDING_FINAL);
	cr_assert_eq(coi_session_spi_r(session), vec_spi(record, "spi_r"));
	cr_assert(coi_info_decode(vec_octets(record, "SessionInfo_R"), &info));
	cr_assert_eq(coi_session_peer_id(session, &id), info.id_type);
	cr_assert_eq(chunk_compare(id, info.id), 0);
	cr_assert_eq(coi_session_peer_start(session), info.start);
	cr_assert(coi_user_equals(coi_session_peer_user(session), &info.user));
	coi_info_clear(&info);
	check_nat(record, session, "i", "r");
	check_children(record, session);
	coi_session_destroy(session);
	coi_profile_destroy(profile);
	coi_keyset_destroy(keys);
}

/** The responder takes the reference's Sess0 and Sess2, and answers the same. */
static void check_responder(const record_t *record)
{
	coi_keyset_t *keys = make_keys(record, "r");
	coi_profile_t *profile = make_profile(record,
										  vec_octets(record, "SessionInfo_R"));
	chunk_t parts[COI_SESS0_MAX_PARTS], idle;
	u_int count = vec_number(record, "sess0.count"), i;
	coi_session_t *session;
	coi_actions_t actions;

	get_parts(record, "sess0.%u.datagram", count, parts);
	session = make_responder(record, keys, profile, "SessionInfo_R", parts,
							 count, "r.address");
	send_sess1(session, record, "");
	count = vec_number(record, "sess2.datagrams");
	for (i = count; i--;)
	{
		cr_assert_eq(step(session, vec_octets(record, "sess2.datagram.%u", i),
						  &actions), COI_OK, "%s", vec_text(record, "case"));
		cr_assert_eq(!actions.count, !!i);
	}
	cr_assert_eq(coi_session_state(session), COI_OPEN);
	check_nat(record, session, "r", "i");
	check_children(record, session);
	idle = chunk_empty;
	for (i = 0; i < actions.count; i++)
	{
		if (actions.list[i].type == COI_ACT_SEND_TUNNEL)
		{
			idle = actions.list[i].datagrams[0];
		}
	}
	cr_assert_eq(idle.len, COI_IDLE_LEN);
	cr_assert(chunk_equals(idle, vec_octets(record, "idle.datagram")),
			  "%s: first IDLE", vec_text(record, "case"));
	coi_session_destroy(session);
	coi_profile_destroy(profile);
	coi_keyset_destroy(keys);
}

static void check_exchanges(const char *name)
{
	vectors_t *vectors = vectors_read(name);
	const record_t *record;

	each_record(vectors, record)
	{
		check_initiator(record);
		check_responder(record);
	}
	vectors_destroy(vectors);
}

Test(vectors_session, exchange)
{
	check_exchanges("exchange");
}

Test(vectors_session, exchange_many)
{
	check_exchanges("exchange-many");
}

/**
 * An open session that holds the keys of a record.
 */
static coi_session_t *make_open(const record_t *record, coi_keyset_t *keys,
								coi_profile_t *profile, bool initiator)
{
	coi_timing_t timing = coi_test_timing();
	coi_addresses_t addresses = {};
	coi_idle_term_t *control;
	coi_session_t *this;
	chunk_t spi_i, spi_r, val;
	u_int i;

	this = coi_session_alloc(initiator, SUITE, profile, &timing, &addresses);
	coi_exchange_destroy(this->exchange);
	this->exchange = NULL;
	spi_i = vec_octets(record, "state.spi_i");
	spi_r = vec_octets(record, "state.spi_r");
	this->spi_i = untoh64(spi_i.ptr);
	this->spi_r = untoh64(spi_r.ptr);
	val = vec_octets(record, initiator ? "state.VAL_R" : "state.VAL_I");
	memcpy(this->peer_val, val.ptr, val.len);
	control = &this->control;
	control->suite = SUITE;
	memcpy(control->keys.seal_in,
		   vec_octets(record, "state.pdu_%s", initiator ? "ri" : "ir").ptr, 44);
	memcpy(control->keys.tag_in,
		   vec_octets(record, "state.tag_%s", initiator ? "ri" : "ir").ptr,
		   SUITE->hash_len);
	memcpy(control->keys.th2, vec_octets(record, "state.TH2").ptr,
		   SUITE->hash_len);
	for (i = 0; i < keys->count; i++)
	{
		coi_agreement_add(&this->agreement, keys->keys[i]);
		this->agreement.list[i].used = TRUE;
	}
	coi_agreement_sort(&this->agreement);
	cr_assert(!vec_has(record, "state.C") ||
			  vec_number(record, "state.C") == this->agreement.count);
	this->state = COI_OPEN;
	this->confirmed = TRUE;
	return this;
}

/** What a receiver of bad.vec is made of. */
typedef struct {
	coi_keyset_t *keys;
	coi_profile_t *profile;
	coi_gate_t *gate;
	/** the one that the record is about, if any */
	coi_session_t *session;
	/** its own opening, if any */
	coi_session_t *own;
} receiver_t;

/**
 * The Sess0 of the exchange that a record is from; a record about Sess2 has it
 * elsewhere in the file.
 */
static void find_sess0(const vectors_t *vectors, const record_t *record,
					   chunk_t *sess0)
{
	const record_t *other;
	chunk_t other_sess0;

	*sess0 = vec_octets(record, "before.datagram.0");
	each_record(vectors, other)
	{
		if (sess0->ptr[5] != COI_PDU_SESS0 &&
			vec_number(other, "before.datagrams") == 1)
		{
			other_sess0 = vec_octets(other, "before.datagram.0");
			if (other_sess0.ptr[5] == COI_PDU_SESS0 &&
				memeq(other_sess0.ptr + 8, sess0->ptr + 8, 8))
			{
				*sess0 = other_sess0;
			}
		}
	}
	cr_assert_eq(sess0->ptr[5], COI_PDU_SESS0);
}

static void make_receiver(const vectors_t *vectors, const record_t *record,
						  receiver_t *this)
{
	chunk_t parts[COI_SESS0_MAX_PARTS];
	u_int count = vec_number(record, "before.datagrams");
	const char *name = vec_text(record, "case");
	bool initiator = streq(vec_text(record, "role"), "initiator");

	*this = (receiver_t){
		.keys = make_keys(record, "held"),
		.gate = coi_gate_create(vec_number(record, "window") / 1000, 100,
								vec_number(record, "floor")),
	};
	this->profile = make_plain_profile(this->keys);
	get_parts(record, "before.datagram.%u", count, parts);
	if (vec_has(record, "state.TH2"))
	{
		this->session = make_open(record, this->keys, this->profile,
								  initiator);
	}
	else if (vec_has(record, "state.message1"))
	{
		find_sess0(vectors, record, parts);
		this->session = make_responder(record, this->keys, this->profile, NULL,
									   parts, 1, "destination");
		send_sess1(this->session, record, "state.");
	}
	else if (strstr(name, "own-token"))
	{
		count = vec_number(record, "bad.datagrams");
		get_parts(record, "bad.datagram.%u", count, parts);
		this->own = make_initiator(record, "state.", this->keys, this->profile,
								   NULL, parts, count);
	}
	else if (vec_has(record, "state.spi_i"))
	{
		this->session = make_initiator(record, "state.", this->keys,
									   this->profile, NULL, parts, count);
	}
}

static void clear_receiver(receiver_t *this)
{
	coi_session_destroy(this->session);
	coi_session_destroy(this->own);
	coi_gate_destroy(this->gate);
	coi_profile_destroy(this->profile);
	coi_keyset_destroy(this->keys);
}

/**
 * Steps of section 14.1 in the order of the plugin's receiver and engine.
 */
static coi_reason_t receive_sess0(receiver_t *this, const record_t *record,
								  coi_header_t *header, chunk_t datagram)
{
	coi_timing_t timing = coi_test_timing();
	coi_addresses_t addresses = {};
	coi_event_t event = {
		.datagram = datagram,
		.wall = vec_number(record, "now"),
	};
	coi_session_t *session = NULL;
	coi_gate_match_t match;
	coi_actions_t actions;
	coi_reason_t reason;

	reason = check_gate(this->gate, &event, header, &match, record,
						"destination", this->keys);
	if (reason == COI_OK)
	{
		reason = coi_gate_opens(datagram, &match);
	}
	if (reason == COI_OK)
	{
		reason = coi_gate_remember(this->gate, datagram, &match, event.wall);
	}
	if (reason == COI_OK && this->own && coi_session_is_own(this->own, datagram))
	{
		reason = COI_OWN_TOKEN;
	}
	if (reason == COI_OK)
	{
		reason = coi_session_respond(this->profile, &timing, &addresses, &event,
									 &actions, &session);
		cr_assert_eq(!session, reason != COI_OK);
		if (session && this->own)
		{
			reason = memeq(coi_session_shown_val(session).ptr,
						   this->own->val->public, SUITE->val_len) ?
							COI_OWN_TOKEN : COI_OK;
		}
		coi_session_destroy(session);
	}
	return reason;
}

static coi_reason_t receive(receiver_t *this, const record_t *record,
							chunk_t datagram)
{
	coi_actions_t actions = {};
	coi_header_t header;
	coi_reason_t reason;
	coi_state_t state;

	reason = coi_header_decode(datagram, &header);
	if (reason != COI_OK)
	{
		return reason;
	}
	/* what core cannot know: where it came in, and from where */
	if (vec_number(record, "tunnel") != (header.type == COI_PDU_IDLE))
	{
		return COI_TYPE;
	}
	if (header.type == COI_PDU_SESS0)
	{
		return receive_sess0(this, record, &header, datagram);
	}
	/* as the reference looks them up: each message goes to one role only */
	if (!this->session ||
		(header.type == COI_PDU_SESS1 && !this->session->initiator) ||
		(header.type == COI_PDU_SESS2 && this->session->initiator))
	{
		return COI_UNKNOWN_SESSION;
	}
	state = coi_session_state(this->session);
	reason = step(this->session, datagram, &actions);
	cr_assert_eq(coi_session_state(this->session), state);
	/* an IDLE that is in order says that the peer is alive, no more */
	cr_assert(!actions.count || actions.list[0].type == COI_ACT_ALIVE);
	return reason;
}

static void check_bad(const vectors_t *vectors, const record_t *record)
{
	const char *name = vec_text(record, "case");
	u_int count = vec_number(record, "bad.datagrams"), i;
	coi_reason_t reason = COI_OK;
	receiver_t receiver;
	int expected;

	cr_assert(enum_from_name(coi_reason_names, vec_text(record, "reason"),
							 &expected), "%s", name);
	make_receiver(vectors, record, &receiver);
	if (!receiver.session || vec_has(record, "state.TH2"))
	{
		for (i = 0; i < vec_number(record, "before.datagrams"); i++)
		{
			cr_assert_eq(receive(&receiver, record,
								 vec_octets(record, "before.datagram.%u", i)),
						 COI_OK, "%s", name);
		}
	}
	for (i = 0; i < count; i++)
	{
		cr_assert_eq(reason, COI_OK, "%s: %s too early", name,
					 enum_to_name(coi_reason_names, reason));
		reason = receive(&receiver, record,
						 vec_octets(record, "bad.datagram.%u", i));
	}
	cr_expect_eq(reason, (coi_reason_t)expected, "%s: %s for %s", name,
				 enum_to_name(coi_reason_names, reason),
				 vec_text(record, "reason"));
	clear_receiver(&receiver);
}

Test(vectors_session, bad)
{
	vectors_t *vectors = vectors_read("bad");
	const record_t *record;

	each_record(vectors, record)
	{
		/* the peer's address is the plugin's to check */
		if (!streq(vec_text(record, "reason"), "address"))
		{
			check_bad(vectors, record);
		}
	}
	vectors_destroy(vectors);
}
