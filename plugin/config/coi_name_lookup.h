/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the addresses of names that stand in swanctl.conf for hosts: asks for them
 * in the background, remembers what was answered, and asks again. Nobody who
 * opens a session or handles a packet ever waits for the DNS.
 *
 * What a name had before stays until it was answered without it for an hour:
 * neither silence nor one odd answer takes an address out of protection.
 */

#ifndef COI_NAME_LOOKUP_H_
#define COI_NAME_LOOKUP_H_

#include <library.h>
#include <collections/array.h>

/** addresses of a name that are used, the others are said */
#define COI_NAME_LOOKUP_MAX 256

/**
 * Begin.
 *
 * @param interval		seconds after which a name is asked again
 */
void coi_name_lookup_init(u_int interval);

/** End, after the workers have stopped. */
void coi_name_lookup_deinit();

/**
 * Get the addresses that a name has. A name that is new is asked from now on.
 *
 * @param hosts			receives them, host_t*, to be destroyed; may be NULL
 * @return				number of addresses, of both families
 */
u_int coi_name_lookup_get(const char *name, array_t *hosts);

/**
 * Give a new name some time for its first answer, unless others have just waited
 * in vain. For whoever loads connections.
 */
void coi_name_lookup_wait(const char *name);

/** Ask all names again now, as somebody has changed something. */
void coi_name_lookup_again();

/** Whether any name got other addresses since the last call. */
bool coi_name_lookup_changed();

#endif /** COI_NAME_LOOKUP_H_ */
