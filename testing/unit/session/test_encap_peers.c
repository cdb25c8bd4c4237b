/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <criterion/criterion.h>

#include "coi_test.h"

#include "session/coi_encap_peers.h"

static bool has(coi_encap_peers_t *detours, char *peer, uint64_t now,
				u_int *left)
{
	host_t *host = host_create_from_string(peer, 4570);
	bool found;

	found = detours->has(detours, host, now, left);
	host->destroy(host);
	return found;
}

static bool add(coi_encap_peers_t *detours, char *peer, uint64_t now)
{
	host_t *host = host_create_from_string(peer, 1);
	bool added;

	added = detours->add(detours, host, now);
	host->destroy(host);
	return added;
}

TestSuite(detours, .init = coi_test_init);

Test(detours, last_for_a_time)
{
	coi_encap_peers_t *detours = coi_encap_peers_create(60);
	u_int left = 0;

	cr_expect_not(has(detours, "10.0.0.1", 1000, NULL));
	cr_assert(add(detours, "10.0.0.1", 1000));
	cr_assert(add(detours, "fec0::1", 2000));
	cr_expect(has(detours, "10.0.0.1", 1001, &left));
	cr_expect_eq(left, 60);
	cr_expect_not(has(detours, "10.0.0.2", 1001, NULL));
	cr_expect(has(detours, "10.0.0.1", 60999, &left));
	cr_expect_eq(left, 1);
	cr_expect_not(has(detours, "10.0.0.1", 61000, NULL));
	cr_expect(has(detours, "fec0::1", 61000, NULL));
	/* again, which is no second one */
	cr_assert(add(detours, "fec0::1", 61000));
	cr_expect(has(detours, "fec0::1", 120000, NULL));
	cr_expect_not(has(detours, "fec0::1", 121000, NULL));
	detours->destroy(detours);
}

Test(detours, are_forgotten)
{
	coi_encap_peers_t *detours = coi_encap_peers_create(60);
	host_t *host = host_create_from_string("10.0.0.1", 0);

	add(detours, "10.0.0.1", 1);
	add(detours, "10.0.0.2", 1);
	detours->forget(detours, host);
	cr_expect_not(has(detours, "10.0.0.1", 2, NULL));
	cr_expect(has(detours, "10.0.0.2", 2, NULL));
	detours->forget(detours, NULL);
	cr_expect_not(has(detours, "10.0.0.2", 2, NULL));
	host->destroy(host);
	detours->destroy(detours);
}

Test(detours, are_bounded)
{
	coi_encap_peers_t *detours = coi_encap_peers_create(60);
	char peer[32];
	u_int i;

	for (i = 0; i <= COI_ENCAP_PEERS_MAX; i++)
	{
		snprintf(peer, sizeof(peer), "10.0.%u.%u", i / 256, i % 256);
		add(detours, peer, i);
	}
	cr_expect_not(has(detours, "10.0.0.0", i, NULL), "the oldest has gone");
	cr_expect(has(detours, "10.0.0.1", i, NULL));
	cr_expect(has(detours, peer, i, NULL));
	detours->destroy(detours);
}

Test(detours, may_be_switched_off)
{
	coi_encap_peers_t *detours = coi_encap_peers_create(0);

	cr_expect_not(add(detours, "10.0.0.1", 1));
	cr_expect_not(has(detours, "10.0.0.1", 1, NULL));
	detours->destroy(detours);
}
