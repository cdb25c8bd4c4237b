/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "try.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/** status of a try for which there is no namespace */
#define NO_NAMESPACE 255

static struct nlattr *end(doctor_request_t *request)
{
	return (struct nlattr*)(request->buf +
							NLMSG_ALIGN(request->hdr.nlmsg_len));
}

void *doctor_begin(doctor_request_t *request, uint16_t type, uint16_t flags,
				   size_t len)
{
	memset(request, 0, sizeof(*request));
	request->hdr.nlmsg_len = NLMSG_LENGTH(len);
	request->hdr.nlmsg_type = type;
	request->hdr.nlmsg_flags = NLM_F_REQUEST | flags;
	return NLMSG_DATA(&request->hdr);
}

void doctor_attr(doctor_request_t *request, uint16_t type, const void *data,
				 size_t len)
{
	struct nlattr *attr = end(request);

	attr->nla_type = type;
	attr->nla_len = NLA_HDRLEN + len;
	memcpy((char*)attr + NLA_HDRLEN, data, len);
	request->hdr.nlmsg_len = NLMSG_ALIGN(request->hdr.nlmsg_len) +
							 NLA_ALIGN(attr->nla_len);
}

struct nlattr *doctor_nest(doctor_request_t *request, uint16_t type)
{
	struct nlattr *attr = end(request);

	doctor_attr(request, type | NLA_F_NESTED, "", 0);
	return attr;
}

void doctor_nested(doctor_request_t *request, struct nlattr *attr)
{
	attr->nla_len = (char*)end(request) - (char*)attr;
}

int doctor_send(int protocol, const void *messages, size_t len)
{
	struct nlmsgerr *result;
	doctor_request_t reply;
	int fd, error = EIO;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
	if (fd < 0)
	{
		return errno;
	}
	if (send(fd, messages, len, 0) < 0 || recv(fd, &reply, sizeof(reply), 0) < 0)
	{
		error = errno;
	}
	else if (reply.hdr.nlmsg_type == NLMSG_ERROR)
	{
		result = NLMSG_DATA(&reply.hdr);
		error = -result->error;
	}
	close(fd);
	return error;
}

int doctor_ask(int protocol, doctor_request_t *request)
{
	request->hdr.nlmsg_flags |= NLM_F_ACK;
	return doctor_send(protocol, request, request->hdr.nlmsg_len);
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
