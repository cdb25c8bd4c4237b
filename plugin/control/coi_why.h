/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the answer to what happens to a packet and why: the decisions that it
 * meets on its way, taken from the same tables as the policies are.
 */

#ifndef COI_WHY_H_
#define COI_WHY_H_

#include "config/coi_config.h"
#include "config/coi_service_text.h"
#include "engine/coi_engine.h"
#include "events/coi_events.h"
#include "events/coi_obstacles.h"
#include "events/coi_refusals.h"
#include "hold/coi_hold.h"
#include "keys/coi_admin_state.h"
#include "keys/coi_keyring.h"
#include "policy/coi_fallback_block.h"
#include "policy/coi_kernel_watch.h"
#include "policy/coi_negative_cache.h"
#include "policy/coi_pair_policy.h"
#include "session/coi_encap_peers.h"
#include "session/coi_session_table.h"

typedef struct coi_why_t coi_why_t;
typedef struct coi_why_tables_t coi_why_tables_t;
typedef enum coi_why_verdict_t coi_why_verdict_t;

/** Space for a sentence, and for the full name of a setting. */
#define COI_WHY_TEXT 640
#define COI_WHY_SETTING 256

/** What happens to a packet. */
enum coi_why_verdict_t {
	/** goes through a tunnel that is open */
	COI_VERDICT_TUNNEL,
	/** asks for a tunnel, or needs one that the peer asks for */
	COI_VERDICT_OPENS,
	/** waits for one that is being opened */
	COI_VERDICT_WAITS,
	/** is no business of ours: clear text, or another connection's */
	COI_VERDICT_CLEAR,
	/** goes nowhere */
	COI_VERDICT_BLOCKED,
};

extern enum_name_t *coi_why_verdict_names;

/** Tables that decide, which are read and not changed; borrowed. */
struct coi_why_tables_t {
	/** settings that are told of */
	const coi_options_t *options;
	/** connections, of which one may cover the peer */
	coi_config_t *config;
	/** connections with a mistake: whether they are blocked */
	coi_fallback_block_t *fallback_block;
	/** whether there is a key for a community */
	coi_keyring_t *keyring;
	/** whether an administrator has disabled it */
	coi_admin_state_t *admin_state;
	/** what keeps COI closed */
	coi_obstacles_t *obstacles;
	/** whether packets open anything, and how connections are tracked */
	coi_pair_policy_t *pair_policy;
	/** sessions with the peer, and the look at one */
	coi_session_table_t *sessions;
	coi_engine_t *engine;
	/** packets that wait for one */
	coi_hold_t *hold;
	/** peers that did not answer */
	coi_negative_cache_t *negative_cache;
	/** peers that ESP reaches in UDP only */
	coi_encap_peers_t *encap_peers;
	/** how the last session with the peer ended */
	coi_events_t *events;
	/** why the peer's own openings are refused */
	coi_refusals_t *refusals;
	/** whether the kernel has what it should */
	coi_kernel_watch_t *kernel_watch;
};

struct coi_why_t {
	/* what is asked */
	/** peer's address, borrowed */
	host_t *other;
	coi_service_query_t asked;
	/** TRUE for packets from the peer */
	bool inbound;

	/* what is answered */
	coi_why_verdict_t verdict;
	/** what decided, in a word that docs/CONTROL.md lists */
	const char *decision;
	/** one sentence */
	char text[COI_WHY_TEXT];
	/** setting in swanctl.conf that decided, empty if none did */
	char setting[COI_WHY_SETTING];
	/** connection and community, empty if none */
	char connection[COI_WHY_SETTING];
	char community[COI_MAX_NAME + 1];
	/** SAs that carry it, network order, 0 if none do */
	uint32_t spi_in;
	uint32_t spi_out;
	/** packets that wait */
	u_int held;
};

/** Find out. */
void coi_why(const coi_why_tables_t *tables, coi_why_t *why);

/**
 * Whether nothing has come through a session's tunnel since it opened, though
 * something should have; the kernel is asked.
 *
 * @param entry		checked out
 */
bool coi_why_is_unheard(const coi_session_entry_t *entry);

#endif /** COI_WHY_H_ */
