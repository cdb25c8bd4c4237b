/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_cmd_measures.h"
#include "coi_visit.h"

#include <collections/hashtable.h>

typedef struct private_coi_cmd_measures_t private_coi_cmd_measures_t;

struct private_coi_cmd_measures_t {
	coi_command_t public;
	coi_histograms_t *histograms;
	coi_hold_t *hold;
	coi_config_t *config;
	coi_session_table_t *sessions;
	coi_engine_t *engine;
	coi_traffic_totals_t *totals;
};

static void add_histogram(vici_builder_t *b, coi_histograms_t *histograms,
						  coi_histogram_stage_t stage)
{
	coi_histogram_t histogram;
	uint64_t count = 0;
	char name[16];
	u_int i;

	histograms->get(histograms, stage, &histogram);
	b->begin_section(b, enum_to_name(coi_histogram_stage_names, stage));
	b->begin_section(b, "buckets");
	for (i = 0; i < COI_BUCKETS; i++)
	{
		count += histogram.counts[i];
		snprintf(name, sizeof(name), "%u", coi_histogram_buckets[i]);
		coi_command_add_number(b, name, count);
	}
	b->end_section(b);
	coi_command_add_number(b, "count", count + histogram.counts[COI_BUCKETS]);
	coi_command_add_number(b, "sum", histogram.sum);
	b->end_section(b);
}

/** What open SAs have carried, coi_traffic_total_t by community. */
typedef struct {
	hashtable_t *open;
} sums_t;

static void add_use(void *data, const coi_tunnel_use_t *use)
{
	sums_t *sums = data;
	coi_traffic_total_t *total;

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

/** Sum up what the SAs of all sessions have carried. */
static void sum_up(private_coi_cmd_measures_t *this, sums_t *sums)
{
	enumerator_t *enumerator;
	coi_connection_t *conn;
	u_int i;

	enumerator = this->config->create_enumerator(this->config);
	while (enumerator->enumerate(enumerator, &conn))
	{
		for (i = 0; i < conn->count; i++)
		{
			if (!sums->open->get(sums->open, conn->children[i].name))
			{
				sums->open->put(sums->open, strdup(conn->children[i].name),
								calloc(1, sizeof(coi_traffic_total_t)));
			}
		}
	}
	enumerator->destroy(enumerator);
	coi_visit_sessions(this->sessions, this->engine, TRUE, add_uses, NULL, sums);
}

static void add_traffic(private_coi_cmd_measures_t *this, vici_builder_t *b)
{
	enumerator_t *enumerator;
	coi_traffic_total_t *open, total;
	char *name;
	sums_t sums = {
		.open = hashtable_create(hashtable_hash_str, hashtable_equals_str, 8),
	};

	sum_up(this, &sums);
	b->begin_section(b, "traffic");
	enumerator = sums.open->create_enumerator(sums.open);
	while (enumerator->enumerate(enumerator, &name, &open))
	{
		total = this->totals->get(this->totals, name, open);
		b->begin_section(b, name);
		coi_command_add_traffic(b, total.octets_in, total.octets_out,
								total.packets_in, total.packets_out);
		b->end_section(b);
		sums.open->remove_at(sums.open, enumerator);
		free(name);
		free(open);
	}
	enumerator->destroy(enumerator);
	b->end_section(b);
	sums.open->destroy(sums.open);
}

METHOD(coi_command_t, handle, vici_message_t*,
	private_coi_cmd_measures_t *this, coi_command_request_t *request)
{
	vici_builder_t *b = coi_vici_library_builder();
	u_int i;

	b->begin_section(b, "stages");
	for (i = 0; i < COI_STAGES; i++)
	{
		add_histogram(b, this->histograms, i);
	}
	b->end_section(b);
	add_traffic(this, b);
	coi_command_add_number(b, "waiting",
						   this->hold->count(this->hold, NULL, NULL));
	return b->finalize(b);
}

coi_command_t *coi_cmd_measures_create(coi_histograms_t *histograms,
									   coi_hold_t *hold, coi_config_t *config,
									   coi_session_table_t *sessions,
									   coi_engine_t *engine,
									   coi_traffic_totals_t *totals)
{
	private_coi_cmd_measures_t *this;

	INIT(this,
		.public = {
			.name = "measures",
			.handle = _handle,
			.destroy = (void*)free,
		},
		.histograms = histograms,
		.hold = hold,
		.config = config,
		.sessions = sessions,
		.engine = engine,
		.totals = totals,
	);
	return &this->public;
}
