/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_quoted_sa.h"

#include "config/coi_reqids.h"
#include "util/coi_netlink.h"

#include <netinet/in.h>

/** AEADs by the names that the kernel has for them. */
static const struct {
	const char *name;
	/** bits */
	u_int icv_len;
	encryption_algorithm_t alg;
	size_t salt_len;
} algs[] = {
	{ "rfc4106(gcm(aes))", 64, ENCR_AES_GCM_ICV8, 4 },
	{ "rfc4106(gcm(aes))", 96, ENCR_AES_GCM_ICV12, 4 },
	{ "rfc4106(gcm(aes))", 128, ENCR_AES_GCM_ICV16, 4 },
	{ "rfc4309(ccm(aes))", 64, ENCR_AES_CCM_ICV8, 3 },
	{ "rfc4309(ccm(aes))", 96, ENCR_AES_CCM_ICV12, 3 },
	{ "rfc4309(ccm(aes))", 128, ENCR_AES_CCM_ICV16, 3 },
	{ "rfc7539esp(chacha20,poly1305)", 128, ENCR_CHACHA20_POLY1305, 4 },
};

/** Get algorithm and key. */
static bool get_key(struct nlmsghdr *hdr, coi_esp_quote_sa_t *sa)
{
	struct xfrm_algo_aead *aead, head;
	u_int i;

	aead = coi_netlink_find(hdr, sizeof(struct xfrm_usersa_info),
							XFRMA_ALG_AEAD,
							sizeof(*aead));
	if (!aead)
	{
		return FALSE;
	}
	memcpy(&head, aead, sizeof(head));
	/* the key follows */
	if (!coi_netlink_find(hdr, sizeof(struct xfrm_usersa_info), XFRMA_ALG_AEAD,
						  sizeof(head) + head.alg_key_len / 8))
	{
		return FALSE;
	}
	head.alg_name[sizeof(head.alg_name) - 1] = '\0';
	for (i = 0; i < countof(algs); i++)
	{
		if (streq(head.alg_name, algs[i].name) &&
			head.alg_icv_len == algs[i].icv_len)
		{
			sa->alg = algs[i].alg;
			sa->salt_len = algs[i].salt_len;
			sa->key = chunk_clone(chunk_create((uint8_t*)aead->alg_key,
											   head.alg_key_len / 8));
			return TRUE;
		}
	}
	return FALSE;
}

/** Get what was sent last. */
static bool get_sent(struct nlmsghdr *hdr, coi_esp_quote_sa_t *sa)
{
	struct xfrm_replay_state_esn *esn, extended;
	struct xfrm_replay_state *replay, state;

	/* has room for a larger window than others, too, without longer numbers */
	esn = coi_netlink_find(hdr, sizeof(struct xfrm_usersa_info),
						   XFRMA_REPLAY_ESN_VAL, sizeof(*esn));
	if (esn)
	{
		memcpy(&extended, esn, sizeof(extended));
		sa->sent = extended.oseq;
		if (sa->esn)
		{
			sa->sent |= (uint64_t)extended.oseq_hi << 32;
		}
		return TRUE;
	}
	replay = coi_netlink_find(hdr, sizeof(struct xfrm_usersa_info),
							  XFRMA_REPLAY_VAL, sizeof(*replay));
	if (replay)
	{
		memcpy(&state, replay, sizeof(state));
		sa->sent = state.oseq;
	}
	return replay != NULL;
}

/** Whether it is one that could have sent this. */
static bool fits(const struct xfrm_usersa_info *info, struct nlmsghdr *hdr,
				 const coi_esp_quote_t *quote)
{
	return info->family == quote->family && info->mode == XFRM_MODE_TRANSPORT &&
		   info->reqid >= COI_REQID_FIRST && info->reqid < COI_REQID_DROP &&
		   memeq(&info->saddr, quote->me.ptr, quote->me.len) &&
		   quote->encap == (coi_netlink_find(hdr, sizeof(*info), XFRMA_ENCAP,
								sizeof(struct xfrm_encap_tmpl)) != NULL);
}

bool coi_quoted_sa_find(const coi_esp_quote_t *quote, uint32_t mark,
						coi_esp_quote_sa_t *sa)
{
	struct xfrm_mark bits = {
		.v = mark,
		.m = UINT32_MAX,
	};
	struct xfrm_usersa_info info;
	coi_netlink_request_t request;
	struct xfrm_usersa_id *id;
	struct nlmsghdr *hdr;
	bool found = FALSE;
	coi_netlink_t xfrm;

	*sa = (coi_esp_quote_sa_t){};
	if (!coi_netlink_open(&xfrm))
	{
		return FALSE;
	}
	id = coi_netlink_request(&request, XFRM_MSG_GETSA, sizeof(*id));
	memcpy(&id->daddr, quote->other.ptr, quote->other.len);
	id->spi = htonl(quote->spi);
	id->proto = IPPROTO_ESP;
	id->family = quote->family;
	if (mark)
	{
		coi_netlink_add_mark(&request, &bits);
	}
	hdr = coi_netlink_ask(&xfrm, &request.hdr, XFRM_MSG_NEWSA);
	if (hdr && hdr->nlmsg_len >= NLMSG_LENGTH(sizeof(info)))
	{
		memcpy(&info, NLMSG_DATA(hdr), sizeof(info));
		sa->esn = info.flags & XFRM_STATE_ESN;
		found = fits(&info, hdr, quote) && get_sent(hdr, sa) &&
				get_key(hdr, sa);
	}
	coi_netlink_close(&xfrm);
	return found;
}

void coi_quoted_sa_clear(coi_esp_quote_sa_t *sa)
{
	chunk_clear(&sa->key);
}
