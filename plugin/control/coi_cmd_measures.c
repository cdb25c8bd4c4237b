/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_cmd_measures.h"
#include "coi_report.h"
#include "sa/coi_traffic_totals.h"

#include <inttypes.h>

#include <collections/array.h>
#include <collections/hashtable.h>

static void add_histogram(vici_builder_t *b, coi_histograms_t *timings,
						  coi_histogram_stage_t stage)
{
	coi_histogram_t histogram;
	uint64_t count = 0;
	char name[16];
	u_int i;

	timings->get(timings, stage, &histogram);
	b->begin_section(b, enum_to_name(coi_histogram_stage_names, stage));
	b->begin_section(b, "buckets");
	for (i = 0; i < COI_BUCKETS; i++)
	{
		count += histogram.counts[i];
		snprintf(name, sizeof(name), "%u", coi_histogram_buckets[i]);
		coi_report_number(b, name, count);
	}
	b->end_section(b);
	coi_report_number(b, "count", count + histogram.counts[COI_BUCKETS]);
	coi_report_number(b, "sum", histogram.sum);
	b->end_section(b);
}

/** What open SAs have carried, coi_total_t by community. */
typedef struct {
	hashtable_t *open;
} sums_t;

static void add_use(void *data, const coi_tunnel_use_t *use)
{
	sums_t *sums = data;
	coi_total_t *total;

	total = sums->open->get(sums->open, use->name);
	if (total)
	{
		total->octets_in += use->octets_in;
		total->octets_out += use->octets_out;
		total->packets_in += use->packets_in;
		total->packets_out += use->packets_out;
	}
}

static void add_uses(void *data, const coi_session_entry_t *entry)
{
	if (entry->tunnel)
	{
		entry->tunnel->for_uses(entry->tunnel, add_use, data);
	}
}

static void collect_id(void *data, const coi_session_entry_t *entry)
{
	uintptr_t id = entry->id;

	array_insert(data, ARRAY_TAIL, &id);
}

/** Sum up what the SAs of all sessions have carried. */
static void sum_up(const coi_tools_t *tools, sums_t *sums)
{
	enumerator_t *enumerator;
	coi_connection_t *conn;
	array_t *ids;
	uintptr_t id;
	u_int i;

	enumerator = tools->parts.config->create_enumerator(tools->parts.config);
	while (enumerator->enumerate(enumerator, &conn))
	{
		for (i = 0; i < conn->count; i++)
		{
			if (!sums->open->get(sums->open, conn->children[i].name))
			{
				sums->open->put(sums->open, strdup(conn->children[i].name),
								calloc(1, sizeof(coi_total_t)));
			}
		}
	}
	enumerator->destroy(enumerator);
	ids = array_create(sizeof(uintptr_t), 0);
	tools->parts.sessions->for_all(tools->parts.sessions, collect_id, ids);
	while (array_remove(ids, ARRAY_HEAD, &id))
	{
		tools->engine->visit(tools->engine, id, TRUE, add_uses, sums);
	}
	array_destroy(ids);
}

static void add_traffic(vici_builder_t *b, const coi_tools_t *tools)
{
	enumerator_t *enumerator;
	coi_total_t *open, total;
	char *name;
	sums_t sums = {
		.open = hashtable_create(hashtable_hash_str, hashtable_equals_str, 8),
	};

	sum_up(tools, &sums);
	b->begin_section(b, "traffic");
	enumerator = sums.open->create_enumerator(sums.open);
	while (enumerator->enumerate(enumerator, &name, &open))
	{
		total = coi_traffic_totals_get(name, open);
		b->begin_section(b, name);
		coi_report_number(b, "bytes-in", total.octets_in);
		coi_report_number(b, "bytes-out", total.octets_out);
		coi_report_number(b, "packets-in", total.packets_in);
		coi_report_number(b, "packets-out", total.packets_out);
		b->end_section(b);
		sums.open->remove_at(sums.open, enumerator);
		free(name);
		free(open);
	}
	enumerator->destroy(enumerator);
	b->end_section(b);
	sums.open->destroy(sums.open);
}

vici_message_t *coi_cmd_measures_handle(coi_command_t *request)
{
	const coi_tools_t *tools = request->tools;
	vici_builder_t *b = coi_vici_library_builder();
	u_int i;

	b->begin_section(b, "stages");
	for (i = 0; i < COI_STAGES; i++)
	{
		add_histogram(b, tools->parts.timings, i);
	}
	b->end_section(b);
	add_traffic(b, tools);
	coi_report_number(b, "waiting", tools->parts.callout->count(
									tools->parts.callout, NULL, NULL));
	return b->finalize(b);
}
