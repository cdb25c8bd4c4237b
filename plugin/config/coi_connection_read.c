/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_connection_read.h"
#include "coi_auth_rounds.h"
#include "coi_child_read.h"
#include "coi_settings_check.h"

/** C of a session has 96 places at most, PROTOCOL.md section 6 */
#define MAX_CHILDREN COI_MAX_KEYS

bool coi_connection_is_coi(peer_cfg_t *peer)
{
	u_int total;

	return coi_auth_rounds_count(peer, TRUE, &total) &&
		   coi_auth_rounds_count(peer, FALSE, &total);
}

bool coi_connection_concerns(peer_cfg_t *peer)
{
	u_int total;

	return coi_auth_rounds_count(peer, TRUE, &total) ||
		   coi_auth_rounds_count(peer, FALSE, &total);
}

linked_list_t *coi_connection_peers()
{
	enumerator_t *enumerator;
	linked_list_t *peers;
	peer_cfg_t *peer;

	peers = linked_list_create();
	enumerator = charon->backends->create_peer_cfg_enumerator(charon->backends,
											NULL, NULL, NULL, NULL, IKE_ANY);
	while (enumerator->enumerate(enumerator, &peer))
	{
		if (coi_connection_concerns(peer))
		{
			peers->insert_last(peers, peer->get_ref(peer));
		}
	}
	enumerator->destroy(enumerator);
	return peers;
}

/**
 * Get the local identity as it goes onto the wire.
 *
 * @param type		receives type, 0 if none is configured
 * @param id		receives data, borrowed from the peer config
 */
static bool read_identity(peer_cfg_t *peer, uint8_t *type, chunk_t *id,
						  coi_mistake_t *mistake)
{
	enumerator_t *enumerator;
	identification_t *identity = NULL;
	auth_cfg_t *auth;

	*type = 0;
	*id = chunk_empty;
	enumerator = peer->create_auth_cfg_enumerator(peer, TRUE);
	if (enumerator->enumerate(enumerator, &auth))
	{
		identity = auth->get(auth, AUTH_RULE_IDENTITY);
	}
	enumerator->destroy(enumerator);
	if (!identity || identity->get_type(identity) == ID_ANY)
	{
		return TRUE;
	}
	switch (identity->get_type(identity))
	{
		case ID_IPV4_ADDR:
		case ID_FQDN:
		case ID_RFC822_ADDR:
		case ID_IPV6_ADDR:
		case ID_DER_ASN1_DN:
		case ID_KEY_ID:
			break;
		default:
			return coi_mistake_note(mistake, ".local.id = %Y: an address, host "
									"name, mail address, DN or key id is "
									"allowed", identity);
	}
	*type = identity->get_type(identity);
	*id = identity->get_encoding(identity);
	if (!id->len || id->len > COI_MAX_IDENTITY)
	{
		return coi_mistake_note(mistake, ".local.id = %Y: 1 to %d octets are "
								"allowed", identity, COI_MAX_IDENTITY);
	}
	return TRUE;
}

/**
 * Get the user of this host, the identity that a client of XAuth has.
 *
 * @param user		receives it, its name borrowed from the peer config
 */
static bool read_user(peer_cfg_t *peer, coi_user_t *user,
					  coi_mistake_t *mistake)
{
	enumerator_t *enumerator;
	identification_t *identity = NULL;
	auth_cfg_t *auth;

	*user = (coi_user_t){};
	enumerator = peer->create_auth_cfg_enumerator(peer, TRUE);
	if (enumerator->enumerate(enumerator, &auth))
	{
		identity = auth->get(auth, AUTH_RULE_XAUTH_IDENTITY);
	}
	enumerator->destroy(enumerator);
	if (!identity)
	{
		return TRUE;
	}
	switch (identity->get_type(identity))
	{
		case ID_FQDN:
		case ID_RFC822_ADDR:
		case ID_KEY_ID:
			user->name = identity->get_encoding(identity);
			break;
		default:
			break;
	}
	if (!coi_user_valid(user->name))
	{
		return coi_mistake_note(mistake, ".local.xauth_id = %Y: a user's name "
								"of 1 to %d octets of UTF-8 without control "
								"characters is allowed", identity,
								COI_MAX_USER);
	}
	return TRUE;
}

/**
 * Refuse a child of another suite than the first one's: two hosts use one suite
 * with each other.
 */
static bool check_suite(coi_connection_t *conn, u_int i,
						coi_mistake_t *mistake)
{
	const coi_child_t *first = &conn->children[0], *child = &conn->children[i];

	if (child->suite == first->suite)
	{
		return TRUE;
	}
	return coi_mistake_note(mistake, ".children.%s: suite %s is allowed beside "
							"children.%s, not %s; communities of two suites "
							"need a connection each", child->name,
							first->suite->name, first->name,
							child->suite->name);
}

/**
 * Read all child sections.
 *
 * @param cfgs		child configs, linked_list_t of child_cfg_t
 */
static bool read_children(linked_list_t *cfgs, coi_connection_t *conn,
						  coi_mistake_t *mistake)
{
	enumerator_t *enumerator;
	child_cfg_t *cfg;
	bool good = TRUE;
	u_int i = 0;

	enumerator = cfgs->create_enumerator(cfgs);
	while (good && enumerator->enumerate(enumerator, &cfg))
	{
		if (coi_connection_find(conn, cfg->get_name(cfg)))
		{
			good = coi_mistake_note(mistake, ".children.%s: each COI is "
									"allowed once", cfg->get_name(cfg));
			break;
		}
		conn->children[i].cfg = cfg->get_ref(cfg);
		conn->count = i + 1;
		good = coi_child_read(cfg, &conn->children[i],
							  &conn->profile->communities[i], mistake) &&
			   check_suite(conn, i, mistake);
		conn->suite = conn->children[0].suite;
		i++;
	}
	enumerator->destroy(enumerator);
	return good;
}

/** Whether a connection has any virtual addresses to ask for, or pools. */
static bool has_any(enumerator_t *enumerator)
{
	void *item;
	bool any;

	any = enumerator->enumerate(enumerator, &item);
	enumerator->destroy(enumerator);
	return any;
}

/**
 * Read whether virtual addresses are needed or given, for which the children need
 * tunnels.
 */
static bool read_virtual(peer_cfg_t *peer, coi_connection_t *conn,
						 coi_mistake_t *mistake)
{
	u_int i;

	conn->profile->wishes = has_any(peer->create_virtual_ip_enumerator(peer));
	conn->gives = has_any(peer->create_pool_enumerator(peer));
	conn->profile->third |= conn->gives;
	for (i = 0; i < conn->count && (conn->gives || conn->profile->wishes); i++)
	{
		if (conn->profile->communities[i].mode != COI_MODE_TUNNEL)
		{
			return coi_mistake_note(mistake, ".%s: mode = tunnel is needed in "
									"children.%s",
									conn->gives ? "pools" : "vips",
									conn->children[i].name);
		}
	}
	return TRUE;
}

/** Whether a child is no community but lets pass or drops. */
static bool is_shunt(child_cfg_t *cfg)
{
	return cfg->get_mode(cfg) == MODE_PASS || cfg->get_mode(cfg) == MODE_DROP;
}

/** Note what is wrong with such a child. */
static void check_shunt(child_cfg_t *cfg, coi_mistake_t *mistake)
{
	coi_mistake_t inner = {
		.conn = mistake->conn,
		.child = cfg->get_name(cfg),
	};

	coi_settings_check_clear(cfg, &inner);
	coi_mistake_take(mistake, &inner);
}

/**
 * Read everything.
 *
 * @return			NULL if something is wrong, which was noted then
 */
static coi_connection_t *read_connection(peer_cfg_t *peer, linked_list_t *cfgs,
										 uint64_t start,
										 coi_mistake_t *mistake)
{
	coi_connection_t *conn;
	coi_user_t user;
	uint8_t id_type;
	chunk_t id;
	int count;

	count = cfgs->get_count(cfgs);
	if (!coi_auth_rounds_check(peer, mistake) ||
		!read_identity(peer, &id_type, &id, mistake) ||
		!read_user(peer, &user, mistake))
	{
		return NULL;
	}
	if (peer->get_ike_version(peer) == IKEV1)
	{
		coi_mistake_note(mistake, ".version = 1: 2 is allowed with xauth-coi");
		return NULL;
	}
	if (!coi_settings_check(peer, mistake))
	{
		return NULL;
	}
	if (count < 1 || count > MAX_CHILDREN)
	{
		coi_mistake_note(mistake, ".children: 1 to %d COIs are allowed, not %d",
						 MAX_CHILDREN, count);
		return NULL;
	}

	INIT(conn,
		.name = strdup(peer->get_name(peer)),
		.peer = peer->get_ref(peer),
		.profile = coi_profile_create(id_type, id, start, count),
		.user = coi_user_clone(&user),
		.children = calloc(count, sizeof(coi_child_t)),
		.refcount = 1,
	);
	if (!conn->profile || !read_children(cfgs, conn, mistake))
	{
		coi_connection_destroy(conn);
		return NULL;
	}
	conn->profile->demands = coi_auth_rounds_identity(peer, FALSE) != NULL;
	conn->profile->third = coi_auth_rounds_identity(peer, TRUE) != NULL;
	if (!read_virtual(peer, conn, mistake))
	{
		coi_connection_destroy(conn);
		return NULL;
	}
	return conn;
}

coi_connection_t *coi_connection_read(peer_cfg_t *peer, uint64_t start,
									  char **error)
{
	coi_connection_t *conn;
	enumerator_t *enumerator;
	linked_list_t *cfgs;
	child_cfg_t *cfg;
	coi_mistake_t mistake = {
		.conn = peer->get_name(peer),
	};

	/* a reload replaces children while we read them, hence references */
	cfgs = linked_list_create();
	enumerator = peer->create_child_cfg_enumerator(peer);
	while (enumerator->enumerate(enumerator, &cfg))
	{
		if (is_shunt(cfg))
		{
			check_shunt(cfg, &mistake);
		}
		else
		{
			cfgs->insert_last(cfgs, cfg->get_ref(cfg));
		}
	}
	enumerator->destroy(enumerator);

	conn = mistake.found ? NULL : read_connection(peer, cfgs, start, &mistake);
	cfgs->destroy_offset(cfgs, offsetof(child_cfg_t, destroy));
	*error = NULL;
	if (!conn && asprintf(error, "%s; connection '%s' is not used",
						  mistake.text ?: "no memory", mistake.conn) < 0)
	{
		*error = NULL;
	}
	coi_mistake_clear(&mistake);
	return conn;
}
