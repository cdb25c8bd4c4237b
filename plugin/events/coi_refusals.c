/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_refusals.h"
#include "util/coi_host.h"
#include "util/coi_timer.h"

#include <threading/mutex.h>

/** refusals that are remembered */
#define ITEMS 64

typedef struct private_coi_refusals_t private_coi_refusals_t;

/** A refusal and when it was. */
typedef struct {
	uint8_t source[COI_ADDR_LEN];
	coi_reason_t reason;
	int64_t ahead;
	/** monotonic ms, 0 if there is none */
	uint64_t when;
} note_t;

struct private_coi_refusals_t {
	coi_refusals_t public;

	/** guards all below */
	mutex_t *mutex;

	note_t notes[ITEMS];
	u_int next;
};

METHOD(coi_refusals_t, note, void,
	private_coi_refusals_t *this, host_t *source, coi_reason_t reason,
	int64_t ahead)
{
	note_t *note;

	this->mutex->lock(this->mutex);
	note = &this->notes[this->next++ % ITEMS];
	coi_host_write(source, note->source);
	note->reason = reason;
	note->ahead = ahead;
	note->when = coi_timer_now();
	this->mutex->unlock(this->mutex);
}

METHOD(coi_refusals_t, find, bool,
	private_coi_refusals_t *this, host_t *source, coi_refusals_item_t *item)
{
	uint64_t newest = 0, now = coi_timer_now();
	uint8_t wanted[COI_ADDR_LEN];
	note_t *note;
	u_int i;

	coi_host_write(source, wanted);
	this->mutex->lock(this->mutex);
	for (i = 0; i < ITEMS; i++)
	{
		note = &this->notes[i];
		if (note->when > newest && memeq(note->source, wanted, sizeof(wanted)))
		{
			newest = note->when;
			*item = (coi_refusals_item_t){
				.reason = note->reason,
				.age = now > newest ? (now - newest) / 1000 : 0,
				.ahead = note->ahead,
			};
		}
	}
	this->mutex->unlock(this->mutex);
	return newest != 0;
}

METHOD(coi_refusals_t, destroy, void,
	private_coi_refusals_t *this)
{
	this->mutex->destroy(this->mutex);
	free(this);
}

coi_refusals_t *coi_refusals_create()
{
	private_coi_refusals_t *this;

	INIT(this,
		.public = {
			.note = _note,
			.find = _find,
			.destroy = _destroy,
		},
		.mutex = mutex_create(MUTEX_TYPE_DEFAULT),
	);
	return &this->public;
}
