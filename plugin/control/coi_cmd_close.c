/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_cmd_close.h"
#include "core/coi_utf8.h"

#include <collections/array.h>

typedef struct private_coi_cmd_close_t private_coi_cmd_close_t;

struct private_coi_cmd_close_t {
	coi_command_t public;
	coi_session_table_t *sessions;
	coi_engine_t *engine;
};

/** Sessions with a peer. */
typedef struct {
	array_t *ids;
	char carried[COI_COMMAND_LIST];
} found_t;

static void collect(void *data, const coi_session_entry_t *entry)
{
	found_t *found = data;
	uintptr_t id = entry->id;
	enumerator_t *enumerator;
	coi_share_t *share;

	array_insert(found->ids, ARRAY_TAIL, &id);
	enumerator = array_create_enumerator(entry->shares);
	while (enumerator->enumerate(enumerator, &share))
	{
		if (!share->on_demand)
		{
			coi_command_list(found->carried, share->child->name);
		}
	}
	enumerator->destroy(enumerator);
}

/**
 * Close what is open with a peer.
 *
 * @param name		community, NULL for all
 */
static vici_message_t *close_peer(private_coi_cmd_close_t *this, host_t *peer,
								  char *name, char *text)
{
	found_t found = {
		.ids = array_create(sizeof(uintptr_t), 0),
	};
	u_int sessions, count = 0;
	uintptr_t id;

	this->sessions->for_pair(this->sessions, NULL, peer, collect, &found);
	sessions = array_count(found.ids);
	while (array_remove(found.ids, ARRAY_HEAD, &id))
	{
		count += this->engine->close(this->engine, id, name, text);
	}
	array_destroy(found.ids);
	if (count)
	{
		return coi_command_count("closed", count);
	}
	if (sessions && name)
	{
		return coi_command_invalid("the session with %H has no community '%s', "
								   "it has: %s", peer, name,
								   *found.carried ? found.carried : "none");
	}
	return coi_command_invalid("no session with %H, 'status' shows with whom "
							   "there is one", peer);
}

/**
 * Read a text for people: one line.
 *
 * @param text		receives it, empty if there is none
 * @return			NULL if all is well, else what to answer
 */
static vici_message_t *get_reason(coi_command_request_t *request,
								  char text[COI_MAX_TERM_TEXT + 1])
{
	chunk_t reason;

	reason = request->message->get_value(request->message, chunk_empty,
										 "reason");
	if (reason.len > COI_MAX_TERM_TEXT)
	{
		return coi_command_invalid("'reason' is too long, %d octets are "
								   "allowed", COI_MAX_TERM_TEXT);
	}
	if (!coi_utf8_is_text(reason))
	{	/* the peer would refuse it */
		return coi_command_invalid("'reason' is no UTF-8 or has a control "
								   "character, one line of text is allowed");
	}
	snprintf(text, COI_MAX_TERM_TEXT + 1, "%.*s", (int)reason.len, reason.ptr);
	return NULL;
}

METHOD(coi_command_t, handle, vici_message_t*,
	private_coi_cmd_close_t *this, coi_command_request_t *request)
{
	char text[COI_MAX_TERM_TEXT + 1], *name;
	vici_message_t *answer;
	host_t *peer;

	answer = get_reason(request, text);
	if (answer)
	{
		return answer;
	}
	peer = coi_command_peer(request, &answer);
	if (peer)
	{
		name = request->message->get_str(request->message, NULL, "community");
		answer = close_peer(this, peer, name, *text ? text : NULL);
		peer->destroy(peer);
	}
	return answer;
}

coi_command_t *coi_cmd_close_create(coi_session_table_t *sessions,
									coi_engine_t *engine)
{
	private_coi_cmd_close_t *this;

	INIT(this,
		.public = {
			.name = "close",
			.keys = { "peer", "community", "reason" },
			.handle = _handle,
			.destroy = (void*)free,
		},
		.sessions = sessions,
		.engine = engine,
	);
	return &this->public;
}
