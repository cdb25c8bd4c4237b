/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "checks.h"
#include "try.h"
#include "base/leftovers.h"

#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/netlink.h>
#include <linux/xfrm.h>

/** Key of the SAs that are tried, AES-256-GCM with salt; no secret. */
#define TRY_KEY_LEN 36

/** Add an ESP SA, of an address family. */
static int try_esp(int family)
{
	struct xfrm_algo_aead alg = {
		.alg_name = "rfc4106(gcm(aes))",
		.alg_key_len = TRY_KEY_LEN * 8,
		.alg_icv_len = 128,
	};
	/* the key, of zeros, follows */
	char aead[sizeof(alg) + TRY_KEY_LEN] = {};
	struct xfrm_usersa_info *sa;
	coi_netlink_request_t request;

	sa = coi_netlink_request(&request, XFRM_MSG_NEWSA, sizeof(*sa));
	request.hdr.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE |
							  NLM_F_EXCL;
	sa->family = sa->sel.family = family;
	sa->id.proto = IPPROTO_ESP;
	sa->id.spi = htonl(0x100 + family);
	sa->saddr.a6[3] = htonl(0x7f000001);
	sa->id.daddr.a6[3] = htonl(0x7f000002);
	sa->saddr.a4 = htonl(0x7f000001);
	sa->id.daddr.a4 = htonl(0x7f000002);
	sa->mode = XFRM_MODE_TRANSPORT;
	sa->replay_window = 32;
	sa->lft.soft_byte_limit = sa->lft.hard_byte_limit = XFRM_INF;
	sa->lft.soft_packet_limit = sa->lft.hard_packet_limit = XFRM_INF;
	memcpy(aead, &alg, sizeof(alg));
	coi_netlink_add(&request, XFRMA_ALG_AEAD, aead, sizeof(aead));
	return doctor_ask(NETLINK_XFRM, &request, request.hdr.nlmsg_len);
}

static int try_esp4(void)
{
	return try_esp(AF_INET);
}

static int try_esp6(void)
{
	return try_esp(AF_INET6);
}

/** Try an ESP SA, say what came of it. */
static void check_esp(doctor_t *doctor, const char *check, const char *family,
					  int (*what)(void))
{
	char remedy[160];
	int error;

	error = doctor_try(what);
	if (!error)
	{
		doctor_add(doctor, DOCTOR_OK, check, NULL, "the kernel has ESP for "
				   "IPv%s, with AES-256-GCM", family);
	}
	else if (!doctor_tried(doctor, check, error))
	{
		snprintf(remedy, sizeof(remedy), "use a kernel with XFRM and "
				 "CONFIG_INET%s_ESP, and modules esp%s, gcm and aes",
				 streq(family, "6") ? "6" : "", family);
		doctor_add(doctor, DOCTOR_FAIL, check, remedy, "no tunnel is possible, "
				   "an ESP SA was refused: %s", strerror(error));
	}
}

/**
 * Count the plugin's SAs or policies in the kernel.
 *
 * @param plain		receives how many of them stay when charon stops, -1 if the
 *					kernel could not be asked
 */
static int count_left(uint16_t type, int *plain)
{
	array_t *list;
	left_t left;
	int count = 0;

	*plain = 0;
	if (left_list(type, &list) != 0)
	{
		*plain = -1;
	}
	while (*plain >= 0 && count < array_count(list))
	{
		array_get(list, count++, &left);
		*plain += left.plain;
	}
	left_destroy(list);
	return count;
}

static void check_leftover(doctor_t *doctor)
{
	int sas, policies, plain, none;

	policies = count_left(XFRM_MSG_GETPOLICY, &plain);
	sas = count_left(XFRM_MSG_GETSA, &none);
	if (plain < 0 || none < 0)
	{
		doctor_add(doctor, DOCTOR_WARN, "leftover", "run coi doctor as root",
				   "SAs and policies could not be listed");
		return;
	}
	policies -= plain;
	if (doctor->plugin || doctor->charon)
	{	/* the others are in use, or were removed at the start */
		sas = policies = 0;
	}
	if (sas || policies)
	{
		doctor_add(doctor, DOCTOR_FAIL, "leftover", "start charon, which "
				   "replaces them; if it is not to run any more: coi release",
				   "a charon that died left %d SAs and %d policies: traffic to "
				   "its peers is blocked or encrypted for nobody", sas,
				   policies);
	}
	else if (plain && doctor->plugin)
	{
		doctor_add(doctor, DOCTOR_WARN, "leftover", "load the configuration "
				   "(swanctl --load-all) without mistakes; coi release --force "
				   "if they are not to wait for that", "%d policies that stayed "
				   "when charon stopped wait for what replaces them", plain);
	}
	else if (plain)
	{
		doctor_add(doctor, DOCTOR_WARN, "leftover", "start charon, which "
				   "replaces them; if it is not to run any more: coi release",
				   "charon was stopped, and what it protected is blocked by %d "
				   "policies", plain);
	}
	else
	{
		doctor_add(doctor, DOCTOR_OK, "leftover", NULL, "no SAs and policies "
				   "are left");
	}
}

/** Read a number below /proc/sys. */
static bool read_sysctl(const char *path, long *value)
{
	char name[256];
	FILE *sysctl;
	bool ok;

	snprintf(name, sizeof(name), "/proc/sys/net/%s", path);
	sysctl = fopen(name, "re");
	ok = sysctl && fscanf(sysctl, "%ld", value) == 1;
	if (sysctl)
	{
		fclose(sysctl);
	}
	return ok;
}

/** Look for interfaces that know no IPsec. */
static bool check_interfaces(doctor_t *doctor, const char *key,
							 const char *what)
{
	struct if_nameindex *list, *one;
	char path[128], remedy[160];
	bool well = TRUE;
	long value;

	list = if_nameindex();
	for (one = list; one && one->if_name; one++)
	{
		snprintf(path, sizeof(path), "ipv4/conf/%s/%s", one->if_name, key);
		if (!streq(one->if_name, "lo") && read_sysctl(path, &value) && value)
		{
			snprintf(remedy, sizeof(remedy), "sysctl -w net.ipv4.conf.%s.%s=0",
					 one->if_name, key);
			doctor_add(doctor, DOCTOR_FAIL, "sysctl", remedy, "%s = %ld on "
					   "interface %s: %s", key, value, one->if_name, what);
			well = FALSE;
		}
	}
	if (list)
	{
		if_freenameindex(list);
	}
	return well;
}

/** Interfaces besides the loopback one. */
static u_int count_interfaces(void)
{
	struct if_nameindex *list, *one;
	u_int count = 0;

	list = if_nameindex();
	for (one = list; one && one->if_name; one++)
	{
		count += !streq(one->if_name, "lo");
	}
	if (list)
	{
		if_freenameindex(list);
	}
	return count;
}

static void check_sysctls(doctor_t *doctor)
{
	const char *hold = doctor_option("hold");
	bool well;
	long value, forward = 0;

	well = check_interfaces(doctor, "disable_xfrm", "what leaves by it is not "
							"encrypted");
	well &= check_interfaces(doctor, "disable_policy", "clear text that "
							 "arrives by it is not dropped");
	if (count_interfaces() > 1 &&
		read_sysctl("ipv4/conf/all/rp_filter", &value) && value == 1)
	{
		well = FALSE;
		doctor_add(doctor, DOCTOR_WARN, "sysctl", "sysctl -w "
				   "net.ipv4.conf.all.rp_filter=2, if routes are not symmetric",
				   "rp_filter = 1 with several interfaces: what arrives by "
				   "another one than answers leave by is dropped");
	}
	if (read_sysctl("core/xfrm_larval_drop", &value) && !value &&
		!settings_value_as_bool((char*)hold, TRUE))
	{
		well = FALSE;
		doctor_add(doctor, DOCTOR_WARN, "sysctl", "sysctl -w "
				   "net.core.xfrm_larval_drop=1", "xfrm_larval_drop = 0: a peer "
				   "that does not answer holds up packets to others");
	}
	read_sysctl("ipv4/ip_forward", &forward);
	if (forward && read_sysctl("ipv4/conf/all/accept_redirects", &value) &&
		value)
	{
		well = FALSE;
		doctor_add(doctor, DOCTOR_WARN, "sysctl", "sysctl -w "
				   "net.ipv4.conf.all.accept_redirects=0", "accept_redirects "
				   "= 1 on a host that forwards: others on the link may change "
				   "its routes");
	}
	if (read_sysctl("core/rmem_default", &value) && value < 65536)
	{
		well = FALSE;
		doctor_add(doctor, DOCTOR_WARN, "sysctl", "sysctl -w "
				   "net.core.rmem_default=212992", "rmem_default = %ld: of many "
				   "openings at a time some are lost", value);
	}
	if (well)
	{
		doctor_add(doctor, DOCTOR_OK, "sysctl", NULL, "nothing is set that is "
				   "in the way");
	}
}

void doctor_kernel(doctor_t *doctor)
{
	check_esp(doctor, "esp4", "4", try_esp4);
	check_esp(doctor, "esp6", "6", try_esp6);
	doctor_hold(doctor);
	check_leftover(doctor);
	check_sysctls(doctor);
}
