/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_hold_sa.h"
#include "config/coi_reqids.h"
#include "util/coi_netlink.h"

#include <netinet/in.h>

#define CIPHER "rfc4106(gcm(aes))"
/** AES-256 and the salt */
#define KEY_LEN 36
#define ICV_BITS 128
#define WINDOW 32

/** a struct xfrm_algo_aead and its key, as the kernel wants them */
#define CIPHER_LEN (sizeof(struct xfrm_algo_aead) + KEY_LEN)

static void loopback(int family, xfrm_address_t *addr)
{
	memset(addr, 0, sizeof(*addr));
	if (family == AF_INET)
	{
		addr->a4 = htonl(INADDR_LOOPBACK);
	}
	else
	{
		memcpy(addr, &in6addr_loopback, sizeof(in6addr_loopback));
	}
}

/** Times of 0 mean none, other limits not. */
static void no_limits(struct xfrm_lifetime_cfg *lft)
{
	lft->soft_byte_limit = XFRM_INF;
	lft->hard_byte_limit = XFRM_INF;
	lft->soft_packet_limit = XFRM_INF;
	lft->hard_packet_limit = XFRM_INF;
}

/**
 * Make a key that is forgotten at once.
 */
static bool make_cipher(uint8_t cipher[CIPHER_LEN])
{
	struct xfrm_algo_aead algo = {
		.alg_name = CIPHER,
		.alg_key_len = KEY_LEN * 8,
		.alg_icv_len = ICV_BITS,
	};
	rng_t *rng;
	bool success;

	memcpy(cipher, &algo, sizeof(algo));
	rng = lib->crypto->create_rng(lib->crypto, RNG_STRONG);
	success = rng && rng->get_bytes(rng, KEY_LEN, cipher + sizeof(algo));
	DESTROY_IF(rng);
	return success;
}

static void remove_sa(coi_netlink_t *xfrm, int family, uint32_t spi)
{
	struct xfrm_usersa_id *id;
	coi_netlink_request_t request;

	id = coi_netlink_request(&request, XFRM_MSG_DELSA, sizeof(*id));
	loopback(family, &id->daddr);
	id->spi = htonl(spi);
	id->proto = IPPROTO_ESP;
	id->family = family;
	coi_netlink_change(xfrm, &request.hdr);
}

static bool add_sa(coi_netlink_t *xfrm, int family, uint32_t spi,
				   uint32_t reqid)
{
	struct xfrm_usersa_info *info;
	/* used up: the next sequence number would be 0 */
	struct xfrm_replay_state replay = {
		.oseq = UINT32_MAX,
	};
	coi_netlink_request_t request;
	uint8_t cipher[CIPHER_LEN];
	bool success = FALSE;

	info = coi_netlink_request(&request, XFRM_MSG_NEWSA, sizeof(*info));
	loopback(family, &info->id.daddr);
	loopback(family, &info->saddr);
	info->id.spi = htonl(spi);
	info->id.proto = IPPROTO_ESP;
	info->sel.family = family;
	info->family = family;
	info->mode = XFRM_MODE_TUNNEL;
	info->reqid = reqid;
	info->replay_window = WINDOW;
	no_limits(&info->lft);
	if (reqid == COI_REQID_HOLD)
	{	/* reached by the first packet: whoever listens hears of it */
		info->lft.soft_packet_limit = 0;
	}
	if (make_cipher(cipher))
	{
		coi_netlink_add(&request, XFRMA_ALG_AEAD, cipher, sizeof(cipher));
		coi_netlink_add(&request, XFRMA_REPLAY_VAL, &replay, sizeof(replay));
		success = coi_netlink_change(xfrm, &request.hdr);
	}
	memwipe(cipher, sizeof(cipher));
	memwipe(&request, sizeof(request));
	return success;
}

/**
 * Put a pair of SAs in the place of the one that is there, if there is one.
 */
static bool replace_sas(coi_netlink_t *xfrm, uint32_t spi, uint32_t reqid)
{
	/* between the two the policies drop what they lead here */
	remove_sa(xfrm, AF_INET, spi);
	remove_sa(xfrm, AF_INET6, spi);
	if (!add_sa(xfrm, AF_INET, spi, reqid))
	{
		return FALSE;
	}
	if (!add_sa(xfrm, AF_INET6, spi, reqid))
	{	/* then its policies drop, too */
		DBG2(DBG_KNL, "no sink for IPv6");
	}
	return TRUE;
}

bool coi_hold_sa_install()
{
	coi_netlink_t xfrm;
	bool success;

	if (!coi_netlink_open(&xfrm))
	{
		return FALSE;
	}
	success = replace_sas(&xfrm, COI_SPI_VOID, COI_REQID_VOID) &&
			  replace_sas(&xfrm, COI_SPI_HOLD, COI_REQID_HOLD);
	coi_netlink_close(&xfrm);
	return success;
}

static bool subnet(traffic_selector_t *ts, xfrm_address_t *addr, uint8_t *bits)
{
	host_t *net;
	chunk_t raw;
	bool exact;

	exact = ts->to_subnet(ts, &net, bits);
	raw = net->get_address(net);
	memcpy(addr, raw.ptr, min(raw.len, sizeof(*addr)));
	net->destroy(net);
	return exact;
}

/**
 * Select by protocol, and of ICMP by types, which XFRM has in place of the source
 * port.
 *
 * @param ts		of a range of types that differ in their last bits, all codes
 * @return			FALSE if it is another one
 */
static bool select_types(struct xfrm_selector *sel, traffic_selector_t *ts)
{
	uint16_t from = ts->get_from_port(ts), to = ts->get_to_port(ts);

	sel->proto = ts->get_protocol(ts);
	if (!from && to == 0xffff)
	{
		return TRUE;
	}
	if ((sel->proto != IPPROTO_ICMP && sel->proto != IPPROTO_ICMPV6) ||
		(from & 0xff) || (to & 0xff) != 0xff)
	{
		return FALSE;
	}
	from >>= 8;
	to >>= 8;
	sel->sport = htons(from);
	sel->sport_mask = htons(~(from ^ to));
	return ((from ^ to) & ((from ^ to) + 1)) == 0;
}

static bool select_packets(struct xfrm_selector *sel, traffic_selector_t *local,
						   traffic_selector_t *remote)
{
	sel->family = remote->get_type(remote) == TS_IPV4_ADDR_RANGE ? AF_INET
																 : AF_INET6;
	return subnet(local, &sel->saddr, &sel->prefixlen_s) &&
		   subnet(remote, &sel->daddr, &sel->prefixlen_d) &&
		   select_types(sel, local);
}

bool coi_hold_sa_select(const coi_policy_entry_t *policy, uint32_t owner,
						struct xfrm_selector *sel)
{
	memset(sel, 0, sizeof(*sel));
	/* nothing matches by it, but it tells policies apart, of which the kernel
	 * keeps one for each selector and mark */
	sel->user = policy->reqid ^ policy->prio ^ owner;
	return select_packets(sel, policy->local, policy->remote);
}

bool coi_hold_sa_policy(const coi_policy_entry_t *policy, uint32_t owner,
						bool add)
{
	struct xfrm_userpolicy_info *info;
	struct xfrm_userpolicy_id *id;
	struct xfrm_user_tmpl tmpl = {
		.id.proto = IPPROTO_ESP,
		.reqid = policy->leads_to,
		.mode = XFRM_MODE_TUNNEL,
		.aalgos = ~0,
		.ealgos = ~0,
		.calgos = ~0,
	};
	struct xfrm_mark unmarked = {
		.m = policy->unmarked,
	};
	struct xfrm_selector sel;
	coi_netlink_request_t request;
	coi_netlink_t xfrm;
	bool success;

	if (!coi_hold_sa_select(policy, owner, &sel) ||
		!coi_netlink_open(&xfrm))
	{
		return FALSE;
	}
	if (add)
	{
		info = coi_netlink_request(&request, XFRM_MSG_UPDPOLICY, sizeof(*info));
		info->sel = sel;
		info->priority = policy->prio;
		info->dir = XFRM_POLICY_OUT;
		info->action = XFRM_POLICY_ALLOW;
		no_limits(&info->lft);
		tmpl.family = sel.family;
		loopback(sel.family, &tmpl.id.daddr);
		loopback(sel.family, &tmpl.saddr);
		coi_netlink_add(&request, XFRMA_TMPL, &tmpl, sizeof(tmpl));
	}
	else
	{
		id = coi_netlink_request(&request, XFRM_MSG_DELPOLICY, sizeof(*id));
		id->sel = sel;
		id->dir = XFRM_POLICY_OUT;
	}
	coi_netlink_add_mark(&request, &unmarked);
	if (policy->if_id)
	{
		coi_netlink_add(&request, XFRMA_IF_ID, &policy->if_id,
						sizeof(policy->if_id));
	}
	success = coi_netlink_change(&xfrm, &request.hdr);
	coi_netlink_close(&xfrm);
	return success;
}
