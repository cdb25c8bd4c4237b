/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "metrics.h"
#include "base/control_client.h"
#include "base/output.h"

#include <inttypes.h>

static const char *const status_events[] = { "peer", "refused", NULL };
static const char *const community_events[] = { "community", NULL };
static const char *const mistake_events[] = { "mistake", NULL };

/** All that the plugin says. */
typedef struct {
	json_object *version;
	json_object *status;
	json_object *communities;
	json_object *counters;
	json_object *measures;
	json_object *mistakes;
} answers_t;

/** Begin a family of metrics. */
static void family(FILE *out, const char *name, const char *type,
				   const char *help)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/** Write a label's value, with what would end it escaped. */
static void write_label(FILE *out, const char *value)
{
	for (; *value; value++)
	{
		switch (*value)
		{
			case '\n':
				fputs("\\n", out);
				break;
			case '"':
			case '\\':
				fputc('\\', out);
				/* FALLTHROUGH */
			default:
				fputc(*value, out);
				break;
		}
	}
}

/** Write a sample with one label. */
static void sample(FILE *out, const char *name, const char *label,
				   const char *value, uint64_t number)
{
	fprintf(out, "%s{%s=\"", name, label);
	write_label(out, value);
	fprintf(out, "\"} %" PRIu64 "\n", number);
}

/** Write a sample with two. */
static void sample2(FILE *out, const char *name, const char *label,
					const char *value, const char *label2, const char *value2,
					uint64_t number)
{
	fprintf(out, "%s{%s=\"", name, label);
	write_label(out, value);
	fprintf(out, "\",%s=\"", label2);
	write_label(out, value2);
	fprintf(out, "\"} %" PRIu64 "\n", number);
}

static json_object *list(json_object *answer, const char *key)
{
	return json_object_object_get(answer, key);
}

static void write_info(FILE *out, const answers_t *all)
{
	family(out, "coi_build_info", "gauge", "Releases of the plugin and of the "
		   "strongSwan that it was built for.");
	sample2(out, "coi_build_info", "version",
			control_str(all->version, "version") ?: "", "charon",
			control_str(all->version, "charon") ?: "", 1);
	family(out, "coi_connections_unusable", "gauge",
		   "Connections that are not used because of a mistake.");
	fprintf(out, "coi_connections_unusable %zu\n", (size_t)
			json_object_array_length(list(all->mistakes, "mistake")));
}

static void write_sessions(FILE *out, const answers_t *all)
{
	json_object *peers = list(all->status, "peer"), *peer, *value;
	uint64_t open = 0, opening = 0, superseded = 0;
	size_t i;

	for (i = 0; i < json_object_array_length(peers); i++)
	{
		peer = json_object_array_get_idx(peers, i);
		if (json_object_object_get_ex(peer, "superseded", &value) &&
			json_object_get_boolean(value))
		{
			superseded++;
		}
		else if (json_object_object_get_ex(peer, "age", NULL))
		{
			open++;
		}
		else
		{
			opening++;
		}
	}
	family(out, "coi_sessions", "gauge", "Sessions by state.");
	sample(out, "coi_sessions", "state", "open", open);
	sample(out, "coi_sessions", "state", "opening", opening);
	sample(out, "coi_sessions", "state", "superseded", superseded);
	family(out, "coi_peers_refused", "gauge",
		   "Peers that did not answer and are not asked for a while.");
	fprintf(out, "coi_peers_refused %zu\n",
			(size_t)json_object_array_length(list(all->status, "refused")));
}

static void write_communities(FILE *out, const answers_t *all)
{
	json_object *communities = list(all->communities, "community"), *one;
	uint64_t configured = 0, up = 0;
	size_t i, count = json_object_array_length(communities);

	family(out, "coi_community_members", "gauge",
		   "Peers with an open session that carries the community.");
	for (i = 0; i < count; i++)
	{
		one = json_object_array_get_idx(communities, i);
		sample2(out, "coi_community_members", "community",
				control_str(one, "name") ?: "", "connection",
				control_str(one, "connection") ?: "",
				control_number(one, "member-count"));
		configured++;
		up += control_number(one, "member-count") > 0;
	}
	family(out, "coi_community_keys", "gauge",
		   "Generations of the key that this host has.");
	for (i = 0; i < count; i++)
	{
		one = json_object_array_get_idx(communities, i);
		sample2(out, "coi_community_keys", "community",
				control_str(one, "name") ?: "", "connection",
				control_str(one, "connection") ?: "",
				json_object_array_length(list(one, "generations")));
	}
	family(out, "coi_community_disabled", "gauge",
		   "1 if the community is disabled by command.");
	for (i = 0; i < count; i++)
	{
		one = json_object_array_get_idx(communities, i);
		sample2(out, "coi_community_disabled", "community",
				control_str(one, "name") ?: "", "connection",
				control_str(one, "connection") ?: "",
				streq(control_str(one, "state") ?: "", "disabled"));
	}
	family(out, "coi_communities", "gauge", "Communities that are configured, "
		   "and of these those with a member that is connected.");
	sample(out, "coi_communities", "state", "configured", configured);
	sample(out, "coi_communities", "state", "up", up);
}

/** Counters of the plugin, and what they are called here. */
static const struct {
	const char *name;
	const char *label;
	const char *help;
	struct {
		const char *value;
		const char *counter;
	} samples[4];
} counters[] = {
	{ "coi_datagrams_total", "direction", "Datagrams of the COI protocol.",
	  { { "in", "received" }, { "out", "sent" } } },
	{ "coi_openings_total", "role", "Openings that were begun.",
	  { { "initiator", "initiated" }, { "responder", "responded" } } },
	{ "coi_openings_ended_total", "result", "Openings that ended.",
	  { { "opened", "opened" }, { "failed", "failed" } } },
	{ "coi_sessions_closed_total", "was", "Open sessions that ended.",
	  { { "open", "closed" } } },
	{ "coi_held_packets_total", "result", "Packets that asked for a tunnel.",
	  { { "held", "held" }, { "released", "released" },
		{ "dropped", "dropped" } } },
	{ "coi_setup_tries_total", "result", "Tries to set up what COI is closed "
	  "without.", { { "failed", "obstructed" } } },
	{ "coi_meddled_total", "result", "Times that another program took or changed "
	  "policies or SAs.", { { "restored", "meddled" } } },
	{ "coi_router_errors_total", "result", "What routers said of packets in "
	  "tunnels.", { { "told", "heard" }, { "refused", "misquoted" } } },
};

static void write_counters(FILE *out, const answers_t *all)
{
	json_object *counts = list(all->counters, "counts"),
				*refused = list(all->counters, "refused");
	u_int i, j;

	for (i = 0; i < countof(counters); i++)
	{
		family(out, counters[i].name, "counter", counters[i].help);
		for (j = 0; j < countof(counters[i].samples) &&
					counters[i].samples[j].value; j++)
		{
			sample(out, counters[i].name, counters[i].label,
				   counters[i].samples[j].value,
				   control_number(counts, counters[i].samples[j].counter));
		}
	}
	family(out, "coi_refused_total", "counter",
		   "What was refused, by reason (PROTOCOL.md section 14).");
	if (refused)
	{
		json_object_object_foreach(refused, reason, number)
		{
			sample(out, "coi_refused_total", "reason", reason,
				   json_object_get_int64(number));
		}
	}
}

static void write_traffic(FILE *out, const answers_t *all, const char *name,
						  const char *help, const char *in, const char *outward)
{
	json_object *traffic = list(all->measures, "traffic"), *one;
	const char *community;
	size_t i;

	family(out, name, "counter", help);
	for (i = 0; i < json_object_array_length(traffic); i++)
	{
		one = json_object_array_get_idx(traffic, i);
		community = control_str(one, "name") ?: "";
		sample2(out, name, "community", community, "direction", "in",
				control_number(one, in));
		sample2(out, name, "community", community, "direction", "out",
				control_number(one, outward));
	}
}

/** Write ms as seconds. */
static void write_seconds(FILE *out, uint64_t ms)
{
	fprintf(out, "%" PRIu64 ".%03" PRIu64, ms / 1000, ms % 1000);
}

static void write_histograms(FILE *out, const answers_t *all)
{
	json_object *stages = list(all->measures, "stages");

	family(out, "coi_duration_seconds", "histogram", "How long stages took: "
		   "answer, confirm and open of an initiator, respond of a responder, "
		   "hold of packets until their tunnel was open.");
	if (!stages)
	{
		return;
	}
	json_object_object_foreach(stages, stage, histogram)
	{
		json_object_object_foreach(list(histogram, "buckets"), end, count)
		{
			fprintf(out, "coi_duration_seconds_bucket{stage=\"%s\",le=\"",
					stage);
			write_seconds(out, strtoull(end, NULL, 10));
			fprintf(out, "\"} %" PRIi64 "\n", json_object_get_int64(count));
		}
		fprintf(out, "coi_duration_seconds_bucket{stage=\"%s\",le=\"+Inf\"} %"
				PRIu64 "\ncoi_duration_seconds_sum{stage=\"%s\"} ", stage,
				control_number(histogram, "count"), stage);
		write_seconds(out, control_number(histogram, "sum"));
		fprintf(out, "\ncoi_duration_seconds_count{stage=\"%s\"} %" PRIu64 "\n",
				stage, control_number(histogram, "count"));
	}
}

static coi_exit_t ask(answers_t *all)
{
	const struct {
		const char *command;
		const char *const *events;
		json_object **answer;
	} questions[] = {
		{ "version", NULL, &all->version },
		{ "status", status_events, &all->status },
		{ "communities", community_events, &all->communities },
		{ "counters", NULL, &all->counters },
		{ "measures", NULL, &all->measures },
		{ "mistakes", mistake_events, &all->mistakes },
	};
	coi_exit_t status = EXIT_OK;
	u_int i;

	for (i = 0; i < countof(questions) && status == EXIT_OK; i++)
	{
		status = control_call(questions[i].answer, questions[i].command,
							  questions[i].events, NULL);
	}
	return status;
}

coi_exit_t metrics_write(FILE *out)
{
	answers_t all = {};
	coi_exit_t status;

	status = ask(&all);
	family(out, "coi_up", "gauge", "1 if charon answers for the plugin.");
	fprintf(out, "coi_up %d\n", status == EXIT_OK);
	if (status == EXIT_OK)
	{
		write_info(out, &all);
		write_sessions(out, &all);
		write_communities(out, &all);
		write_counters(out, &all);
		family(out, "coi_held_packets", "gauge",
			   "Packets that wait for a tunnel now.");
		fprintf(out, "coi_held_packets %" PRIu64 "\n",
				control_number(all.measures, "waiting"));
		write_traffic(out, &all, "coi_community_bytes_total",
					  "Octets that tunnels carried, over rekeying.", "bytes-in",
					  "bytes-out");
		write_traffic(out, &all, "coi_community_packets_total",
					  "Packets that tunnels carried, over rekeying.",
					  "packets-in", "packets-out");
		write_histograms(out, &all);
	}
	json_object_put(all.version);
	json_object_put(all.status);
	json_object_put(all.communities);
	json_object_put(all.counters);
	json_object_put(all.measures);
	json_object_put(all.mistakes);
	return status;
}
