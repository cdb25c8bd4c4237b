/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_child_read.h"
#include "policy/coi_policy_priority.h"
#include "coi_settings_check.h"
#include "coi_services_read.h"
#include "coi_suite_choice.h"
#include "core/coi_utf8.h"

#include <sa/keymat.h>

/** flows must stand above calls for a community that may join, and what blocks */
#define MAX_PRIORITY (COI_PRIO_JOIN - 1)

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
static bool read_mode(child_cfg_t *cfg, uint8_t *mode, coi_mistake_t *mistake)
{
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
	return coi_mistake_note(mistake, ".mode = %s: a COI child is transport or "
							"tunnel", get_mode_name(cfg));
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
static bool expand_proposal(proposal_t *proposal, coi_community_t *community,
							coi_mistake_t *mistake)
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
					return coi_mistake_note(mistake, ".esp_proposals = %P: "
											"AEAD, or encryption and "
											"integrity, of known key lengths "
											"is allowed", proposal);
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
static bool read_proposals(child_cfg_t *cfg, coi_community_t *community,
						   coi_mistake_t *mistake)
{
	enumerator_t *enumerator;
	linked_list_t *proposals;
	proposal_t *proposal;
	bool good = TRUE;

	community->proposals = calloc(COI_MAX_PROPOSALS, sizeof(coi_proposal_t));
	proposals = cfg->get_proposals(cfg, TRUE);
	enumerator = proposals->create_enumerator(proposals);
	while (good && enumerator->enumerate(enumerator, &proposal))
	{
		if (proposal->get_protocol(proposal) != PROTO_ESP)
		{
			good = coi_mistake_note(mistake, ".ah_proposals = %P: only "
									"esp_proposals are allowed", proposal);
			break;
		}
		good = expand_proposal(proposal, community, mistake);
	}
	enumerator->destroy(enumerator);
	proposals->destroy_offset(proposals, offsetof(proposal_t, destroy));
	if (good && !community->proposal_count)
	{
		good = coi_mistake_note(mistake, ".esp_proposals: at least one is "
								"needed");
	}
	return good;
}

/** Refuse what the policies of a community could not follow. */
static bool check_policies(child_cfg_t *cfg, coi_mistake_t *mistake)
{
	uint32_t prio = cfg->get_manual_prio(cfg);

	if (prio > MAX_PRIORITY)
	{
		return coi_mistake_note(mistake, ".priority = %u: 0 to %u is allowed",
								prio, MAX_PRIORITY);
	}
	if (MARK_IS_UNIQUE(cfg->get_mark(cfg, TRUE).value) !=
		MARK_IS_UNIQUE(cfg->get_mark(cfg, FALSE).value))
	{
		return coi_mistake_note(mistake, ".mark_in, .mark_out: numbers are "
								"allowed, or %%unique or %%unique-dir for "
								"both");
	}
	return TRUE;
}

/** Read everything, until the first mistake. */
static bool read_child(child_cfg_t *cfg, coi_child_t *child,
					   coi_community_t *community, coi_mistake_t *mistake)
{
	char *name = cfg->get_name(cfg);

	if (!*name || strlen(name) > COI_MAX_NAME ||
		!coi_utf8_is_text(chunk_from_str(name)))
	{
		return coi_mistake_note(mistake, ": a COI's name has 1 to %d octets of "
								"UTF-8 without control characters",
								COI_MAX_NAME);
	}
	community->name = strdup(name);
	child->name = community->name;
	child->suite = coi_suite_choice(name, mistake);
	return child->suite && coi_settings_check_child(cfg, mistake) &&
		   check_policies(cfg, mistake) &&
		   read_mode(cfg, &community->mode, mistake) &&
		   read_proposals(cfg, community, mistake) &&
		   coi_services_read(cfg, TRUE, community->mode, &community->offers,
							 mistake) &&
		   coi_services_read(cfg, FALSE, community->mode, &community->uses,
							 mistake);
}

bool coi_child_read(child_cfg_t *cfg, coi_child_t *child,
					coi_community_t *community, coi_mistake_t *mistake)
{
	coi_mistake_t inner = {
		.conn = mistake->conn,
		.child = cfg->get_name(cfg),
	};
	bool good;

	good = read_child(cfg, child, community, &inner);
	return coi_mistake_take(mistake, &inner) && good;
}
