/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns what the files of a session share: its data, and the two roles' part in
 * coi_session_step().
 */

#ifndef COI_SESSION_PRIVATE_H_
#define COI_SESSION_PRIVATE_H_

#include "coi_agreement.h"
#include "coi_idle_term.h"
#include "coi_keymat.h"
#include "coi_segments.h"
#include "coi_session.h"
#include "coi_token.h"

typedef struct coi_exchange_t coi_exchange_t;
typedef struct coi_part_t coi_part_t;
typedef struct coi_sess1_t coi_sess1_t;
typedef struct coi_sess2_t coi_sess2_t;
typedef struct coi_sess3_t coi_sess3_t;

/** A Sess0 part that made a responder's session. */
struct coi_part_t {
	/** until the transcript begins; empty if the part is missing */
	chunk_t datagram;
	/** to recognise a repeat by */
	uint8_t hash[COI_MAX_HASH];
	uint8_t tags[COI_SESS0_PLACES][COI_TAG_LEN];
	bool present;
};

/** What is needed until the exchange is over, then wiped and freed. */
struct coi_exchange_t {
	coi_keymat_t keymat;
	/** the initiator's token */
	coi_token_t token_i;
	/** the responder's, once there is one */
	coi_token_t token_r;
	uint8_t nonce_r[COI_NONCE_LEN];
	/** responder: what it has made DH_R of, until DH_I is taken */
	key_exchange_t *dh;
	/** initiator: Z, from its answer until Sess2 */
	chunk_t z;
	/** own key pair that was made ahead, NULL if none was */
	key_exchange_t *spare;
	coi_segments_t segments;
	/** initiator: keys offered, and their gate keys one after the other */
	coi_keyset_t *keys;
	uint8_t *gates;
	/** responder: Sess0 parts by index */
	coi_part_t *parts;
	u_int part_count;
	/** responder: all parts are there, or the wait is over */
	bool collected;
	uint64_t time;
	/** a Sess3 follows */
	bool third;
	/** the peer is to prove, and we are to prove, who it is and we are */
	bool asks;
	bool asked;
	/** VAL_I | VAL_R | DH_I | DH_R as far as they are known: what proofs are tied
	 * to beside the transcript */
	chunk_t ties;
	/** PENDING_PROOF: all has arrived that IDENTIFIED is about */
	bool complete;
	/** PENDING_PROOF: the peer's proof */
	coi_proof_t proof;
	/** virtual addresses that the initiator asks for */
	coi_wish_t wish;
};

struct coi_session_t {
	bool initiator;
	/** written by coi_session_enter() only */
	coi_state_t state;
	bool confirmed;
	const coi_suite_t *suite;
	coi_profile_t *profile;
	coi_timing_t timing;
	uint64_t spi_i;
	uint64_t spi_r;
	uint8_t nonce_i[COI_NONCE_LEN];
	/** own VAL key pair, to sign a TERM at the end */
	coi_val_t *val;
	/** the peer's VAL public key */
	uint8_t peer_val[COI_MAX_VAL];
	/** NULL once the session is OPEN */
	coi_exchange_t *exchange;
	coi_agreement_t agreement;
	uint8_t peer_id_type;
	chunk_t peer_id;
	uint64_t peer_start;
	coi_user_t peer_user;
	coi_user_t own_user;
	/** virtual addresses that the responder has given */
	coi_grant_t grant;
	/** what this host says of both ends' addresses, and what the peer said */
	coi_addresses_t addresses;
	coi_addresses_t peer_addresses;
	/** last message sent, to be sent again */
	chunk_t *datagrams;
	u_int datagram_count;
	/** retransmissions of it */
	u_int tries;
	/** the peer's last message and its gate key, to recognise a repeat by */
	coi_seen_t seen;
	uint8_t seen_gate[COI_MAX_HASH];
	/** when a repeat may be answered again */
	uint64_t answer_after;
	/** OPEN: IDLE and TERM */
	coi_idle_term_t control;
	/** when it became OPEN */
	uint64_t opened;
	/** what we said last, and what the peer said */
	coi_idle_t own_idle;
	coi_idle_t peer_idle;
	/** datagram that an action borrows */
	chunk_t lent;
	/** the peer's last TERM, lent to an action */
	coi_term_body_t *farewell;
};

/** What a Sess1 says, until all of it is verified. */
struct coi_sess1_t {
	coi_header_t header;
	coi_message1_t message;
	coi_keymat_t keymat;
	coi_token_t token;
	coi_agreement_t agreement;
	/** DH_R and SessionInfo */
	chunk_t plain;
	/** DH_I that answers, and Z */
	chunk_t value;
	chunk_t z;
	coi_info_t info;
};

/** What a Sess2 says, until all of it is verified. */
struct coi_sess2_t {
	coi_keymat_t keymat;
	coi_agreement_t agreement;
	coi_idle_term_t control;
	coi_info_t info;
	/** DH_I */
	chunk_t value;
};

/** What a Sess3 says, until all of it is verified. */
struct coi_sess3_t {
	coi_keymat_t keymat;
	coi_info_t info;
};

/**
 * Make Sess1 with all that the responder draws for it. The session cannot go
 * on if this fails.
 */
bool coi_sess1_make(coi_session_t *this, chunk_t **datagrams, u_int *count)
					__attribute__((warn_unused_result));

/**
 * Verify a complete message 1: steps 8 to 13 of section 14.2.
 *
 * @param answer	to be cleared by coi_sess1_clear() in any case
 */
coi_reason_t coi_sess1_open(const coi_session_t *this,
							const coi_header_t *header, chunk_t message,
							coi_sess1_t *answer)
							__attribute__((warn_unused_result));

void coi_sess1_clear(coi_sess1_t *answer);

/** The gate key of one of the keys offered. */
chunk_t coi_session_gate1(const coi_session_t *this, u_int i);

/**
 * Make Sess2 and all keys, or those that Sess3 needs, with what is in the exchange's
 * wish. The session cannot go on if this fails.
 *
 * @param proof		own proof, NULL for none
 */
bool coi_sess2_make(coi_session_t *this, const coi_proof_t *proof,
					chunk_t **datagrams, u_int *count)
					__attribute__((warn_unused_result));

/**
 * Verify a complete message 2: steps 8 to 13 of section 14.2.
 *
 * @param final		to be cleared by coi_sess2_clear() in any case
 */
coi_reason_t coi_sess2_open(const coi_session_t *this,
							const coi_header_t *header, chunk_t message,
							coi_sess2_t *final)
							__attribute__((warn_unused_result));

void coi_sess2_clear(coi_sess2_t *final);

/**
 * Make Sess3 and all keys, with what is in the session's grant. The session cannot
 * go on if this fails.
 *
 * @param proof		own proof, NULL for none
 */
bool coi_sess3_make(coi_session_t *this, const coi_proof_t *proof,
					chunk_t **datagrams, u_int *count)
					__attribute__((warn_unused_result));

/**
 * Verify a complete message 3: steps 8 to 12 of section 14.2.
 *
 * @param third		to be cleared by coi_sess3_clear() in any case
 */
coi_reason_t coi_sess3_open(const coi_session_t *this,
							const coi_header_t *header, chunk_t message,
							coi_sess3_t *third)
							__attribute__((warn_unused_result));

void coi_sess3_clear(coi_sess3_t *third);

/** Which public value proofs are tied to. */
typedef enum {
	COI_TIE_VAL_I,
	COI_TIE_VAL_R,
	COI_TIE_DH_I,
	COI_TIE_DH_R,
} coi_tie_t;

/** Note a public value that proofs are tied to. */
void coi_session_tie(coi_session_t *this, coi_tie_t which, const uint8_t *value);

/** A public value that was noted, borrowed. */
chunk_t coi_session_tied(const coi_session_t *this, coi_tie_t which);

/**
 * Go on to PENDING_PROOF: of the exchange only what Sess3 needs is kept.
 */
void coi_session_await_proof(coi_session_t *this, coi_event_type_t event);

/**
 * End the session with a TERM because the peer is not who it has to be, or does
 * not say so (COI_IDENTITY), or for want of virtual addresses (COI_NO_ADDRESS).
 */
void coi_session_refuse(coi_session_t *this, coi_event_type_t event,
						coi_reason_t reason, coi_actions_t *actions);

/**
 * IDENTIFIED: what was looked at while Sess2 or Sess3 was held is good, so go on, or
 * it is not, so end.
 */
coi_reason_t coi_session_take_identified(coi_session_t *this,
										 const coi_event_t *event,
										 coi_actions_t *actions);

/** Whether there is a proof if there has to be one; it may be a wrong one. */
bool coi_session_is_proved(const coi_session_t *this);

/** Take over the identity that the peer has proved. */
void coi_session_identified(coi_session_t *this);

/** The peer's VAL public key, borrowed. */
static inline chunk_t coi_session_peer_val(const coi_session_t *this)
{
	return chunk_create((uint8_t*)this->peer_val, this->suite->val_len);
}

/** Append an action. */
coi_action_t *coi_actions_add(coi_actions_t *actions, coi_action_type_t type);

/** Append a SEND of the last message. */
void coi_actions_send(coi_actions_t *actions, const coi_session_t *this);

/** Append a SEND or SEND_TUNNEL of one datagram, adopted. */
void coi_actions_lend(coi_actions_t *actions, coi_session_t *this,
					  coi_action_type_t type, chunk_t datagram);

/** Append a TIMER. */
void coi_actions_timer(coi_actions_t *actions, u_int delay);

/** Write the state. */
void coi_session_enter(coi_session_t *this, coi_event_type_t event,
					   coi_state_t state);

/** End the session by itself. */
void coi_session_fail(coi_session_t *this, coi_event_type_t event,
					  coi_reason_t reason, coi_actions_t *actions);

/** Take over a message to be sent, with its timer. */
void coi_session_transmit(coi_session_t *this, chunk_t *datagrams, u_int count,
						  coi_actions_t *actions);

/** The timer fired: send the last message again, or give up. */
void coi_session_retransmit(coi_session_t *this, coi_actions_t *actions);

/** Whether a repeat may be answered now; if so, the next one has to wait. */
bool coi_session_may_answer(coi_session_t *this, const coi_event_t *event);

/** Header of an own datagram. */
coi_header_t coi_session_header(const coi_session_t *this,
								coi_pdu_type_t type);

/** Make an IDLE. */
bool coi_session_make_idle(coi_session_t *this, uint32_t age, chunk_t *datagram)
						   __attribute__((warn_unused_result));

/**
 * Verify and store a segment of a message whose gate key is known, and put the
 * message together.
 *
 * @param message	receives the message, to be freed; empty if segments are
 *					missing
 */
coi_reason_t coi_session_collect(coi_session_t *this, const coi_event_t *event,
								 chunk_t gate, chunk_t *message)
								 __attribute__((warn_unused_result));

/**
 * Whether a datagram is a segment of the message accepted last.
 */
coi_reason_t coi_session_repeats(const coi_session_t *this,
								 const coi_event_t *event)
								 __attribute__((warn_unused_result));

/**
 * The peer, in OPEN, repeats what was accepted last: answer again, with the last
 * message, or with an IDLE once the peer has proved that it has the keys.
 */
coi_reason_t coi_session_answer_again(coi_session_t *this,
									  const coi_event_t *event,
									  coi_actions_t *actions);

/** Note an accepted message, so that its repeats are known. */
void coi_session_accepted(coi_session_t *this, chunk_t gate);

/**
 * Take the DH key pair that was made ahead, or make one.
 *
 * @return			pair, NULL on failure
 */
key_exchange_t *coi_exchange_take_dh(coi_exchange_t *this,
									 const coi_suite_t *suite);

/** Octets that are kept for a session's exchange, 0 if it is over. */
size_t coi_session_exchange_size(const coi_session_t *this);

/** The exchange is over: wipe and free what only it needs. */
void coi_exchange_destroy(coi_exchange_t *exchange);

/** Create a session in CREATED, with an exchange. */
coi_session_t *coi_session_alloc(bool initiator, const coi_suite_t *suite,
								 coi_profile_t *profile,
								 const coi_timing_t *timing,
								 const coi_addresses_t *addresses);

/** Draw a session id. */
bool coi_session_draw_id(uint64_t *id) __attribute__((warn_unused_result));

/** The initiator's events: OPEN, SESS1, ALLOCATED. */
coi_reason_t coi_session_init_open(coi_session_t *this,
								   const coi_event_t *event,
								   coi_actions_t *actions);
coi_reason_t coi_session_init_sess1(coi_session_t *this,
									const coi_event_t *event,
									coi_actions_t *actions);
coi_reason_t coi_session_init_allocated(coi_session_t *this,
										const coi_event_t *event,
										coi_actions_t *actions);

coi_reason_t coi_session_init_sess3(coi_session_t *this,
									const coi_event_t *event,
									coi_actions_t *actions);
coi_reason_t coi_session_init_identified(coi_session_t *this,
										 const coi_event_t *event,
										 coi_actions_t *actions);

/** The responder's events: SESS0, ALLOCATED, SESS2, TIMER in PENDING_OPEN. */
coi_reason_t coi_session_resp_sess0(coi_session_t *this,
									const coi_event_t *event,
									coi_actions_t *actions);
coi_reason_t coi_session_resp_allocated(coi_session_t *this,
										const coi_event_t *event,
										coi_actions_t *actions);
coi_reason_t coi_session_resp_sess2(coi_session_t *this,
									const coi_event_t *event,
									coi_actions_t *actions);
coi_reason_t coi_session_resp_identified(coi_session_t *this,
										 const coi_event_t *event,
										 coi_actions_t *actions);
void coi_session_resp_timer(coi_session_t *this, coi_actions_t *actions);

#endif /** COI_SESSION_PRIVATE_H_ */
