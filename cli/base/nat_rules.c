/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "nat_rules.h"
#include "leftovers.h"

#include <arpa/inet.h>
#include <stdio.h>

#include <linux/xfrm.h>
#include <selectors/traffic_selector.h>

/** Most lines of rules that are read. */
#define LINES_MAX 100000

/** Most different pairs of networks. */
#define PAIRS_MAX 1024

/** From where to where a tunnel is for. */
typedef struct {
	traffic_selector_t *src;
	traffic_selector_t *dst;
	/** the same for people */
	char from[INET6_ADDRSTRLEN + 4];
	char to[INET6_ADDRSTRLEN + 4];
} pair_t;

/** What is looked for, and who is told. */
typedef struct {
	/** pair_t */
	array_t *pairs;
	nat_cb_t cb;
	void *data;
	u_int found;
} search_t;

/** How rules are written. */
typedef struct {
	/** what begins a chain, or each rule of it, up to a blank behind its name */
	const char *chain;
	const char *src;
	const char *dst;
	const char *target[2];
	const char *ends[2];
	/** a rule for what has no IPsec, and one for what has */
	const char *without;
	const char *with;
} syntax_t;

static const syntax_t nft = {
	"chain ", " saddr ", " daddr ", { "masquerade", "snat" },
	{ "accept", "return" }, "ipsec missing", "ipsec exists",
}, iptables = {
	"-A ", " -s ", " -d ", { "-j MASQUERADE", "-j SNAT" },
	{ "-j ACCEPT", "-j RETURN" }, "--pol none", "--pol ipsec",
};

/** Where rules are. */
static const struct {
	/** file with a line "nat" if it is worth looking, NULL to look in any case:
	 * whoever asks for a table that is not there makes the kernel load it */
	const char *tables;
	const char *command;
	/** of all rules, 0 for both */
	int family;
	const syntax_t *syntax;
} sources[] = {
	{ NULL, "nft list ruleset 2>/dev/null", 0, &nft },
	{ NULL, "iptables-nft-save -t nat 2>/dev/null", AF_INET, &iptables },
	{ NULL, "ip6tables-nft-save -t nat 2>/dev/null", AF_INET6, &iptables },
	{ "/proc/net/ip_tables_names", "iptables-legacy-save -t nat 2>/dev/null",
	  AF_INET, &iptables },
	{ "/proc/net/ip6_tables_names", "ip6tables-legacy-save -t nat 2>/dev/null",
	  AF_INET6, &iptables },
};

/** What is known of the rules before one. */
typedef struct {
	/** of its table, 0 for both */
	int family;
	/** name of its chain */
	char chain[64];
	/** nothing with IPsec comes so far */
	bool excepted;
	/** its table has the name of iptables' */
	bool nat;
	/** so has its chain, and iptables says more about that */
	bool foreign;
} place_t;

/** Make the selector of a network. */
static traffic_selector_t *make(int family, const uint8_t *addr, uint8_t bits)
{
	host_t *net;

	net = host_create_from_chunk(family, chunk_create((u_char*)addr,
									family == AF_INET ? 4 : 16), 0);
	return traffic_selector_create_from_subnet(net, bits, 0, 0, 0xffff);
}

/** Write a network. */
static void print_net(char *text, size_t room, int family, const uint8_t *addr,
					  uint8_t bits)
{
	char buf[INET6_ADDRSTRLEN];

	snprintf(text, room, "%s/%u", inet_ntop(family, addr, buf, sizeof(buf)) ?: "",
			 bits);
}

/** Collect what the plugin's policies lead from networks to tunnels. */
static void collect(search_t *search, host_t *to)
{
	int i, j, max;
	pair_t pair, other;
	array_t *list;
	left_t left;
	bool known;

	left_list(XFRM_MSG_GETPOLICY, &list);
	for (i = 0; i < array_count(list) &&
		 array_count(search->pairs) < PAIRS_MAX; i++)
	{
		array_get(list, i, &left);
		max = left.block.family == AF_INET ? 32 : 128;
		/* of any source the new one is one, too, and a host's stays its own */
		if (left.plain || left.block.dir != COI_BLOCK_OUT ||
			left.block.kind != COI_BLOCK_OPEN || !left.block.src_bits ||
			left.block.src_bits == max || !left.block.dst_bits)
		{
			continue;
		}
		pair.src = make(left.block.family, left.block.src, left.block.src_bits);
		pair.dst = make(left.block.family, left.block.dst, left.block.dst_bits);
		print_net(pair.from, sizeof(pair.from), left.block.family,
				  left.block.src, left.block.src_bits);
		print_net(pair.to, sizeof(pair.to), left.block.family, left.block.dst,
				  left.block.dst_bits);
		known = to && !pair.dst->includes(pair.dst, to);
		for (j = 0; j < array_count(search->pairs) && !known; j++)
		{
			array_get(search->pairs, j, &other);
			known = pair.src->equals(pair.src, other.src) &&
					pair.dst->equals(pair.dst, other.dst);
		}
		if (known)
		{
			pair.src->destroy(pair.src);
			pair.dst->destroy(pair.dst);
		}
		else
		{
			array_insert(search->pairs, ARRAY_TAIL, &pair);
		}
	}
	left_destroy(list);
}

/**
 * Whether a rule may match some addresses, as far as that can be told.
 *
 * @param key		what stands before its own
 */
static bool may_match(const char *rule, const char *key, traffic_selector_t *ts)
{
	traffic_selector_t *own, *common;
	char word[64] = "";
	const char *at;
	bool not, match;

	at = strstr(rule, key);
	if (!at)
	{
		return TRUE;
	}
	/* iptables has it before, nft behind */
	not = at > rule && at[-1] == '!';
	at += strlen(key);
	if (strpfx((char*)at, "!= "))
	{
		not = TRUE;
		at += strlen("!= ");
	}
	if (sscanf(at, "%63[0-9a-fA-F:./]", word) != 1)
	{	/* a set */
		return TRUE;
	}
	own = traffic_selector_create_from_cidr(word, 0, 0, 0xffff);
	if (!own)
	{
		return TRUE;
	}
	if (own->get_type(own) != ts->get_type(ts))
	{
		match = FALSE;
	}
	else if (not)
	{
		match = !ts->is_contained_in(ts, own);
	}
	else
	{
		common = own->get_subset(own, ts);
		match = common != NULL;
		DESTROY_IF(common);
	}
	own->destroy(own);
	return match;
}

/** Whether a rule has one of two words. */
static bool has(const char *rule, const char *const words[2])
{
	return strstr(rule, words[0]) || strstr(rule, words[1]);
}

/** Look at a rule. */
static void look(search_t *search, const syntax_t *syntax, place_t *place,
				 const char *rule)
{
	pair_t pair;
	int i;

	if (strstr(rule, syntax->with) && has(rule, syntax->ends))
	{
		place->excepted = TRUE;
	}
	if (place->excepted || place->foreign || !has(rule, syntax->target) ||
		strstr(rule, syntax->without))
	{
		return;
	}
	for (i = 0; i < array_count(search->pairs); i++)
	{
		array_get(search->pairs, i, &pair);
		if ((!place->family || (place->family == AF_INET) ==
			 (pair.src->get_type(pair.src) == TS_IPV4_ADDR_RANGE)) &&
			may_match(rule, syntax->src, pair.src) &&
			may_match(rule, syntax->dst, pair.dst))
		{
			search->found++;
			search->cb(search->data, rule, pair.from, pair.to);
			return;
		}
	}
}

/** Follow where in the rules a line is. */
static void follow(place_t *place, const syntax_t *syntax, const char *line)
{
	char chain[sizeof(place->chain)] = "";

	if (strpfx((char*)line, (char*)syntax->chain) &&
		sscanf(line + strlen(syntax->chain), "%63s", chain) == 1 &&
		!streq(chain, place->chain))
	{
		strcpy(place->chain, chain);
		place->excepted = FALSE;
		place->foreign = place->nat && syntax == &nft &&
						 !strpbrk(chain, "abcdefghijklmnopqrstuvwxyz");
	}
}

/** Whether a file has a line "nat". */
static bool has_nat(const char *name)
{
	char line[64];
	bool found = FALSE;
	FILE *file;

	file = fopen(name, "r");
	while (file && !found && fgets(line, sizeof(line), file))
	{
		found = streq(line, "nat\n");
	}
	if (file)
	{
		fclose(file);
	}
	return found;
}

/** The family of an nft table by its first line, 0 for both or if it is none. */
static int table_family(const char *line)
{
	return strpfx((char*)line, "table ip ") ? AF_INET
				: strpfx((char*)line, "table ip6 ") ? AF_INET6 : 0;
}

/** Look at all rules of a source. */
static void read_rules(search_t *search, u_int source)
{
	const syntax_t *syntax = sources[source].syntax;
	place_t place = {
		.family = sources[source].family,
	};
	char *line = NULL, *rule;
	u_int lines = 0;
	size_t room = 0;
	ssize_t len;
	FILE *file;

	file = popen(sources[source].command, "r");
	while (file && lines++ < LINES_MAX &&
		   (len = getline(&line, &room, file)) >= 0)
	{
		while (len && (line[len - 1] == '\n' || line[len - 1] == ' '))
		{
			line[--len] = '\0';
		}
		if (strpfx(line, "table "))
		{
			place.family = table_family(line);
			place.nat = strstr(line, " nat {") != NULL;
			place.chain[0] = '\0';
		}
		rule = line + strspn(line, " \t");
		follow(&place, syntax, rule);
		/* what begins a chain or names it is no rule */
		if (len && line[len - 1] != '{' && *rule != ':' && *rule != '#')
		{
			look(search, syntax, &place, rule);
		}
	}
	free(line);
	if (file)
	{
		pclose(file);
	}
}

u_int nat_find(host_t *to, nat_cb_t cb, void *data)
{
	search_t search = {
		.pairs = array_create(sizeof(pair_t), 0),
		.cb = cb,
		.data = data,
	};
	pair_t pair;
	u_int i;

	collect(&search, to);
	for (i = 0; i < countof(sources) && array_count(search.pairs); i++)
	{
		if (!sources[i].tables || has_nat(sources[i].tables))
		{
			read_rules(&search, i);
		}
	}
	while (array_remove(search.pairs, ARRAY_TAIL, &pair))
	{
		pair.src->destroy(pair.src);
		pair.dst->destroy(pair.dst);
	}
	array_destroy(search.pairs);
	return search.found;
}
