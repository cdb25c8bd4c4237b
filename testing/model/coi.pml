/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Two hosts that open, replace, close and lose COI sessions over a network that
 * loses, repeats, delays and reorders: PROTOCOL.md sections 12 and 13. README
 * says what is left out, states.txt which moves there are.
 *
 * This file is longer than others may be: all of it is the state space of one
 * proctype, whose inlines work on the same variables, and spin reads one file.
 *
 * Process s is the exchange that began s-th: both ends' state of it and its
 * datagrams. Process "clock" lets the network become reliable and time pass, and
 * judges what is left when nothing more can happen.
 */

/* exchanges in all, and those that begin while the network is unreliable */
#ifndef N
#define N 2
#endif
#ifndef EARLY
#define EARLY N
#endif
/* how often one message is repeated on a timer */
#ifndef REPEATS
#define REPEATS 1
#endif
/* whole sessions closed and single communities closed, on request; crashes */
#ifndef CLOSES
#define CLOSES 0
#endif
#ifndef PARTIAL
#define PARTIAL 0
#endif
#ifndef CRASHES
#define CRASHES 0
#endif
/* Sess0 of a fellow member with the address of one of the two, who sees no answer */
#ifndef FORGED
#define FORGED 0
#endif

/* states, numbers as in coi_fsm.h; CREATED and CLOSED keep nothing and are the
 * same here: "next" and "made" tell them apart */
#define GONE	0
#define PO		1	/* PENDING_OPEN */
#define PF		2	/* PENDING_FINAL */
#define OPEN	4
#define CLOSED	5

#define INITIATOR	0
#define RESPONDER	1

/* events, numbers as in coi_fsm.h */
#define EV_OPEN			0
#define EV_SESS0		1
#define EV_SESS1		2
#define EV_SESS2		3
#define EV_IDLE			4
#define EV_TERM			5
#define EV_ALLOCATED	7
#define EV_TIMER		9
#define EV_CLOSE		10

c_decl {
\#include "checks.h"
}

/* each move of a session is one of states.txt */
#define MOVE(role, from, event, to) c_code { coi_move(role, from, event, to); }

/* each property counts how often it was looked at, and how often it was broken */
#define CHECK(property, condition) \
	if \
	:: condition -> c_code { coi_held(property); } \
	:: else -> c_code { coi_broken(property); } \
	fi

#define ANSWER	0
#define APART	1
#define ONCE	2
#define DATA	3
#define AGREE	4
#define EXIT	5
#define ONE		6
#define TALK	7

/* --- the exchanges --------------------------------------------------------- */

/* how many have begun; an exchange's number is also its Sess0's time */
byte next;
/* host that initiates */
bit own[N];
/* place of spi_i among those that it may be compared to, from 1 */
byte rank[N];
byte ids;

byte i_state[N];
byte r_state[N];
/* the initiator has the responder's first IDLE: it is confirmed */
bit confirmed[N];
/* repeats sent of the last message */
byte i_repeats[N];
byte r_repeats[N];
/* a newer session is open, this one ends when its grace is over */
bit i_old[N];
bit r_old[N];
/* a single community of the session is closed */
bit i_part[N];
bit r_part[N];
/* place of the session among those of that host, by when it began there */
byte i_order[N];
byte r_order[N];
/* 1 + a crossed Sess0 that the initiator ignored: the lowest so far */
byte ignored[N];

/* the responder remembers the Sess0's tag */
bit seen[N];
/* the responder started after it */
bit stale[N];
/* for the checks: the responder made a session of it, and installed both SAs */
bit made[N];
bit both[N];

/* datagrams under way. One that is there may arrive at any time, any number of
 * times, or be lost; repeats are the same octet for octet. */
bit sess0[N];
bit sess1[N];
bit sess2[N];
bit idle_ri[N];
bit idle_ir[N];
bit term_i[N];
bit term_r[N];
bit part_i[N];
bit part_r[N];

/* --- the hosts ------------------------------------------------------------- */

/* sessions that are not closed; own openings that are not confirmed; sessions that are
 * established */
byte alive[2];
byte begun[2];
byte firm[2];

byte closes = CLOSES;
byte partial = PARTIAL;
byte crashes = CRASHES;
byte forged = FORGED;

/* the network loses nothing any more, and timers are slower than it */
bit stable;
/* 0 datagrams first, 1 timers may fire, 2 silence is noticed, 3 nothing is left */
byte tick;
/* timers that fire in this round, and whether one did */
bit i_due[N];
bit r_due[N];
bit fired;
/* nobody closed, crashed or gave up what the peer holds open */
bit clean = 1;

/* for loops within a step */
hidden byte each;
hidden byte later;
hidden byte loser;
hidden byte refuse;
hidden byte opens[2];
hidden byte mine;
hidden byte allowed;
/* a choice */
byte place;

/* the number of an exchange is that of its process */
#define s _pid
#define I own[s]
#define R (1 - own[s])
#define i_open(x) (i_state[x] == OPEN && confirmed[x])
#define r_open(x) (r_state[x] == OPEN)
#define i_up(x) (i_state[x] == OPEN)

#ifdef LIVE
#define LIMIT (stable -> N : EARLY)
#else
#define LIMIT EARLY
#endif

/* an unreliable network makes any timer early; a reliable one is faster than they
 * are, and each of those that run fires once in a round */
#define I_TIMER (!stable || (tick == 1 && i_due[s]))
#define R_TIMER (!stable || (tick == 1 && r_due[s]))
/* repeats that nobody counts */
#ifdef MUTANT_REPEATS_FOR_EVER
#define COUNTED 0
#else
#define COUNTED 1
#endif
#define I_FIRED i_due[s] = 0; fired = stable; tick = 0
#define R_FIRED r_due[s] = 0; fired = stable; tick = 0
#ifdef SPURIOUS
#define SILENCE (tick == 2 || !stable)
#else
#define SILENCE (tick == 2)
#endif

/* whether an end hears the other, which has the session or not */
#ifdef SPURIOUS
#define HEARD(there) ((there) && stable)
#else
#define HEARD(there) (there)
#endif

/* what a Sess0 that arrives again can do */
#if defined(MUTANT_NO_REPLAY_CACHE) || defined(MUTANT_NO_FLOOR) || defined(MUTANT_ANSWERS_REPLAY)
#define sess0_is_spent(x) false
#else
#define sess0_is_spent(x) (seen[x] || stale[x])
#endif

#ifdef MUTANT_NO_GIVE_UP
#define HALF_OPEN_ENDS false
#else
#define HALF_OPEN_ENDS true
#endif

/* whether a host begins: traffic without a session, or a rekeying beside it. Its own
 * opening is waited for; one that it answers is not, as anybody may have begun it. */
#ifdef MUTANT_TWO_AT_ONCE
#define NOTHING_PENDING(h) true
#else
#define NOTHING_PENDING(h) (begun[h] == 0)
#endif
#ifdef REKEY
#define BEGINS(h) NOTHING_PENDING(h)
#else
#define BEGINS(h) (NOTHING_PENDING(h) && firm[h] == 0)
#endif

/* Leave no gap in a host's order. */
inline close_gap(h, gone)
{
	for (later : 0 .. N - 1) {
		if
		:: own[later] == h && i_order[later] > gone -> i_order[later] = i_order[later] - 1
		:: own[later] != h && r_order[later] > gone -> r_order[later] = r_order[later] - 1
		:: else
		fi
	}
	alive[h]--
}

/* Forget an end's state. What nobody asks for is set back, to have fewer states. */
inline clear_i(x)
{
	close_gap(own[x], i_order[x]);
	begun[own[x]] = begun[own[x]] - (!i_open(x));
	firm[own[x]] = firm[own[x]] - i_open(x);
	i_state[x] = GONE;
	confirmed[x] = 0;
	i_repeats[x] = 0;
	i_old[x] = 0;
	i_part[x] = 0;
	i_order[x] = 0;
	i_due[x] = 0;
	ignored[x] = 0
}

inline clear_r(x)
{
	close_gap(1 - own[x], r_order[x]);
	firm[1 - own[x]] = firm[1 - own[x]] - r_open(x);
	r_state[x] = GONE;
	r_repeats[x] = 0;
	r_old[x] = 0;
	r_part[x] = 0;
	r_due[x] = 0;
	r_order[x] = 0
}

/* Host h loses all it knows, and starts again. */
inline crash(h)
{
	for (each : 0 .. N - 1) {
		if
		:: each < next && own[each] == h ->
			i_state[each] = GONE;
			confirmed[each] = 0;
			i_repeats[each] = 0;
			i_old[each] = 0;
			i_part[each] = 0;
			i_order[each] = 0;
			ignored[each] = 0
		:: each < next && own[each] != h ->
			r_state[each] = GONE;
			r_repeats[each] = 0;
			r_old[each] = 0;
			r_part[each] = 0;
			r_order[each] = 0;
#ifdef MUTANT_NO_FLOOR
			seen[each] = 0
#else
			stale[each] = 1
#endif
		:: else
		fi
	}
	alive[h] = 0;
	begun[h] = 0;
	firm[h] = 0;
	clean = 0;
	crashes--
}

/* Choose an id: any place among those that count, below that of exchange
 * limit - 1 if there is a limit. */
inline choose_id(limit)
{
	do
	:: place < ids && (limit == 0 || place + 1 < rank[limit - 1]) -> place++
	:: break
	od;
	/* a jump must not lead to a d_step */
	skip
}

/* Host h begins the next exchange, with the id that was chosen. */
inline start(h, limit)
{
	for (each : 0 .. N - 1) {
		if
		:: rank[each] > place -> rank[each] = rank[each] + 1
		:: else
		fi
	}
	own[next] = h;
	rank[next] = place + 1;
	place = 0;
	ids++;
	i_state[next] = PO;
	ignored[next] = limit;
	alive[h]++;
	begun[h]++;
	i_order[next] = alive[h];
	sess0[next] = 1;
	next++;
	MOVE(INITIATOR, GONE, EV_OPEN, PO)
}

/* Somebody else begins the next exchange as if it were host h, with any id. */
inline forge(h)
{
	for (each : 0 .. N - 1) {
		if
		:: rank[each] > place -> rank[each] = rank[each] + 1
		:: else
		fi
	}
	own[next] = h;
	rank[next] = place + 1;
	place = 0;
	ids++;
	sess0[next] = 1;
	forged--;
	next++
}

/* Take away what can have no effect any more: datagrams that nobody would accept,
 * ids that nothing will be compared to, and all of an exchange that is over. It
 * saves states, and changes no behaviour. */
inline tidy()
{
	/* neither the first nor the last of a d_step may be a loop */
	refuse = 0;
	for (each : 0 .. N - 1) {
		if
		:: each < next ->
			if
			:: i_state[each] == GONE || confirmed[each] ->
				sess1[each] = 0;
				idle_ri[each] = 0;
				if
				:: r_state[each] != PF && (r_state[each] == OPEN || seen[each] || stale[each]) ->
					sess2[each] = 0
				:: else
				fi;
				if
				:: sess0_is_spent(each) -> sess0[each] = 0
				:: else
				fi
			:: else ->
				if
				:: sess0_is_spent(each) && r_state[each] != PF -> sess0[each] = 0
				:: else
				fi
			fi;
			if
			:: r_state[each] == GONE && (seen[each] || stale[each] || (!sess0[each] && i_state[each] == GONE)) ->
				sess2[each] = 0;
				term_i[each] = 0;
				part_i[each] = 0
			:: else
			fi;
			if
			:: i_state[each] == GONE ->
				term_r[each] = 0;
				part_r[each] = 0;
				if
				:: r_state[each] == GONE && !sess0[each] ->
					own[each] = 0;
					seen[each] = 1;
					stale[each] = 0;
					made[each] = 0;
					both[each] = 0;
					idle_ir[each] = 0
				:: else
				fi
			:: else
			fi;
			refuse = (i_state[each] != GONE && !confirmed[each]) || (sess0[each] && !seen[each] && !stale[each]);
			for (later : 0 .. N - 1) {
				if
				:: ignored[later] == each + 1 -> refuse = 1
				:: else
				fi
			}
			if
			:: rank[each] && !refuse ->
				for (later : 0 .. N - 1) {
					if
					:: rank[later] > rank[each] -> rank[later] = rank[later] - 1
					:: else
					fi
				}
				rank[each] = 0;
				ids--
			:: else
			fi
		:: else
		fi
	}
	skip
}

/* The session of exchange s is established at host h: older ones end after a
 * grace, and so does this one if a newer one is open already. */
inline supersede(h)
{
#ifndef MUTANT_NO_SUPERSEDE
#ifdef MUTANT_LAST_CONFIRMED
	mine = 255;
#else
	mine = (own[s] == h -> i_order[s] : r_order[s]);
#endif
	for (each : 0 .. N - 1) {
		if
		:: each != s && own[each] == h && i_open(each) && i_order[each] < mine -> i_old[each] = 1
		:: each != s && own[each] == h && i_open(each) && i_order[each] > mine && own[s] == h -> i_old[s] = 1
		:: each != s && own[each] == h && i_open(each) && i_order[each] > mine && own[s] != h -> r_old[s] = 1
		:: each != s && own[each] != h && r_open(each) && r_order[each] < mine -> r_old[each] = 1
		:: each != s && own[each] != h && r_open(each) && r_order[each] > mine && own[s] == h -> i_old[s] = 1
		:: each != s && own[each] != h && r_open(each) && r_order[each] > mine && own[s] != h -> r_old[s] = 1
		:: else
		fi
	}
#endif
	skip
}

/* Who may send has a peer that has both SAs. */
inline check_data()
{
#ifdef MUTANT_EARLY_DATA
	if
	:: i_up(s) -> CHECK(DATA, both[s])
	:: else
	fi
#else
	if
	:: i_open(s) -> CHECK(DATA, both[s])
	:: else
	fi
#endif
}

/* SPIs are there */
inline allocated_r()
{
	r_state[s] = PF;
	sess1[s] = 1;
	MOVE(RESPONDER, PO, EV_ALLOCATED, PF)
}

/* inbound SAs, then Sess2 */
inline allocated_i()
{
	i_state[s] = OPEN;
	sess2[s] = 1;
	MOVE(INITIATOR, PF, EV_ALLOCATED, OPEN)
}

/* An administrator closes. */
inline close_i()
{
	clean = 0;
	closes--;
	if
	:: i_state[s] == OPEN -> term_i[s] = 1; MOVE(INITIATOR, OPEN, EV_CLOSE, CLOSED)
	:: i_state[s] == PF -> MOVE(INITIATOR, PF, EV_CLOSE, CLOSED)
	:: else -> MOVE(INITIATOR, PO, EV_CLOSE, CLOSED)
	fi;
	clear_i(s)
}

inline close_r()
{
	clean = 0;
	closes--;
	if
	:: r_state[s] == OPEN -> term_r[s] = 1; MOVE(RESPONDER, OPEN, EV_CLOSE, CLOSED)
	:: r_state[s] == PF -> MOVE(RESPONDER, PF, EV_CLOSE, CLOSED)
	:: else -> MOVE(RESPONDER, PO, EV_CLOSE, CLOSED)
	fi;
	clear_r(s)
}

/* --- datagrams ------------------------------------------------------------- */

inline arrives_sess0()
{
	refuse = 0;
	if
	:: seen[s] -> skip
	:: else ->
		/* crossed: an own opening that is not confirmed */
		for (each : 0 .. N - 1) {
			if
#ifdef MUTANT_CROSSED_UNTIL_ANSWERED
			:: each < next && own[each] == R && i_state[each] == PO ->
#else
			:: each < next && own[each] == R && i_state[each] != GONE && !confirmed[each] ->
#endif
				if
#ifdef MUTANT_HIGHER_WINS
				:: (rank[each] < rank[s]) != (own[each] == 1) -> refuse = 1
#else
				:: rank[each] < rank[s] -> refuse = 1
#endif
				:: else
				fi;
				if
				:: refuse && (ignored[each] == 0 || rank[s] < rank[ignored[each] - 1]) ->
#ifndef MUTANT_ANY_NEXT_ID
					ignored[each] = s + 1
#else
					skip
#endif
				:: else
				fi
			:: else
			fi
		}
	fi;
	if
	:: seen[s] && r_state[s] == PF ->
		/* the one repeat that is answered */
		sess1[s] = 1;
		MOVE(RESPONDER, PF, EV_SESS0, PF);
		CHECK(ANSWER, r_state[s] == PF)
	:: seen[s] && r_state[s] != PF ->
#ifdef MUTANT_ANSWERS_REPLAY
		sess1[s] = 1;
		CHECK(ANSWER, r_state[s] == PF)
#endif
		skip
	:: !seen[s] && refuse ->
		seen[s] = 1
	:: else ->
#ifndef MUTANT_NO_REPLAY_CACHE
		seen[s] = 1;
#endif
		CHECK(ONCE, !made[s]);
		made[s] = 1;
		if
		:: r_state[s] == GONE ->
			alive[R]++
		:: else
		fi;
		r_state[s] = PO;
		r_repeats[s] = 0;
		r_order[s] = alive[R];
		MOVE(RESPONDER, GONE, EV_SESS0, PO)
#ifndef FAULTS
		allocated_r()
#endif
	fi
}

inline arrives_sess1()
{
	if
	:: i_state[s] == PO ->
		i_state[s] = PF;
		i_repeats[s] = 0;
		i_due[s] = 0;
		MOVE(INITIATOR, PO, EV_SESS1, PF)
#ifndef FAULTS
		allocated_i()
#endif
	:: else ->
		sess2[s] = 1;
		MOVE(INITIATOR, OPEN, EV_SESS1, OPEN)
	fi
}

inline arrives_sess2()
{
	if
	:: r_state[s] == PF ->
		both[s] = 1;
		r_state[s] = OPEN;
		r_repeats[s] = 0;
		r_due[s] = 0;
		firm[R]++;
		/* it is genuine: an own opening that still waits for an answer has lost */
		loser = N;
		for (each : 0 .. N - 1) {
			if
			:: each < next && own[each] == R && i_state[each] == PO -> loser = each
			:: else
			fi
		}
#ifndef MUTANT_NO_LOSER
		if
		:: loser < N ->
			/* without a word */
			clear_i(loser);
			MOVE(INITIATOR, PO, EV_CLOSE, CLOSED)
		:: else
		fi;
#endif
		supersede(R);
		idle_ri[s] = 1;
		MOVE(RESPONDER, PF, EV_SESS2, OPEN)
	:: else ->
		idle_ri[s] = 1;
		MOVE(RESPONDER, OPEN, EV_SESS2, OPEN)
	fi
}

inline arrives_idle_ri()
{
	confirmed[s] = 1;
	i_repeats[s] = 0;
	i_due[s] = 0;
	ignored[s] = 0;
	begun[I]--;
	firm[I]++;
	supersede(I);
	MOVE(INITIATOR, OPEN, EV_IDLE, OPEN)
}

#ifdef MUTANT_TERM_ENDS_ALL
/* a TERM that is taken for the peer instead of the session */
inline term_all(h)
{
	for (each : 0 .. N - 1) {
		if
		:: each != s && each < next && own[each] == h && i_state[each] == OPEN -> clear_i(each)
		:: each != s && each < next && own[each] != h && r_state[each] == OPEN -> clear_r(each)
		:: else
		fi
	}
}
#else
#define term_all(h) skip
#endif

/* A step is one datagram or one event of one end. "may" is what it may change of
 * other exchanges: 0 nothing, 1 the loser of a crossing, 2 what is superseded, 3
 * a host's own next attempt. What all steps have in common comes after it. */
#define STEP(does, may) d_step { c_code { coi_keep(); }; allowed = may; does }; goto stepped
#define I_MOVE(from, event, to) MOVE(INITIATOR, from, event, to)
#define R_MOVE(from, event, to) MOVE(RESPONDER, from, event, to)

/* whether the last message was repeated as often as it may be; one that is still
 * under way need not be */
#define I_TRIED(datagram) (datagram || i_repeats[s] == REPEATS)
#define R_TRIED(datagram) (datagram || r_repeats[s] == REPEATS)

active [N] proctype opening()
{
again:
	do
	/* --- a host opens; they are alike, so the first to do so may be named --- */
	:: atomic { s == next && next < LIMIT && tick < 3 && BEGINS(0) ->
		choose_id(0); STEP(start(0, 0); tick = 0, 3) }
	:: atomic { s == next && next && next < LIMIT && tick < 3 && BEGINS(1) ->
		choose_id(0); STEP(start(1, 0); tick = 0, 3) }

#if FORGED
	/* --- a fellow member forges an address --- */
	:: atomic { s == next && next < N && forged && tick < 3 ->
		choose_id(0); STEP(forge(0); tick = 0, 0) }
	:: atomic { s == next && next < N && forged && tick < 3 ->
		choose_id(0); STEP(forge(1); tick = 0, 0) }
#endif

	/* --- a datagram arrives; only where it changes something --- */
	:: atomic { sess0[s] && !stale[s] && (!seen[s] ||
#ifdef MUTANT_ANSWERS_REPLAY
				!sess1[s] ||
#endif
				(r_state[s] == PF && !sess1[s])) -> STEP(arrives_sess0(), 0) }
	:: atomic { sess1[s] && (i_state[s] == PO ||
				(i_state[s] == OPEN && !confirmed[s] && !sess2[s] && r_state[s] != GONE)) ->
		STEP(arrives_sess1(), 0) }
	:: atomic { sess2[s] && (r_state[s] == PF ||
				(r_state[s] == OPEN && !idle_ri[s])) -> STEP(arrives_sess2(), 4) }
	:: atomic { idle_ri[s] && i_state[s] == OPEN && !confirmed[s] ->
		STEP(arrives_idle_ri(), 2) }
	:: atomic { term_i[s] && r_state[s] == OPEN ->
		STEP(clear_r(s); term_all(R); R_MOVE(OPEN, EV_TERM, CLOSED), 0) }
	:: atomic { term_r[s] && i_state[s] == OPEN ->
		STEP(clear_i(s); term_all(I); I_MOVE(OPEN, EV_TERM, CLOSED), 0) }

	/* --- timers: repeat what may have been lost, then give up --- */
	:: atomic { I_TIMER && i_state[s] == PO && !I_TRIED(sess0[s]) ->
		STEP(i_repeats[s] = i_repeats[s] + COUNTED; sess0[s] = 1; I_FIRED;
			 I_MOVE(PO, EV_TIMER, PO), 0) }
	:: atomic { I_TIMER && i_state[s] == PO && I_TRIED(sess0[s]) && HALF_OPEN_ENDS &&
				!(stable && next < LIMIT) ->
		STEP(clear_i(s); I_FIRED; I_MOVE(PO, EV_TIMER, CLOSED), 0) }
	/* or begin anew */
	:: atomic { I_TIMER && i_state[s] == PO && I_TRIED(sess0[s]) && HALF_OPEN_ENDS &&
				next < LIMIT ->
		choose_id(ignored[s]);
		STEP(mine = ignored[s]; clear_i(s); start(I, mine); I_FIRED;
			 I_MOVE(PO, EV_TIMER, CLOSED), 3) }
	:: atomic { R_TIMER && r_state[s] == PF && !R_TRIED(sess1[s]) ->
		STEP(r_repeats[s]++; sess1[s] = 1; R_FIRED; R_MOVE(PF, EV_TIMER, PF), 0) }
	:: atomic { R_TIMER && r_state[s] == PF && R_TRIED(sess1[s]) && HALF_OPEN_ENDS ->
		STEP(clear_r(s); R_FIRED; R_MOVE(PF, EV_TIMER, CLOSED), 0) }
	:: atomic { I_TIMER && i_state[s] == OPEN && !confirmed[s] && !I_TRIED(sess2[s]) ->
		STEP(i_repeats[s]++; sess2[s] = 1; I_FIRED; I_MOVE(OPEN, EV_TIMER, OPEN), 0) }
	:: atomic { I_TIMER && i_state[s] == OPEN && !confirmed[s] && I_TRIED(sess2[s]) &&
				HALF_OPEN_ENDS && !(stable && next < LIMIT) ->
		STEP(clean = 0; clear_i(s); I_FIRED; I_MOVE(OPEN, EV_TIMER, CLOSED), 0) }
	:: atomic { I_TIMER && i_state[s] == OPEN && !confirmed[s] && I_TRIED(sess2[s]) &&
				HALF_OPEN_ENDS && next < LIMIT ->
		choose_id(ignored[s]);
		STEP(clean = 0; mine = ignored[s]; clear_i(s); start(I, mine); I_FIRED;
			 I_MOVE(OPEN, EV_TIMER, CLOSED), 3) }
	/* the grace is over */
	:: atomic { I_TIMER && i_old[s] ->
		STEP(clear_i(s); I_FIRED; I_MOVE(OPEN, EV_CLOSE, CLOSED), 0) }
	:: atomic { R_TIMER && r_old[s] ->
		STEP(clear_r(s); R_FIRED; R_MOVE(OPEN, EV_CLOSE, CLOSED), 0) }

#ifndef MUTANT_NO_SILENCE
	/* --- silence: a peer that has no such session sends nothing in it --- */
	:: atomic { SILENCE && i_open(s) && !HEARD(r_open(s)) ->
		STEP(clean = clean && !r_open(s); clear_i(s); term_i[s] = 1; tick = 0;
			 fired = stable; I_MOVE(OPEN, EV_CLOSE, CLOSED), 0) }
	:: atomic { SILENCE && r_open(s) && !HEARD(i_up(s)) ->
		STEP(clean = clean && !i_up(s); clear_r(s); term_r[s] = 1; tick = 0;
			 fired = stable; R_MOVE(OPEN, EV_CLOSE, CLOSED), 0) }
#endif

#if CLOSES
	/* --- an administrator closes --- */
	:: atomic { closes && !stable && i_state[s] != GONE ->
		STEP(close_i(), 0) }
	:: atomic { closes && !stable && r_state[s] != GONE ->
		STEP(close_r(), 0) }
#endif

#if PARTIAL
	/* --- one of two communities is closed, the session goes on --- */
	:: atomic { partial && !stable && i_open(s) && !i_part[s] ->
		STEP(partial--; i_part[s] = 1; part_i[s] = 1; I_MOVE(OPEN, EV_CLOSE, OPEN), 0) }
	:: atomic { partial && !stable && r_open(s) && !r_part[s] ->
		STEP(partial--; r_part[s] = 1; part_r[s] = 1; R_MOVE(OPEN, EV_CLOSE, OPEN), 0) }
	:: atomic { part_i[s] && r_open(s) && !r_part[s] ->
		STEP(r_part[s] = 1; R_MOVE(OPEN, EV_TERM, OPEN), 0) }
	:: atomic { part_r[s] && i_state[s] == OPEN && !i_part[s] ->
		STEP(i_part[s] = 1; I_MOVE(OPEN, EV_TERM, OPEN), 0) }
	/* an IDLE of the initiator */
	:: atomic { i_open(s) && r_open(s) && !idle_ir[s] ->
		STEP(idle_ir[s] = 1; R_MOVE(OPEN, EV_IDLE, OPEN), 0) }
#endif

#ifdef FAULTS
	/* --- SPIs are allocated, or not --- */
	:: atomic { r_state[s] == PO -> STEP(allocated_r(), 0) }
	:: atomic { r_state[s] == PO && !stable ->
		STEP(clear_r(s); R_MOVE(PO, EV_ALLOCATED, CLOSED), 0) }
	:: atomic { i_state[s] == PF -> STEP(allocated_i(), 0) }
	:: atomic { i_state[s] == PF && !stable ->
		STEP(clear_i(s); I_MOVE(PF, EV_ALLOCATED, CLOSED), 0) }
#endif

#ifdef LOSS
	/* --- the network loses --- */
	:: atomic { sess0[s] && !stable -> sess0[s] = 0; goto lost }
	:: atomic { sess1[s] && !stable -> sess1[s] = 0; goto lost }
	:: atomic { sess2[s] && !stable -> sess2[s] = 0; goto lost }
	:: atomic { idle_ri[s] && !stable -> idle_ri[s] = 0; goto lost }
	:: atomic { term_i[s] && !stable -> term_i[s] = 0; goto lost }
	:: atomic { term_r[s] && !stable -> term_r[s] = 0; goto lost }
#if PARTIAL
	:: atomic { part_i[s] && !stable -> part_i[s] = 0; goto lost }
	:: atomic { part_r[s] && !stable -> part_r[s] = 0; goto lost }
#endif
#endif
	/* nothing is left to do */
	:: tick == 3 -> break
	od;
	goto done;

	atomic {
		/* a label inside, or what goes there would be no longer atomic */
		skip;
stepped:
		skip;
		d_step {
			c_code { coi_compare(allowed); };
			check_data();
			tidy()
		};
		goto again
	}
#ifdef LOSS
	atomic {
		skip;
lost:
		skip;
		d_step { tidy() };
#ifdef ENDS
		goto progress_lost
#else
		goto again
#endif
	}
#ifdef ENDS
	/* a run in which the network loses again and again need not end */
progress_lost:
	skip;
	goto again;
#endif
#endif
done:
	skip
}

/* --- time, crashes and what is left ---------------------------------------- */

inline count_open()
{
	opens[0] = 0;
	opens[1] = 0;
	refuse = 0;
	for (each : 0 .. N - 1) {
		if
		:: i_open(each) -> opens[own[each]]++
		:: else
		fi;
		if
		:: r_open(each) -> opens[1 - own[each]]++
		:: else
		fi;
		if
		:: i_open(each) != r_open(each) -> refuse = 1
		:: else
		fi
	}
}

/* All datagrams are delivered or lost and all timers but that of silence are
 * through: unless somebody withdrew, both ends have the same. */
inline check_agree()
{
	count_open();
	if
	:: clean ->
		CHECK(AGREE, !refuse && opens[0] <= 1 && opens[1] <= 1)
	:: else
	fi
}

inline check_end()
{
	count_open();
	for (each : 0 .. N - 1) {
		CHECK(EXIT, (i_state[each] == GONE || i_open(each)) && (r_state[each] == GONE || r_open(each)))
	}
	CHECK(ONE, !refuse && opens[0] <= 1 && opens[1] <= 1)
#ifdef LIVE
	CHECK(TALK, !refuse && opens[0] == 1 && opens[1] == 1)
#endif
}

active proctype clock()
{
	do
#ifdef LIVE
	:: !stable -> d_step { stable = 1; fired = 1; tick = 0 }
#endif
#if CRASHES
	:: atomic { crashes && !stable && next -> d_step { crash(0); tidy() } }
	:: atomic { crashes && !stable && next -> d_step { crash(1); tidy() } }
#endif
	:: timeout ->
		d_step {
			if
#ifdef LIVE
			:: !stable -> stable = 1; fired = 1
			:: stable && tick == 0 -> tick = 1
			:: stable && tick == 1 && fired ->
				fired = 0;
				for (each : 0 .. N - 1) {
					i_due[each] = (i_state[each] != GONE && !i_open(each)) || i_old[each];
					r_due[each] = (r_state[each] != GONE && !r_open(each)) || r_old[each]
				}
			:: stable && tick == 1 && !fired -> check_agree(); tick = 2
#else
			:: tick < 2 -> check_agree(); tick = 2
#endif
			:: tick == 2 -> check_end(); tick = 3
			fi
		}
	:: tick == 3 -> break
	od
}
