/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the answer to what happens to a packet and why: the decisions that it
 * meets on its way, taken from the same tables as the policies are.
 */

#ifndef COI_WHY_H_
#define COI_WHY_H_

#include "engine/coi_engine.h"
#include "config/coi_service_text.h"

typedef struct coi_why_t coi_why_t;
typedef enum coi_verdict_t coi_verdict_t;

/** Space for a sentence, and for the full name of a setting. */
#define COI_WHY_TEXT 640
#define COI_WHY_SETTING 256

/** What happens to a packet. */
enum coi_verdict_t {
	/** goes through a tunnel that is open */
	COI_VERDICT_TUNNEL,
	/** asks for a tunnel, or needs one that the peer asks for */
	COI_VERDICT_OPENS,
	/** waits for one that is being opened */
	COI_VERDICT_WAITS,
	/** is no business of ours: clear text, or another connection's */
	COI_VERDICT_CLEAR,
	/** goes nowhere */
	COI_VERDICT_BLOCKED,
};

extern enum_name_t *coi_verdict_names;

struct coi_why_t {
	/* what is asked */
	/** peer's address, borrowed */
	host_t *other;
	coi_service_query_t asked;
	/** TRUE for packets from the peer */
	bool inbound;

	/* what is answered */
	coi_verdict_t verdict;
	/** what decided, in a word that docs/CONTROL.md lists */
	const char *decision;
	/** one sentence */
	char text[COI_WHY_TEXT];
	/** setting in swanctl.conf that decided, empty if none did */
	char setting[COI_WHY_SETTING];
	/** connection and community, empty if none */
	char connection[COI_WHY_SETTING];
	char community[COI_MAX_NAME + 1];
	/** SAs that carry it, network order, 0 if none do */
	uint32_t spi_in;
	uint32_t spi_out;
	/** packets that wait */
	u_int held;
};

/** Find out. */
void coi_why(const coi_parts_t *parts, coi_engine_t *engine, coi_why_t *why);

#endif /** COI_WHY_H_ */
