/* SPDX-License-Identifier: GPL-2.0-or-later */

/* coi.conf: each option's default and range, and what a bad value does */

#include <criterion/criterion.h>

#include "fake_configs.h"
#include "config/coi_options.h"

#define AT(name) #name, offsetof(coi_options_t, name)

/** What conf.d/coi.opt says of numbers. */
static const struct {
	const char *key;
	size_t offset;
	u_int def;
	u_int min;
	u_int max;
	bool time;
} numbers[] = {
	{ AT(port), 4570, 1, 65535, FALSE },
	{ AT(idle_port), 4571, 1, 65535, FALSE },
	{ AT(window), 300, 10, 3600, TRUE },
	{ AT(replay_cache), 65536, 1024, 16777216, FALSE },
	{ AT(half_open), 1000, 1, 100000, FALSE },
	{ AT(half_open_source), 32, 1, 100000, FALSE },
	{ AT(rate), 50, 1, 100000, FALSE },
	{ AT(burst), 100, 1, 100000, FALSE },
	{ AT(own_half_open), 1000, 1, 100000, FALSE },
	{ AT(own_rate), 1000, 1, 100000, FALSE },
	{ AT(own_burst), 2000, 1, 100000, FALSE },
	{ AT(own_share), 25, 1, 100, FALSE },
	{ AT(queue), 256, 1, 65536, FALSE },
	{ AT(retransmit_first), 500, 100, 10000, FALSE },
	{ AT(retransmit_tries), 2, 0, 10, FALSE },
	{ AT(retransmit_last), 2000, 100, 60000, FALSE },
	{ AT(attempts), 4, 1, 100, FALSE },
	{ AT(dpd_delay), 30, 0, 3600, TRUE },
	{ AT(dpd_timeout), 120, 0, 86400, TRUE },
	{ AT(negative_cache), 10, 0, 3600, TRUE },
	{ AT(negative_cache_size), 4096, 1, 65536, FALSE },
	{ AT(no_esp_time), 86400, 0, 2592000, TRUE },
	{ AT(hold_peer), 16, 1, 1024, FALSE },
	{ AT(hold_total), 1024, 1, 65536, FALSE },
	{ AT(hold_mark), 30, 0, 31, FALSE },
	{ AT(nat_mark), 28, 0, 31, FALSE },
	{ AT(state_mark), 29, 0, 31, FALSE },
	{ AT(hold_queue), 4570, 0, 65535, FALSE },
	{ AT(names_interval), 60, 5, 86400, TRUE },
};

static u_int number_at(const coi_options_t *options, u_int i)
{
	return *(u_int*)((char*)options + numbers[i].offset);
}

static void check_defaults(const coi_options_t *options, u_int except)
{
	u_int i;

	for (i = 0; i < countof(numbers); i++)
	{
		if (i != except)
		{
			cr_assert_eq(number_at(options, i), numbers[i].def, "%s",
						 numbers[i].key);
		}
	}
	cr_assert(options->hold && options->conntrack && options->unreachable);
	cr_assert(options->stop_block);
	cr_assert(!options->dark && !options->broadcast);
	cr_assert_eq(options->hold_backend, COI_BACKEND_AUTO);
	cr_assert_eq(options->external_addrs->get_count(options->external_addrs), 0);
	cr_assert_str_eq(options->control, "unix:///run/charon.coi");
	cr_assert_str_eq(options->state, "/var/lib/strongswan-coi/blocks");
	cr_assert_null(options->audit);
}

/** Load with one key set and unset it again. */
static coi_options_t *load_with(const char *key, const char *value)
{
	coi_options_t *options;

	fake_configs_logged();
	fake_configs_set(key, value);
	options = coi_options_load();
	fake_configs_set(key, NULL);
	return options;
}

TestSuite(options, .init = fake_configs_init, .fini = fake_configs_deinit);

Test(options, defaults)
{
	coi_options_t *options = coi_options_load();

	check_defaults(options, countof(numbers));
	cr_assert_str_empty(fake_configs_logged());
	coi_options_destroy(options);
	coi_options_destroy(NULL);
}

static void check_good(u_int i, u_int value)
{
	coi_options_t *options;
	char text[16];

	/* what is a default of another one would meet it */
	snprintf(text, sizeof(text), "%u", value);
	options = load_with(numbers[i].key, text);
	cr_assert_eq(number_at(options, i), value, "%s = %s", numbers[i].key, text);
	check_defaults(options, i);
	cr_assert_str_empty(fake_configs_logged());
	coi_options_destroy(options);
}

Test(options, ranges)
{
	coi_options_t *options;
	u_int i;

	for (i = 0; i < countof(numbers); i++)
	{
		check_good(i, numbers[i].min);
		check_good(i, numbers[i].max);
		if (numbers[i].time && numbers[i].max >= 3600)
		{
			options = load_with(numbers[i].key, "2m");
			cr_assert_eq(number_at(options, i), 120);
			cr_assert_str_empty(fake_configs_logged());
			coi_options_destroy(options);
		}
	}
}

static void check_bad(u_int i, const char *value)
{
	coi_options_t *options;
	char line[256];

	options = load_with(numbers[i].key, value);
	check_defaults(options, countof(numbers));
	snprintf(line, sizeof(line), "charon.plugins.coi.%s = %s: %u to %u%s is "
			 "allowed; default %u is used\n", numbers[i].key, value,
			 numbers[i].min, numbers[i].max, numbers[i].time ? " seconds" : "",
			 numbers[i].def);
	cr_assert_str_eq(fake_configs_logged(), line);
	coi_options_destroy(options);
}

Test(options, bad_numbers)
{
	static const char *const bad[] = {
		"many", "-1", "12x", "1.5", "4294967296", "4294967400",
		"18446744073709551616",
	};
	char text[16];
	u_int i, j;

	for (i = 0; i < countof(numbers); i++)
	{
		if (numbers[i].min)
		{
			snprintf(text, sizeof(text), "%u", numbers[i].min - 1);
			check_bad(i, text);
		}
		snprintf(text, sizeof(text), "%u", numbers[i].max + 1);
		check_bad(i, text);
		for (j = 0; j < countof(bad); j++)
		{
			check_bad(i, bad[j]);
		}
	}
}

/** What is too large for 32 bits, or for 64 once it is seconds, is not small. */
Test(options, bad_times)
{
	static const char *const bad[] = {
		"4294967296s", "71582789m", "49711d", "213503982334602d",
		"307445734561825861m", "2y", "d",
	};
	u_int i, j;

	for (i = 0; i < countof(numbers); i++)
	{
		for (j = 0; numbers[i].time && j < countof(bad); j++)
		{
			check_bad(i, bad[j]);
		}
	}
}

/** Each word that is allowed, and one that is not. */
Test(options, words)
{
	static const struct {
		const char *key;
		size_t offset;
		bool def;
		const char *yes;
		const char *no;
		const char *allowed;
		const char *text;
	} bools[] = {
		{ AT(dark), FALSE, "yes", "no", "yes or no", "no" },
		{ AT(hold), TRUE, "yes", "no", "yes or no", "yes" },
		{ AT(conntrack), TRUE, "yes", "no", "yes or no", "yes" },
		{ AT(unreachable), TRUE, "yes", "no", "yes or no", "yes" },
		{ AT(broadcast), FALSE, "yes", "no", "yes or no", "no" },
		{ "stop", offsetof(coi_options_t, stop_block), TRUE, "block", "open",
			"block or open", "block" },
	};
	coi_options_t *options;
	char line[256];
	u_int i;

	for (i = 0; i < countof(bools); i++)
	{
		options = load_with(bools[i].key, bools[i].yes);
		cr_assert(*((bool*)((char*)options + bools[i].offset)));
		cr_assert_str_empty(fake_configs_logged());
		coi_options_destroy(options);

		options = load_with(bools[i].key, bools[i].no);
		cr_assert(!*((bool*)((char*)options + bools[i].offset)));
		cr_assert_str_empty(fake_configs_logged());
		coi_options_destroy(options);

		options = load_with(bools[i].key, "maybe");
		check_defaults(options, countof(numbers));
		snprintf(line, sizeof(line), "charon.plugins.coi.%s = maybe: %s is "
				 "allowed; default %s is used\n", bools[i].key,
				 bools[i].allowed, bools[i].text);
		cr_assert_str_eq(fake_configs_logged(), line);
		coi_options_destroy(options);
	}
}

Test(options, places)
{
	static const struct {
		const char *key;
		size_t offset;
		const char *good[5];
		const char *bad[5];
	} places[] = {
		{ AT(control), { "unix:///tmp/x", "no" },
			{ "tcp://127.0.0.1:1", "unix://x", "/run/x", "yes" } },
		{ AT(audit), { "/var/log/coi", "journal", "syslog", "no" },
			{ "coi.log", "yes", "Journal" } },
		{ AT(state), { "/var/x", "no" }, { "x", "yes" } },
	};
	coi_options_t *options;
	const char *const *value;
	char *text;
	u_int i;

	for (i = 0; i < countof(places); i++)
	{
		for (value = places[i].good; *value; value++)
		{
			options = load_with(places[i].key, *value);
			text = *(char**)((char*)options + places[i].offset);
			cr_assert(streq(*value, "no") ? !text : streq(text, *value));
			cr_assert_str_empty(fake_configs_logged());
			coi_options_destroy(options);
		}
		for (value = places[i].bad; *value; value++)
		{
			options = load_with(places[i].key, *value);
			check_defaults(options, countof(numbers));
			cr_assert(strpfx(fake_configs_logged(), "charon.plugins.coi."));
			coi_options_destroy(options);
		}
	}
}

Test(options, backends)
{
	static const char *const names[] = { "auto", "nft", "legacy" };
	coi_options_t *options;
	u_int i;

	for (i = 0; i < countof(names); i++)
	{
		options = load_with("hold_backend", names[i]);
		cr_assert_eq(options->hold_backend, i);
		cr_assert_str_empty(fake_configs_logged());
		coi_options_destroy(options);
	}
	options = load_with("hold_backend", "nftables");
	check_defaults(options, countof(numbers));
	cr_assert_str_eq(fake_configs_logged(), "charon.plugins.coi.hold_backend = "
					 "nftables: auto, nft or legacy is allowed; default auto is "
					 "used\n");
	coi_options_destroy(options);
}

Test(options, external_addresses)
{
	coi_options_t *options;
	linked_list_t *addrs;

	options = load_with("external_addrs", "192.0.2.1, %any, 2001:db8::1, x");
	addrs = options->external_addrs;
	cr_assert_eq(addrs->get_count(addrs), 2);
	cr_assert_str_eq(fake_configs_logged(),
		"charon.plugins.coi.external_addrs = %any: IPv4 and IPv6 addresses are "
		"allowed; this one is not used\n"
		"charon.plugins.coi.external_addrs = x: IPv4 and IPv6 addresses are "
		"allowed; this one is not used\n");
	coi_options_destroy(options);
}

/** Two ports, and three bits of a mark, must differ. */
Test(options, equal)
{
	coi_options_t *options;

	options = load_with("idle_port", "4570");
	check_defaults(options, countof(numbers));
	cr_assert_str_eq(fake_configs_logged(), "charon.plugins.coi.idle_port = "
					 "4570: a port other than that of charon.plugins.coi.port is "
					 "allowed; defaults 4570 and 4571 are used\n");
	coi_options_destroy(options);

	options = load_with("nat_mark", "30");
	check_defaults(options, countof(numbers));
	cr_assert_str_eq(fake_configs_logged(), "charon.plugins.coi.nat_mark = 30: "
					 "a bit other than that of charon.plugins.coi.hold_mark is "
					 "allowed; defaults 28 and 30 are used\n");
	coi_options_destroy(options);

	options = load_with("state_mark", "28");
	check_defaults(options, countof(numbers));
	cr_assert_str_eq(fake_configs_logged(), "charon.plugins.coi.state_mark = "
					 "28: a bit other than those of hold_mark and nat_mark is "
					 "allowed; defaults 29, 30 and 28 are used\n");
	coi_options_destroy(options);
}

/** A limit that is misspelt must not look like one that is set. */
Test(options, unknown)
{
	coi_options_t *options;

	fake_configs_set("load", "yes");
	fake_configs_set("suite", "p384");
	fake_configs_set("communities.alpha.suite", "p384");
	options = load_with("windwo", "5");
	check_defaults(options, countof(numbers));
	cr_assert_str_eq(fake_configs_logged(), "charon.plugins.coi.windwo = 5: no "
					 "such option, see coi.conf(5); it is ignored\n");
	coi_options_destroy(options);

	options = load_with("limits.window", "5");
	cr_assert(strstr(fake_configs_logged(), "charon.plugins.coi.limits { }: no "
					 "such section, see coi.conf(5); it is ignored\n"));
	coi_options_destroy(options);
}
