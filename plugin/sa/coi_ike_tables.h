/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the sizes of charon's IKE_SA tables where the user sets none: each
 * session has an IKE_SA, and by default charon looks it up in one list.
 */

#ifndef COI_IKE_TABLES_H_
#define COI_IKE_TABLES_H_

/**
 * Set the defaults of charon.ikesa_table_size and charon.ikesa_table_segments.
 * To be called while plugins are constructed, before charon makes the tables.
 */
void coi_ike_tables_init();

#endif /** COI_IKE_TABLES_H_ */
