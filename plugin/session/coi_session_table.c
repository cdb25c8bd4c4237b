/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_session_table.h"
#include "coi_half_open.h"
#include "coi_session_index.h"
#include "coi_peer_match.h"
#include "util/coi_timer.h"

#include <collections/array.h>
#include <threading/mutex.h>

typedef struct private_coi_session_table_t private_coi_session_table_t;

struct private_coi_session_table_t {
	coi_session_table_t public;

	/** guards holders, what they hold, and the shares of entries */
	mutex_t *mutex;

	coi_session_index_t *holders;

	coi_half_open_t *halves;
};

/**
 * Insert an entry, checked out. The mutex is held.
 */
static void insert(private_coi_session_table_t *this,
				   coi_session_entry_t *entry)
{
	coi_checkout_t *holder;

	holder = coi_checkout_create(entry);
	this->holders->add(this->holders, holder);
	if (!entry->initiator)
	{
		this->halves->add(this->halves, holder);
	}
}

METHOD(coi_session_table_t, add_initiator, uintptr_t,
	private_coi_session_table_t *this, coi_session_entry_t *entry, bool force,
	   u_int *wait)
{
	enumerator_t *enumerator;
	uintptr_t found = 0;
	coi_checkout_t *holder;

	this->mutex->lock(this->mutex);
	enumerator = this->holders->at(this->holders, entry->other);
	while (enumerator->enumerate(enumerator, &holder))
	{
		if (coi_peer_match_is_in_way(holder, entry, force))
		{
			found = holder->entry->id;
			break;
		}
	}
	enumerator->destroy(enumerator);
	*wait = this->halves->wait(this->halves, entry);
	if (!found)
	{
		insert(this, entry);
	}
	this->mutex->unlock(this->mutex);
	return found;
}

METHOD(coi_session_table_t, start, void,
	private_coi_session_table_t *this, coi_session_entry_t *entry)
{
	this->mutex->lock(this->mutex);
	this->holders->start(this->holders, this->holders->get(this->holders,
														   entry->id));
	this->mutex->unlock(this->mutex);
}

METHOD(coi_session_table_t, add_responder, coi_reason_t,
	private_coi_session_table_t *this, coi_session_entry_t *entry,
	   chunk_t sess0,
	uintptr_t *excess)
{
	coi_reason_t reason = COI_OK;
	enumerator_t *enumerator;
	coi_checkout_t *holder;

	*excess = 0;
	this->mutex->lock(this->mutex);
	if (this->holders->is_own(this->holders, entry->session, sess0))
	{
		reason = COI_OWN_TOKEN;
	}
	enumerator = this->holders->at(this->holders, entry->other);
	while (reason == COI_OK && enumerator->enumerate(enumerator, &holder))
	{
		reason = coi_peer_match_cross(holder, entry);
	}
	enumerator->destroy(enumerator);
	if (reason == COI_OK)
	{
		insert(this, entry);
		*excess = this->halves->excess(this->halves, entry->other);
	}
	this->mutex->unlock(this->mutex);
	return reason;
}

/**
 * Check out, or ask that it be closed if that would mean to wait.
 */
static coi_session_entry_t *get(private_coi_session_table_t *this, uintptr_t id,
								bool wait,
								coi_term_t why)
{
	coi_session_entry_t *entry = NULL;
	coi_checkout_t *holder;

	this->mutex->lock(this->mutex);
	holder = this->holders->get(this->holders, id);
	if (holder)
	{
		entry = wait ? coi_checkout_checkout(holder, this->mutex)
					 : coi_checkout_try_checkout(holder, why);
	}
	this->mutex->unlock(this->mutex);
	return entry;
}

METHOD(coi_session_table_t, checkout, coi_session_entry_t*,
	private_coi_session_table_t *this, uintptr_t id)
{
	return get(this, id, TRUE, 0);
}

METHOD(coi_session_table_t, try_checkout, coi_session_entry_t*,
	private_coi_session_table_t *this, uintptr_t id, coi_term_t why)
{
	return get(this, id, FALSE, why);
}

METHOD(coi_session_table_t, take, coi_checkout_turn_t,
	private_coi_session_table_t *this, uintptr_t id, coi_work_t *work,
	coi_session_entry_t **entry)
{
	coi_checkout_turn_t turn = COI_CHECKOUT_GONE;
	coi_checkout_t *holder;

	this->mutex->lock(this->mutex);
	holder = this->holders->get(this->holders, id);
	if (holder)
	{
		turn = coi_checkout_take(holder, work, entry);
	}
	this->mutex->unlock(this->mutex);
	return turn;
}

METHOD(coi_session_table_t, checkin, coi_term_t,
	private_coi_session_table_t *this, coi_session_entry_t *entry,
	   coi_work_t **next)
{
	coi_checkout_t *holder;
	coi_term_t close = 0;

	this->mutex->lock(this->mutex);
	holder = this->holders->get(this->holders, entry->id);
	*next = NULL;
	if (holder)
	{
		close = coi_checkout_checkin(holder, next);
	}
	this->mutex->unlock(this->mutex);
	return close;
}

METHOD(coi_session_table_t, show, bool,
	private_coi_session_table_t *this, coi_session_entry_t *entry, host_t *idle)
{
	coi_screen_t *screen = coi_screen_create(entry->session);
	bool proved = coi_session_is_proved_by(entry->session), before;
	coi_checkout_t *holder;

	this->mutex->lock(this->mutex);
	holder = this->holders->get(this->holders, entry->id);
	coi_checkout_show(holder, screen, idle);
	this->holders->set_enc(this->holders, holder,
						   coi_session_own_enc(entry->session));
	before = entry->proved;
	entry->confirmed = coi_session_confirmed(entry->session);
	entry->proved = proved;
	if (proved)
	{
		this->halves->remove(this->halves, holder);
	}
	this->mutex->unlock(this->mutex);
	return proved && !before;
}

METHOD(coi_session_table_t, remove_, void,
	private_coi_session_table_t *this, coi_session_entry_t *entry)
{
	coi_work_t *left, *next;
	coi_checkout_t *holder;

	this->mutex->lock(this->mutex);
	holder = this->holders->get(this->holders, entry->id);
	this->holders->remove(this->holders, holder);
	this->halves->remove(this->halves, holder);
	coi_opening_result_set(holder->result, COI_OPENING_FAILED);
	left = coi_checkout_take_all(holder);
	coi_checkout_destroy(holder);
	this->mutex->unlock(this->mutex);
	for (; left; left = next)
	{
		next = left->next;
		coi_work_abandon(left);
	}
}

METHOD(coi_session_table_t, restart, void,
	private_coi_session_table_t *this, coi_session_entry_t *entry,
	   coi_session_t *session)
{
	coi_session_t *old = entry->session;
	coi_checkout_t *holder;

	this->mutex->lock(this->mutex);
	holder = this->holders->get(this->holders, entry->id);
	this->holders->rename(this->holders, holder, session);
	this->mutex->unlock(this->mutex);
	coi_session_destroy(old);
}

METHOD(coi_session_table_t, set_shares, void,
	private_coi_session_table_t *this, coi_session_entry_t *entry,
	   array_t *shares)
{
	array_t *old;

	this->mutex->lock(this->mutex);
	old = entry->shares;
	entry->shares = shares;
	this->mutex->unlock(this->mutex);
	coi_share_list_destroy(old);
}

METHOD(coi_session_table_t, set_peer, void,
	private_coi_session_table_t *this, coi_session_entry_t *entry,
	const coi_addresses_t *said)
{
	coi_checkout_t *holder;

	this->mutex->lock(this->mutex);
	holder = this->holders->get(this->holders, entry->id);
	this->holders->claim(this->holders, holder, &said->own);
	entry->peer_seen = said->seen;
	this->mutex->unlock(this->mutex);
}

METHOD(coi_session_table_t, relocate, void,
	private_coi_session_table_t *this, coi_session_entry_t *entry,
	   host_t *other)
{
	coi_checkout_t *holder;

	this->mutex->lock(this->mutex);
	holder = this->holders->get(this->holders, entry->id);
	this->holders->relocate(this->holders, holder, other);
	this->mutex->unlock(this->mutex);
}

METHOD(coi_session_table_t, set_flag, void,
	private_coi_session_table_t *this, uintptr_t id, coi_session_flag_t flag)
{
	coi_checkout_t *holder;

	this->mutex->lock(this->mutex);
	holder = this->holders->get(this->holders, id);
	if (holder)
	{
		holder->flags |= flag;
		if (flag == COI_SESSION_ESTABLISHED)
		{
			holder->entry->established = coi_timer_now();
			this->halves->remove(this->halves, holder);
			coi_opening_result_set(holder->result, COI_OPENING_OPENED);
		}
	}
	this->mutex->unlock(this->mutex);
}

METHOD(coi_session_table_t, has_flag, bool,
	private_coi_session_table_t *this, uintptr_t id, coi_session_flag_t flag)
{
	coi_checkout_t *holder;
	bool set;

	this->mutex->lock(this->mutex);
	holder = this->holders->get(this->holders, id);
	set = holder && (holder->flags & flag);
	this->mutex->unlock(this->mutex);
	return set;
}

METHOD(coi_session_table_t, recognise, coi_reason_t,
	private_coi_session_table_t *this, coi_event_type_t type, host_t *src,
	const coi_header_t *header, chunk_t datagram, uintptr_t *id)
{
	coi_reason_t reason = COI_UNKNOWN_SESSION;
	coi_screen_t *screen = NULL;
	coi_checkout_t *holder;

	this->mutex->lock(this->mutex);
	holder = this->holders->find(this->holders, header->spi_i, header->spi_r);
	if (holder)
	{
		*id = holder->entry->id;
		reason = coi_checkout_admits(holder, type, header, src, &screen);
	}
	this->mutex->unlock(this->mutex);
	if (screen)
	{
		reason = coi_screen_verify(screen, type, header, datagram);
		coi_screen_destroy(screen);
	}
	return reason;
}

METHOD(coi_session_table_t, find_responder, uintptr_t,
	private_coi_session_table_t *this, host_t *src, uint64_t spi_i)
{
	coi_checkout_t *holder;
	uintptr_t id;

	this->mutex->lock(this->mutex);
	holder = this->holders->find_responder(this->holders, src, spi_i);
	id = holder ? holder->entry->id : 0;
	this->mutex->unlock(this->mutex);
	return id;
}

METHOD(coi_session_table_t, find_pair, uintptr_t,
	private_coi_session_table_t *this, host_t *me, host_t *other)
{
	enumerator_t *enumerator;
	uintptr_t id = 0;
	coi_checkout_t *holder;

	this->mutex->lock(this->mutex);
	enumerator = this->holders->at(this->holders, other);
	while (enumerator->enumerate(enumerator, &holder))
	{
		if (coi_peer_match_is_pair(holder, me, other) &&
			coi_peer_match_is_genuine(holder->entry))
		{
			id = holder->entry->id;
			if (holder->entry->established)
			{
				break;
			}
		}
	}
	enumerator->destroy(enumerator);
	this->mutex->unlock(this->mutex);
	return id;
}

METHOD(coi_session_table_t, for_pair, void,
	private_coi_session_table_t *this, host_t *me, host_t *other,
	coi_session_table_cb_t cb, void *data)
{
	enumerator_t *enumerator;
	coi_checkout_t *holder;

	this->mutex->lock(this->mutex);
	enumerator = this->holders->at(this->holders, other);
	while (enumerator->enumerate(enumerator, &holder))
	{
		if (coi_peer_match_is_pair(holder, me, other))
		{
			cb(data, holder->entry);
		}
	}
	enumerator->destroy(enumerator);
	this->mutex->unlock(this->mutex);
}

/** Call back for the holders of an enumerator, which is destroyed. */
static void call_back(enumerator_t *enumerator, coi_session_table_cb_t cb,
					  void *data)
{
	coi_checkout_t *holder;

	while (enumerator->enumerate(enumerator, &holder))
	{
		cb(data, holder->entry);
	}
	enumerator->destroy(enumerator);
}

METHOD(coi_session_table_t, for_own, void,
	private_coi_session_table_t *this, const coi_address_t *own,
	coi_session_table_cb_t cb, void *data)
{
	this->mutex->lock(this->mutex);
	call_back(this->holders->claiming(this->holders, own), cb, data);
	this->mutex->unlock(this->mutex);
}

METHOD(coi_session_table_t, for_all, void,
	private_coi_session_table_t *this, coi_session_table_cb_t cb, void *data)
{
	this->mutex->lock(this->mutex);
	call_back(this->holders->all(this->holders), cb, data);
	this->mutex->unlock(this->mutex);
}

METHOD(coi_session_table_t, wait_, coi_opening_end_t,
	private_coi_session_table_t *this, uintptr_t id, u_int timeout)
{
	coi_opening_result_t *result = NULL;
	coi_checkout_t *holder;

	this->mutex->lock(this->mutex);
	holder = this->holders->get(this->holders, id);
	if (holder)
	{
		result = coi_opening_result_get_ref(holder->result);
	}
	this->mutex->unlock(this->mutex);
	return result ? coi_opening_result_wait(result,
											 timeout) : COI_OPENING_FAILED;
}

/** Free a session that is left at the end. */
static void discard(private_coi_session_table_t *this, coi_checkout_t *holder)
{
	coi_session_entry_t *entry = holder->entry;

	if (entry->tunnel)
	{
		entry->tunnel->destroy(entry->tunnel);
	}
	this->halves->remove(this->halves, holder);
	this->holders->remove(this->holders, holder);
	coi_checkout_destroy(holder);
	coi_session_entry_destroy(entry);
}

METHOD(coi_session_table_t, destroy, void,
	private_coi_session_table_t *this)
{
	enumerator_t *enumerator;
	coi_checkout_t *holder;
	array_t *left;

	left = array_create(0, 0);
	enumerator = this->holders->all(this->holders);
	while (enumerator->enumerate(enumerator, &holder))
	{
		array_insert(left, ARRAY_TAIL, holder);
	}
	enumerator->destroy(enumerator);
	while (array_remove(left, ARRAY_TAIL, &holder))
	{
		discard(this, holder);
	}
	array_destroy(left);
	this->halves->destroy(this->halves);
	this->holders->destroy(this->holders);
	this->mutex->destroy(this->mutex);
	free(this);
}

coi_session_table_t *coi_session_table_create(u_int half_open, u_int source)
{
	private_coi_session_table_t *this;

	INIT(this,
		.public = {
			.add_initiator = _add_initiator,
			.start = _start,
			.add_responder = _add_responder,
			.checkout = _checkout,
			.try_checkout = _try_checkout,
			.take = _take,
			.checkin = _checkin,
			.show = _show,
			.remove = _remove_,
			.restart = _restart,
			.set_shares = _set_shares,
			.set_peer = _set_peer,
			.relocate = _relocate,
			.set_flag = _set_flag,
			.has_flag = _has_flag,
			.recognise = _recognise,
			.find_responder = _find_responder,
			.find_pair = _find_pair,
			.for_pair = _for_pair,
			.for_own = _for_own,
			.for_all = _for_all,
			.wait = _wait_,
			.destroy = _destroy,
		},
		.mutex = mutex_create(MUTEX_TYPE_DEFAULT),
		.holders = coi_session_index_create(),
		.halves = coi_half_open_create(half_open, source),
	);
	return &this->public;
}
