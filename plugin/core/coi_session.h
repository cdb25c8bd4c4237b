/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns one session: its state, secrets and messages. It takes an event and
 * returns actions; it knows no socket, clock, lock or kernel.
 *
 * Whoever drives it (the engine, a test, a benchmark) carries the actions out in
 * their order and feeds results back as events. A step that returns a reason other
 * than COI_OK has changed nothing.
 *
 *  initiator: OPEN -> SEND, TIMER          responder: coi_session_respond()
 *             SESS1 -> ALLOCATE                       -> ALLOCATE (or TIMER)
 *             ALLOCATED -> INSTALL_IN, SEND, TIMER    ALLOCATED -> SEND, TIMER
 *             IDLE -> INSTALL_OUT,                    SESS2 -> INSTALL_BOTH,
 *             (SEND_TUNNEL,) ESTABLISHED,             SEND_TUNNEL, ESTABLISHED,
 *             TIMER                                   TIMER
 *  with a Sess3:
 *             ALLOCATED -> SEND, TIMER                SESS2 -> TIMER, IDENTIFY
 *             SESS3 -> TIMER, IDENTIFY                IDENTIFIED -> INSTALL_IN,
 *             IDENTIFIED -> INSTALL_BOTH,             SEND, TIMER
 *             SEND_TUNNEL, ESTABLISHED                IDLE -> INSTALL_OUT,
 *                                                     SEND_TUNNEL, ESTABLISHED,
 *                                                     TIMER
 *  both:      TERM, CLOSE -> (SEND,) DROPPED or CLOSED
 */

#ifndef COI_SESSION_H_
#define COI_SESSION_H_

#include "coi_addresses.h"
#include "coi_shared_community.h"
#include "coi_fsm.h"
#include "coi_gate.h"
#include "coi_key.h"
#include "coi_profile.h"
#include "coi_proof.h"
#include "coi_reason.h"
#include "coi_user.h"
#include "coi_val.h"
#include "coi_virtual.h"

typedef struct coi_session_t coi_session_t;
typedef struct coi_event_t coi_event_t;
typedef struct coi_action_t coi_action_t;
typedef struct coi_actions_t coi_actions_t;
typedef struct coi_timing_t coi_timing_t;
typedef enum coi_action_type_t coi_action_type_t;

/** Times that sessions keep, in ms; PROTOCOL.md section 13. */
struct coi_timing_t {
	/** before the first retransmission; doubles each time */
	u_int first;
	/** number of retransmissions */
	u_int tries;
	/** wait after the last one before giving up */
	u_int last;
	/** how long a responder waits for further parts */
	u_int collect;
	/** least time between two answers to repeats */
	u_int pause;
};

struct coi_event_t {
	coi_event_type_t type;
	/** monotonic clock, ms */
	uint64_t now;
	/** wall clock, ms since 1970 */
	uint64_t wall;
	/** SESS0 to TERM: the datagram, borrowed */
	chunk_t datagram;
	/** SESS0 to TERM: its decoded header */
	const coi_header_t *header;
	/** SESS0: what the gate found */
	const coi_gate_match_t *match;
	/** ALLOCATED: SPI of the inbound SA for each of coi_session_common(), in
	 * its order; 0 to go on without that community */
	const uint32_t *spis;
	u_int spi_count;
	/** initiator's ALLOCATED and responder's IDENTIFIED: own proof if one is asked
	 * for, see coi_session_asked(), borrowed; NULL if there is none */
	const coi_proof_t *proof;
	/** IDENTIFIED: the peer is not who it has to be */
	bool identity_refused;
	/** initiator's ALLOCATED: virtual addresses and attributes to ask for if a
	 * Sess3 follows, borrowed; NULL for none */
	const coi_wish_t *wish;
	/** responder's IDENTIFIED: what to give, an answer to coi_session_wish(),
	 * borrowed; NULL for nothing */
	const coi_grant_t *grant;
	/** IDENTIFIED: addresses were not asked for, or not to be had, or are of no
	 * use */
	bool no_address;
	/** CLOSE: what to tell the peer, borrowed */
	coi_term_t term;
	const char *text;
	/** CLOSE: FALSE to end without a TERM */
	bool tell;
	/** CLOSE in OPEN: end only these of coi_session_common(), borrowed; strictly
	 * ascending. One that is not used is told to the peer once more. */
	const uint16_t *indexes;
	/** number of indexes, 0 to end the whole session */
	u_int index_count;
};

enum coi_action_type_t {
	/** send datagrams to the peer, COI port */
	COI_ACT_SEND,
	/** send the datagram through the tunnel, IDLE port */
	COI_ACT_SEND_TUNNEL,
	/** allocate an inbound SPI for each community in common, then ALLOCATED */
	COI_ACT_ALLOCATE,
	/** look at the peer's proof, coi_session_proof(), if the profile demands one,
	 * make the own one if coi_session_asked(); lease what is asked for,
	 * coi_session_wish(), or look at what is given, coi_session_grant(); then
	 * IDENTIFIED */
	COI_ACT_IDENTIFY,
	/** install inbound SAs of the used communities, then policies */
	COI_ACT_INSTALL_IN,
	/** install outbound SAs, then policies */
	COI_ACT_INSTALL_OUT,
	/** install inbound SAs, then outbound ones, then policies once for both */
	COI_ACT_INSTALL_BOTH,
	/** announce the tunnel */
	COI_ACT_ESTABLISHED,
	/** arm the session's only timer, replacing the one armed before; TIMER */
	COI_ACT_TIMER,
	/** the peer repeated itself or proved that it lives; nothing to do */
	COI_ACT_ALIVE,
	/** communities ended, others go on: remove what is installed of those that
	 * coi_session_common() does not show as used any more */
	COI_ACT_DROPPED,
	/** the session is over; destroy it */
	COI_ACT_CLOSED,
};

struct coi_action_t {
	coi_action_type_t type;
	/** SEND: borrowed from the session until its next step or destruction */
	const chunk_t *datagrams;
	u_int count;
	/** TIMER: ms from now; 0 disarms */
	u_int delay;
	/** CLOSED: why, COI_OK if by TERM or CLOSE */
	coi_reason_t reason;
	/** DROPPED or CLOSED by TERM: what the peer said; text is borrowed like
	 * datagrams */
	coi_term_t term;
	const char *text;
};

#define COI_MAX_ACTIONS 8

struct coi_actions_t {
	coi_action_t list[COI_MAX_ACTIONS];
	u_int count;
};

/**
 * Create an initiator's session in CREATED.
 *
 * @param profile	what this host says of itself, reference taken
 * @param keys		keys to offer, all of one suite, reference taken; not empty
 * @param timing	times, copied
 * @param addresses	what this host says of both ends' addresses, copied; Sess0 is
 *					bound to the responder's as it is seen here
 * @return			session, NULL if there is no key, or no randomness
 */
coi_session_t *coi_session_create(coi_profile_t *profile, coi_keyset_t *keys,
								  const coi_timing_t *timing,
								  const coi_addresses_t *addresses);

/**
 * Draw the id of an initiator's session in CREATED again, so that it is lower than
 * one that the peer may wait with: PROTOCOL.md section 13, crossing.
 *
 * @param session	session
 * @param limit		what the id has to be below, more than 1
 * @return			FALSE if nothing was drawn; the id is as it was
 */
bool coi_session_draw_below(coi_session_t *session, uint64_t limit)
							__attribute__((warn_unused_result));

/**
 * Create a responder's session from a Sess0 that passed the gate, if its token
 * opens: steps 9 and 10 of section 14.1 (11 needs the other
 * sessions: see coi_session_is_own()).
 *
 * @param profile	what this host says of itself, reference taken
 * @param timing	times, copied
 * @param addresses	what this host says of both ends' addresses, copied
 * @param event		the SESS0 event
 * @param actions	receives ALLOCATE, or TIMER while parts are missing
 * @param session	receives the session in PENDING_OPEN on COI_OK
 * @return			COI_OK, or why the Sess0 is refused
 */
coi_reason_t coi_session_respond(coi_profile_t *profile,
								 const coi_timing_t *timing,
								 const coi_addresses_t *addresses,
								 const coi_event_t *event,
								 coi_actions_t *actions,
								 coi_session_t **session)
								 __attribute__((warn_unused_result));

/**
 * Let the session sign with a VAL key pair that was made before: PROTOCOL.md
 * section 2. It has an effect until it has made one itself, with its first
 * message.
 *
 * @param val		reference taken; ignored if it is of another suite
 */
void coi_session_set_val(coi_session_t *session, coi_val_t *val);

/** Whether the session has not made its DH key pair and will need one. */
bool coi_session_wants_dh(const coi_session_t *session);

/**
 * Let the session use a DH key pair that was made ahead and that nobody else
 * has used or will use.
 *
 * @param dh		adopted, destroyed if it is not wanted
 */
void coi_session_set_dh(coi_session_t *session, key_exchange_t *dh);

/**
 * Set who uses this host, for the peer to know. It has an effect until the first
 * SPIs are allocated.
 *
 * @param user		cloned; nobody is told without it
 */
void coi_session_set_user(coi_session_t *session, const coi_user_t *user);

/**
 * Take an event.
 *
 * @param session	session
 * @param event		event, borrowed
 * @param actions	receives what is to be done, also when it is empty
 * @return			COI_OK, or why the event is refused and nothing changed
 */
coi_reason_t coi_session_step(coi_session_t *session, const coi_event_t *event,
							  coi_actions_t *actions)
							  __attribute__((warn_unused_result));

/** Whether a Sess0 is this initiator's own, come back (step 11). */
bool coi_session_is_own(const coi_session_t *session, chunk_t sess0);

/**
 * The VAL public key of the Sess0 that made this responder, for whoever knows which
 * ones are this host's own (step 11). Borrowed.
 */
chunk_t coi_session_shown_val(const coi_session_t *session);

/** Its ENC likewise. Borrowed. */
chunk_t coi_session_shown_enc(const coi_session_t *session);

/**
 * The own ENC of an exchange that is under way, which nobody else may show (step 11).
 * Borrowed; empty before the first message and when the exchange is over.
 */
chunk_t coi_session_own_enc(const coi_session_t *session);

/** Whether a Sess0's matching tag is one of those that made this responder. */
bool coi_session_made_by(const coi_session_t *session,
						 const uint8_t tag[COI_TAG_LEN]);

coi_state_t coi_session_state(const coi_session_t *session);

/** Whether the peer proved that it has the keys (always TRUE for a responder
 * in OPEN). */
bool coi_session_confirmed(const coi_session_t *session);

/** Whether a responder's initiator has shown, with a valid Sess2, that Sess1 reaches it:
 * before, any member may have sent the Sess0, with any address. */
bool coi_session_is_proved_by(const coi_session_t *session);

bool coi_session_is_initiator(const coi_session_t *session);

/** Session ids in host byte order; spi_r is 0 until known. */
uint64_t coi_session_spi_i(const coi_session_t *session);
uint64_t coi_session_spi_r(const coi_session_t *session);

const coi_suite_t *coi_session_suite(const coi_session_t *session);

/**
 * Communities in common, sorted by name; known from ALLOCATE on. Key material is
 * there from INSTALL_IN on until coi_session_wipe_in() and _out().
 */
const coi_shared_community_t *coi_session_common(const coi_session_t *session,
												 u_int *count);

/**
 * Find a community that the session carries.
 *
 * @return			one of coi_session_common() that is used, NULL if it is not
 *					there
 */
const coi_shared_community_t *coi_session_carries(const coi_session_t *session,
												  const char *name);

/**
 * Say what the hosts themselves stand for in tunnel mode, and compute the flows
 * of such communities anew. Until then networks have nothing in common with a
 * host itself. From INSTALL_IN on, as often as something new is known.
 *
 * @param here		addresses of this host, see coi_filter.h
 * @param there		addresses of the peer
 * @return			FALSE if out of memory
 */
bool coi_session_resolve(coi_session_t *session, const coi_itself_t *here,
						 const coi_itself_t *there)
						 __attribute__((warn_unused_result));

/** Wipe the inbound or outbound key material after it was installed. */
void coi_session_wipe_in(coi_session_t *session);
void coi_session_wipe_out(coi_session_t *session);

/**
 * Whether the peer asks who we are, which is to be known with an initiator's
 * ALLOCATED and a responder's IDENTIFIED.
 *
 * @param binder	what our proof is to be tied to, borrowed
 */
bool coi_session_asked(const coi_session_t *session, coi_binder_t *binder);

/**
 * The peer's proof, between IDENTIFY and IDENTIFIED.
 *
 * @param binder	what it has to be tied to, borrowed
 * @return			borrowed, NULL if there is none
 */
const coi_proof_t *coi_session_proof(const coi_session_t *session,
									 coi_binder_t *binder);

/**
 * What an initiator asks for, or a responder is asked for: known from its
 * PENDING_PROOF on, until it is OPEN.
 *
 * @return			borrowed, NULL if it is nothing
 */
const coi_wish_t *coi_session_wish(const coi_session_t *session);

/**
 * What was given: known to the initiator from IDENTIFY, to the responder from
 * INSTALL_IN on.
 *
 * @return			borrowed, without addresses if it is nothing
 */
const coi_grant_t *coi_session_grant(const coi_session_t *session);

/** Peer's identity (type 0: not told) and start time; known from INSTALL_IN. It
 * is the proved one if the profile demands a proof. */
uint8_t coi_session_peer_id(const coi_session_t *session, chunk_t *id);
uint64_t coi_session_peer_start(const coi_session_t *session);

/** Who uses this host, and the peer's, as they told each other. */
const coi_user_t *coi_session_own_user(const coi_session_t *session);
const coi_user_t *coi_session_peer_user(const coi_session_t *session);

/** What this host says of both ends' addresses. */
const coi_addresses_t *coi_session_own_addresses(const coi_session_t *session);

/** What the peer said of both ends' addresses; known from INSTALL_IN. */
const coi_addresses_t *coi_session_peer_addresses(const coi_session_t *session);

/** Who is behind a NAT; known from INSTALL_IN, nothing is found before. */
coi_nat_t coi_session_nat(const coi_session_t *session);

/** What the peer's last IDLE said; all 0 before the first. */
void coi_session_peer_idle(const coi_session_t *session, coi_idle_t *idle);

/**
 * Make an IDLE for the tunnel. State OPEN, confirmed, only. What it says, but for
 * its age, is said again where a repeated Sess2 asks for an IDLE.
 *
 * @param session	session
 * @param idle		what to say, copied
 * @param datagram	receives the datagram, to be freed; empty on failure
 * @return			COI_OK, COI_STATE, COI_INTERNAL
 */
coi_reason_t coi_session_idle(coi_session_t *session, const coi_idle_t *idle,
							  chunk_t *datagram)
							  __attribute__((warn_unused_result));

/** Octets that are kept for the session, for tests and metrics. */
size_t coi_session_size(const coi_session_t *session);

/** Wipe and free. */
void coi_session_destroy(coi_session_t *session);

#endif /** COI_SESSION_H_ */
