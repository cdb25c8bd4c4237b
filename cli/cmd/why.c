/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "base/command.h"
#include "base/control_client.h"
#include "base/setting_place.h"
#include "base/nat_rules.h"
#include "base/output.h"

static bool inbound;
static const char *file = LOCATE_SWANCTL;

/** What verdicts mean for scripts. */
static coi_exit_t get_status(const char *verdict)
{
	if (streq(verdict, "clear"))
	{
		return EXIT_CLEAR;
	}
	return streq(verdict, "blocked") ? EXIT_FAILED : EXIT_OK;
}

/** Find the place of the setting that decided. */
static void add_place(json_object *answer)
{
	const char *setting = control_str(answer, "setting");
	locate_t place = {};

	if (setting && strpfx((char*)setting, "connections"))
	{
		locate_setting(file, setting, &place);
	}
	if (place.file)
	{
		json_object_object_add(answer, "file", output_json_string(place.file));
		json_object_object_add(answer, "line",
							   json_object_new_int64(place.line));
		json_object_object_add(answer, "set",
							   json_object_new_boolean(place.exact));
	}
	free(place.file);
}

static void print_line(const char *fmt, const char *a, const char *b)
{
	char *first = output_clean(a ?: ""), *second = output_clean(b ?: "");

	printf(fmt, first, second);
	free(first);
	free(second);
}

static void print(json_object *answer)
{
	const char *setting = control_str(answer, "setting"),
			   *path = control_str(answer, "file");
	bool set = json_object_get_boolean(json_object_object_get(answer, "set"));

	print_line(inbound ? "%s from %s: " : "%s to %s: ",
			   control_str(answer, "service"), control_str(answer, "peer"));
	print_line("%s%s.\n", control_str(answer, "text"), NULL);
	if (setting && path)
	{
		print_line(set ? "  decided by %s in %s" : "  decided by %s, which is "
				   "not set in %s", setting, path);
		printf(":%u\n", (u_int)control_number(answer, "line"));
	}
	else if (setting)
	{
		print_line("  decided by %s%s\n", setting, NULL);
	}
	if (control_str(answer, "nat-rule"))
	{
		print_line("  but what comes from %s is dropped where this rule of NAT "
				   "gives it another source: %s\n",
				   control_str(answer, "nat-source"),
				   control_str(answer, "nat-rule"));
	}
}

/** A rule of NAT is in the way, a nat_cb_t. */
static void add_rule(void *data, const char *rule, const char *src,
					 const char *dst)
{
	json_object *answer = data;

	if (!control_str(answer, "nat-rule"))
	{
		json_object_object_add(answer, "nat-rule", output_json_string(rule));
		json_object_object_add(answer, "nat-source", output_json_string(src));
	}
}

/**
 * Add what NAT of this host does to what it forwards there, of which the plugin
 * knows nothing.
 */
static void add_nat(json_object *answer, const char *address)
{
	host_t *to;

	to = host_create_from_string((char*)address, 0);
	if (to && !inbound && get_status(control_str(answer, "verdict") ?: "") ==
		EXIT_OK)
	{
		nat_find(to, add_rule, answer);
	}
	DESTROY_IF(to);
}

static coi_exit_t call(int count, char *operands[])
{
	json_object *answer;
	coi_exit_t status;
	char *address;

	address = control_address(operands[0]);
	if (!address)
	{
		return EXIT_USAGE;
	}
	status = control_call(&answer, "why", NULL, "peer", address,
						  "service", count > 1 ? operands[1] : NULL,
						  "direction", inbound ? "in" : "out", NULL);
	if (status == EXIT_OK)
	{
		status = get_status(control_str(answer, "verdict") ?: "");
		add_place(answer);
		add_nat(answer, address);
		if (!control_print_json(answer, NULL))
		{
			print(answer);
		}
		json_object_put(answer);
	}
	free(address);
	return status;
}

static const command_t why_command = {
	.name = "why",
	.summary = "say what happens to a packet, and which setting decides",
	.operands = "ADDR [SERVICE]",
	.min = 1,
	.max = 2,
	.json = TRUE,
	.options = {
		{ "in", 'i', .flag = &inbound,
		  .help = "a packet from ADDR to a service here (default: to ADDR)" },
		{ "file", 'f', "FILE", .value = &file,
		  .help = "where to find lines (default: " LOCATE_SWANCTL ")" },
		CONTROL_OPTION,
	},
	.call = call,
	.more = "SERVICE is a protocol, or a protocol and a port: tcp/443, udp/53, "
			"icmp, 47.\n\nExit status: 0 it goes through a tunnel, or opens "
			"one; 1 it is blocked;\n4 it goes in clear, or another connection "
			"decides.\n",
};

COMMAND(why_command)
