/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_cmd_compare.h"

typedef struct private_coi_cmd_compare_t private_coi_cmd_compare_t;

struct private_coi_cmd_compare_t {
	coi_command_t public;
	coi_kernel_watch_t *kernel_watch;
};

METHOD(coi_command_t, handle, vici_message_t*,
	private_coi_cmd_compare_t *this, coi_command_request_t *request)
{
	coi_kernel_restored_t restored;
	vici_builder_t *b;

	if (!this->kernel_watch->check(this->kernel_watch, &restored))
	{
		return coi_command_failed("the kernel could not be asked for policies and "
								  "SAs");
	}
	b = coi_vici_library_builder();
	b->add_kv(b, "success", "yes");
	coi_command_add_number(b, "policies", restored.wanted);
	coi_command_add_number(b, "restored", restored.policies + restored.shunts);
	coi_command_add_number(b, "sas", restored.drop_sas);
	coi_command_add_number(b, "ended", restored.children);
	coi_command_add_number(b, "failed", restored.failed);
	return b->finalize(b);
}

coi_command_t *coi_cmd_compare_create(coi_kernel_watch_t *kernel_watch)
{
	private_coi_cmd_compare_t *this;

	INIT(this,
		.public = {
			.name = "compare",
			.handle = _handle,
			.destroy = (void*)free,
		},
		.kernel_watch = kernel_watch,
	);
	return &this->public;
}
