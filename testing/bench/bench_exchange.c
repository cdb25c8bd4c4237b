/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * How many sessions a core opens in a second, in each suite, and which share of an
 * opening is public-key arithmetic. Both ends run in this process, without charon,
 * sockets and kernel: an opening is all that both do from the first Sess0 to the
 * IDLE that confirms it.
 *
 *   bench-exchange [--json]
 *   bench-exchange --openings SUITE
 *
 * The second form only opens sessions, for a profiler to look at: see profile.
 *
 * Times are those of the processor, so that what else runs on the machine counts
 * less. Suites take turns; of several runs the median is what counts, minimum and
 * maximum tell how noisy the machine is. The share comes from timing each operation
 * alone, directly before the openings of each run, and multiplying by how often an
 * opening needs it.
 */

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "coi_pair.h"

#define RUNS 11
#define OPENINGS 40
#define OPERATIONS 100

/** What both ends of an opening do together, one Sess0 part each. */
typedef struct {
	const char *name;
	/** how often in an opening */
	u_int count;
	/** does it once */
	bool (*run)(void);
} operation_t;

/** Microseconds, or a share, of each run. */
typedef struct {
	double us[RUNS];
} series_t;

/** An opening with a number of communities in common. */
typedef struct {
	const coi_suite_t *suite;
	const char *keys;
	u_int communities;
	series_t opening;
	series_t share;
} case_t;

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void finish(series_t *this)
{
	qsort(this->us, RUNS, sizeof(*this->us), compare);
}

static double median(const series_t *this)
{
	return this->us[RUNS / 2];
}

/** material that the operations work on, of the suite in use */
static private_key_t *val;
static key_exchange_t *peer;
static uint8_t public[COI_MAX_VAL], signature[COI_MAX_SIG], value[COI_MAX_DH];

static bool make_val(void)
{
	private_key_t *key = coi_suite_val_create(SUITE);
	uint8_t out[COI_MAX_VAL];
	bool success = key && coi_suite_val_public(SUITE, key, out);

	DESTROY_IF(key);
	return success;
}

static bool sign(void)
{
	return coi_suite_sign(SUITE, val, chunk_create(value, COI_MAX_VAL),
						  signature);
}

static bool verify(void)
{
	return coi_suite_verify(SUITE, chunk_val(public),
							chunk_create(value, COI_MAX_VAL),
							chunk_sig(signature));
}

/**
 * A DH key pair of its own, and the common secret: one end's part.
 */
static bool exchange(void)
{
	key_exchange_t *dh = coi_suite_ke_create(SUITE);
	chunk_t z = chunk_empty,
			first = chunk_create(value, SUITE->value_len[COI_RESPONDER]);
	uint8_t out[COI_MAX_DH];
	bool success;

	success = dh &&
			  coi_suite_ke_answer(SUITE, dh, first, out, &z) == COI_OK;
	chunk_clear(&z);
	DESTROY_IF(dh);
	return success;
}

static const operation_t operations[] = {
	{ "VAL key pair", 2, make_val },
	{ "signature", 2, sign },
	{ "verification", 2, verify },
	{ "key exchange", 2, exchange },
};
#define OPS countof(operations)

static bool make_material(void)
{
	val = coi_suite_val_create(SUITE);
	peer = coi_suite_ke_create(SUITE);
	return val && peer && coi_suite_val_public(SUITE, val, public) &&
		   coi_suite_ke_make(SUITE, peer, value) && sign();
}

static void clear_material(void)
{
	DESTROY_IF(val);
	DESTROY_IF(peer);
}

/**
 * Time an operation.
 */
static bool time_operation(const operation_t *operation, double *us)
{
	uint64_t start = now_ns();
	u_int i;

	for (i = 0; i < OPERATIONS; i++)
	{
		if (!operation->run())
		{
			return FALSE;
		}
	}
	*us = (now_ns() - start) / 1000.0 / OPERATIONS;
	return TRUE;
}

/**
 * Time openings. Keys, profiles and gates are there before and are not counted.
 */
static bool time_openings(const case_t *this, double *us)
{
	uint64_t start, spent = 0;
	coi_pair_t *pair;
	bool agreed;
	u_int i;

	for (i = 0; i < OPENINGS; i++)
	{
		pair = coi_pair_create(this->keys, this->keys);
		start = now_ns();
		coi_pair_open(pair);
		coi_pair_run(pair);
		spent += now_ns() - start;
		agreed = coi_pair_agrees(pair);
		coi_pair_destroy(pair);
		if (!agreed)
		{
			return FALSE;
		}
	}
	*us = spent / 1000.0 / OPENINGS;
	return TRUE;
}

/**
 * Open sessions of a suite and do nothing else that takes time.
 */
static bool only_open(const char *name)
{
	case_t this = { .suite = coi_suite_by_name(name), .keys = "lab" };
	double us;

	if (!this.suite)
	{
		fprintf(stderr, "bench-exchange: no suite %s\n", name);
		return FALSE;
	}
	coi_test_use(this.suite);
	return time_openings(&this, &us);
}

/**
 * Microseconds of an opening that were public-key arithmetic in a run.
 */
static double arithmetic(const series_t *series, u_int run)
{
	double sum = 0;
	u_int i;

	for (i = 0; i < OPS; i++)
	{
		sum += operations[i].count * series[i].us[run];
	}
	return sum;
}

static void print_table(const case_t *cases, u_int count,
						series_t series[][OPS])
{
	const coi_suite_t *suite;
	const case_t *this;
	u_int i, j;

	printf("%-8s %11s %10s %10s %10s %11s %10s %6s %6s\n", "suite",
		   "communities", "openings/s", "min", "max", "median us", "arithmetic",
		   "min", "max");
	for (i = 0; i < count; i++)
	{
		this = &cases[i];
		printf("%-8s %11u %10.0f %10.0f %10.0f %11.0f %9.0f%% %5.0f%% %5.0f%%\n",
			   this->suite->name, this->communities,
			   1e6 / median(&this->opening), 1e6 / this->opening.us[RUNS - 1],
			   1e6 / this->opening.us[0], median(&this->opening),
			   100 * median(&this->share), 100 * this->share.us[0],
			   100 * this->share.us[RUNS - 1]);
	}
	printf("\n%-8s %-14s %8s %10s %10s %10s\n", "suite", "operation",
		   "times", "median us", "min us", "max us");
	for (i = 0; (suite = coi_suite_nth(i)); i++)
	{
		for (j = 0; j < OPS; j++)
		{
			printf("%-8s %-14s %8u %10.1f %10.1f %10.1f\n", suite->name,
				   operations[j].name, operations[j].count,
				   median(&series[i][j]), series[i][j].us[0],
				   series[i][j].us[RUNS - 1]);
		}
	}
}

static void print_json(const case_t *cases, u_int count,
					   series_t series[][OPS])
{
	const series_t *own;
	const case_t *this;
	u_int i, j;

	for (i = 0; i < count; i++)
	{
		this = &cases[i];
		own = series[this->suite->id - 1];
		printf("{\"bench\":\"exchange\",\"suite\":\"%s\",\"communities\":%u,"
			   "\"runs\":%d,\"median_us\":%.1f,\"min_us\":%.1f,\"max_us\":%.1f,"
			   "\"per_second\":%.1f,\"share\":%.3f,\"min_share\":%.3f,"
			   "\"max_share\":%.3f,\"operations\":{", this->suite->name,
			   this->communities, RUNS, median(&this->opening),
			   this->opening.us[0], this->opening.us[RUNS - 1],
			   1e6 / median(&this->opening), median(&this->share),
			   this->share.us[0], this->share.us[RUNS - 1]);
		for (j = 0; j < OPS; j++)
		{
			printf("%s\"%s\":{\"times\":%u,\"median_us\":%.1f,\"min_us\":%.1f,"
				   "\"max_us\":%.1f}", j ? "," : "", operations[j].name,
				   operations[j].count, median(&own[j]), own[j].us[0],
				   own[j].us[RUNS - 1]);
		}
		printf("}}\n");
	}
}

/**
 * One run of everything.
 */
static bool measure(u_int run, case_t *cases, u_int count,
					series_t series[][OPS])
{
	bool success = TRUE;
	series_t *own;
	u_int i, j;

	for (i = 0; i < count && success; i++)
	{
		own = series[cases[i].suite->id - 1];
		coi_test_use(cases[i].suite);
		success = make_material();
		for (j = 0; j < OPS && success; j++)
		{
			success = time_operation(&operations[j], &own[j].us[run]);
		}
		clear_material();
		success = success &&
				  time_openings(&cases[i], &cases[i].opening.us[run]);
		cases[i].share.us[run] = arithmetic(own, run) /
								 cases[i].opening.us[run];
	}
	return success;
}

int main(int argc, char *argv[])
{
	static const char few[] = "lab", some[] = "a b c d e f";
	bool json = argc == 2 && streq(argv[1], "--json");
	bool profile = argc == 3 && streq(argv[1], "--openings"), success;
	series_t series[COI_SUITES][OPS];
	u_int i, j, run;

	if (argc > 1 && !json && !profile)
	{
		fprintf(stderr, "usage: bench-exchange [--json | --openings SUITE]\n");
		return EXIT_FAILURE;
	}
	coi_test_init();
	if (profile)
	{
		success = only_open(argv[2]);
		coi_test_deinit();
		return success ? EXIT_SUCCESS : EXIT_FAILURE;
	}

	case_t cases[] = {
		{ coi_suite_by_name("p384"), few, 1, {}, {} },
		{ coi_suite_by_name("x25519"), few, 1, {}, {} },
		{ coi_suite_by_name("p384"), some, 6, {}, {} },
		{ coi_suite_by_name("x25519"), some, 6, {}, {} },
	};
	for (run = 0; run < RUNS; run++)
	{
		if (!measure(run, cases, countof(cases), series))
		{
			fprintf(stderr, "bench-exchange: an opening failed\n");
			return EXIT_FAILURE;
		}
	}
	for (i = 0; i < countof(cases); i++)
	{
		finish(&cases[i].opening);
		finish(&cases[i].share);
	}
	for (i = 0; i < COI_SUITES; i++)
	{
		for (j = 0; j < OPS; j++)
		{
			finish(&series[i][j]);
		}
	}
	json ? print_json(cases, countof(cases), series)
		 : print_table(cases, countof(cases), series);
	coi_test_deinit();
	return EXIT_SUCCESS;
}
