/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns lists of services on the wire. PROTOCOL.md section 10.
 */

#ifndef COI_SERVICES_WIRE_H_
#define COI_SERVICES_WIRE_H_

#include "coi_cursor.h"
#include "coi_filter.h"

/**
 * Decode a list.
 *
 * @param cursor	where it begins, moved behind it
 * @param mode		COI_MODE_TRANSPORT or COI_MODE_TUNNEL
 * @param services	receives the list, to be cleared also on failure
 * @return			FALSE if it is malformed
 */
bool coi_services_wire_decode(coi_cursor_t *cursor, uint8_t mode,
							  coi_services_t *services)
						 __attribute__((warn_unused_result));

/**
 * Encode a list.
 *
 * @return			FALSE if it is not as section 10 has it
 */
bool coi_services_wire_encode(coi_writer_t *writer, uint8_t mode,
							  const coi_services_t *services)
						 __attribute__((warn_unused_result));

/** Octets that a list takes, without its count. */
size_t coi_services_wire_size(const coi_services_t *services);

#endif /** COI_SERVICES_WIRE_H_ */
