/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "checks.h"
#include "base/nat_rules.h"

/** A rule is in the way, a nat_cb_t. */
static void on_rule(void *data, const char *rule, const char *src,
					const char *dst)
{
	doctor_add(data, DOCTOR_WARN, "nat", "let NAT leave alone what has IPsec: "
			   "before that rule, iptables -t nat -A POSTROUTING -m policy --dir "
			   "out --pol ipsec -j ACCEPT, or in nftables rt ipsec exists accept",
			   "a rule of NAT gives what goes from %s to %s another source, for "
			   "which there is no tunnel, so it is dropped: %s", src, dst, rule);
}

void doctor_nat(doctor_t *doctor)
{
	if (doctor->plugin && !nat_find(NULL, on_rule, doctor))
	{
		doctor_add(doctor, DOCTOR_OK, "nat", NULL, "no rule of NAT takes anything "
				   "out of a tunnel");
	}
}
