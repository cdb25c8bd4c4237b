/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns two ends in one process, what lies between them and their clock:
 * sessions with their gates, a wire that tests decide about, and what would be
 * installed.
 */

#ifndef COI_PAIR_H_
#define COI_PAIR_H_

#include "coi_test.h"

#include "core/coi_gate.h"

typedef struct coi_end_t coi_end_t;
typedef struct coi_packet_t coi_packet_t;
typedef struct coi_pair_t coi_pair_t;
typedef enum coi_verdict_t coi_verdict_t;

/** A datagram between the ends. */
struct coi_packet_t {
	coi_packet_t *next;
	/** TRUE if it goes to the responder's end */
	bool to_r;
	/** through the tunnel */
	bool tunnel;
	chunk_t datagram;
	/** type of the datagram */
	coi_pdu_type_t type;
	/** how many of that type were sent in that direction before */
	u_int nth;
};

/** What a wire does to a packet. */
enum coi_verdict_t {
	COI_PASS,
	COI_DROP,
	/** deliver it twice */
	COI_DUPLICATE,
	/** deliver it after all that are under way */
	COI_LATE,
};

/** Decides about a packet, may change its octets (not its length). */
typedef coi_verdict_t (*coi_wire_t)(coi_pair_t *pair, coi_packet_t *packet,
									void *data);

/** One end: session, gate, and what its actions did. */
struct coi_end_t {
	coi_profile_t *profile;
	coi_keyset_t *keys;
	coi_gate_t *gate;
	/** own address, 16 octets */
	uint8_t addr[COI_ADDR_LEN];
	/** what it says of both ends' addresses */
	coi_addresses_t addresses;
	/** NULL before and after it lives */
	coi_session_t *session;
	/** when the timer fires, on the pair's clock; 0 if disarmed */
	uint64_t timer;
	/** next SPI to hand out, host order */
	uint32_t next_spi;
	/** communities whose allocation fails, by index in common */
	uint32_t no_spi;
	/** how often actions of each type came; INSTALL_BOTH counts as INSTALL_IN and
	 * _OUT, too */
	u_int count[COI_ACT_CLOSED + 1];
	/** key material as installed, clones by index in common */
	coi_shared_community_t in[COI_MAX_KEYS];
	coi_shared_community_t out[COI_MAX_KEYS];
	u_int in_count;
	u_int out_count;
	/** how it was closed, or what the peer said when it ended communities */
	coi_reason_t reason;
	coi_term_t term;
	char text[COI_MAX_TERM_TEXT + 1];
	/** refusals of what came in */
	u_int refused[COI_REASON_MAX];
	/** who it can prove to be, and who the peer has to be; NULL for nobody and
	 * anybody */
	const char *is;
	const char *wants;
	/** addresses that it asks for or gives, borrowed, NULL for none; whether it
	 * then ends the session */
	const coi_wish_t *wish;
	const coi_grant_t *grant;
	bool no_address;
	/** reason for the last datagram or event */
	coi_reason_t last;
};

/** Two ends, a wire and a clock. i begins in coi_pair_open(); whether both begin
 * is up to the test. */
struct coi_pair_t {
	coi_end_t i;
	coi_end_t r;
	/** packets under way, oldest first */
	coi_packet_t *wire;
	coi_wire_t decide;
	void *data;
	/** monotonic, ms; wall clocks are COI_TEST_WALL ahead */
	uint64_t now;
	coi_timing_t timing;
	/** by direction: TRUE is towards the responder */
	u_int sent[2][COI_PDU_MAX];
};

/**
 * Create two ends.
 *
 * @param keys_i	keys of the initiator, as for coi_test_keys()
 * @param keys_r	keys of the responder
 */
coi_pair_t *coi_pair_create(const char *keys_i, const char *keys_r);

/** Let the initiator create its session and send. */
void coi_pair_open(coi_pair_t *pair);

/** Deliver the oldest packet. FALSE if there is none. */
bool coi_pair_deliver(coi_pair_t *pair);

/** Deliver until nothing is under way. */
void coi_pair_run(coi_pair_t *pair);

/** Let time pass, timers fire and packets arrive. */
void coi_pair_pass(coi_pair_t *pair, u_int ms);

/** Open and run; TRUE if both ends are established with the same keys. */
bool coi_pair_establish(coi_pair_t *pair);

/** Whether both ends are established and what each sends with is what the other
 * one receives with. */
bool coi_pair_agrees(coi_pair_t *pair);

/** How many communities an end has SAs of. */
u_int coi_pair_used(const coi_end_t *end);

/** How much an end has refused, for whatever reason. */
u_int coi_pair_refused(const coi_end_t *end);

/** Whether nothing was refused anywhere. */
bool coi_pair_clean(const coi_pair_t *pair);

/** Segments that 96 places take, without SessionInfo. */
u_int coi_pair_full_segments();

/** Put a datagram on the wire by hand, cloned. */
void coi_pair_inject(coi_pair_t *pair, bool to_r, bool tunnel,
					 chunk_t datagram);

/** Give an event to an end's session and carry out what it says. The session is
 * destroyed if that closes it. */
coi_reason_t coi_pair_event(coi_pair_t *pair, coi_end_t *end,
							const coi_event_t *event);

/** Close an end's session, telling the peer. */
void coi_pair_close(coi_pair_t *pair, coi_end_t *end, coi_term_t term,
					const char *text);

/** End some of an end's communities, telling the peer. */
coi_reason_t coi_pair_drop(coi_pair_t *pair, coi_end_t *end,
						   const uint16_t *indexes, u_int count,
						   coi_term_t term, const char *text);

void coi_pair_destroy(coi_pair_t *pair);

#endif /** COI_PAIR_H_ */
