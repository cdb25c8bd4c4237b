/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "checks.h"
#include "base/command.h"
#include "base/control_client.h"

#include <errno.h>
#include <stdio.h>

#include <libvici.h>

static const char *const community_events[] = { "community", NULL };
static const char *const mistake_events[] = { "mistake", NULL };

/** Ask charon itself for its version; whether it has our plugin loaded. */
static bool ask_charon(doctor_t *doctor, bool *loaded)
{
	vici_conn_t *conn;
	vici_res_t *res;

	*loaded = FALSE;
	control_init();
	conn = vici_connect(NULL);
	if (!conn)
	{
		return FALSE;
	}
	res = vici_submit(vici_begin("version"), conn);
	if (res)
	{
		doctor->charon = strdup(vici_find_str(res, "?", "version"));
		vici_free_res(res);
	}
	res = vici_submit(vici_begin("stats"), conn);
	while (res)
	{
		switch (vici_parse(res))
		{
			case VICI_PARSE_LIST_ITEM:
				*loaded |= streq(vici_parse_value_str(res) ?: "", "coi");
				continue;
			case VICI_PARSE_END:
			case VICI_PARSE_ERROR:
				vici_free_res(res);
				res = NULL;
				break;
			default:
				continue;
		}
	}
	vici_disconnect(conn);
	return doctor->charon != NULL;
}

static void check_version(doctor_t *doctor, json_object *version)
{
	const char *release = control_str(version, "version") ?: "?",
			   *built = control_str(version, "charon") ?: "?";

	if (!streq(release, COI_RELEASE))
	{
		doctor_add(doctor, DOCTOR_WARN, "plugin", "restart charon, so that it "
				   "loads the plugin that is installed", "the plugin in charon "
				   "is release %s, coi is %s", release, COI_RELEASE);
	}
	else if (doctor->charon && !streq(doctor->charon, built))
	{
		doctor_add(doctor, DOCTOR_FAIL, "plugin", "build or install the plugin "
				   "for this release of strongSwan", "the plugin was built for "
				   "strongSwan %s, charon is %s", built, doctor->charon);
	}
	else
	{
		doctor_add(doctor, DOCTOR_OK, "plugin", NULL, "release %s, built for "
				   "strongSwan %s, which runs", release, built);
	}
}

/** What keeps the plugin from opening anything. */
static void check_closed(doctor_t *doctor, json_object *version)
{
	json_object *list = json_object_object_get(version, "closed");
	size_t i, count;

	/* an older plugin has no such list */
	count = list ? json_object_array_length(list) : 0;
	for (i = 0; i < count; i++)
	{
		doctor_add(doctor, DOCTOR_FAIL, "closed", "put it right; the plugin "
				   "tries again within half a minute", "COI is closed, what its "
				   "connections cover is dropped: %s", json_object_get_string(
										json_object_array_get_idx(list, i)));
	}
}

/** Whether it is known who began a connection, if a filter matters. */
static void check_tracking(doctor_t *doctor, json_object *version)
{
	const char *tracking = control_str(version, "tracking") ?: "";

	if (streq(tracking, "flags"))
	{
		doctor_add(doctor, DOCTOR_WARN, "tracking", "load modules nft_ct and "
				   "nf_conntrack, or xt_conntrack, and set conntrack = yes in "
				   "coi.conf", "connections are not tracked: services that are "
				   "only used get answers over TCP alone, and fragments do not "
				   "pass gateways that filter ports");
	}
	else if (streq(tracking, "none"))
	{
		doctor_add(doctor, DOCTOR_FAIL, "tracking", "load modules nf_tables, "
				   "nft_ct and nft_fib_inet, or iptable_mangle and "
				   "xt_conntrack", "the kernel cannot tell who began a "
				   "connection: services that are only used get no answers");
	}
}

/** What the kernel has refused. */
static void check_refused(doctor_t *doctor, json_object *version)
{
	u_int count = control_number(version, "refused-policies");

	if (count)
	{
		doctor_add(doctor, DOCTOR_FAIL, "policy", "look at charon's log and the "
				   "kernel's: is there no memory? They are tried again each half "
				   "minute at least", "the kernel has refused %u policies: what "
				   "was in force before still is, what is new is dropped", count);
	}
}

/** Ask for something, without a word if there is no answer. */
static json_object *ask(const char *command, const char *const *events)
{
	json_object *answer = NULL;

	command_mute(TRUE);
	if (control_call(&answer, command, events, NULL) != EXIT_OK)
	{
		answer = NULL;
	}
	command_mute(FALSE);
	return answer;
}

static void check_mistakes(doctor_t *doctor)
{
	json_object *list, *one;
	const char *name;
	size_t i;

	list = json_object_object_get(doctor->mistakes, "mistake");
	for (i = 0; i < json_object_array_length(list); i++)
	{
		one = json_object_array_get_idx(list, i);
		name = control_str(one, "name");
		doctor_add(doctor, DOCTOR_FAIL, "connection", name ? "let this host know "
				   "its addresses (getent ahosts NAME), or write them in its "
				   "place; traffic to it is not covered until then" : "correct "
				   "it and run swanctl --load-conns; until then what it is for "
				   "is dropped, or in clear if no child has a start_action",
				   "%s", control_str(one, "text"));
	}
}

static void check_communities(doctor_t *doctor)
{
	json_object *list, *one;
	const char *name, *state;
	char remedy[256];
	size_t i;

	list = json_object_object_get(doctor->communities, "community");
	if (!json_object_array_length(list))
	{
		doctor_add(doctor, DOCTOR_WARN, "community", "add a connection with "
				   "auth = xauth-coi to swanctl.conf and run swanctl --load-all, "
				   "see strongswan-coi(7)", "no community is loaded");
	}
	for (i = 0; i < json_object_array_length(list); i++)
	{
		one = json_object_array_get_idx(list, i);
		name = control_str(one, "name") ?: "";
		state = control_str(one, "state") ?: "on";
		if (streq(state, "disabled"))
		{
			snprintf(remedy, sizeof(remedy), "coi enable %s, or --all, when it "
					 "is to be used again", name);
			doctor_add(doctor, DOCTOR_WARN, "community", remedy,
					   "'%s' is disabled by command", name);
		}
		else if (!json_object_array_length(json_object_object_get(one,
															"generations")))
		{
			snprintf(remedy, sizeof(remedy), "put the key into secrets { ppk-%s "
					 "{ id = %s  secret = 0x... } } and run swanctl "
					 "--load-creds", name, name);
			doctor_add(doctor, DOCTOR_WARN, "community", remedy, "'%s' has no "
					   "key here and is not used", name);
		}
		else
		{
			doctor_add(doctor, DOCTOR_OK, "community", NULL, "'%s' has a key, "
					   "%u members are connected", name,
					   (u_int)control_number(one, "member-count"));
		}
	}
}

/** What was refused tells of clocks and NAT. */
static void check_counters(doctor_t *doctor)
{
	json_object *refused;
	u_int count;

	refused = json_object_object_get(doctor->counters, "refused");
	count = control_number(refused, "time");
	if (count)
	{
		doctor_add(doctor, DOCTOR_WARN, "time", "compare this clock with the "
				   "members' ones; coi why ADDR says by how much a member's is "
				   "off", "%u openings of others were refused for their time",
				   count);
	}
	count = control_number(refused, "destination");
	if (count)
	{
		doctor_add(doctor, DOCTOR_WARN, "destination", "if others reach this "
				   "host through NAT, list the address in external_addrs of "
				   "coi.conf", "%u openings of others were refused because they "
				   "were meant for another address", count);
	}
	count = control_number(refused, "internal");
	if (count)
	{
		doctor_add(doctor, DOCTOR_WARN, "internal", "look at charon's log, the "
				   "kernel may have refused an SA or a policy", "%u times "
				   "something failed inside", count);
	}
}

/** What the kernel has is what charon has put there. */
static void check_policies(doctor_t *doctor)
{
	json_object *compared = ask("compare", NULL);
	u_int restored, sas, failed, meddled;

	if (!compared)
	{	/* an older plugin */
		return;
	}
	restored = control_number(compared, "restored");
	sas = control_number(compared, "sas") + control_number(compared, "ended");
	failed = control_number(compared, "failed");
	meddled = control_number(json_object_object_get(doctor->counters, "counts"),
							 "meddled");
	if (failed)
	{
		doctor_add(doctor, DOCTOR_FAIL, "policies", "look at charon's log for "
				   "what the kernel says; systemctl restart strongswan", "%u "
				   "policies or SAs of COI are missing in the kernel, which "
				   "refuses them", failed);
	}
	else if (restored || sas)
	{
		doctor_add(doctor, DOCTOR_WARN, "policies", "find the program that takes "
				   "them out: another IKE daemon, or ip xfrm", "%u policies of "
				   "COI and %u SAs were missing in the kernel and have been put "
				   "back or ended just now", restored, sas);
	}
	else if (meddled)
	{
		doctor_add(doctor, DOCTOR_WARN, "policies", "find the program that takes "
				   "them out: another IKE daemon, or ip xfrm", "%u times another "
				   "program took COI's policies or SAs out of the kernel or "
				   "changed them; they are as they should be", meddled);
	}
	else
	{
		doctor_add(doctor, DOCTOR_OK, "policies", NULL, "the kernel has the %u "
				   "policies that charon has put there",
				   (u_int)control_number(compared, "policies"));
	}
	json_object_put(compared);
}

void doctor_daemon(doctor_t *doctor)
{
	json_object *version;
	bool running, loaded;

	running = ask_charon(doctor, &loaded);
	version = ask("version", NULL);
	doctor->plugin = version != NULL;
	if (!running && !doctor->plugin)
	{
		doctor_add(doctor, DOCTOR_FAIL, "charon", "systemctl start strongswan; "
				   "if it ends at once, journalctl -u strongswan says why",
				   "charon does not run, or its socket cannot be reached");
		return;
	}
	if (!doctor->plugin)
	{
		doctor_add(doctor, DOCTOR_FAIL, "plugin", loaded ? "its log says why: if "
				   "it cannot listen there, COI is closed until it can; is "
				   "control = no in coi.conf?" : "let charon load coi and vici "
				   "(strongswan.d/charon/coi.conf: load = yes), restart it, and "
				   "look for 'coi' in its log", "charon %s runs, but the plugin "
				   "%s", doctor->charon ?: "", loaded ?
				   "does not answer on its control socket" : "is not loaded");
		return;
	}
	check_version(doctor, version);
	check_closed(doctor, version);
	check_tracking(doctor, version);
	check_refused(doctor, version);
	json_object_put(version);
	doctor->counters = ask("counters", NULL);
	doctor->communities = ask("communities", community_events);
	doctor->mistakes = ask("mistakes", mistake_events);
	check_mistakes(doctor);
	check_communities(doctor);
	check_counters(doctor);
	check_policies(doctor);
}
