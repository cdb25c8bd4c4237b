/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_cmd_forget.h"

typedef struct private_coi_cmd_forget_t private_coi_cmd_forget_t;

struct private_coi_cmd_forget_t {
	coi_command_t public;
	coi_negative_cache_t *negative_cache;
};

METHOD(coi_command_t, handle, vici_message_t*,
	private_coi_cmd_forget_t *this, coi_command_request_t *request)
{
	coi_negative_cache_t *refused = this->negative_cache;
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

coi_command_t *coi_cmd_forget_create(coi_negative_cache_t *negative_cache)
{
	private_coi_cmd_forget_t *this;

	INIT(this,
		.public = {
			.name = "forget",
			.keys = { "peer" },
			.handle = _handle,
			.destroy = (void*)free,
		},
		.negative_cache = negative_cache,
	);
	return &this->public;
}
