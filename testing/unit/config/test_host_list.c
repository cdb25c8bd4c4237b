/* SPDX-License-Identifier: GPL-2.0-or-later */

/* lists of hosts: what is kept, what stands for nothing */

#include <criterion/criterion.h>

#include "coi_test.h"
#include "config/coi_host_list.h"
#include "config/coi_name_lookup.h"

static u_int asked;

/** Plays the DNS. */
u_int coi_name_lookup_get(const char *name, array_t *hosts)
{
	host_t *host;

	asked++;
	if (!streq(name, "two.example") && !streq(name, "a-b.example"))
	{
		return 0;
	}
	host = host_create_from_string("192.0.2.1", 0);
	array_insert(hosts, ARRAY_TAIL, host);
	host = host_create_from_string("2001:db8::1", 0);
	array_insert(hosts, ARRAY_TAIL, host);
	return 2;
}

void coi_name_lookup_wait(const char *name)
{
	asked++;
}

TestSuite(hosts, .init = coi_test_init);

/** What was left out. */
static struct {
	u_int names;
	u_int others;
} missing;

static void on_missing(void *data, const char *element, bool name)
{
	missing.names += name;
	missing.others += !name;
}

static void expand(const char *list, const char *expected, u_int names,
				   u_int others)
{
	char *expanded;

	memset(&missing, 0, sizeof(missing));
	expanded = coi_host_list_expand(list, on_missing, NULL);
	cr_assert_str_eq(expanded, expected);
	cr_assert(missing.names == names && missing.others == others,
			  "%s: %u %u", list, missing.names, missing.others);
	free(expanded);
}

Test(hosts, understood)
{
	static const char *const lists[] = {
		"%any", "%any4", "%any6", "10.0.0.0/8", "192.0.2.1", "2001:db8::/32",
		"fe80::1", "192.0.2.1-192.0.2.9", "2001:db8::a-2001:db8::f", "::",
		"10.0.0.0/8,%any6,192.0.2.1",
	};
	u_int i;

	for (i = 0; i < countof(lists); i++)
	{
		expand(lists[i], lists[i], 0, 0);
		cr_assert(!coi_host_list_has_name(lists[i]), "%s", lists[i]);
	}
	expand("", "", 0, 0);
	cr_assert_eq(asked, 0);
}

Test(hosts, names)
{
	expand("two.example", "192.0.2.1,2001:db8::1", 0, 0);
	expand("a-b.example", "192.0.2.1,2001:db8::1", 0, 0);
	expand("10.0.0.0/8, two.example , %any6",
		   "10.0.0.0/8,192.0.2.1,2001:db8::1,%any6", 0, 0);
	expand("none.example, 10.0.0.0/8, other", "10.0.0.0/8", 2, 0);
	expand("none.example", "", 1, 0);
	cr_assert(coi_host_list_has_name("10.0.0.0/8, other"));
}

Test(hosts, mistakes)
{
	static const char *const bad[] = {
		"10.0.0.0/33", "10.0.0.300", "10.0.0.9-10.0.0.300", "%some", "1:2:3",
		"2001:db8::/129", "1.2", "two.example/8", "%anything", "-", "!",
	};
	char list[64];
	u_int i;

	for (i = 0; i < countof(bad); i++)
	{
		expand(bad[i], "", 0, 1);
		snprintf(list, sizeof(list), "10.0.0.0/8, %s, 192.0.2.1", bad[i]);
		expand(list, "10.0.0.0/8,192.0.2.1", 0, 1);
	}
}

Test(hosts, local)
{
	char *expanded;

	/* never less than what may be meant */
	expanded = coi_host_list_expand_local("192.0.2.1, none.example");
	cr_assert_str_eq(expanded, "%any");
	free(expanded);
	expanded = coi_host_list_expand_local("two.example");
	cr_assert_str_eq(expanded, "192.0.2.1,2001:db8::1");
	free(expanded);
}

static ike_cfg_t *config(char *local, char *remote)
{
	ike_cfg_create_t create = {
		.version = IKEV2,
		.local = local,
		.remote = remote,
		.local_port = 500,
		.remote_port = 500,
	};

	return ike_cfg_create(&create);
}

Test(hosts, as_charon)
{
	host_t *near = host_create_from_string("192.0.2.1", 0);
	host_t *far = host_create_from_string("10.1.2.3", 0), *first;
	ike_cfg_t *cfg;

	cfg = config("%any", "none.example, two.example, 10.0.0.0/8");
	cr_assert_eq(coi_host_list_match_other(cfg, near), 129);
	cr_assert_eq(coi_host_list_match_other(cfg, far), 9);
	cr_assert_eq(coi_host_list_match_me(cfg, far), 1);
	first = coi_host_list_first_other(cfg, AF_INET6);
	cr_assert(first && first->get_family(first) == AF_INET6);
	first->destroy(first);
	cfg->destroy(cfg);

	/* with no address at all it is nobody */
	cfg = config("%any", "none.example");
	cr_assert_eq(coi_host_list_match_other(cfg, near), 0);
	first = coi_host_list_first_other(cfg, AF_UNSPEC);
	cr_assert(!first || first->is_anyaddr(first));
	DESTROY_IF(first);
	cfg->destroy(cfg);
	near->destroy(near);
	far->destroy(far);
}
