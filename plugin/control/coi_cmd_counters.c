/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_cmd_counters.h"

typedef struct private_coi_cmd_counters_t private_coi_cmd_counters_t;

struct private_coi_cmd_counters_t {
	coi_command_t public;
	coi_counters_t *counters;
};

METHOD(coi_command_t, handle, vici_message_t*,
	private_coi_cmd_counters_t *this, coi_command_request_t *request)
{
	coi_counters_t *counters = this->counters;
	vici_builder_t *b = coi_vici_library_builder();
	u_int i;

	b->begin_section(b, "counts");
	for (i = 0; i < COI_COUNT_MAX; i++)
	{
		coi_command_add_number(b, enum_to_name(coi_counter_names, i),
							   counters->get(counters, i));
	}
	b->end_section(b);
	b->begin_section(b, "refused");
	for (i = COI_OK + 1; i < COI_REASON_MAX; i++)
	{
		coi_command_add_number(b, enum_to_name(coi_reason_names, i),
							   counters->get_refused(counters, i));
	}
	b->end_section(b);
	return b->finalize(b);
}

coi_command_t *coi_cmd_counters_create(coi_counters_t *counters)
{
	private_coi_cmd_counters_t *this;

	INIT(this,
		.public = {
			.name = "counters",
			.handle = _handle,
			.destroy = (void*)free,
		},
		.counters = counters,
	);
	return &this->public;
}
