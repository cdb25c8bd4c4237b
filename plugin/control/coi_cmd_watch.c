/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_cmd_watch.h"

/** ms that a watcher may wait at most */
#define MAX_WAIT 10000

typedef struct private_coi_cmd_watch_t private_coi_cmd_watch_t;

struct private_coi_cmd_watch_t {
	coi_command_t public;
	coi_events_t *events;
};

/** Stream one event, a coi_events_cb_t. */
static void stream_item(void *data, const coi_events_item_t *item)
{
	vici_builder_t *b = coi_vici_library_builder();
	u_int i;

	coi_command_add_number(b, "number", item->number);
	coi_command_add_number(b, "time", item->time);
	b->add_kv(b, "event", "%N", coi_events_type_names, item->type);
	for (i = 0; i < COI_EVENTS_KEYS; i++)
	{
		if (item->values[i])
		{
			b->add_kv(b, enum_to_name(coi_events_key_names, i), "%s",
					  item->values[i]);
		}
	}
	coi_command_send(data, "event", b->finalize(b));
}

METHOD(coi_command_t, handle, vici_message_t*,
	private_coi_cmd_watch_t *this, coi_command_request_t *request)
{
	coi_events_t *events = this->events;
	uint64_t after = 0, wait = 0, lost = 0;
	vici_builder_t *b;

	if (!coi_command_number(request, "after", UINT64_MAX, &after) ||
		!coi_command_number(request, "wait", MAX_WAIT, &wait))
	{
		return coi_command_invalid("'after' has to be the number of an event, "
								   "'wait' milliseconds, at most %u", MAX_WAIT);
	}
	if (request->message->get_value(request->message, chunk_empty,
									"after").ptr)
	{
		if (after > events->get_last(events))
		{	/* it was told by another charon */
			after = 0;
		}
		after = events->read(events, after, wait, COI_EVENTS_KEPT, &lost,
							 stream_item, request);
	}
	else
	{	/* from now on */
		after = events->get_last(events);
	}
	b = coi_vici_library_builder();
	b->add_kv(b, "success", "yes");
	coi_command_add_number(b, "next", after);
	coi_command_add_number(b, "lost", lost);
	return b->finalize(b);
}

coi_command_t *coi_cmd_watch_create(coi_events_t *events)
{
	private_coi_cmd_watch_t *this;

	INIT(this,
		.public = {
			.name = "watch",
			.keys = { "after", "wait" },
			.handle = _handle,
			.destroy = (void*)free,
		},
		.events = events,
	);
	return &this->public;
}
