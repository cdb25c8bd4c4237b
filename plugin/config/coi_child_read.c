/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_child_read.h"
#include "policy/coi_policy_priority.h"
#include "coi_settings_check.h"
#include "coi_services_read.h"
#include "coi_suite_choice.h"
#include "core/coi_utf8.h"

#include <stdarg.h>

#include <sa/keymat.h>

/** flows must stand above calls for a community that may join, and what blocks */
#define MAX_PRIORITY (COI_PRIO_JOIN - 1)

typedef struct reader_t reader_t;

/** A child section that is being read. */
struct reader_t {
	/** name of the connection */
	const char *conn;
	child_cfg_t *cfg;
	/** mistake that was found, NULL if none */
	char *error;
};

/**
 * Note a mistake.
 *
 * @param fmt		key in the child section, value and what is allowed
 * @return			FALSE
 */
static bool refuse(reader_t *this, char *fmt, ...)
{
	char buf[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(buf, sizeof(buf), fmt, args);
	va_end(args);
	if (asprintf(&this->error, "connections.%s.children.%s%s", this->conn,
				 this->cfg->get_name(this->cfg), buf) < 0)
	{
		this->error = NULL;
	}
	return FALSE;
}

/**
 * Get the name of a mode as swanctl.conf has it.
 */
static char *get_mode_name(child_cfg_t *cfg)
{
	switch (cfg->get_mode(cfg))
	{
		case MODE_TRANSPORT:
			return cfg->has_option(cfg, OPT_PROXY_MODE) ? "transport_proxy"
														: "transport";
		case MODE_TUNNEL:
			return "tunnel";
		case MODE_BEET:
			return "beet";
		case MODE_PASS:
			return "pass";
		case MODE_DROP:
			return "drop";
		default:
			return "unknown";
	}
}

ipsec_mode_t coi_child_read_mode(uint8_t mode)
{
	return mode == COI_MODE_TUNNEL ? MODE_TUNNEL : MODE_TRANSPORT;
}

/**
 * Read the mode of a community.
 */
static bool read_mode(reader_t *this, uint8_t *mode)
{
	child_cfg_t *cfg = this->cfg;

	switch (cfg->get_mode(cfg))
	{
		case MODE_TRANSPORT:
			if (cfg->has_option(cfg, OPT_PROXY_MODE))
			{
				break;
			}
			*mode = COI_MODE_TRANSPORT;
			return TRUE;
		case MODE_TUNNEL:
			*mode = COI_MODE_TUNNEL;
			return TRUE;
		default:
			break;
	}
	return refuse(this, ".mode = %s: a COI child is transport or tunnel",
				  get_mode_name(cfg));
}

/**
 * Octets of KEYMAT that an encryption algorithm takes besides the key: its
 * salt, as charon's keymat_v2 counts them.
 */
static uint16_t get_salt_len(uint16_t encr)
{
	switch (encr)
	{
		case ENCR_AES_CCM_ICV8:
		case ENCR_AES_CCM_ICV12:
		case ENCR_AES_CCM_ICV16:
		case ENCR_CAMELLIA_CCM_ICV8:
		case ENCR_CAMELLIA_CCM_ICV12:
		case ENCR_CAMELLIA_CCM_ICV16:
			return 3;
		case ENCR_AES_GCM_ICV8:
		case ENCR_AES_GCM_ICV12:
		case ENCR_AES_GCM_ICV16:
		case ENCR_AES_CTR:
		case ENCR_CAMELLIA_CTR:
		case ENCR_NULL_AUTH_AES_GMAC:
		case ENCR_CHACHA20_POLY1305:
			return 4;
		default:
			return 0;
	}
}

/**
 * Complete a proposal by the lengths of its keys.
 *
 * @return			FALSE if it cannot be used for ESP
 */
static bool set_key_lengths(coi_proposal_t *proposal)
{
	u_int bits = proposal->encr_bits;

	if (!bits)
	{
		bits = keymat_get_keylen_encr(proposal->encr);
	}
	if (!bits && proposal->encr != ENCR_NULL)
	{
		return FALSE;
	}
	proposal->encr_len = bits / 8 + get_salt_len(proposal->encr);
	if (encryption_algorithm_is_aead(proposal->encr))
	{
		return !proposal->integ;
	}
	proposal->integ_len = keymat_get_keylen_integ(proposal->integ) / 8;
	return proposal->integ_len != 0;
}

/**
 * Append a proposal unless it is there already or there is no room: with the
 * long list of swanctl's defaults, it is the least wanted ones that do not fit.
 */
static void add_proposal(coi_community_t *community, coi_proposal_t *proposal)
{
	u_int i;

	for (i = 0; i < community->proposal_count; i++)
	{
		if (community->proposals[i].encr == proposal->encr &&
			community->proposals[i].encr_bits == proposal->encr_bits &&
			community->proposals[i].integ == proposal->integ &&
			community->proposals[i].esn == proposal->esn)
		{
			return;
		}
	}
	if (community->proposal_count < COI_MAX_PROPOSALS)
	{
		community->proposals[community->proposal_count++] = *proposal;
	}
}

/** Algorithms of one type in a proposal, best first. */
typedef struct {
	struct {
		uint16_t alg;
		uint16_t bits;
	} list[COI_MAX_PROPOSALS];
	u_int count;
} algorithms_t;

/**
 * Collect the algorithms of a type; if there is none, the list is one 0.
 */
static void get_algorithms(proposal_t *proposal, transform_type_t type,
						   algorithms_t *algs)
{
	enumerator_t *enumerator;
	uint16_t alg, bits;

	memset(algs, 0, sizeof(*algs));
	enumerator = proposal->create_enumerator(proposal, type);
	while (algs->count < countof(algs->list) &&
		   enumerator->enumerate(enumerator, &alg, &bits))
	{
		algs->list[algs->count].alg = alg;
		algs->list[algs->count++].bits = bits;
	}
	enumerator->destroy(enumerator);
	algs->count = algs->count ?: 1;
}

/**
 * Expand a proposal, which may name several algorithms of a type, into tuples.
 */
static bool expand_proposal(reader_t *this, proposal_t *proposal,
							coi_community_t *community)
{
	algorithms_t encr, integ, esn;
	u_int e, i, n;

	get_algorithms(proposal, ENCRYPTION_ALGORITHM, &encr);
	get_algorithms(proposal, INTEGRITY_ALGORITHM, &integ);
	get_algorithms(proposal, EXTENDED_SEQUENCE_NUMBERS, &esn);
	for (e = 0; e < encr.count; e++)
	{
		for (i = 0; i < integ.count; i++)
		{
			for (n = 0; n < esn.count; n++)
			{
				coi_proposal_t tuple = {
					.encr = encr.list[e].alg,
					.encr_bits = encr.list[e].bits,
					.integ = integ.list[i].alg,
					.esn = esn.list[n].alg == EXT_SEQ_NUMBERS,
				};

				if (!set_key_lengths(&tuple))
				{
					return refuse(this, ".esp_proposals = %P: AEAD, or "
								  "encryption and integrity, of known key "
								  "lengths is allowed", proposal);
				}
				add_proposal(community, &tuple);
			}
		}
	}
	return TRUE;
}

/**
 * Read the proposals of a community. DH groups say nothing here: each exchange
 * has its own, so forward secrecy is not optional.
 */
static bool read_proposals(reader_t *this, coi_community_t *community)
{
	enumerator_t *enumerator;
	linked_list_t *proposals;
	proposal_t *proposal;
	bool good = TRUE;

	community->proposals = calloc(COI_MAX_PROPOSALS, sizeof(coi_proposal_t));
	proposals = this->cfg->get_proposals(this->cfg, TRUE);
	enumerator = proposals->create_enumerator(proposals);
	while (good && enumerator->enumerate(enumerator, &proposal))
	{
		if (proposal->get_protocol(proposal) != PROTO_ESP)
		{
			good = refuse(this, ".ah_proposals = %P: only esp_proposals are "
						  "allowed", proposal);
			break;
		}
		good = expand_proposal(this, proposal, community);
	}
	enumerator->destroy(enumerator);
	proposals->destroy_offset(proposals, offsetof(proposal_t, destroy));
	if (good && !community->proposal_count)
	{
		good = refuse(this, ".esp_proposals: at least one is needed");
	}
	return good;
}

/**
 * Read what a community is offered (local) or what is used in it.
 */
static bool read_services(reader_t *this, bool local, uint8_t mode,
						  coi_services_t *services)
{
	char *error;

	if (coi_services_read(this->cfg, local, mode, services, &error))
	{
		return TRUE;
	}
	refuse(this, "%s", error ?: "");
	free(error);
	return FALSE;
}

/** Refuse what the policies of a community could not follow. */
static bool check_policies(reader_t *this)
{
	uint32_t prio = this->cfg->get_manual_prio(this->cfg);

	if (prio > MAX_PRIORITY)
	{
		return refuse(this, ".priority = %u: 0 to %u is allowed", prio,
					  MAX_PRIORITY);
	}
	if (MARK_IS_UNIQUE(this->cfg->get_mark(this->cfg, TRUE).value) !=
		MARK_IS_UNIQUE(this->cfg->get_mark(this->cfg, FALSE).value))
	{
		return refuse(this, ".mark_in, .mark_out: numbers are allowed, or "
					  "%%unique or %%unique-dir for both");
	}
	return TRUE;
}

/** Read everything, until the first mistake. */
static bool read_child(reader_t *this, coi_child_t *child,
					   coi_community_t *community)
{
	char *name = this->cfg->get_name(this->cfg);

	if (!*name || strlen(name) > COI_MAX_NAME ||
		!coi_utf8_is_text(chunk_from_str(name)))
	{
		return refuse(this, ": a COI's name has 1 to %d octets of UTF-8 without "
					  "control characters", COI_MAX_NAME);
	}
	community->name = strdup(name);
	child->name = community->name;
	child->suite = coi_suite_choice(name, &this->error);
	if (child->suite)
	{
		this->error = coi_settings_check_child(this->conn, this->cfg);
	}
	return child->suite && !this->error &&
		   check_policies(this) && read_mode(this, &community->mode) &&
		   read_proposals(this, community) &&
		   read_services(this, TRUE, community->mode, &community->offers) &&
		   read_services(this, FALSE, community->mode, &community->uses);
}

bool coi_child_read(const char *conn, child_cfg_t *cfg, coi_child_t *child,
					coi_community_t *community, char **error)
{
	reader_t reader = {
		.conn = conn,
		.cfg = cfg,
	};
	bool good;

	good = read_child(&reader, child, community);
	*error = reader.error;
	return good;
}
