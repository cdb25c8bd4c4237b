/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the cleaning up after a charon that died: SAs and policies in the kernel
 * that carry reqids or priorities of ours.
 *
 * charon's kernel interface can only remove what it knows, so this asks the
 * kernel by netlink itself.
 */

#ifndef COI_LEFTOVER_H_
#define COI_LEFTOVER_H_

#include "coi_slots.h"

/**
 * Remove the SAs and flows that a dead charon left, and turn its traps and
 * blocks into plain blocks of priority COI_PRIO_LEFTOVER: nothing leaves in the
 * clear until the new traps take their place.
 *
 * @param sas		receives number of SAs removed
 * @param policies	receives number of policies removed or turned into blocks
 * @return			FALSE if the kernel could not be asked
 */
bool coi_leftover_block(u_int *sas, u_int *policies);

/**
 * Remove the blocks that coi_leftover_block() made and nobody has replaced.
 *
 * @param slots		where policies are installed, none is changed meanwhile
 */
void coi_leftover_remove(coi_slots_t *slots);

/**
 * Remove SAs with reqids of ours when no session is left: larval ones, of
 * acquires that led to none.
 */
void coi_leftover_clear();

#endif /** COI_LEFTOVER_H_ */
