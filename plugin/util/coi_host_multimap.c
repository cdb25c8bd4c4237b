/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_host_multimap.h"
#include "coi_multimap.h"

typedef struct private_coi_host_multimap_t private_coi_host_multimap_t;

struct private_coi_host_multimap_t {
	coi_host_multimap_t public;

	/** items by the octets of the address */
	coi_multimap_t *index;
};

METHOD(coi_host_multimap_t, add, void,
	private_coi_host_multimap_t *this, host_t *addr, void *item)
{
	this->index->add(this->index, addr->get_address(addr), item);
}

METHOD(coi_host_multimap_t, remove_, void,
	private_coi_host_multimap_t *this, host_t *addr, void *item)
{
	this->index->remove(this->index, addr->get_address(addr), item);
}

METHOD(coi_host_multimap_t, create_enumerator, enumerator_t*,
	private_coi_host_multimap_t *this, host_t *addr)
{
	return this->index->create_enumerator(this->index, addr->get_address(addr));
}

METHOD(coi_host_multimap_t, destroy, void,
	private_coi_host_multimap_t *this)
{
	this->index->destroy(this->index);
	free(this);
}

coi_host_multimap_t *coi_host_multimap_create()
{
	private_coi_host_multimap_t *this;

	INIT(this,
		.public = {
			.add = _add,
			.remove = _remove_,
			.create_enumerator = _create_enumerator,
			.destroy = _destroy,
		},
		.index = coi_multimap_create(),
	);
	return &this->public;
}
