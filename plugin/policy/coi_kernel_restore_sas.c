/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_kernel_restore_sas.h"
#include "config/coi_reqids.h"
#include "coi_hold_sa.h"

#include <collections/hashtable.h>
#include <netinet/in.h>
#include <unistd.h>

/** An SA. */
typedef struct {
	int family;
	uint32_t spi;
	uint8_t dst[16];
} sa_t;

static u_int sa_hash(const sa_t *sa)
{
	return chunk_hash(chunk_create((uint8_t*)sa, sizeof(*sa)));
}

static bool sa_equals(const sa_t *a, const sa_t *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/** Remember an SA that is there. */
static void collect_sa(void *data, struct nlmsghdr *hdr)
{
	hashtable_t *there = data;
	struct xfrm_usersa_info info;
	sa_t *sa;

	if (hdr->nlmsg_type != XFRM_MSG_NEWSA ||
		hdr->nlmsg_len < NLMSG_LENGTH(sizeof(info)))
	{
		return;
	}
	memcpy(&info, NLMSG_DATA(hdr), sizeof(info));
	if (coi_reqids_is_ours(info.reqid))
	{
		INIT(sa,
			.family = info.family,
			.spi = info.id.spi,
		);
		memcpy(sa->dst, &info.id.daddr, info.family == AF_INET ? 4 : 16);
		free(there->put(there, sa, sa));
	}
}

static bool has_sa(hashtable_t *there, host_t *dst, uint32_t spi)
{
	chunk_t raw = dst->get_address(dst);
	sa_t sa;

	memset(&sa, 0, sizeof(sa));
	sa.family = dst->get_family(dst);
	sa.spi = spi;
	memcpy(sa.dst, raw.ptr, min(raw.len, sizeof(sa.dst)));
	return there->get(there, &sa) != NULL;
}

/** Put the SAs back that lead to nowhere, of the family that the kernel has. */
static void restore_drop_sas(hashtable_t *there,
							 coi_kernel_restored_t *restored)
{
	static char *const hosts[] = { "127.0.0.1", "::1" };
	static const uint32_t spis[] = { COI_SPI_HOLD, COI_SPI_VOID };
	host_t *host;
	u_int i, j, missing = 0;

	for (i = 0; i < countof(hosts); i++)
	{
		host = host_create_from_string(hosts[i], 0);
		for (j = 0; j < countof(spis); j++)
		{
			missing += !has_sa(there, host, htonl(spis[j]));
		}
		host->destroy(host);
		if (i == 0 && !missing && access("/proc/net/if_inet6", F_OK) != 0)
		{	/* there are none for IPv6 */
			break;
		}
	}
	if (missing)
	{
		restored->drop_sas += missing;
		restored->failed += !coi_hold_sa_install();
	}
}

/** A CHILD_SA whose SAs are gone. */
typedef struct {
	uint32_t spi;
	host_t *me;
} child_t;

/** End the CHILD_SAs whose SAs are gone, as if these had expired. */
static void end_children(hashtable_t *there, coi_kernel_restored_t *restored)
{
	enumerator_t *sas, *children;
	array_t *gone;
	ike_sa_t *ike_sa;
	child_sa_t *child_sa;
	child_t child;
	host_t *me, *other;

	gone = array_create(sizeof(child_t), 0);
	sas = charon->controller->create_ike_sa_enumerator(charon->controller,
													   TRUE);
	while (sas->enumerate(sas, &ike_sa))
	{
		me = ike_sa->get_my_host(ike_sa);
		other = ike_sa->get_other_host(ike_sa);
		children = ike_sa->create_child_sa_enumerator(ike_sa);
		while (children->enumerate(children, &child_sa))
		{
			if (child_sa->get_state(child_sa) == CHILD_INSTALLED &&
				coi_reqids_is_ours(child_sa->get_reqid(child_sa)) &&
				(!has_sa(there, me, child_sa->get_spi(child_sa, TRUE)) ||
				 !has_sa(there, other, child_sa->get_spi(child_sa, FALSE))))
			{
				child.spi = child_sa->get_spi(child_sa, TRUE);
				child.me = me->clone(me);
				array_insert(gone, ARRAY_TAIL, &child);
			}
		}
		children->destroy(children);
	}
	sas->destroy(sas);
	while (array_remove(gone, ARRAY_HEAD, &child))
	{
		charon->kernel->expire(charon->kernel, IPPROTO_ESP, child.spi,
							   child.me, TRUE);
		child.me->destroy(child.me);
		restored->children++;
	}
	array_destroy(gone);
}

bool coi_kernel_restore_sas(coi_netlink_t *xfrm, coi_kernel_restored_t *restored)
{
	enumerator_t *enumerator;
	hashtable_t *there;
	void *key, *value;
	bool success;

	there = hashtable_create((hashtable_hash_t)sa_hash,
							 (hashtable_equals_t)sa_equals, 256);
	success = coi_netlink_dump(xfrm, XFRM_MSG_GETSA, collect_sa, there);
	if (success)
	{
		restore_drop_sas(there, restored);
		end_children(there, restored);
	}
	enumerator = there->create_enumerator(there);
	while (enumerator->enumerate(enumerator, &key, &value))
	{
		there->remove_at(there, enumerator);
		free(value);
	}
	enumerator->destroy(enumerator);
	there->destroy(there);
	return success;
}
