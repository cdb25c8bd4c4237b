/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_cmd_version.h"
#include "core/coi_suite.h"

typedef struct private_coi_cmd_version_t private_coi_cmd_version_t;

struct private_coi_cmd_version_t {
	coi_command_t public;
	coi_obstacles_t *obstacles;
	coi_pair_policy_t *policy;
};

/** List what stands in the way, a coi_obstacle_cb_t. */
static void list_obstacle(void *data, const char *part, const char *why)
{
	vici_builder_t *b = data;

	b->add_li(b, "%s", why);
}

METHOD(coi_command_t, handle, vici_message_t*,
	private_coi_cmd_version_t *this, coi_command_request_t *request)
{
	coi_pair_policy_t *policy = this->policy;
	coi_policy_store_t *store = policy->get_store(policy);
	vici_builder_t *b = coi_vici_library_builder();
	u_int i;

	b->add_kv(b, "version", "%s", COI_RELEASE);
	coi_command_add_number(b, "protocol", COI_VERSION);
	b->add_kv(b, "charon", "%s", VERSION);
	b->add_kv(b, "tracking", "%N", coi_tracker_method_names,
			  policy->get_tracking(policy));
	b->begin_list(b, "suites");
	for (i = 0; i < COI_SUITES; i++)
	{
		b->add_li(b, "%s", coi_suite_nth(i)->name);
	}
	b->end_list(b);
	b->begin_list(b, "closed");
	this->obstacles->for_all(this->obstacles, list_obstacle, b);
	b->end_list(b);
	coi_command_add_number(b, "refused-policies",
						   store->count_refused(store, COI_POLICY_GROUP_KINDS));
	return b->finalize(b);
}

coi_command_t *coi_cmd_version_create(coi_obstacles_t *obstacles,
									  coi_pair_policy_t *policy)
{
	private_coi_cmd_version_t *this;

	INIT(this,
		.public = {
			.name = "version",
			.handle = _handle,
			.destroy = (void*)free,
		},
		.obstacles = obstacles,
		.policy = policy,
	);
	return &this->public;
}
