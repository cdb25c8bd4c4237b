/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the knowledge of who began: rules by which netfilter marks each packet
 * out of a tunnel that belongs to a connection which is established, or that is
 * an error about one. A policy that has this bit in its mark lets in answers,
 * but nobody begin.
 *
 * The rules are the same whatever peers there are; a table of nftables or
 * chains of iptables of their own, beside those of coi_queue_rules.h. They come
 * with the first policy that needs them: who filters nothing has no connections
 * tracked. While they are missing no packet has the bit, and no answer comes
 * in.
 */

#ifndef COI_TRACKER_H_
#define COI_TRACKER_H_

#include "config/coi_options.h"

/** name of our table, and what those of our chains begin with */
#define COI_TRACKER_NAME "coi_state"

typedef struct coi_tracker_t coi_tracker_t;
typedef struct coi_tracker_rules_t coi_tracker_rules_t;
typedef struct coi_tracker_rule_config_t coi_tracker_rule_config_t;
typedef enum coi_tracker_method_t coi_tracker_method_t;

/** How it is known who began. */
enum coi_tracker_method_t {
	/** nobody has asked yet */
	COI_TRACKING_UNUSED,
	/** the kernel tracks connections */
	COI_TRACKING_CONNECTIONS,
	/** by the flags of TCP; of what is no TCP nothing is an answer */
	COI_TRACKING_FLAGS,
	/** not at all: there is no netfilter, and nothing is an answer */
	COI_TRACKING_NONE,
};

extern enum_name_t *coi_tracker_method_names;

/** What the rules say. */
struct coi_tracker_rule_config_t {
	/** the bit */
	uint32_t mark;
	/** FALSE for flags of TCP */
	bool connections;
	/** the kernel knows ports of SCTP; else that has no answers */
	bool sctp;
};

/** The rules in a kernel of one kind. */
struct coi_tracker_rules_t {

	/**
	 * Put the rules into the kernel in place of what is there under our name.
	 *
	 * @return			FALSE if the kernel refused (said)
	 */
	bool (*add)(coi_tracker_rules_t *this,
				const coi_tracker_rule_config_t *config);

	/** Whether the rules are where they should be, as added last. */
	bool (*check)(coi_tracker_rules_t *this);

	/** Take everything out of the kernel that has our name. */
	void (*remove)(coi_tracker_rules_t *this);

	/** Forget them; what is in the kernel stays. */
	void (*destroy)(coi_tracker_rules_t *this);
};

/** Thread-safe but for destroy(). */
struct coi_tracker_t {

	/** The bit of the mark that what belongs to a connection has. */
	uint32_t (*get_mark)(coi_tracker_t *this);

	/**
	 * See to it that the rules are in the kernel, from now on. Returns when
	 * they are.
	 */
	void (*need)(coi_tracker_t *this);

	/** How it is known now who began. */
	coi_tracker_method_t (*get_tracking)(coi_tracker_t *this);

	/** Remove the rules. */
	void (*destroy)(coi_tracker_t *this);
};

/**
 * @param options	borrowed
 */
coi_tracker_t *coi_tracker_create(const coi_options_t *options);

/**
 * For kernels with nftables, see coi_queue_rules.h.
 *
 * @return			NULL if this kernel has not, or we are built without it
 */
coi_tracker_rules_t *coi_tracker_nft_create();

/**
 * For kernels with ip_tables. Wants CAP_NET_RAW, too.
 *
 * @return			NULL if this kernel has not
 */
coi_tracker_rules_t *coi_tracker_legacy_create();

#endif /** COI_TRACKER_H_ */
