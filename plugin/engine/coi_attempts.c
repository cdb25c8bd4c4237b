/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_attempts.h"
#include "util/coi_host.h"
#include "util/coi_timer.h"
#include "session/coi_peer_match.h"

typedef struct private_coi_attempts_t private_coi_attempts_t;

struct private_coi_attempts_t {
	coi_attempts_t public;
	coi_attempts_config_t config;
	coi_timing_t timing;
};

/**
 * What a session says of both ends' addresses, and whether ESP is to go in UDP: it is
 * configured, or ESP did not get through without.
 */
static coi_addresses_t get_addresses(private_coi_attempts_t *this,
									 const coi_connection_t *conn, host_t *me,
									 host_t *other)
{
	coi_encap_peers_t *peers = this->config.encap_peers;

	return coi_host_say(me, other, coi_connection_wants_encap(conn) ||
						peers->has(peers, other, coi_timer_now(), NULL));
}

/** Let a session tell its peer who uses this host. */
static void set_user(private_coi_attempts_t *this, coi_connection_t *conn,
					 coi_session_t *session)
{
	coi_user_t user;

	user = this->config.local_user->get(this->config.local_user, conn);
	coi_session_set_user(session, &user);
	coi_user_clear(&user);
}

METHOD(coi_attempts_t, propose, coi_session_t*,
	private_coi_attempts_t *this, coi_connection_t *conn, host_t *me,
	host_t *other)
{
	coi_keypair_pool_t *keypairs = this->config.keypairs;
	coi_addresses_t addresses;
	coi_session_t *session;
	coi_keyset_t *keys;

	addresses = get_addresses(this, conn, me, other);
	keys = this->config.keyring->get(this->config.keyring, conn, conn->suite);
	session = coi_session_create(conn->profile, keys, &this->timing,
								 &addresses);
	coi_keyset_destroy(keys);
	if (session)
	{
		set_user(this, conn, session);
		if (!keypairs->lend_val(keypairs, session))
		{
			coi_session_destroy(session);
			session = NULL;
		}
	}
	return session;
}

METHOD(coi_attempts_t, respond, coi_reason_t,
	private_coi_attempts_t *this, coi_connection_t *conn, host_t *me,
	host_t *other, const coi_event_t *event, coi_actions_t *actions,
	coi_session_t **session)
{
	coi_keypair_pool_t *keypairs = this->config.keypairs;
	coi_addresses_t addresses;
	coi_session_t *made;
	coi_reason_t reason;

	addresses = get_addresses(this, conn, me, other);
	reason = coi_session_respond(conn->profile, &this->timing, &addresses,
								 event, actions, &made);
	if (reason != COI_OK)
	{
		return reason;
	}
	if (keypairs->is_own(keypairs, made))
	{
		coi_session_destroy(made);
		return COI_OWN_TOKEN;
	}
	if (!keypairs->lend_val(keypairs, made))
	{
		coi_session_destroy(made);
		return COI_INTERNAL;
	}
	set_user(this, conn, made);
	keypairs->lend_dh(keypairs, made);
	*session = made;
	return COI_OK;
}

METHOD(coi_attempts_t, encap_, void,
	private_coi_attempts_t *this, const coi_session_entry_t *entry)
{
	const coi_options_t *options = this->config.options;
	coi_encap_peers_t *peers = this->config.encap_peers;

	this->config.counters->refused(this->config.counters, COI_NO_ESP);
	if (coi_nat_encap(coi_session_nat(entry->session)))
	{
		DBG1(DBG_IKE, "%H answers, but nothing comes through its tunnel, though "
			 "ESP goes in UDP", entry->other);
	}
	else if (peers->add(peers, entry->other, coi_timer_now()))
	{
		DBG1(DBG_IKE, "UDP port %u gets through between %H and %H, ESP (IP "
			 "protocol 50) does not: ESP goes in UDP with it for %u s",
			 options->port, entry->me, entry->other, options->no_esp_time);
	}
	else
	{
		DBG1(DBG_IKE, "UDP port %u gets through between %H and %H, ESP (IP "
			 "protocol 50) does not: encap = yes lets ESP go in UDP",
			 options->port, entry->me, entry->other);
	}
}

METHOD(coi_attempts_t, destroy, void,
	private_coi_attempts_t *this)
{
	free(this);
}

coi_attempts_t *coi_attempts_create(const coi_attempts_config_t *config)
{
	private_coi_attempts_t *this;

	INIT(this,
		.public = {
			.propose = _propose,
			.respond = _respond,
			.encap = _encap_,
			.destroy = _destroy,
		},
		.config = *config,
		.timing = {
			.first = config->options->retransmit_first,
			.tries = config->options->retransmit_tries,
			.last = config->options->retransmit_last,
			.collect = COI_COLLECT_TIME,
			.pause = COI_REPEAT_PAUSE,
		},
	);
	return &this->public;
}

bool coi_attempts_failed(coi_session_entry_t *entry, coi_reason_t reason)
{
	if (reason != COI_TIMEOUT && reason != COI_NO_ESP)
	{
		return FALSE;
	}
	if (entry->initiator && !entry->established)
	{
		charon->bus->alert(charon->bus, ALERT_PEER_INIT_UNREACHABLE,
						   entry->unanswered++);
	}
	return TRUE;
}

bool coi_attempts_is_left(coi_session_table_t *sessions,
						  const coi_session_entry_t *entry)
{
	/* 0 is for ever, 1 was the last one */
	return entry->initiator && !entry->established && entry->tries != 1 &&
		   !sessions->has_flag(sessions, entry->id, COI_SESSION_GONE);
}

void coi_attempts_undo(coi_session_table_t *sessions,
					   coi_session_policy_t *session_policy,
					   coi_session_entry_t *entry)
{
	if (entry->tries)
	{
		entry->tries--;
	}
	if (entry->tunnel)
	{
		sessions->set_shares(sessions, entry, NULL);
		session_policy->update(session_policy, entry->me, entry->other);
		entry->tunnel->close(entry->tunnel, TRUE);
		entry->tunnel = NULL;
		entry->has_out = FALSE;
		entry->heard = FALSE;
	}
}

/** Sessions that the peer has begun since an opening began. */
typedef struct {
	const coi_session_entry_t *entry;
	bool found;
} later_t;

static void find_later(void *data, const coi_session_entry_t *entry)
{
	later_t *later = data;

	later->found |= entry->order > later->entry->order &&
					coi_peer_match_is_genuine(entry);
}

bool coi_attempts_is_alone(coi_session_table_t *sessions,
						   const coi_session_entry_t *entry)
{
	later_t later = {
		.entry = entry,
	};

	sessions->for_pair(sessions, entry->me, entry->other, find_later, &later);
	return !later.found;
}
