/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "base/command.h"
#include "base/control_client.h"
#include "exporter/metrics.h"

static coi_exit_t call(int count, char *operands[])
{
	coi_exit_t status;
	char *text = NULL;
	size_t len = 0;
	FILE *out;

	out = open_memstream(&text, &len);
	status = metrics_write(out);
	fclose(out);
	if (status == EXIT_OK)
	{
		fputs(text, stdout);
	}
	free(text);
	return status;
}

static const command_t metrics = {
	.name = "metrics",
	.summary = "print metrics in Prometheus' text format",
	.options = {
		CONTROL_OPTION,
	},
	.call = call,
	.more = "coi-exporter(8) serves the same by HTTP.\n",
};

COMMAND(metrics)
