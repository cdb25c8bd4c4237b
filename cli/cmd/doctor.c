/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "base/command.h"
#include "base/control_client.h"
#include "base/setting_place.h"
#include "base/output.h"
#include "doctor/checks.h"

#include <stdio.h>
#include <unistd.h>

static const char *file = LOCATE_SWANCTL;
static const char *root = "";
static bool quiet;

static const char *const colours[] = { "32", "33", "31" };

static void print_finding(json_object *finding, bool colour)
{
	const char *result = control_str(finding, "result"),
			   *remedy = control_str(finding, "remedy");
	char *text = output_clean(control_str(finding, "text")), *fix;
	doctor_result_t i = DOCTOR_OK;

	while (i < DOCTOR_FAIL && !streq(doctor_result_name(i), result))
	{
		i++;
	}
	printf(colour ? "\033[%sm%-4s\033[0m  " : "%.0s%-4s  ", colours[i], result);
	printf("%s: %s\n", control_str(finding, "check"), text);
	if (remedy)
	{
		fix = output_clean(remedy);
		printf("      -> %s\n", fix);
		free(fix);
	}
	free(text);
}

static void print(doctor_t *doctor)
{
	const char *no_color = getenv("NO_COLOR");
	bool colour = isatty(STDOUT_FILENO) && !(no_color && *no_color);
	json_object *finding;
	size_t i;

	for (i = 0; i < json_object_array_length(doctor->findings); i++)
	{
		finding = json_object_array_get_idx(doctor->findings, i);
		if (!quiet || !streq(control_str(finding, "result"), "OK"))
		{
			print_finding(finding, colour);
		}
	}
	printf("%u well, %u to look at, %u wrong\n", doctor->count[DOCTOR_OK],
		   doctor->count[DOCTOR_WARN], doctor->count[DOCTOR_FAIL]);
}

static coi_exit_t call(int count, char *operands[])
{
	doctor_t doctor = {
		.file = file,
		.root = root,
		.findings = json_object_new_array(),
	};
	json_object *all;

	if (access(file, R_OK) != 0 && !streq(file, LOCATE_SWANCTL))
	{
		json_object_put(doctor.findings);
		return command_error(EXIT_USAGE, "%s cannot be read: name a "
							 "swanctl.conf", file);
	}
	doctor_daemon(&doctor);
	doctor_kernel(&doctor);
	doctor_nat(&doctor);
	doctor_system(&doctor);
	doctor_config(&doctor);
	doctor_ntp(&doctor);
	doctor_firewall(&doctor);
	if (command_json())
	{
		all = json_object_new_object();
		json_object_object_add(all, "findings",
							   json_object_get(doctor.findings));
		json_object_object_add(all, "ok",
							json_object_new_int(doctor.count[DOCTOR_OK]));
		json_object_object_add(all, "warn",
							json_object_new_int(doctor.count[DOCTOR_WARN]));
		json_object_object_add(all, "fail",
							json_object_new_int(doctor.count[DOCTOR_FAIL]));
		output_json(all);
	}
	else
	{
		print(&doctor);
	}
	json_object_put(doctor.findings);
	json_object_put(doctor.counters);
	json_object_put(doctor.communities);
	json_object_put(doctor.mistakes);
	free(doctor.charon);
	return doctor.count[DOCTOR_WARN] + doctor.count[DOCTOR_FAIL] ? EXIT_FAILED
																 : EXIT_OK;
}

static const command_t doctor_command = {
	.name = "doctor",
	.summary = "look for what is wrong on this host, and say what to do",
	.json = TRUE,
	.options = {
		{ "quiet", 'q', .flag = &quiet, .help = "leave out what is well" },
		{ "file", 'f', "FILE", .value = &file,
		  .help = "swanctl.conf to look at (default: " LOCATE_SWANCTL ")" },
		{ "root", 'r', "DIR", .value = &root,
		  .help = "where files of time services are (default: /)" },
		CONTROL_OPTION,
	},
	.call = call,
	.more = "It works without charon as far as that goes, and changes "
			"nothing.\nExit status: 0 all is well, 1 there is something.\n",
};

COMMAND(doctor_command)
