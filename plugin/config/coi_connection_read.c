/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_connection_read.h"
#include "coi_auth_rounds.h"
#include "coi_child_read.h"
#include "coi_settings_check.h"

#include <stdarg.h>

/** C of a session has 96 places at most, PROTOCOL.md section 6 */
#define MAX_CHILDREN COI_MAX_KEYS

typedef struct reader_t reader_t;

/** A connection that is being read. */
struct reader_t {
	peer_cfg_t *peer;
	char *name;
	/** first mistake that was found, NULL if none */
	char *error;
};

/**
 * Note a mistake.
 *
 * @param fmt		key, value and what is allowed
 * @return			FALSE
 */
static bool refuse(reader_t *this, char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&this->error, fmt, args) < 0)
	{
		this->error = NULL;
	}
	va_end(args);
	return FALSE;
}

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
static bool read_identity(reader_t *this, uint8_t *type, chunk_t *id)
{
	enumerator_t *enumerator;
	identification_t *identity = NULL;
	auth_cfg_t *auth;

	*type = 0;
	*id = chunk_empty;
	enumerator = this->peer->create_auth_cfg_enumerator(this->peer, TRUE);
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
			return refuse(this, "connections.%s.local.id = %Y: an address, host "
						  "name, mail address, DN or key id is allowed",
						  this->name, identity);
	}
	*type = identity->get_type(identity);
	*id = identity->get_encoding(identity);
	if (!id->len || id->len > COI_MAX_IDENTITY)
	{
		return refuse(this, "connections.%s.local.id = %Y: 1 to %d octets are "
					  "allowed", this->name, identity, COI_MAX_IDENTITY);
	}
	return TRUE;
}

/**
 * Get the user of this host, the identity that a client of XAuth has.
 *
 * @param user		receives it, its name borrowed from the peer config
 */
static bool read_user(reader_t *this, coi_user_t *user)
{
	enumerator_t *enumerator;
	identification_t *identity = NULL;
	auth_cfg_t *auth;

	*user = (coi_user_t){};
	enumerator = this->peer->create_auth_cfg_enumerator(this->peer, TRUE);
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
		return refuse(this, "connections.%s.local.xauth_id = %Y: a user's name "
					  "of 1 to %d octets of UTF-8 without control characters is "
					  "allowed", this->name, identity, COI_MAX_USER);
	}
	return TRUE;
}

/**
 * Refuse a child of another suite than the first one's: two hosts use one suite
 * with each other.
 */
static bool check_suite(reader_t *this, coi_connection_t *conn, u_int i)
{
	const coi_child_t *first = &conn->children[0], *child = &conn->children[i];

	if (child->suite == first->suite)
	{
		return TRUE;
	}
	return refuse(this, "connections.%s.children.%s: suite %s is allowed beside "
				  "children.%s, not %s; communities of two suites need a "
				  "connection each", this->name, child->name,
				  first->suite->name, first->name, child->suite->name);
}

/**
 * Read all child sections.
 *
 * @param cfgs		child configs, linked_list_t of child_cfg_t
 */
static bool read_children(reader_t *this, linked_list_t *cfgs,
						  coi_connection_t *conn)
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
			good = refuse(this, "connections.%s.children.%s: each COI is allowed "
						  "once", this->name, cfg->get_name(cfg));
			break;
		}
		conn->children[i].cfg = cfg->get_ref(cfg);
		conn->count = i + 1;
		good = coi_child_read(this->name, cfg, &conn->children[i],
							  &conn->profile->communities[i], &this->error) &&
			   check_suite(this, conn, i);
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
static bool read_virtual(reader_t *this, coi_connection_t *conn)
{
	peer_cfg_t *peer = this->peer;
	u_int i;

	conn->profile->wishes = has_any(peer->create_virtual_ip_enumerator(peer));
	conn->gives = has_any(peer->create_pool_enumerator(peer));
	conn->profile->third |= conn->gives;
	for (i = 0; i < conn->count && (conn->gives || conn->profile->wishes); i++)
	{
		if (conn->profile->communities[i].mode != COI_MODE_TUNNEL)
		{
			return refuse(this, "connections.%s.%s: mode = tunnel is needed in "
						  "children.%s", this->name,
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

/**
 * Read everything.
 *
 * @return			NULL if something is wrong, which was noted then
 */
static coi_connection_t *read_connection(reader_t *this, linked_list_t *cfgs,
										 uint64_t start)
{
	coi_connection_t *conn;
	coi_user_t user;
	uint8_t id_type;
	chunk_t id;
	int count;

	count = cfgs->get_count(cfgs);
	if (!coi_auth_rounds_check(this->peer, &this->error) ||
		!read_identity(this, &id_type, &id) ||
		!read_user(this, &user))
	{
		return NULL;
	}
	if (this->peer->get_ike_version(this->peer) == IKEV1)
	{
		refuse(this, "connections.%s.version = 1: 2 is allowed with xauth-coi",
			   this->name);
		return NULL;
	}
	this->error = coi_settings_check(this->peer);
	if (this->error)
	{
		return NULL;
	}
	if (count < 1 || count > MAX_CHILDREN)
	{
		refuse(this, "connections.%s.children: 1 to %d COIs are allowed, not %d",
			   this->name, MAX_CHILDREN, count);
		return NULL;
	}

	INIT(conn,
		.name = strdup(this->name),
		.peer = this->peer->get_ref(this->peer),
		.profile = coi_profile_create(id_type, id, start, count),
		.user = coi_user_clone(&user),
		.children = calloc(count, sizeof(coi_child_t)),
		.refcount = 1,
	);
	if (!conn->profile || !read_children(this, cfgs, conn))
	{
		coi_connection_destroy(conn);
		return NULL;
	}
	conn->profile->demands = coi_auth_rounds_identity(this->peer,
													  FALSE) != NULL;
	conn->profile->third = coi_auth_rounds_identity(this->peer, TRUE) != NULL;
	if (!read_virtual(this, conn))
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
	reader_t reader = {
		.peer = peer,
		.name = peer->get_name(peer),
	};

	/* a reload replaces children while we read them, hence references */
	cfgs = linked_list_create();
	enumerator = peer->create_child_cfg_enumerator(peer);
	while (enumerator->enumerate(enumerator, &cfg))
	{
		if (!is_shunt(cfg))
		{
			cfgs->insert_last(cfgs, cfg->get_ref(cfg));
		}
		else if (!reader.error)
		{
			reader.error = coi_settings_check_clear(reader.name, cfg);
		}
	}
	enumerator->destroy(enumerator);

	conn = reader.error ? NULL : read_connection(&reader, cfgs, start);
	cfgs->destroy_offset(cfgs, offsetof(child_cfg_t, destroy));
	*error = NULL;
	if (!conn && asprintf(error, "%s; connection '%s' is not used",
						  reader.error ?: "no memory", reader.name) < 0)
	{
		*error = NULL;
	}
	free(reader.error);
	return conn;
}
