/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * What a datagram from a stranger costs until it is refused, for each reason that
 * a stranger can cause, and how many of them one core refuses in a second.
 *
 *   bench-gate [--json]
 *
 * A run lasts some milliseconds; of several the median is what counts, minimum and
 * maximum tell how noisy the machine is.
 */

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "coi_test.h"

#include "coi_cursor.h"

#define RUNS 15
#define RUN_NS 10000000ULL
#define NOW COI_TEST_WALL
#define MOST_KEYS 64

/** A case: what arrives, and what for. */
typedef struct {
	const char *name;
	coi_reason_t reason;
	/** own keys that the gate has to try */
	u_int keys;
	chunk_t datagram;
	double ns[RUNS];
} case_t;

static uint8_t to[1][COI_ADDR_LEN] = {
	{ 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 1, 0, 2 },
};
static coi_gate_t *gate;

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/**
 * Keys "k0 k1 ..".
 */
static coi_keyset_t *make_keys(u_int count)
{
	char names[MOST_KEYS * 5] = "";
	u_int i;

	for (i = 0; i < count; i++)
	{
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "k%u ",
				 i);
	}
	return coi_test_keys(names);
}

/**
 * Refuse a datagram as the receiver does.
 */
static coi_reason_t refuse(chunk_t datagram, const coi_keyset_t *keys)
{
	coi_gate_match_t match;
	coi_header_t header;
	coi_reason_t reason;

	reason = coi_header_decode(datagram, &header);
	if (reason == COI_OK)
	{
		reason = coi_gate_check(gate, &header, datagram,
								(const uint8_t(*)[COI_ADDR_LEN])to, 1, NOW,
								keys, &match);
	}
	return reason;
}

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/** keeps the compiler from leaving out what nobody looks at */
static volatile u_int sink;

/**
 * Time a case. Returns FALSE if the reason is not the one expected.
 */
static bool measure(case_t *this)
{
	coi_keyset_t *keys = make_keys(this->keys);
	uint64_t start, spent, rounds = 64, i;
	bool right;
	u_int run;

	right = refuse(this->datagram, keys) == this->reason;
	for (run = 0; right && run < RUNS; run++)
	{
		start = now_ns();
		for (i = 0; i < rounds; i++)
		{
			sink += refuse(this->datagram, keys);
		}
		spent = now_ns() - start;
		if (spent < RUN_NS / 4)
		{	/* too short to be told from the clock's noise: longer */
			rounds *= spent ? RUN_NS / spent + 1 : 1000;
			run--;
			continue;
		}
		this->ns[run] = (double)spent / rounds;
	}
	qsort(this->ns, RUNS, sizeof(*this->ns), compare);
	coi_keyset_destroy(keys);
	return right;
}

/**
 * A genuine Sess0 of a holder of the first key.
 */
static chunk_t make_sess0(void)
{
	coi_timing_t timing = coi_test_timing();
	coi_event_t event = { .type = COI_EV_OPEN, .wall = NOW };
	coi_profile_t *profile = coi_test_profile(NULL, "k0");
	coi_addresses_t addresses = coi_test_addresses(to[0], to[0]);
	coi_keyset_t *keys = make_keys(1);
	coi_session_t *session;
	coi_actions_t actions;
	chunk_t datagram = chunk_empty;

	session = coi_session_create(profile, keys, &timing, &addresses);
	if (session && coi_session_step(session, &event, &actions) == COI_OK)
	{
		datagram = chunk_clone(actions.list[0].datagrams[0]);
	}
	coi_session_destroy(session);
	coi_keyset_destroy(keys);
	coi_profile_destroy(profile);
	return datagram;
}

/**
 * A copy with octets replaced.
 */
static chunk_t change(chunk_t datagram, size_t at, uint8_t octet)
{
	chunk_t copy = chunk_clone(datagram);

	copy.ptr[at] = octet;
	return copy;
}

static void print_table(const case_t *cases, u_int count)
{
	const case_t *this;
	u_int i;

	printf("%-14s %5s %10s %10s %10s %14s\n", "reason", "keys", "median ns",
		   "min ns", "max ns", "refusals/s");
	for (i = 0; i < count; i++)
	{
		this = &cases[i];
		printf("%-14s %5u %10.0f %10.0f %10.0f %14.0f\n", this->name,
			   this->keys, this->ns[RUNS / 2], this->ns[0],
			   this->ns[RUNS - 1], 1e9 / this->ns[RUNS / 2]);
	}
}

static void print_json(const case_t *cases, u_int count)
{
	const case_t *this;
	u_int i;

	printf("{\"bench\":\"gate\",\"runs\":%d,\"cases\":[", RUNS);
	for (i = 0; i < count; i++)
	{
		this = &cases[i];
		printf("%s{\"reason\":\"%s\",\"keys\":%u,\"median_ns\":%.1f,"
			   "\"min_ns\":%.1f,\"max_ns\":%.1f,\"per_second\":%.0f}",
			   i ? "," : "", this->name, this->keys, this->ns[RUNS / 2],
			   this->ns[0], this->ns[RUNS - 1], 1e9 / this->ns[RUNS / 2]);
	}
	printf("]}\n");
}

int main(int argc, char *argv[])
{
	bool json = argc == 2 && streq(argv[1], "--json");
	coi_gate_match_t match;
	coi_keyset_t *keys;
	coi_header_t header;
	chunk_t sess0, other;
	u_int i;

	if (argc > 1 && !json)
	{
		fprintf(stderr, "usage: bench-gate [--json]\n");
		return EXIT_FAILURE;
	}
	coi_test_init();
	gate = coi_gate_create(COI_DEFAULT_WINDOW, COI_DEFAULT_REPLAY, NOW - 1000);
	sess0 = make_sess0();
	other = sess0.len ? make_sess0() : chunk_empty;
	keys = make_keys(1);
	/* the last one is remembered, so that its repeat is a replay */
	if (!other.len || coi_header_decode(sess0, &header) != COI_OK ||
		coi_gate_check(gate, &header, sess0,
					   (const uint8_t(*)[COI_ADDR_LEN])to, 1, NOW, keys,
					   &match) != COI_OK ||
		coi_gate_remember(gate, sess0, &match, NOW) != COI_OK)
	{
		fprintf(stderr, "bench-gate: no Sess0\n");
		return EXIT_FAILURE;
	}
	coi_keyset_destroy(keys);

	case_t cases[] = {
		{ "short", COI_SHORT, 1, chunk_clone(chunk_create(sess0.ptr, 55)), {} },
		{ "marker", COI_MARKER, 1, change(sess0, 0, 1), {} },
		{ "version", COI_BAD_VERSION, 1, change(sess0, 4, 9), {} },
		{ "type", COI_TYPE, 1, change(sess0, 5, 9), {} },
		{ "suite", COI_SUITE, 1, change(sess0, 6, 9), {} },
		{ "length", COI_LENGTH, 1,
			chunk_clone(chunk_create(sess0.ptr, sess0.len - 1)), {} },
		{ "segment", COI_SEGMENT, 1, change(sess0, 7, 0x10), {} },
		{ "spi", COI_SPI, 1, change(sess0, 16, 1), {} },
		{ "destination", COI_DESTINATION, 1, change(sess0, 79, 99), {} },
		{ "time", COI_TIME, 1, change(sess0, 56, 1), {} },
		{ "no-community", COI_NO_COMMUNITY, 1, change(other, 111, ~other.ptr[111]), {} },
		{ "no-community", COI_NO_COMMUNITY, 8, change(other, 111, ~other.ptr[111]), {} },
		{ "no-community", COI_NO_COMMUNITY, MOST_KEYS, change(other, 111, ~other.ptr[111]),
			{} },
		{ "replay", COI_REPLAY, 1, chunk_clone(sess0), {} },
		{ "replay", COI_REPLAY, MOST_KEYS, chunk_clone(sess0), {} },
		{ "digest", COI_DIGEST, 1,
			change(other, other.len - 1, other.ptr[other.len - 1] ^ 1), {} },
	};
	for (i = 0; i < countof(cases); i++)
	{
		if (!measure(&cases[i]))
		{
			fprintf(stderr, "bench-gate: %s is refused for another reason\n",
					cases[i].name);
			return EXIT_FAILURE;
		}
	}
	json ? print_json(cases, countof(cases))
		 : print_table(cases, countof(cases));
	for (i = 0; i < countof(cases); i++)
	{
		chunk_free(&cases[i].datagram);
	}
	chunk_free(&sess0);
	chunk_free(&other);
	coi_gate_destroy(gate);
	coi_test_deinit();
	return EXIT_SUCCESS;
}
