/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_cmd_communities.h"
#include "util/coi_selector.h"
#include "config/coi_service_text.h"

#include <collections/array.h>

/** members of a community that are listed, so that a message is not too long */
#define MAX_MEMBERS 1000

typedef struct private_coi_cmd_communities_t private_coi_cmd_communities_t;

struct private_coi_cmd_communities_t {
	coi_command_t public;
	coi_config_watch_t *watch;
	coi_config_t *config;
	coi_keyring_t *keyring;
	coi_admin_state_t *admin_state;
	coi_session_table_t *sessions;
};

/** Peers that a community's open sessions are with. */
typedef struct {
	const coi_connection_t *conn;
	const char *name;
	/** host_t */
	array_t *hosts;
} members_t;

static void collect_member(void *data, const coi_session_entry_t *entry)
{
	members_t *members = data;
	coi_share_t *share;

	share = coi_share_list_find(entry->shares, members->name);
	if (entry->established && share && !share->on_demand &&
		streq(entry->conn->name, members->conn->name))
	{
		array_insert(members->hosts, ARRAY_TAIL,
					 entry->other->clone(entry->other));
	}
}

static int compare_hosts(const void *a, const void *b, void *user)
{
	host_t *left = (host_t*)a, *right = (host_t*)b;

	return chunk_compare(left->get_address(left), right->get_address(right));
}

static void add_members(private_coi_cmd_communities_t *this, vici_builder_t *b,
						const coi_connection_t *conn, const char *name)
{
	members_t members = {
		.conn = conn,
		.name = name,
		.hosts = array_create(0, 0),
	};
	host_t *host, *last = NULL;
	u_int count = 0;

	this->sessions->for_all(this->sessions, collect_member, &members);
	array_sort(members.hosts, compare_hosts, NULL);
	b->begin_list(b, "members");
	while (array_remove(members.hosts, ARRAY_HEAD, &host))
	{
		/* a peer has two sessions while one replaces the other */
		if ((!last || !host->ip_equals(host, last)) && ++count <= MAX_MEMBERS)
		{
			b->add_li(b, "%H", host);
		}
		DESTROY_IF(last);
		last = host;
	}
	DESTROY_IF(last);
	b->end_list(b);
	coi_command_add_number(b, "member-count", count);
	array_destroy(members.hosts);
}

static void add_generations(private_coi_cmd_communities_t *this, vici_builder_t *b,
							const coi_connection_t *conn,
							const coi_child_t *child)
{
	coi_keyset_t *set;
	char number[16];
	u_int i;

	set = this->keyring->get(this->keyring, conn, child->suite);
	b->begin_section(b, "generations");
	for (i = 0; i < set->count; i++)
	{
		if (streq(set->keys[i]->name, child->name))
		{
			snprintf(number, sizeof(number), "%u", set->keys[i]->generation);
			b->begin_section(b, number);
			coi_command_add_fingerprint(b, set->keys[i]);
			b->end_section(b);
		}
	}
	b->end_section(b);
	coi_keyset_destroy(set);
}

static void add_services(vici_builder_t *b, char *name,
						 const coi_services_t *services)
{
	char buf[COI_SERVICE_TEXT_LEN], range[128];
	u_int i;

	b->begin_list(b, name);
	for (i = 0; i < services->count; i++)
	{
		coi_service_text_write(&services->list[i], buf);
		if (services->list[i].at.family == COI_FAMILY_HOST)
		{
			b->add_li(b, "%s", buf);
			continue;
		}
		coi_selector_print(&services->list[i].at, range, sizeof(range));
		b->add_li(b, "%s[%s]", range, buf);
	}
	b->end_list(b);
}

/** Whether a community is used, and its traffic asks for tunnels. */
static const char *get_state(private_coi_cmd_communities_t *this,
							 const coi_child_t *child)
{
	coi_admin_state_t *admin_state = this->admin_state;
	child_cfg_t *cfg = child->cfg;

	if (admin_state->is_disabled(admin_state, child->name))
	{
		return "disabled";
	}
	if (cfg->get_start_action(cfg) == ACTION_NONE)
	{
		return admin_state->is_enabled(admin_state, child->name) ? "enabled"
																 : "on-demand";
	}
	return "on";
}

static vici_message_t *build_community(private_coi_cmd_communities_t *this,
									   const coi_connection_t *conn,
									   const coi_child_t *child)
{
	vici_builder_t *b = coi_vici_library_builder();
	const coi_community_t *community;

	b->add_kv(b, "name", "%s", child->name);
	b->add_kv(b, "connection", "%s", conn->name);
	b->add_kv(b, "suite", "%s", child->suite->name);
	b->add_kv(b, "state", "%s", get_state(this, child));
	add_generations(this, b, conn, child);
	community = coi_profile_find(conn->profile, child->name);
	if (community)
	{
		add_services(b, "offers", &community->offers);
		add_services(b, "uses", &community->uses);
	}
	add_members(this, b, conn, child->name);
	return b->finalize(b);
}

METHOD(coi_command_t, handle, vici_message_t*,
	private_coi_cmd_communities_t *this, coi_command_request_t *request)
{
	enumerator_t *enumerator;
	coi_connection_t *conn;
	u_int i;

	/* a key that was loaded just now counts */
	this->watch->refresh(this->watch);
	enumerator = this->config->create_enumerator(this->config);
	while (enumerator->enumerate(enumerator, &conn))
	{
		for (i = 0; i < conn->count; i++)
		{
			coi_command_send(request, "community",
							 build_community(this, conn, &conn->children[i]));
		}
	}
	enumerator->destroy(enumerator);
	return coi_command_done();
}

coi_command_t *coi_cmd_communities_create(coi_config_watch_t *watch,
										  coi_config_t *config,
										  coi_keyring_t *keyring,
										  coi_admin_state_t *admin_state,
										  coi_session_table_t *sessions)
{
	private_coi_cmd_communities_t *this;

	INIT(this,
		.public = {
			.name = "communities",
			.handle = _handle,
			.destroy = (void*)free,
		},
		.watch = watch,
		.config = config,
		.keyring = keyring,
		.admin_state = admin_state,
		.sessions = sessions,
	);
	return &this->public;
}
