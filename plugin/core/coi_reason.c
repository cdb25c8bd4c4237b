/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_reason.h"

#define REASON_NAME(reason, name, term, refusal, failure) name,
#define TERM_NAME(term, number, name) name,

ENUM(coi_reason_names, COI_OK, COI_REASON_LAST,
	COI_REASONS(REASON_NAME)
);

ENUM(coi_term_names, COI_TERM_TERMINATED, COI_TERM_LAST,
	COI_TERMS(TERM_NAME)
);

#define REASON_ROW(reason, name, term, refusal, failure) \
	[reason] = { term, refusal, failure },

/** What goes with each reason. */
static const struct {
	coi_term_t term;
	const char *refusal;
	const char *failure;
} rows[COI_REASON_MAX] = {
	COI_REASONS(REASON_ROW)
};

coi_term_t coi_reason_term(coi_reason_t reason)
{
	return reason < countof(rows) ? rows[reason].term : 0;
}

coi_reason_t coi_reason_by_term(coi_term_t term)
{
	u_int i;

	for (i = 0; term && i < countof(rows); i++)
	{
		if (rows[i].term == term)
		{
			return i;
		}
	}
	return COI_OK;
}

const char *coi_reason_refusal(coi_reason_t reason)
{
	return reason < countof(rows) ? rows[reason].refusal : NULL;
}

const char *coi_reason_failure(coi_reason_t reason)
{
	return reason < countof(rows) ? rows[reason].failure : NULL;
}
