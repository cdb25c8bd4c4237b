/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the cleaning up after a charon that died: SAs and policies in the kernel
 * that carry reqids or priorities of ours.
 *
 * charon's kernel interface can only remove what it knows, so this asks the
 * kernel by netlink itself.
 */

#ifndef COI_LEFTOVERS_H_
#define COI_LEFTOVERS_H_

#include <library.h>

/**
 * Remove the SAs and flows that a dead charon left, and turn its traps, its blocks
 * and what it let pass into plain policies (see core/coi_block.h): nothing leaves
 * in the clear until the new traps stand. Those that a charon left which ended by
 * itself stay as they are.
 *
 * @param sas		receives number of SAs removed
 * @param policies	receives number of policies removed or turned into plain ones
 * @return			FALSE if the kernel could not be asked
 */
bool coi_leftovers_block(u_int *sas, u_int *policies);

/**
 * Remove all plain policies.
 *
 * @return			their number
 */
u_int coi_leftovers_remove();

/**
 * Remove SAs with reqids of ours when no session is left: larval ones, of
 * acquires that led to none.
 */
void coi_leftovers_clear();

#endif /** COI_LEFTOVERS_H_ */
