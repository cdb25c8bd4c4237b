/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the news: what has happened to sessions, keys and connections, the last
 * of it in order, for who watches and for the audit log. No secret is in it.
 *
 * Who reads is never waited for: what is not read before it is replaced is
 * lost to the reader, who learns how much that was.
 */

#ifndef COI_NEWS_H_
#define COI_NEWS_H_

#include <library.h>
#include <networking/host.h>

/** News that are kept. */
#define COI_NEWS_KEPT 1024

typedef struct coi_news_t coi_news_t;
typedef struct coi_news_item_t coi_news_item_t;
typedef enum coi_news_type_t coi_news_type_t;
typedef enum coi_news_key_t coi_news_key_t;

/** What has happened; docs/CONTROL.md describes each. */
enum coi_news_type_t {
	COI_NEWS_OPENED,
	COI_NEWS_CLOSED,
	COI_NEWS_FAILED,
	COI_NEWS_LEFT,
	COI_NEWS_KEY_ADDED,
	COI_NEWS_KEY_REMOVED,
	COI_NEWS_DISABLED,
	COI_NEWS_ENABLED,
	COI_NEWS_CONNECTION_REFUSED,
	/** audit log only: some were not written */
	COI_NEWS_LOST,
	COI_NEWS_TYPES,
};

/** What is said of it. */
enum coi_news_key_t {
	COI_NEWS_PEER,
	COI_NEWS_ME,
	COI_NEWS_CONNECTION,
	COI_NEWS_SPI_I,
	COI_NEWS_SPI_R,
	COI_NEWS_ROLE,
	COI_NEWS_IDENTITY,
	COI_NEWS_COMMUNITIES,
	COI_NEWS_COMMUNITY,
	COI_NEWS_GENERATION,
	COI_NEWS_FINGERPRINT,
	COI_NEWS_BY,
	COI_NEWS_REASON,
	COI_NEWS_TEXT,
	COI_NEWS_AGE,
	COI_NEWS_KEYS,
};

/** Names as they stand in messages: "key-added", "spi-i". */
extern enum_name_t *coi_news_type_names;
extern enum_name_t *coi_news_key_names;

/** One of the news. */
struct coi_news_item_t {
	/** counts from 1 */
	uint64_t number;
	/** ms since 1970 */
	uint64_t time;
	coi_news_type_t type;
	/** NULL where there is nothing to say */
	char *values[COI_NEWS_KEYS];
};

/** Called for each, without a lock. */
typedef void (*coi_news_cb_t)(void *data, const coi_news_item_t *item);

/** Begin one of the news. */
coi_news_item_t *coi_news_begin(coi_news_type_t type);

/** Say something of it. */
void coi_news_set(coi_news_item_t *item, coi_news_key_t key, char *fmt, ...);

/** Free one of the news that was not added; may be NULL. */
void coi_news_item_destroy(coi_news_item_t *item);

/** Thread-safe. */
struct coi_news_t {

	/** Add to the news; never waits for a reader. Adopted. */
	void (*add)(coi_news_t *this, coi_news_item_t *item);

	/**
	 * Read what came after one of the news.
	 *
	 * @param after		number of the last one that was read
	 * @param wait		ms to wait if there are none; others may wait already,
	 *					then it does not
	 * @param max		how many at most
	 * @param lost		receives how many were replaced before they were read
	 * @return			number of the last one read, to go on with
	 */
	uint64_t (*read)(coi_news_t *this, uint64_t after, u_int wait, u_int max,
					 uint64_t *lost, coi_news_cb_t cb, void *data);

	/**
	 * Find the last end of a session with a peer, or of its opening.
	 *
	 * @return			copy, NULL if none is remembered
	 */
	coi_news_item_t *(*find_end)(coi_news_t *this, host_t *peer);

	/** Number of the last one. */
	uint64_t (*get_last)(coi_news_t *this);

	/**
	 * Have something called each time there are news, by who adds them, without
	 * a lock; must not wait for anything.
	 */
	void (*set_listener)(coi_news_t *this, void (*cb)(void *data), void *data);

	/** Let nobody wait any more. */
	void (*stop)(coi_news_t *this);

	void (*destroy)(coi_news_t *this);
};

coi_news_t *coi_news_create();

#endif /** COI_NEWS_H_ */
