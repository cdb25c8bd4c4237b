/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the table of sessions: ids, lookup, checkout and checkin, half-open
 * counts. One thread has a session at a time.
 */

#ifndef COI_SESSION_TABLE_H_
#define COI_SESSION_TABLE_H_

#include "coi_session_entry.h"
#include "coi_opening_result.h"
#include "coi_checkout.h"

typedef struct coi_session_table_t coi_session_table_t;

/**
 * Called with the table locked: must be short and take no other lock.
 */
typedef void (*coi_session_table_cb_t)(void *data,
									   const coi_session_entry_t *entry);

struct coi_session_table_t {

	/**
	 * Add an initiator's session, unless one with that peer is being opened or
	 * (without force) is open already.
	 *
	 * @param entry		adopted on success, checked out
	 * @param force		TRUE to add beside an open one (rekey)
	 * @param wait		receives the ms after which it begins, see start()
	 * @return			0 on success, else the id of the session in the way
	 */
	uintptr_t (*add_initiator)(coi_session_table_t *this,
							   coi_session_entry_t *entry,
							   bool force, u_int *wait);

	/** Note that a checked out initiator's session begins now, and not when it
	 * was added. */
	void (*start)(coi_session_table_t *this, coi_session_entry_t *entry);

	/**
	 * Add a responder's session, checked out, after its token verified.
	 *
	 * It is refused if it crosses an own opening that is not confirmed and has
	 * a lower id.
	 *
	 * @param entry		adopted on COI_OK
	 * @param sess0		the datagram
	 * @param excess	receives the id of the half-open session to drop for it,
	 *					or 0
	 * @return			COI_OK, COI_CROSSED, COI_OWN_TOKEN, COI_REPLAY if a
	 *					session with this id exists
	 */
	coi_reason_t (*add_responder)(coi_session_table_t *this,
								  coi_session_entry_t *entry,
								  chunk_t sess0, uintptr_t *excess);

	/**
	 * Find the session of a datagram of type Sess1 to TERM and verify that its
	 * peer has made it: steps 2 to 6 of PROTOCOL.md section 14.2. Whoever has
	 * the session is not waited for.
	 *
	 * @param src		where it came from
	 * @param id		receives the session's id on COI_OK
	 */
	coi_reason_t (*recognise)(coi_session_table_t *this, coi_event_type_t type,
							  host_t *src, const coi_header_t *header,
							  chunk_t datagram, uintptr_t *id);

	/**
	 * Check out a session for a work, or let the work wait; see
	 * coi_checkout_turn_t.
	 *
	 * @param work		adopted on COI_CHECKOUT_LATER
	 * @param entry		receives the entry on COI_CHECKOUT_NOW
	 */
	coi_checkout_turn_t (*take)(coi_session_table_t *this, uintptr_t id,
					   coi_work_t *work,
					   coi_session_entry_t **entry);

	/**
	 * Note how the datagrams of a checked out session's peer, and the own ENC,
	 * are known from now on.
	 *
	 * @param idle		where IDLEs come from, adopted
	 * @return			TRUE if the peer of a responder is proved to be where it
	 *					seems to be, and was not before
	 */
	bool (*show)(coi_session_table_t *this, coi_session_entry_t *entry,
				 host_t *idle);

	/**
	 * Check out a session, waiting for whoever has it. Nothing that a datagram
	 * causes may do so.
	 *
	 * @return			entry, NULL if it is gone
	 */
	coi_session_entry_t *(*checkout)(coi_session_table_t *this, uintptr_t id);

	/**
	 * Check out a session, or ask that it be closed, without waiting for who
	 * has it.
	 *
	 * @param why		remembered if the session is busy: checkin() tells it; 0
	 *					to ask for nothing
	 * @return			checked out entry, NULL if busy or gone
	 */
	coi_session_entry_t *(*try_checkout)(coi_session_table_t *this,
										 uintptr_t id,
										 coi_term_t why);

	/** Note what has become of a session, see coi_session_flag_t. */
	void (*set_flag)(coi_session_table_t *this, uintptr_t id,
				 coi_session_flag_t flag);

	bool (*has_flag)(coi_session_table_t *this, uintptr_t id,
					  coi_session_flag_t flag);

	/**
	 * Give a session back.
	 *
	 * @param next		receives the work whose turn it is (the session is still
	 *					checked out, for that), or NULL
	 * @return			reason to close it for, asked for meanwhile (the caller
	 *					still has it then), or 0
	 */
	coi_term_t (*checkin)(coi_session_table_t *this, coi_session_entry_t *entry,
						  coi_work_t **next);

	/**
	 * Take a checked out session out of the table; the caller owns it. Works
	 * that wait for it are abandoned.
	 */
	void (*remove)(coi_session_table_t *this, coi_session_entry_t *entry);

	/**
	 * Give a checked out initiator's entry another session, with another id.
	 *
	 * @param session	adopted; the old one is destroyed
	 */
	void (*restart)(coi_session_table_t *this, coi_session_entry_t *entry,
					coi_session_t *session);

	/** Put new shares in place of the old ones (adopted, old ones freed). */
	void (*set_shares)(coi_session_table_t *this, coi_session_entry_t *entry,
					   array_t *shares);

	/** Note what the peer said of both addresses. */
	void (*set_peer)(coi_session_table_t *this, coi_session_entry_t *entry,
					 const coi_addresses_t *said);

	/** Give a checked out entry's peer another address or port, cloned. */
	void (*relocate)(coi_session_table_t *this, coi_session_entry_t *entry,
					 host_t *other);

	/** Find the responder's session that a Sess0 with this id made. */
	uintptr_t (*find_responder)(coi_session_table_t *this, host_t *src,
								uint64_t spi_i);

	/** Find a session with a pair of hosts, an established one if there is;
	 * none that is a mere claim, see coi_peer_match_is_genuine(). */
	uintptr_t (*find_pair)(coi_session_table_t *this, host_t *me,
						   host_t *other);

	/** Call back for all sessions with a pair of hosts, ports ignored; me may
	 * be NULL for any own address. */
	void (*for_pair)(coi_session_table_t *this, host_t *me, host_t *other,
					 coi_session_table_cb_t cb, void *data);

	/** Call back for all sessions whose peer says that this is its own address,
	 * its port ignored. */
	void (*for_own)(coi_session_table_t *this, const coi_address_t *own,
					coi_session_table_cb_t cb, void *data);

	/** Call back for all sessions. */
	void (*for_all)(coi_session_table_t *this, coi_session_table_cb_t cb,
					void *data);

	/**
	 * Wait until a session is open or has failed. Can be cancelled.
	 *
	 * @param timeout	ms, 0 to wait as long as it takes
	 */
	coi_opening_end_t (*wait)(coi_session_table_t *this, uintptr_t id,
							  u_int timeout);

	void (*destroy)(coi_session_table_t *this);
};

/**
 * @param half_open	half-open sessions in all
 * @param source	and of one source address
 */
coi_session_table_t *coi_session_table_create(u_int half_open, u_int source);

#endif /** COI_SESSION_TABLE_H_ */
