/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_encap_peers.h"
#include "util/coi_host.h"

#include <collections/array.h>
#include <threading/mutex.h>

typedef struct private_coi_encap_peers_t private_coi_encap_peers_t;

/** A peer, and until when it is remembered, monotonic ms. */
typedef struct {
	uint8_t addr[COI_ADDR_LEN];
	uint64_t until;
} detour_t;

struct private_coi_encap_peers_t {
	coi_encap_peers_t public;
	u_int seconds;

	/** guards list */
	mutex_t *mutex;

	/** detour_t, those that end first come first, as all last as long */
	array_t *list;
};

/** Remove one, or all if it is NULL, and what is over. The mutex is held. */
static void clear(private_coi_encap_peers_t *this, const uint8_t *addr,
				  uint64_t now)
{
	enumerator_t *enumerator;
	detour_t *detour;

	enumerator = array_create_enumerator(this->list);
	while (enumerator->enumerate(enumerator, &detour))
	{
		if (!addr || detour->until <= now || memeq(detour->addr, addr,
												   sizeof(detour->addr)))
		{
			array_remove_at(this->list, enumerator);
		}
	}
	enumerator->destroy(enumerator);
}

METHOD(coi_encap_peers_t, add, bool,
	private_coi_encap_peers_t *this, host_t *peer, uint64_t now)
{
	detour_t detour = {
		.until = now + this->seconds * 1000ULL,
	};

	if (!this->seconds)
	{
		return FALSE;
	}
	coi_host_write(peer, detour.addr);
	this->mutex->lock(this->mutex);
	clear(this, detour.addr, now);
	if (array_count(this->list) >= COI_ENCAP_PEERS_MAX)
	{
		array_remove(this->list, ARRAY_HEAD, NULL);
	}
	array_insert(this->list, ARRAY_TAIL, &detour);
	this->mutex->unlock(this->mutex);
	return TRUE;
}

METHOD(coi_encap_peers_t, has, bool,
	private_coi_encap_peers_t *this, host_t *peer, uint64_t now, u_int *left)
{
	uint8_t addr[COI_ADDR_LEN];
	enumerator_t *enumerator;
	detour_t *detour;
	uint64_t until = 0;

	coi_host_write(peer, addr);
	this->mutex->lock(this->mutex);
	enumerator = array_create_enumerator(this->list);
	while (!until && enumerator->enumerate(enumerator, &detour))
	{
		if (memeq(detour->addr, addr, sizeof(addr)))
		{
			until = detour->until;
		}
	}
	enumerator->destroy(enumerator);
	this->mutex->unlock(this->mutex);
	if (until <= now)
	{
		return FALSE;
	}
	if (left)
	{
		*left = (until - now + 999) / 1000;
	}
	return TRUE;
}

METHOD(coi_encap_peers_t, forget, void,
	private_coi_encap_peers_t *this, host_t *peer)
{
	uint8_t addr[COI_ADDR_LEN];

	if (peer)
	{
		coi_host_write(peer, addr);
	}
	this->mutex->lock(this->mutex);
	clear(this, peer ? addr : NULL, 0);
	this->mutex->unlock(this->mutex);
}

METHOD(coi_encap_peers_t, destroy, void,
	private_coi_encap_peers_t *this)
{
	array_destroy(this->list);
	this->mutex->destroy(this->mutex);
	free(this);
}

coi_encap_peers_t *coi_encap_peers_create(u_int seconds)
{
	private_coi_encap_peers_t *this;

	INIT(this,
		.public = {
			.add = _add,
			.has = _has,
			.forget = _forget,
			.destroy = _destroy,
		},
		.seconds = seconds,
		.mutex = mutex_create(MUTEX_TYPE_DEFAULT),
		.list = array_create(sizeof(detour_t), 0),
	);
	return &this->public;
}
