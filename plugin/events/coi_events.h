/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the events: what has happened to sessions, keys and connections, the
 * last of it in order, for whoever watches and for the audit log. No secret is
 * in it.
 *
 * Whoever reads is never waited for: what is not read before it is replaced is
 * lost to the reader, who learns how much that was.
 */

#ifndef COI_EVENTS_H_
#define COI_EVENTS_H_

#include <library.h>
#include <networking/host.h>

/** Events that are kept. */
#define COI_EVENTS_KEPT 1024

typedef struct coi_events_t coi_events_t;
typedef struct coi_events_item_t coi_events_item_t;
typedef enum coi_events_type_t coi_events_type_t;
typedef enum coi_events_key_t coi_events_key_t;

/** What has happened; docs/CONTROL.md describes each. */
enum coi_events_type_t {
	COI_EVENTS_OPENED,
	COI_EVENTS_CLOSED,
	COI_EVENTS_FAILED,
	COI_EVENTS_LEFT,
	COI_EVENTS_KEY_ADDED,
	COI_EVENTS_KEY_REMOVED,
	COI_EVENTS_DISABLED,
	COI_EVENTS_ENABLED,
	COI_EVENTS_CONNECTION_REFUSED,
	/** audit log only: some were not written */
	COI_EVENTS_LOST,
	COI_EVENTS_TYPES,
};

/** What is said of it. */
enum coi_events_key_t {
	COI_EVENTS_PEER,
	COI_EVENTS_ME,
	COI_EVENTS_CONNECTION,
	COI_EVENTS_SPI_I,
	COI_EVENTS_SPI_R,
	COI_EVENTS_ROLE,
	COI_EVENTS_IDENTITY,
	COI_EVENTS_COMMUNITIES,
	COI_EVENTS_COMMUNITY,
	COI_EVENTS_GENERATION,
	COI_EVENTS_FINGERPRINT,
	COI_EVENTS_BY,
	COI_EVENTS_REASON,
	COI_EVENTS_TEXT,
	COI_EVENTS_AGE,
	COI_EVENTS_KEYS,
};

/** Names as they stand in messages: "key-added", "spi-i". */
extern enum_name_t *coi_events_type_names;
extern enum_name_t *coi_events_key_names;

/** An event. */
struct coi_events_item_t {
	/** counts from 1 */
	uint64_t number;
	/** ms since 1970 */
	uint64_t time;
	coi_events_type_t type;
	/** NULL where there is nothing to say */
	char *values[COI_EVENTS_KEYS];
};

/** Called for each, without a lock. */
typedef void (*coi_events_cb_t)(void *data, const coi_events_item_t *item);

/** Begin an event: now, of a type. */
coi_events_item_t *coi_events_begin(coi_events_type_t type);

/** Say something of it. */
void coi_events_set(coi_events_item_t *item, coi_events_key_t key, char *fmt,
					...);

/** Free an event that was not added; may be NULL. */
void coi_events_item_destroy(coi_events_item_t *item);

/** Thread-safe. */
struct coi_events_t {

	/** Add an event; never waits for a reader. Adopted. */
	void (*add)(coi_events_t *this, coi_events_item_t *item);

	/**
	 * Read what came after an event.
	 *
	 * @param after		number of the last one that was read
	 * @param wait		ms to wait if there are none; others may wait already,
	 *					then it does not
	 * @param max		how many at most
	 * @param lost		receives how many were replaced before they were read
	 * @return			number of the last one read, to go on with
	 */
	uint64_t (*read)(coi_events_t *this, uint64_t after, u_int wait, u_int max,
					 uint64_t *lost, coi_events_cb_t cb, void *data);

	/**
	 * Find the last end of a session with a peer, or of its opening.
	 *
	 * @return			copy, NULL if none is remembered
	 */
	coi_events_item_t *(*find_end)(coi_events_t *this, host_t *peer);

	/** Number of the last one. */
	uint64_t (*get_last)(coi_events_t *this);

	/**
	 * Have something called for each event, by whoever adds it, without a lock;
	 * must not wait for anything.
	 */
	void (*set_listener)(coi_events_t *this, void (*cb)(void *data),
						 void *data);

	/** Let nobody wait any more. */
	void (*stop)(coi_events_t *this);

	void (*destroy)(coi_events_t *this);
};

coi_events_t *coi_events_create();

#endif /** COI_EVENTS_H_ */
