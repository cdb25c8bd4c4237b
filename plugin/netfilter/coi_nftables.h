/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns how tables of nftables are written: a table of ours, in transactions,
 * and the parts that its rules are made of.
 *
 * A table is its socket's: others cannot change it, not even by flush ruleset,
 * and it goes when the socket does. One that stays when we are killed anybody
 * can change: the kernel has no other kind.
 */

#ifndef COI_NFTABLES_H_
#define COI_NFTABLES_H_

#include <daemon.h>

#include <libmnl/libmnl.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

typedef struct coi_nftables_t coi_nftables_t;

/** A table, of both address families. */
struct coi_nftables_t {
	/** its name, borrowed */
	const char *table;
	/** owns the table, unless that stays */
	struct mnl_socket *socket;
	/** it stays without the socket, and others can change it */
	bool stays;
	/** number of the last message */
	uint32_t seq;
};

/** Puts messages into a transaction. */
typedef bool (*coi_nftables_put_t)(void *data, struct mnl_nlmsg_batch *batch);

/** Appends expressions to a rule; FALSE if there is no memory. */
typedef bool (*coi_nftables_fill_t)(void *data, struct nftnl_rule *rule);

/**
 * Open a socket for a table, which is not made yet and is not to stay.
 *
 * @return			FALSE if this kernel has none
 */
bool coi_nftables_open(coi_nftables_t *this, const char *table);

/** Close it; the table goes. */
void coi_nftables_close(coi_nftables_t *this);

/**
 * Run a transaction of what put() puts into it; when that returns the kernel
 * has answered.
 *
 * @param commit	FALSE to have it checked only: the kernel undoes one that
 *					has no end
 * @return			0 or errno
 */
int coi_nftables_transact(coi_nftables_t *this, coi_nftables_put_t put,
						  void *data,
						  bool commit);

/** Remove the table; 0 or errno. */
int coi_nftables_remove(coi_nftables_t *this);

/** Put: the table. */
bool coi_nftables_put_table(coi_nftables_t *this,
							struct mnl_nlmsg_batch *batch);

/** Put: the table in place of one that is there, all at once. */
bool coi_nftables_put_instead(coi_nftables_t *this,
							  struct mnl_nlmsg_batch *batch);

/** Put: a chain of the type "filter" at a hook. */
bool coi_nftables_put_chain(coi_nftables_t *this, struct mnl_nlmsg_batch *batch,
							const char *name, u_int hook, int priority);

/** Put: a rule at the end of a chain. */
bool coi_nftables_put_rule(coi_nftables_t *this, struct mnl_nlmsg_batch *batch,
						   const char *chain, coi_nftables_fill_t fill,
						   void *data);

/** Number of rules in a chain as it is in the kernel. */
u_int coi_nftables_count(coi_nftables_t *this, const char *chain);

/**
 * Append an expression to a rule, owned by it.
 *
 * @return			NULL if there is no memory
 */
struct nftnl_expr *coi_nftables_append(struct nftnl_rule *rule,
									   const char *name);

/** Append: register 1 has this value, or has not, by an NFT_CMP_*. */
bool coi_nftables_compare(struct nftnl_rule *rule, u_int op, uint32_t value);

/** Append: the same of its first octet alone. */
bool coi_nftables_compare_octet(struct nftnl_rule *rule, u_int op,
								uint8_t value);

/** Append: some bits of register 1 are kept and others turned. */
bool coi_nftables_bits(struct nftnl_rule *rule, uint32_t keep, uint32_t turn);

/** Append: register 1 becomes what is known of the packet by an NFT_META_*. */
bool coi_nftables_meta(struct nftnl_rule *rule, u_int key);

/** Append: some bits of its mark become others. */
bool coi_nftables_turn_mark(struct nftnl_rule *rule, uint32_t bits,
							uint32_t to);

/** Append: it is of this protocol. */
bool coi_nftables_protocol(struct nftnl_rule *rule, uint8_t protocol);

#endif /** COI_NFTABLES_H_ */
