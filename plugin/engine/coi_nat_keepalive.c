/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_nat_keepalive.h"
#include "util/coi_timer.h"

/** charon's own default of keep_alive, s */
#define DEFAULT_INTERVAL 20

typedef struct private_coi_nat_keepalive_t private_coi_nat_keepalive_t;

struct private_coi_nat_keepalive_t {
	coi_nat_keepalive_t public;
	coi_session_table_t *sessions;
	coi_socket_t *socket;
	coi_executor_t *executor;

	/** ms after which a mapping is refreshed, 0 for never */
	u_int interval;
};

static void on_timer(void *data, uintptr_t id, u_int generation);

/** Look twice in an interval: what was sent in between has no time. */
static void arm(private_coi_nat_keepalive_t *this, coi_session_entry_t *entry)
{
	coi_timer_arm(on_timer, this, entry->id, 0, this->interval / 2);
}

static void on_timer(void *data, uintptr_t id, u_int generation)
{
	private_coi_nat_keepalive_t *this = data;
	uint64_t now, packets;
	coi_session_entry_t *entry;
	uint8_t octet = 0xff;

	entry = this->sessions->checkout(this->sessions, id);
	if (!entry)
	{
		return;
	}
	now = coi_timer_now();
	packets = entry->tunnel ? entry->tunnel->get_packets(entry->tunnel, FALSE)
							: 0;
	if (packets != entry->mapped_packets)
	{	/* maybe just after the last look; jobs are some ms late */
		entry->mapped_packets = packets;
		entry->mapped = now - this->interval / 2;
	}
	else if (now > entry->mapped + this->interval * 3 / 4)
	{
		this->socket->send(this->socket, FALSE, entry->me, entry->other,
						   (coi_sendmsg_t){}, chunk_from_thing(octet));
		entry->mapped = now;
	}
	arm(this, entry);
	this->executor->checkin(this->executor, entry);
}

METHOD(coi_nat_keepalive_t, start, void,
	private_coi_nat_keepalive_t *this, coi_session_entry_t *entry)
{
	if (this->interval && coi_session_nat(entry->session).here)
	{
		entry->mapped = coi_timer_now();
		arm(this, entry);
	}
}

METHOD(coi_nat_keepalive_t, destroy, void,
	private_coi_nat_keepalive_t *this)
{
	free(this);
}

coi_nat_keepalive_t *coi_nat_keepalive_create(coi_session_table_t *sessions,
											  coi_socket_t *socket,
											  coi_executor_t *executor)
{
	private_coi_nat_keepalive_t *this;

	INIT(this,
		.public = {
			.start = _start,
			.destroy = _destroy,
		},
		.sessions = sessions,
		.socket = socket,
		.executor = executor,
		.interval = 1000 * lib->settings->get_time(lib->settings,
							"%s.keep_alive", DEFAULT_INTERVAL, lib->ns),
	);
	return &this->public;
}
