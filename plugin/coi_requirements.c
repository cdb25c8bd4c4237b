/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_requirements.h"
#include "util/coi_compat.h"
#include "util/coi_netlink.h"

#include <errno.h>

/** the first ones in the list that nothing works without */
#define REQUIRED 10

plugin_feature_t *coi_requirements_features(u_int *count)
{
	static plugin_feature_t f[] = {
		PLUGIN_SDEPEND(CUSTOM, "kernel-ipsec"),
		PLUGIN_SDEPEND(CUSTOM, "kernel-net"),
		PLUGIN_SDEPEND(RNG, RNG_STRONG),
		PLUGIN_SDEPEND(HASHER, HASH_SHA384),
		PLUGIN_SDEPEND(PRF, PRF_HMAC_SHA2_384),
		PLUGIN_SDEPEND(AEAD, ENCR_AES_GCM_ICV16, 32),
		PLUGIN_SDEPEND(KE, ECP_384_BIT),
		PLUGIN_SDEPEND(PRIVKEY_GEN, KEY_ECDSA),
		PLUGIN_SDEPEND(PRIVKEY_SIGN, SIGN_ECDSA_384),
		PLUGIN_SDEPEND(PUBKEY_VERIFY, SIGN_ECDSA_384),
		/* suite x25519 is refused in the configuration without these */
		PLUGIN_SDEPEND(HASHER, HASH_SHA256),
		PLUGIN_SDEPEND(PRF, PRF_HMAC_SHA2_256),
		PLUGIN_SDEPEND(KE, CURVE_25519),
		PLUGIN_SDEPEND(PRIVKEY_GEN, KEY_ED25519),
		PLUGIN_SDEPEND(PRIVKEY_SIGN, SIGN_ED25519),
		PLUGIN_SDEPEND(PUBKEY_VERIFY, SIGN_ED25519),
	};

	*count = countof(f);
	return f;
}

bool coi_requirements_charon(void *data, char why[COI_OBSTACLE_TEXT])
{
	plugin_feature_t *features;
	uint8_t random[16];
	u_int i, count;
	bool success;
	rng_t *rng;
	char *name;

	features = coi_requirements_features(&count);
	for (i = 0; i < REQUIRED; i++)
	{
		if (!lib->plugins->has_feature(lib->plugins, features[i]))
		{
			name = plugin_feature_get_string(&features[i]);
			snprintf(why, COI_OBSTACLE_TEXT, "no plugin that charon has loaded "
					 "provides %s: add it to charon.load (openssl has all "
					 "algorithms, kernel-netlink the rest), and restart", name);
			free(name);
			return FALSE;
		}
	}
	rng = lib->crypto->create_rng(lib->crypto, RNG_STRONG);
	success = rng && rng->get_bytes(rng, sizeof(random), random);
	DESTROY_IF(rng);
	memwipe(random, sizeof(random));
	if (!success)
	{
		snprintf(why, COI_OBSTACLE_TEXT, "the random number generator fails");
	}
	return success;
}

bool coi_requirements_kernel(void *data, char why[COI_OBSTACLE_TEXT])
{
	coi_netlink_request_t request;
	coi_netlink_t xfrm;
	bool success = FALSE;

	if (!coi_netlink_init())
	{
		xfrm.error = errno;
	}
	else if (coi_netlink_open(&xfrm))
	{	/* its body are flags that mean nothing */
		coi_netlink_request(&request, XFRM_MSG_GETSPDINFO, sizeof(uint32_t));
		success = coi_netlink_ask(&xfrm, &request.hdr,
								  XFRM_MSG_NEWSPDINFO) != NULL;
		coi_netlink_close(&xfrm);
	}
	if (!success)
	{
		snprintf(why, COI_OBSTACLE_TEXT, "the kernel's IPsec cannot be reached "
				 "by netlink: %s", strerror(xfrm.error));
	}
	return success;
}
