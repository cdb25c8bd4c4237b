/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_policy_apply.h"
#include "coi_policy_priority.h"
#include "coi_hold_sa.h"

/** The order in which policies are removed. */
typedef enum {
	/** let pass or call out */
	STEP_FLOWS,
	STEP_BLOCKS,
	/** while the others stand they are needed, see coi_icmp_errors.h */
	STEP_VOID,
	STEPS,
} step_t;

static step_t get_step(const coi_policy_entry_t *policy)
{
	if (policy->leads_to == COI_REQID_VOID)
	{
		return STEP_VOID;
	}
	return policy->type == POLICY_DROP ? STEP_BLOCKS : STEP_FLOWS;
}

/**
 * Remove what is installed and not wanted, one step.
 */
static void remove_unwanted(const coi_policy_group_t *key, array_t *installed,
							array_t *wanted, step_t step)
{
	enumerator_t *enumerator;
	coi_policy_entry_t *policy;

	enumerator = array_create_enumerator(installed);
	while (enumerator->enumerate(enumerator, &policy))
	{
		if (get_step(policy) == step && !coi_policy_entry_has(wanted, policy))
		{
			coi_policy_entry_change(key, policy, FALSE);
			coi_policy_entry_clear(policy);
			array_remove_at(installed, enumerator);
		}
	}
	enumerator->destroy(enumerator);
}

/**
 * Put a policy into a group, unless it is there.
 *
 * @return			FALSE if the kernel refused it
 */
static bool install(const coi_policy_group_t *key, array_t *installed,
					const coi_policy_entry_t *policy)
{
	if (coi_policy_entry_has(installed, policy))
	{
		return TRUE;
	}
	if (!coi_policy_entry_change(key, policy, TRUE))
	{
		return FALSE;
	}
	coi_policy_entry_add(installed, *policy, policy->dir, policy->local,
						 policy->remote);
	return TRUE;
}

/** Whether anything with the selector of a trap's policy is installed. */
static bool has_selector(array_t *installed, const coi_policy_entry_t *policy)
{
	enumerator_t *enumerator;
	coi_policy_entry_t *current;
	bool found = FALSE;

	enumerator = array_create_enumerator(installed);
	while (!found && enumerator->enumerate(enumerator, &current))
	{
		found = !current->leads_to && current->dir == policy->dir &&
				current->if_id == policy->if_id &&
				current->local->equals(current->local, policy->local) &&
				current->remote->equals(current->remote, policy->remote);
	}
	enumerator->destroy(enumerator);
	return found;
}

/**
 * Block what a refused policy of a trap was to keep in, unless what was there
 * before does. If that is refused, too, what lies below has to do: what another
 * charon has left goes only when its successor stands.
 */
static void block_instead(const coi_policy_group_t *key, array_t *installed,
						  const coi_policy_entry_t *policy)
{
	coi_policy_entry_t block = {
		.dir = policy->dir,
		.type = POLICY_DROP,
		.prio = COI_PRIO_CLOSED,
		.mode = MODE_TRANSPORT,
		.if_id = policy->if_id,
		.local = policy->local,
		.remote = policy->remote,
	};

	if (key->kind == COI_POLICY_GROUP_TRAP && !policy->leads_to &&
		policy->type == POLICY_IPSEC && !has_selector(installed, policy))
	{
		install(key, installed, &block);
	}
}

bool coi_policy_apply(const coi_policy_group_t *key, array_t *installed,
					  array_t *wanted)
{
	enumerator_t *enumerator;
	coi_policy_entry_t *policy;
	bool success = TRUE;
	step_t step;

	enumerator = array_create_enumerator(wanted);
	while (enumerator->enumerate(enumerator, &policy))
	{
		if (!install(key, installed, policy))
		{
			block_instead(key, installed, policy);
			success = FALSE;
		}
	}
	enumerator->destroy(enumerator);
	for (step = 0; success && step < STEPS; step++)
	{
		remove_unwanted(key, installed, wanted, step);
	}
	return success;
}

void coi_policy_apply_more(const coi_policy_group_t *key, array_t *installed,
						   array_t *more)
{
	enumerator_t *enumerator;
	coi_policy_entry_t *policy;

	enumerator = array_create_enumerator(more);
	while (enumerator->enumerate(enumerator, &policy))
	{
		install(key, installed, policy);
	}
	enumerator->destroy(enumerator);
}

u_int coi_policy_apply_missing(array_t *installed, array_t *wanted)
{
	enumerator_t *enumerator;
	coi_policy_entry_t *policy;
	u_int count = 0;

	enumerator = array_create_enumerator(wanted);
	while (enumerator->enumerate(enumerator, &policy))
	{
		count += !coi_policy_entry_has(installed, policy);
	}
	enumerator->destroy(enumerator);
	return count;
}
