/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_bus_events.h"

/**
 * On the way from CONNECTING to ESTABLISHED, set_state() schedules IKE's
 * rekeying, reauthentication and DPD; from another state it does not.
 */
static void set_established(ike_sa_t *ike_sa)
{
	ike_sa->set_state(ike_sa, IKE_CREATED);
	ike_sa->set_statistic(ike_sa, STAT_ESTABLISHED, time_monotonic(NULL));
	ike_sa->set_state(ike_sa, IKE_ESTABLISHED);
}

void coi_bus_events_stale(ike_sa_t *ike_sa)
{
	DBG1(DBG_IKE, "IKE_SA %s[%u] with %H established after a newer one",
		 ike_sa->get_name(ike_sa), ike_sa->get_unique_id(ike_sa),
		 ike_sa->get_other_host(ike_sa));
	set_established(ike_sa);
	ike_sa->set_state(ike_sa, IKE_REKEYED);
}

void coi_bus_events_up(ike_sa_t *ike_sa, ike_sa_t *older)
{
	DBG0(DBG_IKE, "IKE_SA %s[%u] %s between %H[%Y]...%H[%Y]",
		 ike_sa->get_name(ike_sa), ike_sa->get_unique_id(ike_sa),
		 older ? "rekeyed" : "established",
		 ike_sa->get_my_host(ike_sa), ike_sa->get_my_id(ike_sa),
		 ike_sa->get_other_host(ike_sa), ike_sa->get_other_id(ike_sa));
	set_established(ike_sa);
	if (older)
	{
		charon->bus->ike_rekey(charon->bus, older, ike_sa);
	}
	else
	{
		charon->bus->ike_updown(charon->bus, ike_sa, TRUE);
	}
}

child_sa_t *coi_bus_events_find_child(ike_sa_t *ike_sa, const char *name)
{
	child_sa_t *current, *found = NULL;
	enumerator_t *enumerator;

	enumerator = ike_sa->create_child_sa_enumerator(ike_sa);
	while (!found && enumerator->enumerate(enumerator, &current))
	{
		if (streq(current->get_name(current), name))
		{
			found = current;
		}
	}
	enumerator->destroy(enumerator);
	return found;
}

/**
 * Announce a CHILD_SA, as taking the place of one of an older IKE_SA if that
 * has one for the community.
 */
static void announce(child_sa_t *child_sa, ike_sa_t *older)
{
	child_sa_t *old = NULL;

	if (older)
	{
		old = coi_bus_events_find_child(older, child_sa->get_name(child_sa));
	}
	if (old && old->get_state(old) == CHILD_INSTALLED)
	{
		charon->bus->child_rekey(charon->bus, old, child_sa);
		old->set_state(old, CHILD_REKEYED);
	}
	else
	{
		charon->bus->child_updown(charon->bus, child_sa, TRUE);
	}
}

void coi_bus_events_child(ike_sa_t *ike_sa, child_sa_t *child_sa,
						  ike_sa_t *older)
{
	linked_list_t *local, *remote;

	local = linked_list_create_from_enumerator(
							child_sa->create_ts_enumerator(child_sa, TRUE));
	remote = linked_list_create_from_enumerator(
							child_sa->create_ts_enumerator(child_sa, FALSE));
	DBG0(DBG_IKE, "CHILD_SA %s{%u} established with SPIs %.8x_i %.8x_o and "
		 "TS %#R === %#R", child_sa->get_name(child_sa),
		 child_sa->get_unique_id(child_sa),
		 ntohl(child_sa->get_spi(child_sa, TRUE)),
		 ntohl(child_sa->get_spi(child_sa, FALSE)), local, remote);
	local->destroy(local);
	remote->destroy(remote);

	child_sa->set_state(child_sa, CHILD_INSTALLED);
	ike_sa->add_child_sa(ike_sa, child_sa);
	announce(child_sa, older);
}

void coi_bus_events_down(ike_sa_t *ike_sa)
{
	DBG0(DBG_IKE, "closing IKE_SA %s[%u] between %H[%Y]...%H[%Y]",
		 ike_sa->get_name(ike_sa), ike_sa->get_unique_id(ike_sa),
		 ike_sa->get_my_host(ike_sa), ike_sa->get_my_id(ike_sa),
		 ike_sa->get_other_host(ike_sa), ike_sa->get_other_id(ike_sa));
	ike_sa->set_state(ike_sa, IKE_DELETING);
	charon->bus->ike_updown(charon->bus, ike_sa, FALSE);
}

void coi_bus_events_rest(ike_sa_t *ike_sa)
{
	enumerator_t *enumerator;
	child_sa_t *child_sa;

	enumerator = ike_sa->create_child_sa_enumerator(ike_sa);
	while (enumerator->enumerate(enumerator, &child_sa))
	{
		if (child_sa->get_state(child_sa) != CHILD_REKEYED)
		{
			charon->bus->child_updown(charon->bus, child_sa, FALSE);
		}
	}
	enumerator->destroy(enumerator);
}
