/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_cmd_session.h"
#include "config/coi_connection.h"
#include "coi_report.h"
#include "core/coi_utf8.h"

#include <errno.h>

#include <collections/array.h>
#include <threading/thread.h>

/**
 * Read the time to wait: less than 0 for not at all.
 */
static bool get_timeout(coi_command_t *request, int *timeout)
{
	char *text, *end;
	long value;

	text = request->message->get_str(request->message, "0", "timeout");
	errno = 0;
	value = strtol(text, &end, 10);
	*timeout = value;
	return *text && !*end && !errno && value >= -1 && value <= INT_MAX;
}

/** Keep what is said last, it is why an opening failed. */
static bool on_said(void *data, debug_t group, level_t level, ike_sa_t *ike_sa,
					const char *text)
{
	char *said = data;

	if (!ike_sa)
	{
		snprintf(said, BUF_LEN, "%s", text);
	}
	return TRUE;
}

/**
 * Find connection, own address and community of a call.
 *
 * @return			NULL if all is well, else what to answer
 */
static vici_message_t *prepare(coi_command_t *request,
							   coi_initiate_call_t *call)
{
	const coi_tools_t *tools = request->tools;
	char list[COI_LIST_LEN] = "";
	u_int i;

	if (!coi_initiate_is_peer(call->other))
	{
		return coi_command_invalid("%H is no other host, an address that is "
								   "neither an own one nor one of many hosts "
								   "is allowed", call->other);
	}
	tools->refresher->refresh(tools->refresher);
	call->conn = tools->parts.config->find(tools->parts.config, NULL,
										   call->other);
	if (!call->conn)
	{
		return coi_command_invalid("%H is in no connection with auth = "
								   "xauth-coi, add it to remote_addrs of one",
								   call->other);
	}
	call->child = request->message->get_str(request->message, NULL, "child");
	if (call->child && !coi_connection_find(call->conn, call->child))
	{
		for (i = 0; i < call->conn->count; i++)
		{
			coi_command_list(list, call->conn->children[i].name);
		}
		return coi_command_invalid("connection '%s' for %H has no community "
								   "'%s', it has: %s", call->conn->name,
								   call->other, call->child, list);
	}
	call->me = coi_connection_source(call->conn, call->other);
	if (!call->me)
	{
		return coi_command_failed("no route leads to %H", call->other);
	}
	return NULL;
}

vici_message_t *coi_cmd_session_open(coi_command_t *request)
{
	const coi_tools_t *tools = request->tools;
	char said[BUF_LEN] = "";
	vici_message_t *answer;
	host_t *address;
	int timeout;
	coi_initiate_call_t call = {
		.cb = on_said,
		.param = said,
	};

	if (!get_timeout(request, &timeout))
	{
		return coi_command_invalid("'timeout' has to be milliseconds, 0 for as "
								   "long as it takes, or -1 not to wait");
	}
	call.other = coi_command_peer(request, &answer);
	if (!call.other)
	{
		return answer;
	}
	answer = prepare(request, &call);
	if (answer)
	{
		coi_initiate_call_clear(&call);
		return answer;
	}
	/* the call takes the address */
	address = call.other->clone(call.other);
	call.timeout = max(timeout, 0);
	if (timeout < 0)
	{
		call.cb = NULL;
	}
	thread_cleanup_push((void*)address->destroy, address);
	switch (tools->initiator->run(tools->initiator, &call))
	{
		case SUCCESS:
			answer = coi_command_done();
			break;
		case OUT_OF_RES:
			answer = coi_command_failed("COI session with %H not open after %d "
										"ms", address, timeout);
			break;
		default:
			answer = coi_command_failed("%s", *said ? said
										: "there is no key, see the log");
			break;
	}
	thread_cleanup_pop(TRUE);
	return answer;
}

/** Sessions with a peer. */
typedef struct {
	array_t *ids;
	char carried[COI_LIST_LEN];
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
static vici_message_t *close_peer(const coi_tools_t *tools, host_t *peer,
								  char *name, char *text)
{
	found_t found = {
		.ids = array_create(sizeof(uintptr_t), 0),
	};
	u_int sessions, count = 0;
	uintptr_t id;

	tools->parts.sessions->for_pair(tools->parts.sessions, NULL, peer, collect,
									&found);
	sessions = array_count(found.ids);
	while (array_remove(found.ids, ARRAY_HEAD, &id))
	{
		count += tools->engine->close(tools->engine, id, name, text);
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
static vici_message_t *get_reason(coi_command_t *request,
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

vici_message_t *coi_cmd_session_close(coi_command_t *request)
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
		answer = close_peer(request->tools, peer, name, *text ? text : NULL);
		peer->destroy(peer);
	}
	return answer;
}

vici_message_t *coi_cmd_session_forget(coi_command_t *request)
{
	coi_negative_cache_t *refused = request->tools->parts.refused;
	vici_message_t *answer;
	host_t *peer = NULL;
	u_int count;

	if (request->message->get_value(request->message, chunk_empty, "peer").ptr)
	{
		peer = coi_command_peer(request, &answer);
		if (!peer)
		{
			return answer;
		}
	}
	count = refused->forget(refused, peer);
	if (peer && !count)
	{
		answer = coi_command_invalid("%H is not refused, 'status' shows who is",
									 peer);
	}
	else
	{
		answer = coi_command_count("forgotten", count);
	}
	DESTROY_IF(peer);
	return answer;
}

/**
 * Answer who uses this host.
 */
static vici_message_t *answer_user(const coi_tools_t *tools, u_int renewed)
{
	coi_local_user_t *login = tools->parts.login;
	vici_builder_t *b = coi_vici_library_builder();
	coi_user_t user;

	user = login->get(login, NULL);
	b->add_kv(b, "success", "yes");
	if (user.name.len)
	{
		b->add_kv(b, "user", "%.*s", (int)user.name.len, user.name.ptr);
		coi_report_number(b, "user-since", user.since);
	}
	coi_report_number(b, "renewed", renewed);
	coi_user_clear(&user);
	return b->finalize(b);
}

vici_message_t *coi_cmd_session_user(coi_command_t *request)
{
	const coi_tools_t *tools = request->tools;
	vici_message_t *message = request->message;
	coi_user_t user = {
		.since = coi_timer_wall(),
	};
	chunk_t none = chunk_from_chars(0);
	bool clear, named;

	clear = message->get_bool(message, FALSE, "clear");
	user.name = message->get_value(message, none, "name");
	/* an empty one is not a missing one */
	named = user.name.ptr != none.ptr;
	if (!named && !clear)
	{
		return answer_user(tools, 0);
	}
	if (named && clear)
	{
		return coi_command_invalid("'name' and 'clear' exclude each other");
	}
	if (!coi_command_number(request, "since", &user.since))
	{
		return coi_command_invalid("'since' has to be milliseconds since 1970");
	}
	if (clear)
	{
		user = (coi_user_t){};
		DBG1(DBG_CFG, "user of this host logged out");
	}
	else if (!coi_user_valid(user.name))
	{
		return coi_command_invalid("'name' has to have 1 to %d octets of UTF-8 "
								   "without control characters", COI_MAX_USER);
	}
	else
	{
		DBG1(DBG_CFG, "user '%.*s' of this host logged in", (int)user.name.len,
			 user.name.ptr);
	}
	tools->parts.login->set(tools->parts.login, &user);
	return answer_user(tools, tools->engine->renew(tools->engine));
}
