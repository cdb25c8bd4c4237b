/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_ike_tables.h"

#include <daemon.h>

/** IKE_SAs are found in lists of two or three up to 10,000 of them. */
#define SIZE		"4096"

/** Each has its lock: more threads than charon has by default do not wait. */
#define SEGMENTS	"16"

void coi_ike_tables_init()
{
	lib->settings->set_default_str(lib->settings, "%s.ikesa_table_size", SIZE,
								   lib->ns);
	lib->settings->set_default_str(lib->settings, "%s.ikesa_table_segments",
								   SEGMENTS, lib->ns);
	DBG2(DBG_CFG, "IKE_SA table: %s lists in %s segments",
		 lib->settings->get_str(lib->settings, "%s.ikesa_table_size", NULL,
								lib->ns),
		 lib->settings->get_str(lib->settings, "%s.ikesa_table_segments", NULL,
								lib->ns));
}
