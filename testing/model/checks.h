/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What the verifier that spin makes of coi.pml counts besides states: moves of
 * sessions, and how often each property was looked at and broken. None of this is
 * part of a state. The results go to standard output when it ends.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* made of states.txt by testing/model/run: coi_moves[], the lines */
#include "moves.h"

#define COI_PROPERTIES 8

static unsigned long coi_seen_moves[2][6][11][6];
static unsigned long coi_held_count[COI_PROPERTIES];
static unsigned long coi_broken_count[COI_PROPERTIES];
static unsigned long coi_illegal;

static void coi_report(void)
{
	unsigned i;

	for (i = 0; i < COI_PROPERTIES; i++)
	{
		printf("property %u held %lu broken %lu\n", i, coi_held_count[i],
			   coi_broken_count[i]);
	}
	for (i = 0; i < sizeof(coi_moves) / sizeof(coi_moves[0]); i++)
	{
		printf("move %u made %lu\n", i,
			   coi_seen_moves[coi_moves[i].role][coi_moves[i].from]
							 [coi_moves[i].event][coi_moves[i].to]);
	}
	printf("moves that are not listed %lu\n", coi_illegal);
}

static void coi_begin(void)
{
	static int begun;

	if (!begun)
	{
		begun = 1;
		atexit(coi_report);
	}
}

/* for a trail: stop where a property is broken */
#ifdef COI_STOP
#define coi_stop(property) do { if (COI_STOP == (property)) uerror("property broken"); } while (0)
#else
#define coi_stop(property)
#endif

#define coi_held(property) do { coi_begin(); coi_held_count[property]++; } while (0)
#define coi_broken(property) do { coi_begin(); coi_broken_count[property]++; coi_stop(property); } while (0)

/* pan's, set by -r */
extern int readtrail;

static void coi_count_move(int self, int role, int from, int event, int to)
{
	static const char *states[] = {
		"CREATED", "PENDING_OPEN", "PENDING_FINAL", "PENDING_PROOF", "OPEN",
		"CLOSED",
	};
	static const char *events[] = {
		"open", "Sess0", "Sess1", "Sess2", "IDLE", "TERM", "Sess3",
		"allocated", "identified", "timer", "close",
	};
	unsigned i;

	coi_begin();
	if (readtrail)
	{
		printf("COI on exchange %d's turn, %s: %s => %s on %s\n", self,
			   role ? "responder" : "initiator", states[from], states[to],
			   events[event]);
	}
	coi_seen_moves[role][from][event][to]++;
	for (i = 0; i < sizeof(coi_moves) / sizeof(coi_moves[0]); i++)
	{
		if (coi_moves[i].role == role && coi_moves[i].from == from &&
			coi_moves[i].event == event && coi_moves[i].to == to)
		{
			return;
		}
	}
	coi_illegal++;
}
#define coi_move(role, from, event, to) coi_count_move(((P0*)_this)->_pid, role, from, event, to)

/* what a step may change of other sessions */
typedef struct {
	unsigned char i_state[COI_N], r_state[COI_N], confirmed[COI_N];
	unsigned char i_old[COI_N], r_old[COI_N], i_part[COI_N], r_part[COI_N];
} coi_session_table_t;

/* before and after the step */
static coi_session_table_t coi_before, coi_after;

/* Whether a step of one session has changed others; may: 0 not at all, 1 end one
 * initiator in PENDING_OPEN, 2 mark as superseded, 3 begin one, 4 the first two. */
static int coi_apart(int self, int may)
{
	const coi_session_table_t *a = &coi_before, *b = &coi_after;
	int i, ended = 0, apart = 1;

	for (i = 0; i < COI_N; i++)
	{
		if (i != self)
		{
			if (a->i_state[i] != b->i_state[i])
			{
				apart = apart && !ended++ &&
						(((may == 1 || may == 4) && a->i_state[i] == 1 && b->i_state[i] == 0) ||
						 (may == 3 && a->i_state[i] == 0 && b->i_state[i] == 1));
			}
			apart = apart && a->r_state[i] == b->r_state[i] &&
					a->confirmed[i] == b->confirmed[i] &&
					a->i_part[i] == b->i_part[i] &&
					a->r_part[i] == b->r_part[i];
			if (may != 2 && may != 4)
			{
				apart = apart && a->i_old[i] == b->i_old[i] &&
						a->r_old[i] == b->r_old[i];
			}
		}
	}
	return apart;
}

/* macros, because the verifier's state is not declared yet */
#define coi_copy_field(to, field) memcpy((to).field, now.field, COI_N)
#define coi_copy(to) do { \
	coi_copy_field(to, i_state); coi_copy_field(to, r_state); \
	coi_copy_field(to, confirmed); coi_copy_field(to, i_old); \
	coi_copy_field(to, r_old); coi_copy_field(to, i_part); \
	coi_copy_field(to, r_part); } while (0)

#define coi_keep() coi_copy(coi_before)
#define coi_compare(may) do { \
	coi_copy(coi_after); \
	if (coi_apart(((P0*)_this)->_pid, may)) coi_held(1); \
	else coi_broken(1); } while (0)
