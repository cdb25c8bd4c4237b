/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "try.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/** status of a try for which there is no namespace */
#define NO_NAMESPACE 255

int doctor_ask(int protocol, void *messages, size_t len)
{
	coi_netlink_t netlink;

	if (!coi_netlink_connect(&netlink, protocol))
	{
		return netlink.error;
	}
	coi_netlink_change_all(&netlink, messages, len);
	coi_netlink_close(&netlink);
	return netlink.error;
}

int doctor_try(int (*what)(void))
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0)
	{
		_exit(unshare(CLONE_NEWNET) == 0 ? what() : NO_NAMESPACE);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
	{
		return EIO;
	}
	return WEXITSTATUS(status);
}

bool doctor_tried(doctor_t *doctor, const char *check, int error)
{
	if (error != NO_NAMESPACE && error != EPERM && error != EACCES)
	{
		return FALSE;
	}
	doctor_add(doctor, DOCTOR_WARN, check, "run coi doctor as root",
			   "could not be tried: no permission");
	return TRUE;
}
