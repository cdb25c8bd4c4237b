/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_session_log.h"
#include "util/coi_text.h"
#include "util/coi_timer.h"

#include <inttypes.h>

/** Begin an event of a session. */
static coi_events_item_t *begin(coi_events_type_t type,
								const coi_session_entry_t *entry)
{
	coi_events_item_t *item = coi_events_begin(type);
	coi_session_t *session = entry->session;

	coi_events_set(item, COI_EVENTS_PEER, "%H", entry->other);
	coi_events_set(item, COI_EVENTS_ME, "%H", entry->me);
	coi_events_set(item, COI_EVENTS_CONNECTION, "%s", entry->conn->name);
	coi_events_set(item, COI_EVENTS_SPI_I, "%.16" PRIx64,
				   coi_session_spi_i(session));
	coi_events_set(item, COI_EVENTS_SPI_R, "%.16" PRIx64,
				   coi_session_spi_r(session));
	coi_events_set(item, COI_EVENTS_ROLE, entry->initiator ? "initiator"
													   : "responder");
	return item;
}

static void set_identity(coi_events_item_t *item,
						 const coi_session_entry_t *entry)
{
	identification_t *id = coi_session_entry_peer_id(entry);

	if (id)
	{
		coi_events_set(item, COI_EVENTS_IDENTITY, "%Y", id);
		id->destroy(id);
	}
}

static void set_communities(coi_events_item_t *item,
							const coi_session_entry_t *entry)
{
	const coi_shared_community_t *common;
	char names[512] = "";
	u_int count, i;

	common = coi_session_common(entry->session, &count);
	for (i = 0; i < count; i++)
	{
		if (common[i].used)
		{
			coi_text_list(names, sizeof(names), ",", "%s", common[i].name);
		}
	}
	coi_events_set(item, COI_EVENTS_COMMUNITIES, "%s", names);
}

void coi_session_log_answered(coi_histograms_t *histograms,
							  coi_session_entry_t *entry)
{
	if (entry->initiator)
	{
		entry->answered = coi_timer_now();
		histograms->add(histograms, COI_STAGE_ANSWER,
					 entry->answered - entry->begun);
	}
}

void coi_session_log_opened(coi_events_t *events, coi_histograms_t *histograms,
							const coi_session_entry_t *entry,
							identification_t *id)
{
	uint64_t now = coi_timer_now();
	coi_events_item_t *item;

	if (entry->initiator)
	{
		histograms->add(histograms, COI_STAGE_CONFIRM, now - entry->answered);
	}
	histograms->add(histograms, entry->initiator ? COI_STAGE_OPEN
												 : COI_STAGE_RESPOND,
				 now - entry->begun);

	DBG1(DBG_IKE, "COI session with %H[%Y] open", entry->other, id);
	item = begin(COI_EVENTS_OPENED, entry);
	coi_events_set(item, COI_EVENTS_IDENTITY, "%Y", id);
	set_communities(item, entry);
	events->add(events, item);
}

void coi_session_log_why(coi_session_entry_t *entry, coi_term_t why,
						 bool by_peer,
						 const char *text)
{
	if (!entry->ending.why)
	{
		entry->ending.why = why;
		entry->ending.by_peer = by_peer;
		snprintf(entry->ending.text, sizeof(entry->ending.text), "%s",
				 text ?: "");
		if (by_peer)
		{
			DBG1(DBG_IKE, "COI session with %H closed by peer: %N%s%s",
				 entry->other, coi_term_names, why, text && *text ? ", " : "",
				 text ?: "");
		}
	}
}

void coi_session_log_refused(const coi_session_entry_t *entry,
							 coi_reason_t reason)
{
	const char *why = coi_reason_refusal(reason);

	if (why)
	{
		DBG1(DBG_IKE, "COI session with %H refused: %s", entry->other, why);
	}
}

coi_reason_t coi_session_log_cause(const coi_session_entry_t *entry,
								   const coi_action_t *action)
{
	coi_reason_t said = coi_reason_by_term(action->term);

	/* of these only ESP may be missing later, too */
	if (said != COI_OK && (!entry->established || said == COI_NO_ESP))
	{
		return said;
	}
	return action->reason;
}

bool coi_session_log_failed(const coi_session_entry_t *entry,
							coi_reason_t reason)
{
	const char *why = coi_reason_failure(reason);

	if (!why || !entry->initiator || entry->established)
	{
		return FALSE;
	}
	DBG1(DBG_IKE, "COI session with %H not opened: %s", entry->other, why);
	return TRUE;
}

void coi_session_log_ended(coi_events_t *events,
						   const coi_session_entry_t *entry,
						   coi_reason_t reason)
{
	bool open = entry->established != 0;
	coi_term_t why = entry->ending.why;
	coi_events_item_t *item;

	item = begin(open ? COI_EVENTS_CLOSED : COI_EVENTS_FAILED, entry);
	set_identity(item, entry);
	if (open)
	{
		set_communities(item, entry);
		coi_events_set(item, COI_EVENTS_AGE, "%" PRIu64,
					   (coi_timer_now() - entry->established) / 1000);
	}
	if (!why && reason == COI_OK)
	{	/* its last community was ended alone */
		why = entry->why;
	}
	if (why)
	{
		coi_events_set(item, COI_EVENTS_BY,
					   entry->ending.by_peer ? "peer" : "us");
		coi_events_set(item, COI_EVENTS_REASON, "%N", coi_term_names, why);
		if (*entry->ending.text)
		{
			coi_events_set(item, COI_EVENTS_TEXT, "%s", entry->ending.text);
		}
	}
	else if (reason != COI_OK)
	{
		coi_events_set(item, COI_EVENTS_REASON, "%N", coi_reason_names, reason);
	}
	events->add(events, item);
}

void coi_session_log_left(coi_events_t *events,
						  const coi_session_entry_t *entry,
						  const char *name, coi_term_t term, const char *text)
{
	coi_events_item_t *item;

	if (term)
	{
		DBG1(DBG_IKE, "COI '%s' with %H closed by peer: %N%s%s", name,
			 entry->other, coi_term_names, term, text && *text ? ", " : "",
			 text ?: "");
	}
	item = begin(COI_EVENTS_LEFT, entry);
	coi_events_set(item, COI_EVENTS_COMMUNITY, "%s", name);
	coi_events_set(item, COI_EVENTS_BY, term ? "peer" : "us");
	coi_events_set(item, COI_EVENTS_REASON, "%N", coi_term_names,
				   term ?: entry->why);
	if (text && *text)
	{
		coi_events_set(item, COI_EVENTS_TEXT, "%s", text);
	}
	events->add(events, item);
}

void coi_session_log_mistake(void *data, const char *name, const char *error)
{
	coi_events_t *events = data;
	coi_events_item_t *item;

	item = coi_events_begin(COI_EVENTS_CONNECTION_REFUSED);
	coi_events_set(item, COI_EVENTS_CONNECTION, "%s", name);
	coi_events_set(item, COI_EVENTS_TEXT, "%s", error);
	events->add(events, item);
}
