/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns what belongs to a session beside its state machine: the hosts, the
 * connection it came from, its tunnel and its share in the policies.
 */

#ifndef COI_SESSION_ENTRY_H_
#define COI_SESSION_ENTRY_H_

#include "coi_open_budget.h"
#include "config/coi_connection.h"
#include "coi_session_joins.h"
#include "coi_share.h"
#include "net/coi_sendmsg.h"
#include "sa/coi_tunnel.h"
#include "core/coi_session.h"

#include <collections/array.h>

typedef struct coi_session_entry_t coi_session_entry_t;
typedef enum coi_session_flag_t coi_session_flag_t;

/** What has become of a session. */
enum coi_session_flag_t {
	/** open at both ends; wakes whoever waits for it */
	COI_SESSION_ESTABLISHED = 2,
	/** charon has destroyed the IKE_SA */
	COI_SESSION_GONE = 4,
	/** a newer session has taken its place, it only stays for a while */
	COI_SESSION_SUPERSEDED = 8,
	/** charon is about to destroy the IKE_SA: traffic opens another session */
	COI_SESSION_ENDING = 16,
};

/**
 * A session and what belongs to it. The holder of the checkout may use
 * everything; whoever does not hold it may read what is marked fixed.
 */
struct coi_session_entry_t {
	/** fixed: name of this entry, never used again */
	uintptr_t id;
	/** its place among all by when their sessions began, an initiator's with
	 * each attempt anew; written with the table's lock */
	uintptr_t order;
	/** the session's own word: written with the table's lock, see show() */
	bool confirmed;
	/** a responder's initiator has answered: it is where it seems to be;
	 * likewise */
	bool proved;
	/** fixed */
	host_t *me;
	/** where the peer sends from; changed by relocate() of the table, with its
	 * lock and the checkout */
	host_t *other;
	/** the peer's own address, as it announced it, zero before; written with
	 * the table's lock, see set_peer() */
	coi_address_t peer_own;
	/** how it sees this host, likewise */
	coi_address_t peer_seen;
	/** fixed */
	coi_connection_t *conn;
	bool initiator;
	coi_session_t *session;
	coi_tunnel_t *tunnel;
	/** another one is being opened from a better address */
	bool moving;
	/** the own address no longer leads to the peer: datagrams leave from
	 * another */
	bool source_gone;
	/** timer armed last; an older one does nothing */
	u_int timer;
	/** when it was established, monotonic ms; 0 before */
	uint64_t established;
	/** when the peer was last known to live, monotonic ms */
	uint64_t alive;
	/** packets in and out when that was last looked at, own IDLEs since
	 * included */
	uint64_t packets_in;
	uint64_t packets_out;
	/** what coi_keepalive.h knows: when to look at all again, monotonic ms, and
	 * whether something has been sent since */
	uint64_t next_look;
	bool busy;
	/** something has come through the tunnel */
	bool heard;
	/** what coi_liveness.h knows: since when the peer is doubted, monotonic ms,
	 * whether it left traffic unanswered, how often it was asked, 0 if it is
	 * not, and how long this host has slept */
	uint64_t doubted;
	bool missed;
	u_int probes;
	u_int slept;
	/** when it was begun, and when the peer answered, monotonic ms */
	uint64_t begun;
	uint64_t answered;
	/** when the mapping of a NAT before this host was refreshed, monotonic ms,
	 * and packets out when that was last looked at */
	uint64_t mapped;
	uint64_t mapped_packets;
	/** openings left to try if the peer does not answer; 0: for ever */
	u_int tries;
	/** openings that were not answered */
	int unanswered;
	/** outbound SAs are installed */
	bool has_out;
	/** why the session ends, told with its end; see coi_session_log.h */
	struct {
		coi_term_t why;
		bool by_peer;
		char text[COI_MAX_TERM_TEXT + 1];
	} ending;
	/** communities that the session goes without */
	coi_session_joins_t *joins;
	/** looks of the keepalive since communities ended alone from this side, 0
	 * if none did, and why they did */
	u_int dropped_since;
	coi_term_t why;
	/** reqid of the policy that asked for this session */
	uint32_t acquire_reqid;
	/** who has caused it, and where that is counted, NULL if it is not (any
	 * more), see coi_session_entry_uncount() */
	coi_origin_t origin;
	coi_open_budget_t *budget;
	/** shares in policies, coi_share_t, may be NULL; written with the table's
	 * lock, see set_shares() */
	array_t *shares;
};

/**
 * Create an entry.
 *
 * @param conn		reference adopted
 * @param me		adopted
 * @param other		adopted
 * @param session	adopted
 * @param joins		adopted
 */
coi_session_entry_t *coi_session_entry_create(coi_connection_t *conn,
											  host_t *me,
											  host_t *other, bool initiator,
											  coi_session_t *session,
											  coi_session_joins_t *joins);

/** Who the peer says it is, to be destroyed, NULL if it does not say. */
identification_t *coi_session_entry_peer_id(const coi_session_entry_t *entry);

/**
 * The community whose SA carries the IDLEs, NULL if there is none; the entry is
 * checked out.
 */
const coi_child_t *coi_session_entry_idle_child(
											const coi_session_entry_t *entry);

/** Whether all communities have unique marks, which tell apart the peers behind
 * one address. */
bool coi_session_entry_is_marked(const coi_session_entry_t *entry);

/** Whether IDLEs go through a tunnel; the entry is checked out. */
bool coi_session_entry_is_tunnel(const coi_session_entry_t *entry);

/**
 * Where IDLEs go to and come from: inside a tunnel there is no NAT, and a peer
 * that was given a virtual address has that. The entry is checked out.
 *
 * @return			to be destroyed
 */
host_t *coi_session_entry_idle_host(const coi_session_entry_t *entry);

/**
 * Where IDLEs leave from, likewise.
 *
 * @return			to be destroyed; NULL for the address of the session
 */
host_t *coi_session_entry_idle_source(const coi_session_entry_t *entry);

/**
 * Compute what the hosts themselves stand for in the flows of a session in
 * tunnel mode (PROTOCOL.md section 11), with what is known of them: before SAs
 * are installed, and again when something changes. The entry is checked out.
 *
 * @return			FALSE if out of memory
 */
bool coi_session_entry_resolve(coi_session_entry_t *entry);

/** What makes an IDLE take that SA. */
coi_sendmsg_t coi_session_entry_idle_via(const coi_session_entry_t *entry);

/** Note that an IDLE has gone through the tunnel; the entry is checked out. */
void coi_session_entry_note_idle(coi_session_entry_t *entry, bool inbound);

/** The session is no longer counted as one that this host is opening. */
void coi_session_entry_uncount(coi_session_entry_t *entry);

/** Free an entry that is in no table. */
void coi_session_entry_destroy(coi_session_entry_t *entry);

#endif /** COI_SESSION_ENTRY_H_ */
