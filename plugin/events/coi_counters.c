/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_counters.h"
#include "util/coi_text.h"

#include <inttypes.h>

#include <utils/debug.h>

ENUM(coi_counter_names, COI_COUNT_RECEIVED, COI_COUNT_MISQUOTED,
	"received",
	"sent",
	"initiated",
	"responded",
	"opened",
	"failed",
	"closed",
	"held",
	"released",
	"dropped",
	"obstructed",
	"meddled",
	"heard",
	"misquoted",
);

typedef struct private_coi_counters_t private_coi_counters_t;

struct private_coi_counters_t {

	coi_counters_t public;

	/** both only touched by the functions below, atomically */
	uint64_t refused[COI_REASON_MAX];
	uint64_t counts[COI_COUNT_MAX];
};

/**
 * Counters order nothing else, hence relaxed.
 */
static void add(uint64_t *counter)
{
	__atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

static uint64_t load(uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

METHOD(coi_counters_t, refused, void,
	private_coi_counters_t *this, coi_reason_t reason)
{
	if (reason > COI_OK && reason < COI_REASON_MAX)
	{
		add(&this->refused[reason]);
		DBG2(DBG_NET, "COI refused: %N", coi_reason_names, reason);
	}
}

METHOD(coi_counters_t, count, void,
	private_coi_counters_t *this, coi_counter_t what)
{
	if (what < COI_COUNT_MAX)
	{
		add(&this->counts[what]);
	}
}

METHOD(coi_counters_t, get_refused, uint64_t,
	private_coi_counters_t *this, coi_reason_t reason)
{
	return reason < COI_REASON_MAX ? load(&this->refused[reason]) : 0;
}

METHOD(coi_counters_t, get, uint64_t,
	private_coi_counters_t *this, coi_counter_t what)
{
	return what < COI_COUNT_MAX ? load(&this->counts[what]) : 0;
}

/**
 * Append "name value" to a line if the value is not zero.
 */
static void append(char *line, size_t size, enum_name_t *names, int which,
				   uint64_t value)
{
	if (value)
	{
		coi_text_list(line, size, ", ", "%s %" PRIu64,
					  enum_to_name(names, which), value);
	}
}

METHOD(coi_counters_t, log_, void,
	private_coi_counters_t *this)
{
	/* 30 octets for a name, 20 for the digits, 3 to separate them */
	char line[(COI_REASON_MAX + COI_COUNT_MAX) * 53] = "";
	int i;

	for (i = 0; i < COI_COUNT_MAX; i++)
	{
		append(line, sizeof(line), coi_counter_names, i, get(this, i));
	}
	for (i = COI_OK + 1; i < COI_REASON_MAX; i++)
	{
		append(line, sizeof(line), coi_reason_names, i, get_refused(this, i));
	}
	if (*line)
	{
		DBG1(DBG_NET, "COI counters: %s", line);
	}
}

METHOD(coi_counters_t, destroy, void,
	private_coi_counters_t *this)
{
	free(this);
}

coi_counters_t *coi_counters_create()
{
	private_coi_counters_t *this;

	INIT(this,
		.public = {
			.refused = _refused,
			.count = _count,
			.get_refused = _get_refused,
			.get = _get,
			.log = _log_,
			.destroy = _destroy,
		},
	);

	return &this->public;
}
