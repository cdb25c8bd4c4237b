/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "base/command.h"
#include "base/control_client.h"
#include "base/output.h"
#include "base/words.h"

static const char *const events[] = { "peer", "refused", NULL };

/** How a session is, in a word or two. */
static void describe(json_object *peer, char buf[WORDS_LEN])
{
	json_object *superseded, *left;
	uint64_t attempt;

	if (json_object_object_get_ex(peer, "superseded", &superseded) &&
		json_object_get_boolean(superseded))
	{
		strcpy(buf, "superseded");
	}
	else if (json_object_object_get_ex(peer, "age", NULL))
	{
		snprintf(buf, WORDS_LEN, "open%s%s%s", json_object_get_boolean(
				 json_object_object_get(peer, "encap")) ? ", in UDP" : "",
				 json_object_object_get_ex(peer, "no-esp", NULL) ?
				 " (no ESP)" : "",
				 json_object_get_boolean(json_object_object_get(peer,
				 "unheard")) ? ", unheard" : "");
	}
	else if (json_object_object_get_ex(peer, "attempts-left", &left))
	{
		attempt = control_number(peer, "attempt");
		snprintf(buf, WORDS_LEN, "opening %u/%u", (u_int)attempt,
				 (u_int)(attempt + json_object_get_int(left)));
	}
	else
	{
		strcpy(buf, "opening");
	}
}

/** Say how many packets wait, if any do. */
static void add_held(json_object *peer, char buf[WORDS_LEN])
{
	size_t len = strlen(buf);

	if (control_number(peer, "held"))
	{
		snprintf(buf + len, WORDS_LEN - len, ", %u held",
				 (u_int)control_number(peer, "held"));
	}
}

/**
 * List virtual addresses: the peer's, or this host's, which is said.
 *
 * @return			allocated
 */
static char *list_virtual(json_object *peer)
{
	json_object *there = NULL, *here = NULL;
	char *list, *text;

	json_object_object_get_ex(peer, "virtual-there", &there);
	json_object_object_get_ex(peer, "virtual-here", &here);
	list = words_list(there ?: here, NULL);
	if (there || !here)
	{
		return list;
	}
	if (asprintf(&text, "here %s", list) < 0)
	{
		return list;
	}
	free(list);
	return text;
}

static void add_peer(table_t *table, json_object *peer)
{
	char state[WORDS_LEN], age[WORDS_LEN], last[WORDS_LEN], in[WORDS_LEN],
		 out[WORDS_LEN], rekey[WORDS_LEN], *names, *addresses;
	json_object *communities = NULL;

	describe(peer, state);
	add_held(peer, state);
	json_object_object_get_ex(peer, "communities", &communities);
	names = words_list(communities, "name");
	addresses = list_virtual(peer);
	table->add(table, control_str(peer, "peer"), control_str(peer, "identity"),
			   state, names, words_seconds(peer, "age", age),
			   words_seconds(peer, "last-traffic", last),
			   words_number(peer, "bytes-in", in),
			   words_number(peer, "bytes-out", out),
			   words_seconds(peer, "rekey-in", rekey), addresses);
	free(names);
	free(addresses);
}

static void add_refused(table_t *table, json_object *refused)
{
	char state[WORDS_LEN], left[WORDS_LEN];

	snprintf(state, sizeof(state), "refused for %s",
			 words_seconds(refused, "left", left));
	table->add(table, control_str(refused, "peer"), NULL, state, NULL, NULL,
			   NULL, NULL, NULL, NULL, NULL);
}

/**
 * Whether an address is the peer's, or a virtual one that it has.
 */
static bool has_address(json_object *peer, const char *address)
{
	json_object *there;
	size_t i, count = 0;

	if (json_object_object_get_ex(peer, "virtual-there", &there))
	{
		count = json_object_array_length(there);
	}
	for (i = 0; i < count; i++)
	{
		if (streq(json_object_get_string(json_object_array_get_idx(there, i)),
				  address))
		{
			return TRUE;
		}
	}
	return streq(control_str(peer, "peer"), address);
}

/**
 * Keep only what has to do with an address.
 */
static json_object *filter(json_object *list, const char *address)
{
	json_object *kept = json_object_new_array(), *item;
	size_t i;

	for (i = 0; i < json_object_array_length(list); i++)
	{
		item = json_object_array_get_idx(list, i);
		if (!address || has_address(item, address))
		{
			json_object_array_add(kept, json_object_get(item));
		}
	}
	return kept;
}

static void print_table(json_object *peers, json_object *refused)
{
	table_t *table;
	size_t i;

	table = table_create(10, "PEER", "IDENTITY", "STATE", "COMMUNITIES", "AGE",
						 "TRAFFIC", "IN", "OUT", "REKEY", "VIRTUAL");
	for (i = 0; i < json_object_array_length(peers); i++)
	{
		add_peer(table, json_object_array_get_idx(peers, i));
	}
	for (i = 0; i < json_object_array_length(refused); i++)
	{
		add_refused(table, json_object_array_get_idx(refused, i));
	}
	table->print(table);
	table->destroy(table);
}

/**
 * Print sessions and refused peers, both adopted.
 */
static void print(json_object *peers, json_object *refused)
{
	json_object *all;

	if (command_json())
	{
		all = json_object_new_object();
		json_object_object_add(all, "peers", peers);
		json_object_object_add(all, "refused", refused);
		output_json(all);
		return;
	}
	print_table(peers, refused);
	json_object_put(peers);
	json_object_put(refused);
}

static coi_exit_t call(int count, char *operands[])
{
	json_object *answer, *peers, *refused;
	char *address = NULL;
	coi_exit_t status;

	if (count)
	{
		address = control_address(operands[0]);
		if (!address)
		{
			return EXIT_USAGE;
		}
	}
	status = control_call(&answer, "status", events, NULL);
	if (status == EXIT_OK)
	{
		peers = filter(json_object_object_get(answer, "peer"), address);
		refused = filter(json_object_object_get(answer, "refused"), address);
		if (address && !json_object_array_length(peers) &&
			!json_object_array_length(refused))
		{
			status = command_error(EXIT_USAGE, "no session with %s: 'coi peers' "
								   "lists all, 'coi open %s' opens one",
								   address, address);
			json_object_put(peers);
			json_object_put(refused);
		}
		else
		{
			print(peers, refused);
		}
		json_object_put(answer);
	}
	free(address);
	return status;
}

static const command_t peers_command = {
	.name = "peers",
	.summary = "list sessions with peers, and peers that are refused",
	.operands = "[ADDR]",
	.max = 1,
	.json = TRUE,
	.options = {
		CONTROL_OPTION,
	},
	.call = call,
	.more = "TRAFFIC is the time since the last one, IN and OUT are bytes. VIRTUAL "
			"are\naddresses that the peer has of a pool here, or this host "
			"(here) of one there;\nADDR may be one of the former.\n",
};

COMMAND(peers_command)
