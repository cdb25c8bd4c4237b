/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * What a datagram from a stranger costs until it is refused, for each reason that
 * a stranger can cause, and how many of them one core refuses in a second, in each
 * suite.
 *
 *   bench-gate [--json]
 *
 * A run lasts some milliseconds of the processor; of several the median is what
 * counts, minimum and maximum tell how noisy the machine is.
 */

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "coi_test.h"

#include "core/coi_cursor.h"

#define RUNS 15
#define RUN_NS 10000000ULL
#define NOW COI_TEST_WALL
#define MOST_KEYS 64
#define CASES 16

/** refusals a second of a stranger's Sess0 by a host that has one key */
#define AIM 500000

/** A case: what arrives, and what for. */
typedef struct {
	const char *name;
	coi_reason_t reason;
	/** own keys that the gate has to try */
	u_int keys;
	chunk_t datagram;
	const coi_suite_t *suite;
	double ns[RUNS];
} case_t;

static uint8_t to[1][COI_ADDR_LEN] = {
	{ 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 1, 0, 2 },
};
static coi_gate_t *gate;

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
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

/**
 * How many a core refuses in a second.
 */
static double per_second(const case_t *this)
{
	return 1e9 / this->ns[RUNS / 2];
}

static void print_table(const case_t *cases, u_int count)
{
	const case_t *this;
	u_int i;

	printf("%-8s %-14s %5s %10s %10s %10s %14s\n", "suite", "reason", "keys",
		   "median ns", "min ns", "max ns", "refusals/s");
	for (i = 0; i < count; i++)
	{
		this = &cases[i];
		printf("%-8s %-14s %5u %10.0f %10.0f %10.0f %14.0f\n",
			   this->suite->name, this->name, this->keys, this->ns[RUNS / 2],
			   this->ns[0], this->ns[RUNS - 1], per_second(this));
	}
	printf("\na stranger's Sess0, one own key; aim: %d/s and core\n", AIM);
	for (i = 0; i < count; i++)
	{
		this = &cases[i];
		if (this->reason == COI_NO_COMMUNITY && this->keys == 1)
		{
			printf("%-8s %.0f/s, %.0f%% of it\n", this->suite->name,
				   per_second(this), 100 * per_second(this) / AIM);
		}
	}
}

static void print_json(const case_t *cases, u_int count)
{
	const case_t *this;
	u_int i;

	printf("{\"bench\":\"gate\",\"runs\":%d,\"aim_per_second\":%d,"
		   "\"cases\":[", RUNS, AIM);
	for (i = 0; i < count; i++)
	{
		this = &cases[i];
		printf("%s{\"suite\":\"%s\",\"reason\":\"%s\",\"keys\":%u,"
			   "\"median_ns\":%.1f,\"min_ns\":%.1f,\"max_ns\":%.1f,"
			   "\"per_second\":%.0f}", i ? "," : "", this->suite->name,
			   this->name, this->keys, this->ns[RUNS / 2], this->ns[0],
			   this->ns[RUNS - 1], per_second(this));
	}
	printf("]}\n");
}

/**
 * Make the cases of the suite in use.
 */
static bool make_cases(case_t cases[CASES])
{
	coi_gate_match_t match;
	coi_keyset_t *keys;
	coi_header_t header;
	chunk_t sess0, other;
	bool success;
	u_int i;

	sess0 = make_sess0();
	other = sess0.len ? make_sess0() : chunk_empty;
	keys = make_keys(1);
	/* the last one is remembered, so that its repeat is a replay */
	success = other.len && coi_header_decode(sess0, &header) == COI_OK &&
			  coi_gate_check(gate, &header, sess0,
							 (const uint8_t(*)[COI_ADDR_LEN])to, 1, NOW, keys,
							 &match) == COI_OK &&
			  coi_gate_remember(gate, sess0, &match, NOW) == COI_OK;
	coi_keyset_destroy(keys);
	if (success)
	{
		const case_t made[CASES] = {
			{ "short", COI_SHORT, 1,
				chunk_clone(chunk_create(sess0.ptr, 55)), SUITE, {} },
			{ "marker", COI_MARKER, 1, change(sess0, 0, 1), SUITE, {} },
			{ "version", COI_BAD_VERSION, 1, change(sess0, 4, 9), SUITE, {} },
			{ "type", COI_TYPE, 1, change(sess0, 5, 9), SUITE, {} },
			{ "suite", COI_SUITE, 1, change(sess0, 6, 9), SUITE, {} },
			{ "length", COI_LENGTH, 1,
				chunk_clone(chunk_create(sess0.ptr, sess0.len - 1)), SUITE, {} },
			{ "segment", COI_SEGMENT, 1, change(sess0, 7, 0x10), SUITE, {} },
			{ "spi", COI_SPI, 1, change(sess0, 16, 1), SUITE, {} },
			{ "destination", COI_DESTINATION, 1, change(sess0, 79, 99), SUITE,
				{} },
			{ "time", COI_TIME, 1, change(sess0, 56, 1), SUITE, {} },
			{ "no-community", COI_NO_COMMUNITY, 1,
				change(other, 111, ~other.ptr[111]), SUITE, {} },
			{ "no-community", COI_NO_COMMUNITY, 8,
				change(other, 111, ~other.ptr[111]), SUITE, {} },
			{ "no-community", COI_NO_COMMUNITY, MOST_KEYS,
				change(other, 111, ~other.ptr[111]), SUITE, {} },
			{ "replay", COI_REPLAY, 1, chunk_clone(sess0), SUITE, {} },
			{ "replay", COI_REPLAY, MOST_KEYS, chunk_clone(sess0), SUITE, {} },
			{ "digest", COI_DIGEST, 1,
				change(other, other.len - 1, other.ptr[other.len - 1] ^ 1), SUITE,
				{} },
		};
		for (i = 0; i < CASES; i++)
		{
			cases[i] = made[i];
		}
	}
	chunk_free(&sess0);
	chunk_free(&other);
	return success;
}

int main(int argc, char *argv[])
{
	bool json = argc == 2 && streq(argv[1], "--json");
	case_t cases[COI_SUITES * CASES];
	const coi_suite_t *suite;
	u_int i, count = 0;

	if (argc > 1 && !json)
	{
		fprintf(stderr, "usage: bench-gate [--json]\n");
		return EXIT_FAILURE;
	}
	coi_test_init();
	gate = coi_gate_create(COI_DEFAULT_WINDOW, COI_DEFAULT_REPLAY, NOW - 1000);
	for (i = 0; (suite = coi_suite_nth(i)); i++)
	{
		coi_test_use(suite);
		if (!make_cases(cases + count))
		{
			fprintf(stderr, "bench-gate: no Sess0\n");
			return EXIT_FAILURE;
		}
		for (; count < (i + 1) * CASES; count++)
		{
			if (!measure(&cases[count]))
			{
				fprintf(stderr, "bench-gate: %s is refused for another reason\n",
						cases[count].name);
				return EXIT_FAILURE;
			}
		}
	}
	json ? print_json(cases, count) : print_table(cases, count);
	for (i = 0; i < count; i++)
	{
		chunk_free(&cases[i].datagram);
	}
	coi_gate_destroy(gate);
	coi_test_deinit();
	return EXIT_SUCCESS;
}
