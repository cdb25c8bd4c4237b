/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the rules by which netfilter puts into a queue what is on its way to the
 * hold SA (see coi_hold_sa.h), and leads past it what this host forwards, in a
 * table of nftables or chains of iptables of their own, named "coi". Rules of
 * others stay as they are.
 *
 * What is forwarded cannot be held. It gets our mark, so that if NAT gives it
 * an address of this host it does not get into the hold SA then, but asks for a
 * tunnel.
 *
 * What a policy of ours has led, into an SA or the hold SA, gets another bit
 * when it is about to leave. NAT may give it a source after that for which
 * there is no policy; one that is for that bit alone drops it then (see
 * coi_bypass.h).
 *
 * The rules are the same whatever connections there are; the hold SA's policies
 * tell what they get to see.
 */

#ifndef COI_QUEUE_RULES_H_
#define COI_QUEUE_RULES_H_

#include "config/coi_options.h"

/** name of our table or chain */
#define COI_QUEUE_RULES_NAME "coi"

/** name of the table that stays when charon is killed: what it has led into an
 * SA is still led then */
#define COI_QUEUE_RULES_KEPT "coi_kept"

typedef struct coi_queue_rules_t coi_queue_rules_t;
typedef struct coi_queue_rules_config_t coi_queue_rules_config_t;

/** What the rules say. */
struct coi_queue_rules_config_t {
	/** whose SA a packet has that belongs into the queue */
	uint32_t reqid;
	/** bits of the mark which such a packet has not, and what is forwarded
	 * gets */
	uint32_t mark;
	/** bits that what has an SA of ours gets, others */
	uint32_t led;
	/** number of the queue */
	uint16_t queue;
};

struct coi_queue_rules_t {

	/**
	 * Put the rule into the kernel in place of what is there under our name.
	 *
	 * @return			FALSE if the kernel refused (said)
	 */
	bool (*add)(coi_queue_rules_t *this);

	/** Whether the rule is where it should be. */
	bool (*check)(coi_queue_rules_t *this);

	/** Take everything out of the kernel that has our name. */
	void (*remove)(coi_queue_rules_t *this);

	/** Forget it; what is in the kernel stays. */
	void (*destroy)(coi_queue_rules_t *this);
};

/**
 * What this kernel has, nftables before ip_tables.
 *
 * @param backend	the only one to try, or COI_BACKEND_AUTO
 * @return			NULL if it has none
 */
coi_queue_rules_t *coi_queue_rules_create(
									const coi_queue_rules_config_t *config,
									coi_options_backend_t backend);

/**
 * For kernels with nftables, which own tables: Linux 5.12 and newer. Others
 * can then not change the rule, and it goes when this process does.
 *
 * @return			NULL if this kernel has not, or we are built without it
 */
coi_queue_rules_t *coi_queue_rules_nft_create(
									const coi_queue_rules_config_t *config);

/**
 * For kernels with ip_tables' raw table. Wants CAP_NET_RAW, too.
 *
 * @return			NULL if this kernel has not
 */
coi_queue_rules_t *coi_queue_rules_legacy_create(
									const coi_queue_rules_config_t *config);

#endif /** COI_QUEUE_RULES_H_ */
