/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_report.h"
#include "util/coi_selector.h"
#include "config/coi_service_text.h"

#include <inttypes.h>

#include <collections/array.h>

/** members of a community that are listed, so that a message is not too long */
#define MAX_MEMBERS 1000

void coi_report_number(vici_builder_t *b, char *key, uint64_t number)
{
	b->add_kv(b, key, "%" PRIu64, number);
}

void coi_report_fingerprint(vici_builder_t *b, const coi_key_t *key)
{
	char text[COI_FINGERPRINT_TEXT];

	coi_key_fingerprint(key, text);
	b->add_kv(b, "fingerprint", "%s", text);
}

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

static void add_members(const coi_parts_t *parts, vici_builder_t *b,
						const coi_connection_t *conn, const char *name)
{
	members_t members = {
		.conn = conn,
		.name = name,
		.hosts = array_create(0, 0),
	};
	host_t *host, *last = NULL;
	u_int count = 0;

	parts->sessions->for_all(parts->sessions, collect_member,
								  &members);
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
	coi_report_number(b, "member-count", count);
	array_destroy(members.hosts);
}

static void add_generations(const coi_parts_t *parts, vici_builder_t *b,
							const coi_connection_t *conn,
							const coi_child_t *child)
{
	coi_keyset_t *set;
	char number[16];
	u_int i;

	set = parts->keyring->get(parts->keyring, conn, child->suite);
	b->begin_section(b, "generations");
	for (i = 0; i < set->count; i++)
	{
		if (streq(set->keys[i]->name, child->name))
		{
			snprintf(number, sizeof(number), "%u", set->keys[i]->generation);
			b->begin_section(b, number);
			coi_report_fingerprint(b, set->keys[i]);
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
static const char *get_state(const coi_parts_t *parts,
							 const coi_child_t *child)
{
	coi_admin_state_t *switches = parts->switches;
	child_cfg_t *cfg = child->cfg;

	if (switches->is_disabled(switches, child->name))
	{
		return "disabled";
	}
	if (cfg->get_start_action(cfg) == ACTION_NONE)
	{
		return switches->is_enabled(switches, child->name) ? "enabled"
														   : "on-demand";
	}
	return "on";
}

static vici_message_t *build_community(const coi_parts_t *parts,
									   const coi_connection_t *conn,
									   const coi_child_t *child)
{
	vici_builder_t *b = coi_vici_library_builder();
	const coi_community_t *community;

	b->add_kv(b, "name", "%s", child->name);
	b->add_kv(b, "connection", "%s", conn->name);
	b->add_kv(b, "suite", "%s", child->suite->name);
	b->add_kv(b, "state", "%s", get_state(parts, child));
	add_generations(parts, b, conn, child);
	community = coi_profile_find(conn->profile, child->name);
	if (community)
	{
		add_services(b, "offers", &community->offers);
		add_services(b, "uses", &community->uses);
	}
	add_members(parts, b, conn, child->name);
	return b->finalize(b);
}

void coi_report_communities(const coi_parts_t *parts, coi_report_cb_t cb,
							void *data)
{
	enumerator_t *enumerator;
	coi_connection_t *conn;
	u_int i;

	enumerator = parts->config->create_enumerator(parts->config);
	while (enumerator->enumerate(enumerator, &conn))
	{
		for (i = 0; i < conn->count; i++)
		{
			cb(data, "community", build_community(parts, conn,
												  &conn->children[i]));
		}
	}
	enumerator->destroy(enumerator);
}
