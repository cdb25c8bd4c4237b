/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_rules.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include <sys/file.h>

#include <libiptc/libip6tc.h>
#include <libiptc/libiptc.h>
#include <linux/netfilter/xt_NFQUEUE.h>
#include <linux/netfilter/xt_mark.h>
#include <linux/netfilter/xt_policy.h>

/** what iptables takes, too, while it changes a table */
#define LOCK "/run/xtables.lock"

/** times to try a change that another one has come before, or the lock */
#define TRIES 20
/** us between them */
#define PAUSE 50000

/** room for our longest rule */
#define RULE_LEN 1024

typedef struct private_coi_rules_t private_coi_rules_t;
typedef struct family_t family_t;
typedef struct place_t place_t;
typedef struct rule_t rule_t;

struct private_coi_rules_t {
	coi_rules_t public;
	coi_rules_config_t config;
};

/** A rule under construction: entry, matches, target. */
struct rule_t {
	union {
		uint8_t buf[RULE_LEN];
		/** aligns the entry */
		uint64_t align;
	};
	size_t len;
};

/** libiptc for an address family; a rule is its ipt_entry or ip6t_entry. */
struct family_t {
	char *name;
	size_t header;
	struct xtc_handle *(*init)(const char *table);
	int (*is_chain)(const char *chain, struct xtc_handle *handle);
	int (*create)(const xt_chainlabel chain, struct xtc_handle *handle);
	int (*flush)(const xt_chainlabel chain, struct xtc_handle *handle);
	int (*delete)(const xt_chainlabel chain, struct xtc_handle *handle);
	int (*delete_num)(const xt_chainlabel chain, u_int num,
					  struct xtc_handle *handle);
	int (*commit)(struct xtc_handle *handle);
	void (*free)(struct xtc_handle *handle);
	const char *(*describe)(int err);
	/** target of a chain's rule by number, NULL if there is none */
	const char *(*target)(const char *chain, u_int num,
						  struct xtc_handle *handle);
	bool (*insert)(const xt_chainlabel chain, rule_t *rule, size_t matches,
				   struct xtc_handle *handle);
};

static const char *target4(const char *chain, u_int num,
						   struct xtc_handle *handle)
{
	const struct ipt_entry *entry;

	for (entry = iptc_first_rule(chain, handle); entry && num; num--)
	{
		entry = iptc_next_rule(entry, handle);
	}
	return entry ? iptc_get_target(entry, handle) : NULL;
}

static const char *target6(const char *chain, u_int num,
						   struct xtc_handle *handle)
{
	const struct ip6t_entry *entry;

	for (entry = ip6tc_first_rule(chain, handle); entry && num; num--)
	{
		entry = ip6tc_next_rule(entry, handle);
	}
	return entry ? ip6tc_get_target(entry, handle) : NULL;
}

static bool insert4(const xt_chainlabel chain, rule_t *rule, size_t matches,
					struct xtc_handle *handle)
{
	struct ipt_entry *entry = (void*)rule->buf;

	entry->target_offset = sizeof(*entry) + matches;
	entry->next_offset = rule->len;
	return iptc_insert_entry(chain, entry, 0, handle);
}

static bool insert6(const xt_chainlabel chain, rule_t *rule, size_t matches,
					struct xtc_handle *handle)
{
	struct ip6t_entry *entry = (void*)rule->buf;

	entry->target_offset = sizeof(*entry) + matches;
	entry->next_offset = rule->len;
	return ip6tc_insert_entry(chain, entry, 0, handle);
}

static const family_t families[] = {
	{
		.name = "IPv4",
		.header = sizeof(struct ipt_entry),
		.init = iptc_init,
		.is_chain = iptc_is_chain,
		.create = iptc_create_chain,
		.flush = iptc_flush_entries,
		.delete = iptc_delete_chain,
		.delete_num = iptc_delete_num_entry,
		.commit = iptc_commit,
		.free = iptc_free,
		.describe = iptc_strerror,
		.target = target4,
		.insert = insert4,
	},
	{
		.name = "IPv6",
		.header = sizeof(struct ip6t_entry),
		.init = ip6tc_init,
		.is_chain = ip6tc_is_chain,
		.create = ip6tc_create_chain,
		.flush = ip6tc_flush_entries,
		.delete = ip6tc_delete_chain,
		.delete_num = ip6tc_delete_num_entry,
		.commit = ip6tc_commit,
		.free = ip6tc_free,
		.describe = ip6tc_strerror,
		.target = target6,
		.insert = insert6,
	},
};

static void rule_init(rule_t *rule, const family_t *family)
{
	memset(rule, 0, sizeof(*rule));
	rule->len = family->header;
}

/**
 * Append a match or target to a rule; both begin with the same header.
 */
static void rule_append(rule_t *rule, char *name, uint8_t revision,
						const void *data, size_t len)
{
	struct xt_entry_match head = {};

	head.u.user.match_size = XT_ALIGN(sizeof(head)) + XT_ALIGN(len);
	head.u.user.revision = revision;
	strncpy(head.u.user.name, name, sizeof(head.u.user.name) - 1);
	memcpy(rule->buf + rule->len, &head, sizeof(head));
	memcpy(rule->buf + rule->len + XT_ALIGN(sizeof(head)), data, len);
	rule->len += head.u.user.match_size;
}

/**
 * What has the sink's SA and not our mark goes to the queue.
 */
static bool insert_queue(private_coi_rules_t *this, const family_t *family,
						 struct xtc_handle *handle)
{
	struct xt_policy_info policy = {
		.pol[0] = {
			.reqid = this->config.reqid,
			.match.reqid = 1,
		},
		.flags = XT_POLICY_MATCH_OUT,
		.len = 1,
	};
	struct xt_mark_mtinfo1 mark = {
		.mark = this->config.mark,
		.mask = this->config.mark,
		.invert = TRUE,
	};
	/* no bypass: without a listener it drops */
	struct xt_NFQ_info_v3 queue = {
		.queuenum = this->config.queue,
		.queues_total = 1,
	};
	size_t matches;
	rule_t rule;

	rule_init(&rule, family);
	rule_append(&rule, "policy", 0, &policy, sizeof(policy));
	rule_append(&rule, "mark", 1, &mark, sizeof(mark));
	matches = rule.len - family->header;
	rule_append(&rule, "NFQUEUE", 3, &queue, sizeof(queue));
	return family->insert(COI_RULES_NAME, &rule, matches, handle);
}

/**
 * What comes by gets our mark.
 */
static bool insert_mark(private_coi_rules_t *this, const family_t *family,
						struct xtc_handle *handle)
{
	/* (old & ~mask) ^ mark */
	struct xt_mark_tginfo2 mark = {
		.mark = this->config.mark,
		.mask = this->config.mark,
	};
	rule_t rule;

	rule_init(&rule, family);
	rule_append(&rule, "MARK", 2, &mark, sizeof(mark));
	return family->insert(COI_RULES_NAME, &rule, 0, handle);
}

/** A chain of ours, named COI_RULES_NAME, and whence it is called. */
struct place_t {
	char *table;
	char *hook;
	bool (*insert)(private_coi_rules_t *this, const family_t *family,
				   struct xtc_handle *handle);
	char *target;
};

static const place_t places[] = {
	/* the first table on the way out: nothing is tracked that is then dropped */
	{ "raw", "OUTPUT", insert_queue, "NFQUEUE" },
	/* before NAT, after which routing is done again */
	{ "mangle", "FORWARD", insert_mark, "MARK" },
};

static bool insert_jump(const family_t *family, const place_t *place,
						struct xtc_handle *handle)
{
	rule_t rule;
	int verdict = 0;

	rule_init(&rule, family);
	rule_append(&rule, COI_RULES_NAME, 0, &verdict, sizeof(verdict));
	return family->insert(place->hook, &rule, 0, handle);
}

/**
 * Take our chain and what leads to it out of a table that is not committed yet.
 */
static bool clear(const family_t *family, const place_t *place,
				  struct xtc_handle *handle)
{
	const char *target;
	u_int i = 0;

	if (!family->is_chain(COI_RULES_NAME, handle))
	{
		return TRUE;
	}
	while ((target = family->target(place->hook, i, handle)))
	{
		if (!streq(target, COI_RULES_NAME))
		{
			i++;
		}
		else if (!family->delete_num(place->hook, i, handle))
		{
			return FALSE;
		}
	}
	return family->flush(COI_RULES_NAME, handle) &&
		   family->delete(COI_RULES_NAME, handle);
}

static bool fill(private_coi_rules_t *this, const family_t *family,
				 const place_t *place, struct xtc_handle *handle)
{
	return family->create(COI_RULES_NAME, handle) &&
		   place->insert(this, family, handle) &&
		   insert_jump(family, place, handle);
}

/**
 * Keep iptables out; that only saves trying again.
 */
static int lock()
{
	int fd, i;

	fd = open(LOCK, O_CREAT | O_CLOEXEC, 0600);
	for (i = 0; fd >= 0 && i < TRIES; i++)
	{
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		{
			break;
		}
		usleep(PAUSE);
	}
	return fd;
}

/**
 * Change the table of one family.
 *
 * @return			0 or errno
 */
static int change_once(private_coi_rules_t *this, const family_t *family,
					   const place_t *place, bool add)
{
	struct xtc_handle *handle;
	bool success;
	int err;

	handle = family->init(place->table);
	if (!handle)
	{
		return errno;
	}
	if (!add && !family->is_chain(COI_RULES_NAME, handle))
	{
		family->free(handle);
		return 0;
	}
	success = clear(family, place, handle) &&
			  (!add || fill(this, family, place, handle)) &&
			  family->commit(handle);
	err = success ? 0 : errno;
	family->free(handle);
	return err;
}

static bool change(private_coi_rules_t *this, const family_t *family,
				   const place_t *place, bool add)
{
	int fd, err, i = 0;

	fd = lock();
	do
	{
		err = change_once(this, family, place, add);
	}
	/* somebody else's change came between reading and writing */
	while (err == EAGAIN && ++i < TRIES);
	if (fd >= 0)
	{
		close(fd);
	}
	if (err)
	{
		DBG1(DBG_KNL, "%s the %s rule for held packets in table %s failed: %s",
			 add ? "adding" : "removing", family->name, place->table,
			 family->describe(err));
	}
	return !err;
}

METHOD(coi_rules_t, remove_, void,
	private_coi_rules_t *this)
{
	u_int i, j;

	for (i = 0; i < countof(families); i++)
	{
		for (j = 0; j < countof(places); j++)
		{
			change(this, &families[i], &places[j], FALSE);
		}
	}
}

METHOD(coi_rules_t, add, bool,
	private_coi_rules_t *this)
{
	u_int i, j;

	for (i = 0; i < countof(families); i++)
	{
		for (j = 0; j < countof(places); j++)
		{
			if (!change(this, &families[i], &places[j], TRUE))
			{
				remove_(this);
				return FALSE;
			}
		}
	}
	return TRUE;
}

static bool is_target(const char *target, char *name)
{
	return target && streq(target, name);
}

/**
 * Whether a chain is there and called before all others' rules.
 */
static bool check_place(const family_t *family, const place_t *place)
{
	struct xtc_handle *handle;
	bool found;

	handle = family->init(place->table);
	if (!handle)
	{
		return FALSE;
	}
	found = family->is_chain(COI_RULES_NAME, handle) &&
			is_target(family->target(place->hook, 0, handle),
					  COI_RULES_NAME) &&
			is_target(family->target(COI_RULES_NAME, 0, handle),
					  place->target);
	family->free(handle);
	return found;
}

METHOD(coi_rules_t, check, bool,
	private_coi_rules_t *this)
{
	bool found = TRUE;
	u_int i, j;

	for (i = 0; i < countof(families); i++)
	{
		for (j = 0; j < countof(places); j++)
		{
			found = found && check_place(&families[i], &places[j]);
		}
	}
	return found;
}

METHOD(coi_rules_t, destroy, void,
	private_coi_rules_t *this)
{
	free(this);
}

coi_rules_t *coi_rules_legacy_create(const coi_rules_config_t *config)
{
	private_coi_rules_t *this;
	struct xtc_handle *handle;
	u_int i, j;

	/* libiptc's socket is a raw one; charon gives up what nobody keeps */
	if (!lib->caps->keep(lib->caps, CAP_NET_RAW))
	{
		return NULL;
	}
	for (i = 0; i < countof(families); i++)
	{
		for (j = 0; j < countof(places); j++)
		{
			handle = families[i].init(places[j].table);
			if (!handle)
			{
				return NULL;
			}
			families[i].free(handle);
		}
	}
	INIT(this,
		.public = {
			.add = _add,
			.check = _check,
			.remove = _remove_,
			.destroy = _destroy,
		},
		.config = *config,
	);
	return &this->public;
}
