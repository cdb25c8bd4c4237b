/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_pair_allow.h"
#include "coi_policy_priority.h"
#include "coi_icmp_errors.h"
#include "coi_icmp_related.h"
#include "coi_policy_entry.h"
#include "util/coi_selector.h"

#include <netinet/in.h>

typedef struct permit_t permit_t;

/** What the policies of a community have in common. */
struct permit_t {
	array_t *wanted;
	const coi_pair_allow_t *allow;
	/** for what the other side may begin */
	coi_policy_entry_t in;
	/** for what it may not */
	coi_policy_entry_t answers;
	coi_policy_entry_t out;
	/** for errors about what somebody else sends, where nothing is open yet */
	coi_policy_entry_t errors;
};

/** Let a mark match whether packets have some bits or not, unless it is about
 * them. */
static void ignore(mark_t *mark, uint32_t bits)
{
	mark->mask &= ~(bits & ~mark->value);
}

static void init(permit_t *this, array_t *wanted, const coi_pair_allow_t *allow,
				 uint32_t prio, const coi_pair_allow_bits_t *bits)
{
	*this = (permit_t){
		.wanted = wanted,
		.allow = allow,
		.in = {
			.type = POLICY_IPSEC,
			.prio = prio,
			.mode = allow->mode,
			.reqid = allow->child->reqid,
		},
	};
	this->out = this->in;
	this->errors = (coi_policy_entry_t){
		.prio = COI_PRIO_PAIR_ERRORS,
		.reqid = allow->child->reqid,
		.if_id = allow->marks.if_id_out,
	};
	this->in.mark = allow->marks.mark_in;
	this->in.if_id = allow->marks.if_id_in;
	this->out.mark = allow->marks.mark_out;
	this->out.if_id = allow->marks.if_id_out;
	/* what is forwarded from one tunnel into another bears both */
	ignore(&this->out.mark, bits->waited | bits->known);
	ignore(&this->in.mark, bits->known);
	this->answers = this->in;
	this->answers.mark.value |= bits->known;
	this->answers.mark.mask |= bits->known;
}

static void want_in(permit_t *this, const coi_policy_entry_t *policy,
					const coi_selector_t *selector)
{
	if (this->allow->on_demand)
	{
		coi_icmp_errors_want(this->wanted, this->errors, selector->local,
							 selector->remote);
		return;
	}
	coi_policy_entry_add(this->wanted, *policy, POLICY_IN, selector->local,
						 selector->remote);
	/* in transport mode for what this host's NAT leads elsewhere */
	coi_policy_entry_add(this->wanted, *policy, POLICY_FWD, selector->local,
						 selector->remote);
}

static void want_out(permit_t *this, const coi_selector_t *selector)
{
	if (this->allow->outbound)
	{
		coi_policy_entry_add(this->wanted, this->out, POLICY_OUT,
							 selector->local,
							 selector->remote);
	}
}

/**
 * Want what is in a list of selectors from a number on.
 *
 * @param in		what comes in
 */
static void want_selectors(permit_t *this, array_t *selectors, int from,
						   const coi_policy_entry_t *in)
{
	coi_selector_t selector;
	int i;

	for (i = from; i < array_count(selectors); i++)
	{
		array_get(selectors, i, &selector);
		want_in(this, in, &selector);
		want_out(this, &selector);
	}
}

/**
 * Want the errors: what comes in, of a known connection. Nothing else of ICMP, which
 * another community's flows may allow through an SA of theirs.
 */
static bool want_errors(permit_t *this, array_t *selectors, host_t *me,
						host_t *other)
{
	const coi_pair_allow_t *allow = this->allow;
	coi_flows_t flows = {
		.list = (coi_flow_t*)allow->flows,
		.count = allow->count,
	};
	coi_flow_t *flow;
	enumerator_t *enumerator;
	array_t *errors;
	bool success = TRUE, known = FALSE;
	int count;

	if (allow->on_demand)
	{
		return FALSE;
	}
	errors = coi_icmp_related_flows(&flows, me, other,
							  allow->mode == MODE_TUNNEL && !allow->given.count);
	enumerator = array_create_enumerator(errors);
	while (success && enumerator->enumerate(enumerator, &flow))
	{
		known = TRUE;
		count = array_count(selectors);
		success = coi_icmp_related_add(selectors, me, other, flow);
		want_selectors(this, selectors, count, &this->answers);
	}
	enumerator->destroy(enumerator);
	array_destroy(errors);
	return known;
}

bool coi_pair_allow_flows(array_t *wanted, host_t *me, host_t *other,
						  const coi_pair_allow_t *allow, uint32_t prio,
						  const coi_pair_allow_bits_t *bits)
{
	permit_t this;
	array_t *selectors;
	bool known = FALSE, success = TRUE, begin;
	u_int i;
	int count;

	init(&this, wanted, allow, prio, bits);
	selectors = coi_selectors_create();
	for (i = 0; i < allow->count && success; i++)
	{
		begin = allow->flows[i].begin & COI_BEGIN_THERE;
		known |= !begin && !allow->on_demand;
		count = array_count(selectors);
		success = coi_selector_add_flow(selectors, me, other,
										&allow->flows[i]);
		if (!success)
		{
			DBG1(DBG_KNL, "COI '%s' with %H allows more than %d selectors, "
				 "the others are left out", allow->child->name, other,
				 COI_SELECTOR_MAX);
		}
		want_selectors(&this, selectors, count,
					   begin ? &this.in : &this.answers);
	}
	known |= success && want_errors(&this, selectors, me, other);
	coi_selectors_destroy(selectors);
	return known;
}

void coi_pair_allow_idle(array_t *wanted, host_t *me, host_t *other,
						 const coi_pair_allow_t *allow, uint32_t prio,
						 uint16_t port, const coi_pair_allow_bits_t *bits)
{
	coi_flow_t idle = {
		.proto = IPPROTO_UDP,
		.local_from = port,
		.local_to = port,
		.remote_from = port,
		.remote_to = port,
		.begin = COI_BEGIN_BOTH,
	};
	coi_selector_t *selector;
	enumerator_t *enumerator;
	array_t *selectors;
	coi_policy_entry_t apart;
	permit_t this;

	init(&this, wanted, allow, prio, bits);
	/* we mark what we send, whoever sends the other way does not know how */
	this.in.mark = (mark_t){};
	/* what comes in needs no interface; with one it has its ID */
	apart = this.in;
	this.in.if_id = 0;
	selectors = coi_selectors_create();
	if (!coi_selector_add_flow(selectors, me, other, &idle))
	{
		DBG1(DBG_KNL, "no selector for IDLEs with %H", other);
	}
	enumerator = array_create_enumerator(selectors);
	while (enumerator->enumerate(enumerator, &selector))
	{
		if (!allow->on_demand)
		{
			coi_policy_entry_add(wanted, this.in, POLICY_IN, selector->local,
								 selector->remote);
		}
		if (apart.if_id && !allow->on_demand)
		{
			coi_policy_entry_add(wanted, apart, POLICY_IN, selector->local,
								 selector->remote);
		}
		want_out(&this, selector);
	}
	enumerator->destroy(enumerator);
	coi_selectors_destroy(selectors);
}
