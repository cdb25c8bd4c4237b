/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_cmd_open.h"
#include "config/coi_connection.h"

#include <threading/thread.h>

typedef struct private_coi_cmd_open_t private_coi_cmd_open_t;

struct private_coi_cmd_open_t {
	coi_command_t public;
	coi_config_watch_t *watch;
	coi_config_t *config;
	coi_initiate_t *initiate;
};

/**
 * Read the time to wait: less than 0 for not at all.
 */
static bool get_timeout(coi_command_request_t *request, int *timeout)
{
	uint64_t number = 0;
	char *text;

	text = request->message->get_str(request->message, NULL, "timeout");
	if (text && streq(text, "-1"))
	{
		*timeout = -1;
		return TRUE;
	}
	if (!coi_command_number(request, "timeout", INT_MAX, &number))
	{
		return FALSE;
	}
	*timeout = number;
	return TRUE;
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
static vici_message_t *prepare(private_coi_cmd_open_t *this,
							   coi_command_request_t *request,
							   coi_initiate_call_t *call)
{
	char list[COI_COMMAND_LIST] = "";
	u_int i;

	if (!coi_initiate_is_peer(call->other))
	{
		return coi_command_invalid("%H is no other host, an address that is "
								   "neither an own one nor one of many hosts "
								   "is allowed", call->other);
	}
	this->watch->refresh(this->watch);
	call->conn = this->config->find(this->config, NULL, call->other);
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

METHOD(coi_command_t, handle, vici_message_t*,
	private_coi_cmd_open_t *this, coi_command_request_t *request)
{
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
	answer = prepare(this, request, &call);
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
	switch (this->initiate->run(this->initiate, &call))
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

coi_command_t *coi_cmd_open_create(coi_config_watch_t *watch,
								   coi_config_t *config,
								   coi_initiate_t *initiate)
{
	private_coi_cmd_open_t *this;

	INIT(this,
		.public = {
			.name = "open",
			.keys = { "peer", "timeout", "child" },
			.handle = _handle,
			.destroy = (void*)free,
		},
		.watch = watch,
		.config = config,
		.initiate = initiate,
	);
	return &this->public;
}
