/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_queue_rules.h"
#include "coi_iptables.h"

#include <linux/netfilter/xt_NFQUEUE.h>
#include <linux/netfilter/xt_mark.h>
#include <linux/netfilter/xt_policy.h>

/** what the rules are for, in errors */
#define WHAT "held packets"

typedef struct private_coi_rules_t private_coi_rules_t;

struct private_coi_rules_t {
	coi_queue_rules_t public;
	coi_queue_rules_config_t config;
};

/**
 * What has the hold SA and not our mark goes to the queue.
 */
static bool fill_output(void *data, coi_iptc_chain_t *chain)
{
	private_coi_rules_t *this = data;
	struct xt_policy_info policy = {
		.pol[0] = {
			.reqid = this->config.reqid,
			.match.reqid = 1,
		},
		.flags = XT_POLICY_MATCH_OUT,
		.len = 1,
	};
	struct xt_mark_mtinfo1 mark = {
		.mark = this->config.mark,
		.mask = this->config.mark,
		.invert = TRUE,
	};
	/* no bypass: without a listener it drops */
	struct xt_NFQ_info_v3 queue = {
		.queuenum = this->config.queue,
		.queues_total = 1,
	};
	coi_iptables_rule_t rule;

	coi_iptables_rule(chain, &rule);
	coi_iptables_match(&rule, "policy", 0, &policy, sizeof(policy));
	coi_iptables_match(&rule, "mark", 1, &mark, sizeof(mark));
	return coi_iptables_append(chain, &rule, "NFQUEUE", 3, &queue,
							   sizeof(queue));
}

/**
 * What has an SA, which here has to be any, gets the bits of what is led.
 */
static bool append_led(private_coi_rules_t *this, coi_iptc_chain_t *chain)
{
	struct xt_policy_info policy = {
		.flags = XT_POLICY_MATCH_OUT,
		.len = 1,
	};
	struct xt_mark_tginfo2 mark = {
		.mark = this->config.led,
		.mask = this->config.led,
	};
	coi_iptables_rule_t rule;

	coi_iptables_rule(chain, &rule);
	coi_iptables_match(&rule, "policy", 0, &policy, sizeof(policy));
	return coi_iptables_append(chain, &rule, "MARK", 2, &mark, sizeof(mark));
}

/**
 * Behind NAT, which may have given it another destination.
 */
static bool fill_output_nat(void *data, coi_iptc_chain_t *chain)
{
	return fill_output(data, chain) && append_led(data, chain);
}

/**
 * What comes by gets our mark, and loses what it may have from elsewhere.
 */
static bool fill_forward(void *data, coi_iptc_chain_t *chain)
{
	private_coi_rules_t *this = data;
	/* (old & ~mask) ^ mark */
	struct xt_mark_tginfo2 mark = {
		.mark = this->config.mark,
		.mask = this->config.mark | this->config.led,
	};
	coi_iptables_rule_t rule;

	coi_iptables_rule(chain, &rule);
	return coi_iptables_append(chain, &rule, "MARK", 2, &mark, sizeof(mark)) &&
		   append_led(this, chain);
}

static const coi_iptables_place_t places[] = {
	/* the first table on the way out: nothing is tracked that is then
	 * dropped */
	{ "raw", "OUTPUT", COI_QUEUE_RULES_NAME, fill_output, 1, "NFQUEUE" },
	/* before NAT, after which routing is done again */
	{ "mangle", "FORWARD", COI_QUEUE_RULES_NAME, fill_forward, 2, "MARK" },
	{ "filter", "OUTPUT", COI_QUEUE_RULES_NAME, fill_output_nat, 2, "MARK" },
};

METHOD(coi_queue_rules_t, remove_, void,
	private_coi_rules_t *this)
{
	coi_iptables_remove(places, countof(places), WHAT);
}

METHOD(coi_queue_rules_t, add, bool,
	private_coi_rules_t *this)
{
	return coi_iptables_add(places, countof(places), WHAT, this);
}

METHOD(coi_queue_rules_t, check, bool,
	private_coi_rules_t *this)
{
	return coi_iptables_check(places, countof(places));
}

METHOD(coi_queue_rules_t, destroy, void,
	private_coi_rules_t *this)
{
	free(this);
}

coi_queue_rules_t *coi_queue_rules_legacy_create(
									const coi_queue_rules_config_t *config)
{
	private_coi_rules_t *this;

	if (!coi_iptables_has(places, countof(places)))
	{
		return NULL;
	}
	INIT(this,
		.public = {
			.add = _add,
			.check = _check,
			.remove = _remove_,
			.destroy = _destroy,
		},
		.config = *config,
	);
	return &this->public;
}
