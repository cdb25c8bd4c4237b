/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_queue_rules.h"

coi_queue_rules_t *coi_queue_rules_create(
									const coi_queue_rules_config_t *config,
									coi_options_backend_t backend)
{
	coi_queue_rules_t *this = NULL;

	if (backend != COI_BACKEND_LEGACY)
	{
		this = coi_queue_rules_nft_create(config);
	}
	/* only then: looking for its tables makes the kernel load them */
	if (!this && backend != COI_BACKEND_NFT)
	{
		this = coi_queue_rules_legacy_create(config);
	}
	return this;
}

#ifndef COI_NFT
coi_queue_rules_t *coi_queue_rules_nft_create(
									const coi_queue_rules_config_t *config)
{
	return NULL;
}
#endif /* COI_NFT */
