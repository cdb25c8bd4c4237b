/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the metrics in Prometheus' text format, version 0.0.4.
 */

#ifndef METRICS_H_
#define METRICS_H_

#include <stdio.h>

#include "base/exit_code.h"

/** Content type of what is written. */
#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

/**
 * Ask the plugin, and write all metrics. If it cannot be reached, coi_up alone
 * is written, as 0.
 *
 * @return		as control_call()
 */
coi_exit_t metrics_write(FILE *out);

#endif /** METRICS_H_ */
