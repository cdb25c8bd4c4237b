/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_missing_hosts.h"
#include "config/coi_connection_read.h"
#include "config/coi_host_list.h"

/** Where in the lists we are. */
typedef struct {
	coi_missing_hosts_item_t item;
	coi_missing_hosts_cb_t cb;
	void *data;
} search_t;

/** An element stands for nothing, a coi_host_list_cb_t. */
static void add(void *data, const char *element, bool name)
{
	search_t *search = data;

	search->item.element = element;
	search->item.name = name;
	search->cb(search->data, &search->item);
}

static void look(search_t *search, const char *key, const char *list)
{
	search->item.key = key;
	free(coi_host_list_expand(list, add, search));
}

void coi_missing_hosts(bool local, coi_missing_hosts_cb_t cb, void *data)
{
	search_t search = {
		.cb = cb,
		.data = data,
	};
	enumerator_t *enumerator;
	linked_list_t *peers;
	peer_cfg_t *peer;
	ike_cfg_t *cfg;

	peers = coi_connection_peers();
	enumerator = peers->create_enumerator(peers);
	while (enumerator->enumerate(enumerator, &peer))
	{
		cfg = peer->get_ike_cfg(peer);
		search.item.connection = peer->get_name(peer);
		if (local)
		{
			look(&search, "local_addrs", cfg->get_my_addr(cfg));
		}
		look(&search, "remote_addrs", cfg->get_other_addr(cfg));
	}
	enumerator->destroy(enumerator);
	peers->destroy_offset(peers, offsetof(peer_cfg_t, destroy));
}
