/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_histograms.h"

const u_int coi_histogram_buckets[COI_BUCKETS] = {
	1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 30000,
};

ENUM(coi_histogram_stage_names, COI_STAGE_ANSWER, COI_STAGE_HOLD,
	"answer",
	"confirm",
	"open",
	"respond",
	"hold",
);

typedef struct private_coi_histograms_t private_coi_histograms_t;

struct private_coi_histograms_t {
	coi_histograms_t public;

	/** only touched atomically */
	coi_histogram_t stages[COI_STAGES];
};

METHOD(coi_histograms_t, add, void,
	private_coi_histograms_t *this, coi_histogram_stage_t stage, uint64_t ms)
{
	u_int i = 0;

	while (i < COI_BUCKETS && ms > coi_histogram_buckets[i])
	{
		i++;
	}
	__atomic_fetch_add(&this->stages[stage].counts[i], 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&this->stages[stage].sum, ms, __ATOMIC_RELAXED);
}

METHOD(coi_histograms_t, get, void,
	private_coi_histograms_t *this, coi_histogram_stage_t stage,
	   coi_histogram_t *histogram)
{
	u_int i;

	for (i = 0; i <= COI_BUCKETS; i++)
	{
		histogram->counts[i] = __atomic_load_n(&this->stages[stage].counts[i],
											   __ATOMIC_RELAXED);
	}
	histogram->sum = __atomic_load_n(&this->stages[stage].sum,
									 __ATOMIC_RELAXED);
}

METHOD(coi_histograms_t, destroy, void,
	private_coi_histograms_t *this)
{
	free(this);
}

coi_histograms_t *coi_histograms_create()
{
	private_coi_histograms_t *this;

	INIT(this,
		.public = {
			.add = _add,
			.get = _get,
			.destroy = _destroy,
		},
	);
	return &this->public;
}
