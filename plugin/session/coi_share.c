/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_share.h"

coi_share_t coi_share_clone(const coi_share_t *share)
{
	coi_share_t clone = *share;

	coi_connection_get_ref(clone.conn);
	clone.flows = coi_flows_clone(&share->flows);
	return clone;
}

void coi_share_clear(coi_share_t *share)
{
	coi_flows_clear(&share->flows);
	coi_connection_destroy(share->conn);
}

array_t *coi_share_list_create()
{
	return array_create(sizeof(coi_share_t), 0);
}

void coi_share_list_destroy(array_t *list)
{
	coi_share_t share;

	while (array_remove(list, ARRAY_TAIL, &share))
	{
		coi_share_clear(&share);
	}
	array_destroy(list);
}

coi_share_t *coi_share_list_find(array_t *list, const char *name)
{
	coi_share_t *current, *found = NULL;
	enumerator_t *enumerator;

	enumerator = array_create_enumerator(list);
	while (!found && enumerator->enumerate(enumerator, &current))
	{
		if (streq(current->child->name, name))
		{
			found = current;
		}
	}
	enumerator->destroy(enumerator);
	return found;
}
