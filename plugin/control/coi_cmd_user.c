/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_cmd_user.h"
#include "util/coi_timer.h"

#include <daemon.h>

typedef struct private_coi_cmd_user_t private_coi_cmd_user_t;

struct private_coi_cmd_user_t {
	coi_command_t public;
	coi_local_user_t *local_user;
	coi_engine_t *engine;
};

/**
 * Answer who uses this host.
 */
static vici_message_t *answer_user(coi_local_user_t *local_user, u_int renewed)
{
	vici_builder_t *b = coi_vici_library_builder();
	coi_user_t user;

	user = local_user->get(local_user, NULL);
	b->add_kv(b, "success", "yes");
	if (user.name.len)
	{
		b->add_kv(b, "user", "%.*s", (int)user.name.len, user.name.ptr);
		coi_command_add_number(b, "user-since", user.since);
	}
	coi_command_add_number(b, "renewed", renewed);
	coi_user_clear(&user);
	return b->finalize(b);
}

METHOD(coi_command_t, handle, vici_message_t*,
	private_coi_cmd_user_t *this, coi_command_request_t *request)
{
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
		return answer_user(this->local_user, 0);
	}
	if (named && clear)
	{
		return coi_command_invalid("'name' and 'clear' exclude each other");
	}
	if (!coi_command_number(request, "since", UINT64_MAX, &user.since))
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
	this->local_user->set(this->local_user, &user);
	return answer_user(this->local_user, this->engine->renew(this->engine));
}

coi_command_t *coi_cmd_user_create(coi_local_user_t *local_user,
								   coi_engine_t *engine)
{
	private_coi_cmd_user_t *this;

	INIT(this,
		.public = {
			.name = "user",
			.keys = { "name", "since", "clear" },
			.handle = _handle,
			.destroy = (void*)free,
		},
		.local_user = local_user,
		.engine = engine,
	);
	return &this->public;
}
