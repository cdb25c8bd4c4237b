/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns virtual addresses and attributes on the wire: what a host wishes to have
 * for a session, and what it is granted. PROTOCOL.md sections 7.3 and 10.
 */

#ifndef COI_VIRTUAL_H_
#define COI_VIRTUAL_H_

#include "coi_addresses.h"
#include "coi_cursor.h"
#include "coi_range.h"

typedef struct coi_virtual_t coi_virtual_t;
typedef struct coi_wish_t coi_wish_t;
typedef struct coi_grant_t coi_grant_t;
typedef struct coi_attribute_t coi_attribute_t;

/** Virtual addresses of a host; none if count is 0. */
struct coi_virtual_t {
	/** what shows that whoever has a lease is its owner, all zero for none; secret */
	uint8_t ticket[COI_TICKET_LEN];
	/** one of each family at most; the unspecified address wishes for any */
	coi_range_t list[COI_MAX_VIRTUAL];
	u_int count;
};

/** What an initiator wishes to have. */
struct coi_wish_t {
	coi_virtual_t addresses;
	/** attributes, numbers of RFC 7296 section 3.15.1 */
	uint16_t types[COI_MAX_ATTRIBUTES];
	u_int type_count;
};

struct coi_attribute_t {
	uint16_t type;
	chunk_t value;
};

/** What a responder grants. */
struct coi_grant_t {
	coi_virtual_t addresses;
	coi_attribute_t *attributes;
	u_int attribute_count;
};

/** Whether one host may have an address: no unspecified, loopback, link-local,
 * multicast, broadcast or mapped one. */
bool coi_virtual_usable(const coi_range_t *address);

/** Whether an address is unspecified. */
bool coi_virtual_is_any(const coi_range_t *address);

/** Find the address of a family, NULL if there is none. Borrowed. */
const coi_range_t *coi_virtual_find(const coi_virtual_t *addresses,
									uint8_t family);

/**
 * Add an address.
 *
 * @return			FALSE if there is one of the family, or no room
 */
bool coi_virtual_add(coi_virtual_t *addresses, const coi_range_t *address)
					 __attribute__((warn_unused_result));

/**
 * Decode the value of an element: what is wished, what is granted, and an
 * attribute of that.
 *
 * @return			FALSE if it is malformed, or comes too often
 */
bool coi_wish_decode(chunk_t value, coi_wish_t *wish)
					 __attribute__((warn_unused_result));
bool coi_grant_decode(chunk_t value, coi_grant_t *grant)
					  __attribute__((warn_unused_result));
bool coi_grant_decode_attribute(chunk_t value, coi_grant_t *grant)
								__attribute__((warn_unused_result));

/** Whether all that was decoded makes a grant, or nothing did. */
bool coi_grant_is_whole(const coi_grant_t *grant);

/**
 * Whether a grant is an answer to a wish: nothing in it was not wished, and no
 * address is one of the two ends'. None at all is an answer, too.
 */
bool coi_grant_answers(const coi_grant_t *grant, const coi_wish_t *wish,
					   const coi_addresses_t *ours,
					   const coi_addresses_t *theirs);

/**
 * Append an attribute.
 *
 * @param value		cloned
 * @return			FALSE if it is too long, or there is no room
 */
bool coi_grant_add(coi_grant_t *grant, uint16_t type, chunk_t value)
				   __attribute__((warn_unused_result));

coi_grant_t coi_grant_clone(const coi_grant_t *grant);

/** Free, leave none. */
void coi_grant_clear(coi_grant_t *grant);

/** Octets that the elements take, headers included; 0 if there are none. */
size_t coi_wish_size(const coi_wish_t *wish);
size_t coi_grant_size(const coi_grant_t *grant);

/**
 * Write the elements.
 *
 * @return			FALSE if something is not as section 10 has it
 */
bool coi_wish_write(coi_writer_t *writer, const coi_wish_t *wish)
					__attribute__((warn_unused_result));
bool coi_grant_write(coi_writer_t *writer, const coi_grant_t *grant)
					 __attribute__((warn_unused_result));

#endif /** COI_VIRTUAL_H_ */
