/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns how chains of iptables are written: chains of ours, in the tables of
 * both address families, what leads to them, and the rules that they are made
 * of. Rules of others stay as they are.
 */

#ifndef COI_IPTABLES_H_
#define COI_IPTABLES_H_

#include <daemon.h>

/** room for our longest rule */
#define COI_IPTABLES_RULE_LEN 1024

struct xtc_handle;

typedef struct coi_iptables_rule_t coi_iptables_rule_t;
typedef struct coi_iptables_place_t coi_iptables_place_t;
typedef struct coi_iptc_chain_t coi_iptc_chain_t;

/** A rule under construction: entry, matches, target. */
struct coi_iptables_rule_t {
	union {
		uint8_t buf[COI_IPTABLES_RULE_LEN];
		/** aligns the entry */
		uint64_t align;
	};
	size_t len;
};

/** A chain of ours and whence it is called, before all others' rules. */
struct coi_iptables_place_t {
	char *table;
	char *hook;
	/** its name */
	char *chain;
	/** fills it by coi_iptables_append() */
	bool (*fill)(void *data, coi_iptc_chain_t *chain);
	/** number of its rules, one at least, and the target of the last */
	u_int rules;
	char *last;
};

/** Whether this kernel has the tables of a list of places, in both families,
 * and we may change them: keeps CAP_NET_RAW for that. */
bool coi_iptables_has(const coi_iptables_place_t *places, u_int count);

/**
 * Put chains into the kernel in place of what is there under their names.
 *
 * @param what		what they are for, in errors
 * @return			FALSE if the kernel refused one (said, none is left then)
 */
bool coi_iptables_add(const coi_iptables_place_t *places, u_int count,
					  char *what,
					  void *data);

/** Take them out. */
void coi_iptables_remove(const coi_iptables_place_t *places, u_int count,
						 char *what);

/** Whether they are there and called before all others' rules. */
bool coi_iptables_check(const coi_iptables_place_t *places, u_int count);

/** Begin a rule of a chain. */
void coi_iptables_rule(coi_iptc_chain_t *chain, coi_iptables_rule_t *rule);

/**
 * Add a match to a rule.
 */
void coi_iptables_match(coi_iptables_rule_t *rule, char *name, uint8_t revision,
						const void *data, size_t len);

/**
 * Give a rule its target and append it to its chain.
 */
bool coi_iptables_append(coi_iptc_chain_t *chain, coi_iptables_rule_t *rule,
						 char *target, uint8_t revision, const void *data,
						 size_t len);

/** The same, for one that ends the chain for what it matches. */
bool coi_iptables_append_return(coi_iptc_chain_t *chain,
								coi_iptables_rule_t *rule);

/** Let a rule match one protocol alone. */
void coi_iptables_proto(coi_iptc_chain_t *chain, coi_iptables_rule_t *rule,
						uint8_t proto);

/** Let a rule match what comes from other interfaces than one. */
void coi_iptables_not_from(coi_iptc_chain_t *chain, coi_iptables_rule_t *rule,
						   char *interface);

#endif /** COI_IPTABLES_H_ */
