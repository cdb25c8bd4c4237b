/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "checks.h"

#include <stdio.h>
#include <string.h>

#define DEFAULT_PORT 4570

/** Most lines of rules that are read. */
#define LINES_MAX 100000

/** Where rules are, as check_nat.c has it. */
static const struct {
	/** file with a line "filter" if it is worth looking, NULL to look in any case */
	const char *tables;
	const char *command;
	bool nft;
} sources[] = {
	{ NULL, "nft list ruleset 2>/dev/null", TRUE },
	{ NULL, "iptables-nft-save -t filter 2>/dev/null", FALSE },
	{ NULL, "ip6tables-nft-save -t filter 2>/dev/null", FALSE },
	{ "/proc/net/ip_tables_names", "iptables-legacy-save -t filter 2>/dev/null",
	  FALSE },
	{ "/proc/net/ip6_tables_names",
	  "ip6tables-legacy-save -t filter 2>/dev/null", FALSE },
};

/** What tunnels need. */
enum {
	NEED_ESP,
	NEED_UDP,
	NEEDS,
};

/** What is known of the chains of input, as far as they are read. */
typedef struct {
	doctor_t *doctor;
	u_int port;
	/** rules that are read are the plugin's own, or of another hook */
	bool ours;
	bool input;
	/** the next table is iptables' */
	bool foreign;
	/** a rule lets in, or drops before that, what is needed */
	bool accepted[NEEDS];
	bool dropped[NEEDS];
	/** what is not let in is dropped */
	bool closed;
	/** the rule that does so */
	char rule[NEEDS + 1][256];
	u_int found;
} wall_t;

/** Whether a line has a word, and not as part of one. */
static bool has_word(const char *line, const char *word)
{
	const char *at = line, *end;
	size_t len = strlen(word);

	while ((at = strstr(at, word)))
	{
		end = at + len;
		if ((at == line || strchr(" {,", at[-1])) &&
			(!*end || strchr(" ,;}", *end)))
		{
			return TRUE;
		}
		at = end;
	}
	return FALSE;
}

/** Whether a rule is about what is needed. */
static bool is_about(wall_t *wall, const char *line, int need)
{
	char port[16];

	if (need == NEED_ESP)
	{
		return has_word(line, "esp") || has_word(line, "protocol 50") ||
			   has_word(line, "l4proto 50") || has_word(line, "-p 50");
	}
	snprintf(port, sizeof(port), "%u", wall->port);
	return has_word(line, "udp") && strstr(line, "dport") &&
		   has_word(line, port);
}

/** Whether a rule is about all there is: no word says which. */
static bool is_plain(const char *line, bool nft)
{
	line += strspn(line, " \t");
	return nft ? strpfx((char*)line, "drop") || strpfx((char*)line, "reject") ||
				 strpfx((char*)line, "counter packets")
			   : strpfx((char*)line, "-A INPUT -j ");
}

static void read_rule(wall_t *wall, const char *line, bool nft)
{
	bool accepts, drops;
	int need;

	accepts = nft ? has_word(line, "accept") : strstr(line, "-j ACCEPT") != NULL;
	drops = nft ? has_word(line, "drop") || has_word(line, "reject")
				: strstr(line, "-j DROP") || strstr(line, "-j REJECT");
	for (need = 0; need < NEEDS; need++)
	{
		if (!is_about(wall, line, need))
		{
			continue;
		}
		/* also one of another chain, which may be called */
		wall->accepted[need] |= accepts && !wall->dropped[need];
		if (drops && wall->input && !wall->accepted[need])
		{
			wall->dropped[need] = TRUE;
			snprintf(wall->rule[need], sizeof(wall->rule[need]), "%s", line);
		}
	}
	if (wall->input && drops && is_plain(line, nft) && !wall->closed)
	{
		wall->closed = TRUE;
		snprintf(wall->rule[NEEDS], sizeof(wall->rule[NEEDS]), "%s", line);
	}
}

static void read_line(wall_t *wall, char *line, bool nft)
{
	line += strspn(line, " \t");
	line[strcspn(line, "\r\n")] = '\0';
	if (nft && strpfx(line, "# Warning: table "))
	{
		wall->foreign = TRUE;
	}
	else if (nft && strpfx(line, "table "))
	{
		/* that of iptables is read as iptables prints it */
		wall->ours = strstr(line, " coi {") || wall->foreign;
		wall->foreign = FALSE;
		wall->input = FALSE;
	}
	else if (nft && strpfx(line, "chain "))
	{
		wall->input = FALSE;
	}
	else if (nft && strpfx(line, "type "))
	{
		wall->input = !wall->ours && strstr(line, "hook input") != NULL;
		if (wall->input && strstr(line, "policy drop"))
		{
			wall->closed = TRUE;
			snprintf(wall->rule[NEEDS], sizeof(wall->rule[NEEDS]), "%s", line);
		}
	}
	else if (!nft && strpfx(line, ":INPUT DROP"))
	{
		wall->closed = TRUE;
		snprintf(wall->rule[NEEDS], sizeof(wall->rule[NEEDS]),
				 "policy DROP of INPUT");
	}
	else if (nft || strpfx(line, "-A "))
	{
		if (!nft)
		{
			wall->input = strpfx(line, "-A INPUT ");
			wall->ours = strpfx(line, "-A coi");
		}
		if (!wall->ours)
		{
			read_rule(wall, line, nft);
		}
	}
}

/** Say what one set of rules stops. */
static void tell(wall_t *wall, const char *command)
{
	const char *rule;
	char what[48];
	int need;

	for (need = 0; need < NEEDS; need++)
	{
		if (!wall->dropped[need] && (!wall->closed || wall->accepted[need]))
		{
			continue;
		}
		rule = wall->rule[wall->dropped[need] ? need : NEEDS];
		snprintf(what, sizeof(what), need == NEED_ESP ? "ESP (IP protocol 50)" :
				 "UDP port %u", wall->port);
		doctor_add(wall->doctor, DOCTOR_WARN, "firewall", need == NEED_ESP ?
				   "let in IP protocol 50 from peers before that rule; until then "
				   "ESP goes in UDP where it does not get through (no_esp_time of "
				   "coi.conf)" : "let in that port from peers before that rule",
				   "%.*s: %s drops %s%s", (int)strcspn(command, " "), command,
				   rule, what, wall->dropped[need] ? "" : ", which no rule lets in");
		wall->found++;
	}
}

/** Whether the kernel has a table, whose rules are then read. */
static bool has_table(const char *path)
{
	char line[64];
	bool found = FALSE;
	FILE *file;

	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
	{
		found |= strpfx(line, "filter");
	}
	if (file)
	{
		fclose(file);
	}
	return found;
}

void doctor_firewall(doctor_t *doctor)
{
	const char *option = doctor_option("port");
	char line[4096];
	u_int i, lines, found = 0;
	wall_t wall;
	FILE *rules;

	for (i = 0; i < countof(sources); i++)
	{
		if (sources[i].tables && !has_table(sources[i].tables))
		{
			continue;
		}
		wall = (wall_t){
			.doctor = doctor,
			.port = option ? atoi(option) : DEFAULT_PORT,
		};
		rules = popen(sources[i].command, "re");
		for (lines = 0; rules && lines < LINES_MAX &&
			 fgets(line, sizeof(line), rules); lines++)
		{
			read_line(&wall, line, sources[i].nft);
		}
		if (rules)
		{
			pclose(rules);
		}
		tell(&wall, sources[i].command);
		found += wall.found;
	}
	if (doctor->plugin && !found)
	{
		doctor_add(doctor, DOCTOR_OK, "firewall", NULL, "no rule for what comes in "
				   "stops ESP or the COI port");
	}
}
