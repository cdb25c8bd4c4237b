/* SPDX-License-Identifier: GPL-2.0-or-later */

#define _GNU_SOURCE

#include "client.h"
#include "request.h"

#include <errno.h>
#include <fnmatch.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/** how long something is waited for, ms, and between two looks */
#define PATIENCE 5000
#define PAUSE 50

#define MAX_EVENTS 1024

static vici_conn_t *conn;

/** last reply; what the last command streamed */
static lines_t last_reply, streamed;

/** guards events and event_count; events are written by libvici's thread */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static lines_t events[MAX_EVENTS];
static int event_count;

void client_open(char *uri)
{
	vici_init();
	conn = vici_connect(uri);
	if (!conn)
	{
		perror("vici_connect");
		exit(2);
	}
}

void client_close()
{
	vici_disconnect(conn);
	vici_deinit();
	events_clear();
	lines_clear(&last_reply);
	lines_clear(&streamed);
}

const lines_t *call(const char *command, const char *text)
{
	vici_res_t *res;

	lines_clear(&last_reply);
	res = vici_submit(request_create(command, text), conn);
	if (!res)
	{
		lines_addf(&last_reply, "error=%s", strerror(errno));
		return &last_reply;
	}
	if (!lines_add(&last_reply, res))
	{
		lines_addf(&last_reply, "error=malformed reply");
	}
	vici_free_res(res);
	return &last_reply;
}

const lines_t *callf(const char *command, const char *fmt, ...)
{
	const lines_t *lines;
	va_list args;
	char *text;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
	{
		abort();
	}
	va_end(args);
	lines = call(command, text);
	free(text);
	return lines;
}

static void on_streamed(void *user, char *name, vici_res_t *res)
{
	lines_add(&streamed, res);
}

const lines_t *stream(const char *command, const char *event, const char *text)
{
	lines_clear(&streamed);
	if (vici_register(conn, (char*)event, on_streamed, NULL) != 0)
	{
		perror(event);
		exit(2);
	}
	call(command, text);
	vici_register(conn, (char*)event, NULL, NULL);
	return &streamed;
}

const lines_t *reply()
{
	return &last_reply;
}

bool succeeded()
{
	return lines_have(&last_reply, "success=yes");
}

bool failed_with(const char *errmsg)
{
	return lines_have(&last_reply, "success=no") &&
		   fnmatch(errmsg, lines_value(&last_reply, "errmsg"), 0) == 0;
}

const lines_t *sas()
{
	return stream("list-sas", "list-sa", "");
}

/** Wait until list-sas has a line, or has it no more. */
static bool wait_for_sas(const char *pattern, bool wanted)
{
	long end = now_ms() + PATIENCE;

	while (lines_have(sas(), pattern) != wanted)
	{
		if (now_ms() > end)
		{
			return false;
		}
		sleep_ms(PAUSE);
	}
	return true;
}

bool wait_sas(const char *pattern)
{
	return wait_for_sas(pattern, true);
}

bool wait_no_sas(const char *pattern)
{
	return wait_for_sas(pattern, false);
}

bool wait_idle()
{
	return wait_no_sas("*");
}

static void on_event(void *user, char *name, vici_res_t *res)
{
	lines_t lines = {}, *event;
	int i;

	lines_add(&lines, res);
	pthread_mutex_lock(&mutex);
	if (event_count < MAX_EVENTS)
	{
		event = &events[event_count++];
		for (i = 0; i < lines.count; i++)
		{
			lines_addf(event, "%s.%s", name, lines.line[i]);
		}
	}
	pthread_mutex_unlock(&mutex);
	lines_clear(&lines);
}

bool subscribe(const char *event)
{
	return vici_register(conn, (char*)event, on_event, NULL) == 0;
}

void unsubscribe(const char *event)
{
	vici_register(conn, (char*)event, NULL, NULL);
}

static int find_event(const char *pattern)
{
	int i, found = -1;

	pthread_mutex_lock(&mutex);
	for (i = 0; found < 0 && i < event_count; i++)
	{
		if (lines_have(&events[i], pattern))
		{
			found = i;
		}
	}
	pthread_mutex_unlock(&mutex);
	return found;
}

int wait_event(const char *pattern)
{
	long end = now_ms() + PATIENCE;
	int found;

	while ((found = find_event(pattern)) < 0 && now_ms() < end)
	{
		sleep_ms(PAUSE);
	}
	return found;
}

const lines_t *get_event(int place)
{
	return place < 0 ? NULL : &events[place];
}

int count_events(const char *pattern)
{
	int i, count = 0;

	pthread_mutex_lock(&mutex);
	for (i = 0; i < event_count; i++)
	{
		count += lines_have(&events[i], pattern);
	}
	pthread_mutex_unlock(&mutex);
	return count;
}

void events_clear()
{
	pthread_mutex_lock(&mutex);
	while (event_count)
	{
		lines_clear(&events[--event_count]);
	}
	pthread_mutex_unlock(&mutex);
}

long now_ms()
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void sleep_ms(int ms)
{
	usleep(ms * 1000);
}

bool shell(const char *command, const char *pattern)
{
	char line[1024];
	bool found = false;
	FILE *pipe;

	pipe = popen(command, "r");
	while (pipe && fgets(line, sizeof(line), pipe))
	{
		line[strcspn(line, "\n")] = '\0';
		found = found || fnmatch(pattern, line, 0) == 0;
	}
	if (pipe)
	{
		pclose(pipe);
	}
	return found;
}

bool wait_shell(const char *command, const char *pattern, bool wanted)
{
	long end = now_ms() + PATIENCE;

	while (shell(command, pattern) != wanted)
	{
		if (now_ms() > end)
		{
			return false;
		}
		sleep_ms(PAUSE);
	}
	return true;
}
