/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_child_shell.h"
#include "config/coi_child_read.h"
#include "config/coi_reqids.h"
#include "util/coi_compat.h"
#include "util/coi_shadow.h"
#include "util/coi_selector.h"

/** How much an SA was used when last asked. */
typedef struct {
	/** packets, without the IDLEs */
	uint64_t packets;
	time_t last;
	/** IDLEs so far: they are no use */
	uint64_t idles;
} use_t;

/** What we know of a CHILD_SA; guarded by its IKE_SA's checkout. */
typedef struct {
	/** methods before we replaced some */
	child_sa_t original;
	/** told what it has carried, a reference */
	coi_traffic_totals_t *totals;
	bool has_in;
	bool has_out;
	use_t in;
	use_t out;
	/** flows, coi_selector_t */
	array_t *pairs;
	/** their sides without repetition, traffic_selector_t* of pairs */
	array_t *local;
	array_t *remote;
} record_t;

/** Enumerator over the pairs of selectors. */
typedef struct {
	enumerator_t public;
	enumerator_t *inner;
} pair_enumerator_t;

/** charon->kernel's methods before we replaced them */
static typeof(charon->kernel->alloc_reqid) original_alloc;
static typeof(charon->kernel->release_reqid) original_release;
#ifdef COI_STRONGSWAN_6
static typeof(charon->kernel->ref_reqid) original_ref;
#endif

METHOD(kernel_interface_t, alloc_reqid, status_t,
	kernel_interface_t *this, linked_list_t *local_ts,
	linked_list_t *remote_ts, mark_t mark_in, mark_t mark_out,
	uint32_t if_id_in, uint32_t if_id_out, sec_label_t *label, uint32_t *reqid)
{
	if (coi_reqids_is_ours(*reqid))
	{
		return SUCCESS;
	}
	return original_alloc(this, local_ts, remote_ts, mark_in, mark_out,
						  if_id_in, if_id_out, label, reqid);
}

#ifdef COI_STRONGSWAN_6

METHOD(kernel_interface_t, ref_reqid, status_t,
	kernel_interface_t *this, uint32_t reqid)
{
	return coi_reqids_is_ours(reqid) ? SUCCESS : original_ref(this, reqid);
}

METHOD(kernel_interface_t, release_reqid, status_t,
	kernel_interface_t *this, uint32_t reqid)
{
	return coi_reqids_is_ours(reqid) ? SUCCESS : original_release(this, reqid);
}

#else /* !COI_STRONGSWAN_6 */

METHOD(kernel_interface_t, release_reqid, status_t,
	kernel_interface_t *this, uint32_t reqid, mark_t mark_in, mark_t mark_out,
	uint32_t if_id_in, uint32_t if_id_out, sec_label_t *label)
{
	if (coi_reqids_is_ours(reqid))
	{
		return SUCCESS;
	}
	return original_release(this, reqid, mark_in, mark_out, if_id_in,
							if_id_out, label);
}

#endif /* COI_STRONGSWAN_6 */

void coi_child_shell_init()
{
	original_alloc = charon->kernel->alloc_reqid;
	original_release = charon->kernel->release_reqid;
	charon->kernel->alloc_reqid = _alloc_reqid;
	charon->kernel->release_reqid = _release_reqid;
#ifdef COI_STRONGSWAN_6
	original_ref = charon->kernel->ref_reqid;
	charon->kernel->ref_reqid = _ref_reqid;
#endif
}

void coi_child_shell_deinit()
{
	charon->kernel->alloc_reqid = original_alloc;
	charon->kernel->release_reqid = original_release;
#ifdef COI_STRONGSWAN_6
	charon->kernel->ref_reqid = original_ref;
#endif
}

METHOD(child_sa_t, get_usestats, void,
	child_sa_t *this, bool inbound, time_t *last, uint64_t *bytes,
	uint64_t *packets)
{
	record_t *record = coi_shadow_get(this);
	uint64_t count;
	use_t *use;

	/* the original takes the time from its policies, of which it has none: an
	 * SA was used when its count has grown since we last asked. Callers take
	 * the difference to a clock that they read before. */
	record->original.get_usestats(this, inbound, NULL, bytes, &count);
	use = inbound ? &record->in : &record->out;
	if (count > use->packets + use->idles)
	{
		use->packets = count - use->idles;
		use->last = time_monotonic(NULL) - 1;
	}
	if (last)
	{
		*last = use->last;
	}
	if (packets)
	{
		*packets = count;
	}
}

METHOD(child_sa_t, create_ts_enumerator, enumerator_t*,
	child_sa_t *this, bool local)
{
	record_t *record = coi_shadow_get(this);

	return array_create_enumerator(local ? record->local : record->remote);
}

METHOD(enumerator_t, pair_enumerate, bool,
	pair_enumerator_t *this, va_list args)
{
	traffic_selector_t **local, **remote;
	coi_selector_t *pair;

	VA_ARGS_VGET(args, local, remote);
	if (!this->inner->enumerate(this->inner, &pair))
	{
		return FALSE;
	}
	if (local)
	{
		*local = pair->local;
	}
	if (remote)
	{
		*remote = pair->remote;
	}
	return TRUE;
}

METHOD(enumerator_t, pair_enumerator_destroy, void,
	pair_enumerator_t *this)
{
	this->inner->destroy(this->inner);
	free(this);
}

METHOD(child_sa_t, create_policy_enumerator, enumerator_t*,
	child_sa_t *this)
{
	record_t *record = coi_shadow_get(this);
	pair_enumerator_t *enumerator;

	INIT(enumerator,
		.public = {
			.enumerate = enumerator_enumerate_default,
			.venumerate = _pair_enumerate,
			.destroy = _pair_enumerator_destroy,
		},
		.inner = array_create_enumerator(record->pairs),
	);
	return &enumerator->public;
}

static void clear_flows(record_t *record)
{
	array_destroy(record->local);
	array_destroy(record->remote);
	coi_selectors_destroy(record->pairs);
}

METHOD(child_sa_t, destroy, void,
	child_sa_t *this)
{
	coi_traffic_total_t total = {};
	record_t *record = coi_shadow_get(this);

	if (record->has_in || record->has_out)
	{	/* while the kernel still knows */
		get_usestats(this, TRUE, NULL, &total.octets_in, &total.packets_in);
		get_usestats(this, FALSE, NULL, &total.octets_out, &total.packets_out);
		record->totals->add(record->totals, this->get_name(this), &total);
	}
	/* listeners may ask for selectors when it changes its state; the original
	 * would not change it again */
	this->set_state(this, CHILD_DESTROYING);
	coi_shadow_remove(this);
	*this = record->original;
	clear_flows(record);
	record->totals->destroy(record->totals);
	free(record);
	this->destroy(this);
}

child_sa_t *coi_child_shell_create(ike_sa_t *ike_sa, const coi_child_t *child,
								   const coi_marks_t *tags,
								   coi_traffic_totals_t *totals)
{
	child_sa_create_t data = {
		.reqid = child->reqid,
		.mark_in = tags->mark_in.value,
		.mark_out = tags->mark_out.value,
		.if_id_in = tags->if_id_in,
		.if_id_out = tags->if_id_out,
		.if_id_in_def = ike_sa->get_if_id(ike_sa, TRUE),
		.if_id_out_def = ike_sa->get_if_id(ike_sa, FALSE),
		.encap = ike_sa->has_condition(ike_sa, COND_NAT_ANY),
	};
	child_sa_t *child_sa;
	record_t *record;

	child_sa = child_sa_create(ike_sa->get_my_host(ike_sa),
							   ike_sa->get_other_host(ike_sa), child->cfg,
							   &data);
	INIT(record,
		.original = *child_sa,
		.totals = totals->get_ref(totals),
		.pairs = coi_selectors_create(),
		.local = array_create(0, 0),
		.remote = array_create(0, 0),
	);
	coi_shadow_put(child_sa, record);
	child_sa->get_usestats = _get_usestats;
	child_sa->create_ts_enumerator = _create_ts_enumerator;
	child_sa->create_policy_enumerator = _create_policy_enumerator;
	child_sa->destroy = _destroy;

	child_sa->set_protocol(child_sa, PROTO_ESP);
	child_sa->set_mode(child_sa, child->cfg->get_mode(child->cfg));
	if (!child_sa->alloc_spi(child_sa, PROTO_ESP))
	{
		DBG1(DBG_CHD, "no SPI for CHILD_SA %s{%u}",
			 child_sa->get_name(child_sa), child_sa->get_unique_id(child_sa));
		child_sa->destroy(child_sa);
		return NULL;
	}
	return child_sa;
}

/**
 * Set what both SAs have in common.
 */
static void prepare(ike_sa_t *ike_sa, child_sa_t *child_sa,
					const coi_shared_community_t *common)
{
	const coi_proposal_t *chosen = &common->proposal;
	proposal_t *proposal;

	proposal = proposal_create(PROTO_ESP, 1);
	proposal->add_algorithm(proposal, ENCRYPTION_ALGORITHM, chosen->encr,
							chosen->encr_bits);
	if (chosen->integ)
	{
		proposal->add_algorithm(proposal, INTEGRITY_ALGORITHM, chosen->integ,
								0);
	}
	proposal->add_algorithm(proposal, EXTENDED_SEQUENCE_NUMBERS,
							chosen->esn ? EXT_SEQ_NUMBERS
										: NO_EXT_SEQ_NUMBERS, 0);
	child_sa->set_proposal(child_sa, proposal);
	proposal->destroy(proposal);
	child_sa->set_mode(child_sa, coi_child_read_mode(common->mode));
	/* who answers learns of a NAT after the SPI was allocated */
	child_sa->update(child_sa, ike_sa->get_my_host(ike_sa),
					 ike_sa->get_other_host(ike_sa), NULL,
					 ike_sa->has_condition(ike_sa, COND_NAT_ANY));
	child_sa->set_state(child_sa, CHILD_INSTALLING);
}

bool coi_child_shell_install(ike_sa_t *ike_sa, child_sa_t *child_sa,
							 const coi_shared_community_t *common,
							 bool initiator,
							 bool inbound)
{
	record_t *record = coi_shadow_get(child_sa);
	status_t status;

	if (!record->has_in && !record->has_out)
	{
		prepare(ike_sa, child_sa, common);
	}
	if (inbound)
	{
		status = child_sa->install(child_sa, common->encr_in,
								   common->integ_in, common->spi_in, 0,
								   initiator, TRUE, TRUE);
		record->has_in = status == SUCCESS;
	}
	else
	{
		status = child_sa->install(child_sa, common->encr_out,
								   common->integ_out, common->spi_out, 0,
								   initiator, FALSE, TRUE);
		record->has_out = status == SUCCESS;
	}
	if (status != SUCCESS)
	{
		DBG1(DBG_CHD, "unable to install %s ESP SA of CHILD_SA %s{%u}",
			 inbound ? "inbound" : "outbound", child_sa->get_name(child_sa),
			 child_sa->get_unique_id(child_sa));
	}
	return status == SUCCESS;
}

void coi_child_shell_move(ike_sa_t *ike_sa, child_sa_t *child_sa)
{
	/* it finds CHILD_SAs by SPI and address */
	charon->child_sa_manager->remove(charon->child_sa_manager, child_sa);
	charon->child_sa_manager->add(charon->child_sa_manager, child_sa, ike_sa);
	if (child_sa->update(child_sa, ike_sa->get_my_host(ike_sa),
						 ike_sa->get_other_host(ike_sa), NULL,
						 ike_sa->has_condition(ike_sa,
											   COND_NAT_ANY)) != SUCCESS)
	{
		DBG1(DBG_CHD, "unable to update CHILD_SA %s{%u}",
			 child_sa->get_name(child_sa), child_sa->get_unique_id(child_sa));
	}
}

bool coi_child_shell_complete(child_sa_t *child_sa)
{
	record_t *record = coi_shadow_get(child_sa);

	return record->has_in && record->has_out;
}

void coi_child_shell_note_idle(child_sa_t *child_sa, bool inbound)
{
	record_t *record = coi_shadow_get(child_sa);

	if (inbound)
	{
		record->in.idles++;
	}
	else
	{
		record->out.idles++;
	}
}

/**
 * Add to a list of borrowed selectors, unless there is one like it.
 */
static void add_new(array_t *list, traffic_selector_t *ts)
{
	enumerator_t *enumerator;
	traffic_selector_t *current;
	bool found = FALSE;

	enumerator = array_create_enumerator(list);
	while (!found && enumerator->enumerate(enumerator, &current))
	{
		found = current->equals(current, ts);
	}
	enumerator->destroy(enumerator);
	if (!found)
	{
		array_insert(list, ARRAY_TAIL, ts);
	}
}

void coi_child_shell_set_flows(child_sa_t *child_sa, host_t *me, host_t *other,
							   const coi_flows_t *flows)
{
	record_t *record = coi_shadow_get(child_sa);
	coi_selector_t pair;
	u_int i;

	clear_flows(record);
	record->pairs = coi_selectors_create();
	record->local = array_create(0, 0);
	record->remote = array_create(0, 0);
	for (i = 0; i < flows->count; i++)
	{
		pair = coi_selector_show_flow(me, other, &flows->list[i]);
		array_insert(record->pairs, ARRAY_TAIL, &pair);
		add_new(record->local, pair.local);
		add_new(record->remote, pair.remote);
	}
}
