/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "entries.h"
#include "coi_pair.h"

#include "util/coi_host.h"

#include <criterion/criterion.h>

static coi_checkout_t *create(const char *me, const char *other, uint16_t port,
							  coi_session_t *session)
{
	coi_session_entry_t *entry;

	cr_assert(session);
	INIT(entry,
		.me = host_create_from_string((char*)me, COI_DEFAULT_PORT),
		.other = host_create_from_string((char*)other, port),
		.initiator = coi_session_is_initiator(session),
		.session = session,
	);
	return coi_checkout_create(entry);
}

coi_checkout_t *entries_initiator(const char *me, const char *other,
								  uint16_t port)
{
	coi_pair_t *pair = coi_pair_create("lab", "lab");
	coi_session_t *session;

	session = coi_session_create(pair->i.profile, pair->i.keys, &pair->timing,
								 &pair->i.addresses);
	coi_pair_destroy(pair);
	return create(me, other, port, session);
}

coi_checkout_t *entries_responder(const char *me, const char *other,
								  uint16_t port, uint64_t below)
{
	coi_pair_t *pair = coi_pair_create("lab", "lab");
	coi_event_t event = { .type = COI_EV_OPEN };
	coi_session_t *session;

	pair->i.session = coi_session_create(pair->i.profile, pair->i.keys,
										 &pair->timing, &pair->i.addresses);
	cr_assert(pair->i.session);
	if (below && coi_session_spi_i(pair->i.session) >= below)
	{
		cr_assert(coi_session_draw_below(pair->i.session, below));
	}
	cr_assert_eq(coi_pair_event(pair, &pair->i, &event), COI_OK);
	cr_assert(coi_pair_deliver(pair));
	session = pair->r.session;
	pair->r.session = NULL;
	coi_pair_destroy(pair);
	return create(me, other, port, session);
}

coi_address_t entries_address(const char *own, uint16_t port)
{
	host_t *host = host_create_from_string((char*)own, port);
	coi_address_t address = {
		.port = port,
	};

	coi_host_write(host, address.addr);
	host->destroy(host);
	return address;
}

void entries_claim(coi_checkout_t *holder, const char *own, uint16_t port)
{
	holder->entry->peer_own = entries_address(own, port);
}

void entries_destroy(coi_checkout_t *holder)
{
	coi_session_entry_t *entry = holder->entry;

	coi_checkout_destroy(holder);
	coi_session_destroy(entry->session);
	entry->me->destroy(entry->me);
	entry->other->destroy(entry->other);
	free(entry);
}
