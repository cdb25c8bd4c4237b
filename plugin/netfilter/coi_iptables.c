/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_iptables.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include <sys/file.h>

#include <libiptc/libip6tc.h>
#include <libiptc/libiptc.h>

/** what iptables takes, too, while it changes a table */
#define LOCK "/run/xtables.lock"

/** times to try a change that another one has come before, or the lock */
#define TRIES 20
/** us between them */
#define PAUSE 50000

/** what the names of our chains begin with */
#define OURS "coi"

typedef struct family_t family_t;

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
	/** adds a rule at the end of a chain, or before all others */
	bool (*add)(const xt_chainlabel chain, coi_iptables_rule_t *rule,
				size_t matches, bool first, struct xtc_handle *handle);
};

/** A chain that is being filled. */
struct coi_iptc_chain_t {
	const family_t *family;
	const coi_iptables_place_t *place;
	struct xtc_handle *handle;
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

static bool add4(const xt_chainlabel chain, coi_iptables_rule_t *rule,
				 size_t matches, bool first, struct xtc_handle *handle)
{
	struct ipt_entry *entry = (void*)rule->buf;

	entry->target_offset = sizeof(*entry) + matches;
	entry->next_offset = rule->len;
	return first ? iptc_insert_entry(chain, entry, 0, handle)
				 : iptc_append_entry(chain, entry, handle);
}

static bool add6(const xt_chainlabel chain, coi_iptables_rule_t *rule,
				 size_t matches, bool first, struct xtc_handle *handle)
{
	struct ip6t_entry *entry = (void*)rule->buf;

	entry->target_offset = sizeof(*entry) + matches;
	entry->next_offset = rule->len;
	return first ? ip6tc_insert_entry(chain, entry, 0, handle)
				 : ip6tc_append_entry(chain, entry, handle);
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
		.add = add4,
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
		.add = add6,
	},
};

/**
 * Append a match or target to a rule; both begin with the same header.
 */
static void add_part(coi_iptables_rule_t *rule, char *name, uint8_t revision,
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

static void rule_init(coi_iptables_rule_t *rule, const family_t *family)
{
	memset(rule, 0, sizeof(*rule));
	rule->len = family->header;
}

void coi_iptables_rule(coi_iptc_chain_t *chain, coi_iptables_rule_t *rule)
{
	rule_init(rule, chain->family);
}

void coi_iptables_match(coi_iptables_rule_t *rule, char *name, uint8_t revision,
						const void *data, size_t len)
{
	add_part(rule, name, revision, data, len);
}

bool coi_iptables_append(coi_iptc_chain_t *chain, coi_iptables_rule_t *rule,
						 char *target, uint8_t revision, const void *data,
						 size_t len)
{
	size_t matches = rule->len - chain->family->header;

	add_part(rule, target, revision, data, len);
	return chain->family->add(chain->place->chain, rule, matches, FALSE,
							  chain->handle);
}

/** A jump, or one of the kernel's verdicts, is told by its name. */
static bool append_verdict(const family_t *family, struct xtc_handle *handle,
						   char *chain, coi_iptables_rule_t *rule, char *to,
						   bool first)
{
	size_t matches = rule->len - family->header;
	int verdict = 0;

	add_part(rule, to, 0, &verdict, sizeof(verdict));
	return family->add(chain, rule, matches, first, handle);
}

bool coi_iptables_append_return(coi_iptc_chain_t *chain,
								coi_iptables_rule_t *rule)
{
	return append_verdict(chain->family, chain->handle, chain->place->chain,
						  rule, IPTC_LABEL_RETURN, FALSE);
}

static bool is_ipv6(coi_iptc_chain_t *chain)
{
	return chain->family == &families[1];
}

void coi_iptables_proto(coi_iptc_chain_t *chain, coi_iptables_rule_t *rule,
						uint8_t proto)
{
	struct ip6t_entry *six = (void*)rule->buf;
	struct ipt_entry *four = (void*)rule->buf;

	if (is_ipv6(chain))
	{
		six->ipv6.proto = proto;
		six->ipv6.flags |= IP6T_F_PROTO;
	}
	else
	{
		four->ip.proto = proto;
	}
}

void coi_iptables_not_from(coi_iptc_chain_t *chain, coi_iptables_rule_t *rule,
						   char *interface)
{
	struct ip6t_entry *six = (void*)rule->buf;
	struct ipt_entry *four = (void*)rule->buf;
	char *name = is_ipv6(chain) ? six->ipv6.iniface : four->ip.iniface;
	u_char *mask = is_ipv6(chain) ? six->ipv6.iniface_mask
								  : four->ip.iniface_mask;

	/* with its end: no other that begins so */
	memcpy(name, interface, strlen(interface) + 1);
	memset(mask, 0xff, strlen(interface) + 1);
	if (is_ipv6(chain))
	{
		six->ipv6.invflags |= IP6T_INV_VIA_IN;
	}
	else
	{
		four->ip.invflags |= IPT_INV_VIA_IN;
	}
}

/**
 * Take our chain and what leads to it out of a table that is not committed yet.
 */
static bool clear(const family_t *family, const coi_iptables_place_t *place,
				  struct xtc_handle *handle)
{
	const char *target;
	u_int i = 0;

	if (!family->is_chain(place->chain, handle))
	{
		return TRUE;
	}
	while ((target = family->target(place->hook, i, handle)))
	{
		if (!streq(target, place->chain))
		{
			i++;
		}
		else if (!family->delete_num(place->hook, i, handle))
		{
			return FALSE;
		}
	}
	return family->flush(place->chain, handle) &&
		   family->delete(place->chain, handle);
}

static bool fill(const family_t *family, const coi_iptables_place_t *place,
				 struct xtc_handle *handle, void *data)
{
	coi_iptc_chain_t chain = {
		.family = family,
		.place = place,
		.handle = handle,
	};
	coi_iptables_rule_t jump;

	rule_init(&jump, family);
	return family->create(place->chain, handle) && place->fill(data, &chain) &&
		   append_verdict(family, handle, place->hook, &jump, place->chain,
						  TRUE);
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
static int change_once(const family_t *family,
					   const coi_iptables_place_t *place,
					   bool add, void *data)
{
	struct xtc_handle *handle;
	bool success;
	int err;

	handle = family->init(place->table);
	if (!handle)
	{
		return errno;
	}
	if (!add && !family->is_chain(place->chain, handle))
	{
		family->free(handle);
		return 0;
	}
	success = clear(family, place, handle) &&
			  (!add || fill(family, place, handle, data)) &&
			  family->commit(handle);
	err = success ? 0 : errno;
	family->free(handle);
	return err;
}

static bool change(const family_t *family, const coi_iptables_place_t *place,
				   char *what, bool add, void *data)
{
	int fd, err, i = 0;

	fd = lock();
	do
	{
		err = change_once(family, place, add, data);
	}
	/* somebody else's change came between reading and writing */
	while (err == EAGAIN && ++i < TRIES);
	if (fd >= 0)
	{
		close(fd);
	}
	if (err)
	{
		DBG1(DBG_KNL, "%s the %s rule for %s in table %s failed: %s",
			 add ? "adding" : "removing", family->name, what, place->table,
			 family->describe(err));
	}
	return !err;
}

bool coi_iptables_has(const coi_iptables_place_t *places, u_int count)
{
	struct xtc_handle *handle;
	u_int i, j;

	/* libiptc's socket is a raw one; charon gives up what nobody keeps */
	if (!lib->caps->keep(lib->caps, CAP_NET_RAW))
	{
		return FALSE;
	}
	for (i = 0; i < countof(families); i++)
	{
		for (j = 0; j < count; j++)
		{
			handle = families[i].init(places[j].table);
			if (!handle)
			{
				return FALSE;
			}
			families[i].free(handle);
		}
	}
	return TRUE;
}

void coi_iptables_remove(const coi_iptables_place_t *places, u_int count,
						 char *what)
{
	u_int i, j;

	for (i = 0; i < countof(families); i++)
	{
		for (j = 0; j < count; j++)
		{
			change(&families[i], &places[j], what, FALSE, NULL);
		}
	}
}

bool coi_iptables_add(const coi_iptables_place_t *places, u_int count,
					  char *what,
					  void *data)
{
	u_int i, j;

	for (i = 0; i < countof(families); i++)
	{
		for (j = 0; j < count; j++)
		{
			if (!change(&families[i], &places[j], what, TRUE, data))
			{
				coi_iptables_remove(places, count, what);
				return FALSE;
			}
		}
	}
	return TRUE;
}

/**
 * Whether a chain is called before all others' rules; there may be more of
 * ours.
 */
static bool is_called(const family_t *family, const coi_iptables_place_t *place,
					  struct xtc_handle *handle)
{
	const char *target;
	u_int i;

	for (i = 0; (target = family->target(place->hook, i, handle)); i++)
	{
		if (streq(target, place->chain))
		{
			return TRUE;
		}
		if (!strpfx(target, OURS))
		{
			break;
		}
	}
	return FALSE;
}

/** Whether a chain has its rules, and no more. */
static bool is_whole(const family_t *family, const coi_iptables_place_t *place,
					 struct xtc_handle *handle)
{
	const char *last;

	last = family->target(place->chain, place->rules - 1, handle);
	return last && streq(last, place->last) &&
		   !family->target(place->chain, place->rules, handle);
}

static bool check_place(const family_t *family,
						const coi_iptables_place_t *place)
{
	struct xtc_handle *handle;
	bool found;

	handle = family->init(place->table);
	if (!handle)
	{
		return FALSE;
	}
	found = family->is_chain(place->chain, handle) &&
			is_called(family, place, handle) &&
			is_whole(family, place, handle);
	family->free(handle);
	return found;
}

bool coi_iptables_check(const coi_iptables_place_t *places, u_int count)
{
	bool found = TRUE;
	u_int i, j;

	for (i = 0; i < countof(families); i++)
	{
		for (j = 0; j < count; j++)
		{
			found = found && check_place(&families[i], &places[j]);
		}
	}
	return found;
}
