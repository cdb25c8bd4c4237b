/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns what the parts of coi_why.h share: what is known while an answer is
 * found.
 */

#ifndef COI_WHY_PRIVATE_H_
#define COI_WHY_PRIVATE_H_

#include "coi_why.h"

typedef struct coi_why_walk_t coi_why_walk_t;

struct coi_why_walk_t {
	const coi_why_tables_t *tables;
	coi_why_t *why;
	/** connection that covers the peer, and own address, NULL if none leads
	 * there */
	coi_connection_t *conn;
	host_t *me;
	/** the peer, if whoever is asked about is behind one; NULL if none has called */
	host_t *gateway;
};

/** Set what the answer is. */
void coi_why_say(coi_why_t *why, coi_why_verdict_t verdict, const char *decision,
				 char *fmt, ...);

/** Append to its sentence. */
void coi_why_add(coi_why_t *why, char *fmt, ...);

/** Set the setting that decided: of a child, its key or NULL. */
void coi_why_child(coi_why_t *why, const coi_connection_t *conn,
				   const char *child, const char *key);

/** With an open session: data is the walk. A coi_session_table_cb_t. */
void coi_why_session(void *data, const coi_session_entry_t *entry);

/**
 * A child with mode = pass or drop decides.
 *
 * @param me		own address, or that of the many that this host is one of; or
 *					NULL
 * @param other		of the other end, NULL if anybody may be that
 * @param above		TRUE for those above our policies, FALSE for those below
 */
bool coi_why_shunt(coi_why_t *why, host_t *me, host_t *other, bool above);

/** Nothing of ours covers the address. */
void coi_why_uncovered(coi_fallback_block_t *fallback_block, coi_why_t *why);

/** Say that nothing has come through a tunnel, see coi_why_is_unheard(). */
void coi_why_unheard(coi_why_t *why, const coi_session_entry_t *entry,
					 const coi_child_t *child);

/** Add that ESP goes in UDP with a peer, if it does by itself. */
void coi_why_detour(coi_why_walk_t *walk, host_t *peer);

/** Say that it was ESP that did not get through when a peer was asked last, which is
 * refused. FALSE if it was not. */
bool coi_why_no_esp(coi_why_walk_t *walk, u_int left);

/** An address of many hosts, or of one that only the link knows. */
void coi_why_many(coi_why_walk_t *walk);

/** Append which end may begin what goes through, and which only answers. */
void coi_why_begin(coi_why_walk_t *walk);

/** Append that answers pass, where nobody may begin but some do. */
void coi_why_answers(coi_why_walk_t *walk, const coi_session_entry_t *entry);

/** Without a session. */
void coi_why_closed(coi_why_walk_t *walk);

#endif /** COI_WHY_PRIVATE_H_ */
