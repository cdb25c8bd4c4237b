/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_audit.h"
#include "util/coi_text.h"
#include "util/coi_timer.h"
#include "core/coi_utf8.h"

#include <ctype.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include <threading/condvar.h>
#include <threading/mutex.h>

/** where journald takes records, systemd's JOURNAL_NATIVE_PROTOCOL */
#define JOURNAL "/run/systemd/journal/socket"

/** records that are written before another worker gets a turn */
#define BATCH 256

/** Space for a time. */
#define TIME_LEN 40

/** octets of a record at most: a value has fewer than 1024, and JSON has up to
 * six for each of them */
#define RECORD_MAX 262144

typedef struct private_coi_audit_t private_coi_audit_t;
typedef enum coi_target_t coi_target_t;

enum coi_target_t {
	TARGET_FILE,
	TARGET_JOURNAL,
	TARGET_SYSLOG,
};

struct private_coi_audit_t {
	coi_audit_t public;
	coi_events_t *events;
	coi_target_t target;
	char *path;

	/** guards all below */
	mutex_t *mutex;
	condvar_t *condvar;

	/** last one that was written */
	uint64_t written;

	/** a worker is to write */
	bool pending;

	/** one is writing */
	bool writing;

	/** it failed, which was said */
	bool failed;
};

/** Where one record goes, while it is made. */
typedef struct {
	private_coi_audit_t *this;
	int fd;
	bool ok;
} output_t;

/** Append a JSON string. */
static void append_string(coi_text_t *text, const char *value)
{
	chunk_t rest = chunk_from_str((char*)value);
	uint32_t character;
	size_t count;

	coi_text_print(text, "\"");
	while (rest.len)
	{
		count = coi_utf8_read(rest, &character);
		if (!count)
		{	/* what JSON has no word for, see RFC 8259 section 8.1 */
			coi_text_print(text, "\\ufffd");
			count = 1;
		}
		else if (character == '"' || character == '\\')
		{
			coi_text_print(text, "\\%c", (char)character);
		}
		else if (!coi_utf8_is_clean(character))
		{	/* above 16 bits as a surrogate pair, RFC 8259 section 7 */
			if (character > 0xffff)
			{
				coi_text_print(text, "\\u%04x",
							   (u_int)(0xd7c0 + (character >> 10)));
				character = 0xdc00 | (character & 0x3ff);
			}
			coi_text_print(text, "\\u%04x", (u_int)character);
		}
		else
		{
			coi_text_put(text, rest.ptr, count);
		}
		rest = chunk_skip(rest, count);
	}
	coi_text_print(text, "\"");
}

/** A time of RFC 3339, UTC, with milliseconds. */
static void write_time(uint64_t ms, char buf[TIME_LEN])
{
	time_t seconds = ms / 1000;
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(buf, TIME_LEN, "%Y-%m-%dT%H:%M:%S", &tm);
	coi_text_append(buf, TIME_LEN, ".%03uZ", (u_int)(ms % 1000));
}

char *coi_audit_json(const coi_events_item_t *item)
{
	char when[TIME_LEN];
	coi_text_t text;
	u_int i;

	coi_text_init(&text, RECORD_MAX);
	write_time(item->time, when);
	coi_text_print(&text, "{\"time\":\"%s\",\"event\":", when);
	append_string(&text, enum_to_name(coi_events_type_names, item->type));
	for (i = 0; i < COI_EVENTS_KEYS; i++)
	{
		if (item->values[i])
		{
			coi_text_print(&text, ",");
			append_string(&text, enum_to_name(coi_events_key_names, i));
			coi_text_print(&text, ":");
			if (i == COI_EVENTS_AGE || i == COI_EVENTS_GENERATION)
			{
				coi_text_print(&text, "%s", item->values[i]);
			}
			else
			{
				append_string(&text, item->values[i]);
			}
		}
	}
	coi_text_print(&text, "}");
	return text.str;
}

/** Append a field of journald's, with its length, so that it may hold lines. */
static void append_field(coi_text_t *text, const char *name, const char *value)
{
	uint64_t count = htole64(strlen(value));

	coi_text_print(text, "%s\n", name);
	coi_text_put(text, &count, sizeof(count));
	coi_text_print(text, "%s\n", value);
}

/** "spi-i" is COI_SPI_I there. */
static void name_field(const char *key, char buf[64])
{
	size_t i;

	snprintf(buf, 64, "COI_%s", key);
	for (i = 4; buf[i]; i++)
	{
		buf[i] = buf[i] == '-' ? '_' : toupper((u_char)buf[i]);
	}
}

static bool send_journal(const coi_events_item_t *item, const char *json)
{
	struct sockaddr_un addr = {
		.sun_family = AF_UNIX,
		.sun_path = JOURNAL,
	};
	coi_text_t text;
	char name[64];
	ssize_t sent;
	bool success;
	u_int i;
	int fd;

	coi_text_init(&text, 2 * RECORD_MAX);
	append_field(&text, "MESSAGE", json);
	append_field(&text, "PRIORITY", "5");
	append_field(&text, "SYSLOG_FACILITY", "10");
	append_field(&text, "SYSLOG_IDENTIFIER", "coi-audit");
	append_field(&text, "COI_EVENT",
				 enum_to_name(coi_events_type_names, item->type));
	for (i = 0; i < COI_EVENTS_KEYS; i++)
	{
		if (item->values[i])
		{
			name_field(enum_to_name(coi_events_key_names, i), name);
			append_field(&text, name, item->values[i]);
		}
	}
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	sent = fd < 0 ? -1 : sendto(fd, text.str, text.len,
								MSG_NOSIGNAL | MSG_DONTWAIT,
								(struct sockaddr*)&addr, sizeof(addr));
	if (fd >= 0)
	{
		close(fd);
	}
	success = !text.cut && sent == (ssize_t)text.len;
	coi_text_clear(&text);
	return success;
}

static void write_item(void *data, const coi_events_item_t *item)
{
	output_t *output = data;
	size_t len;
	char *json;

	json = coi_audit_json(item);
	switch (output->this->target)
	{
		case TARGET_JOURNAL:
			output->ok &= send_journal(item, json);
			break;
		case TARGET_SYSLOG:
			syslog(LOG_AUTHPRIV | LOG_NOTICE, "coi-audit: %s", json);
			break;
		case TARGET_FILE:
			len = strlen(json);
			json = realloc(json, len + 2);
			strcpy(json + len, "\n");
			/* one write, so that lines of others stand before or behind it */
			output->ok &= output->fd >= 0 &&
						write(output->fd, json, len + 1) == (ssize_t)len + 1;
			break;
	}
	free(json);
}

/** Say once that it does not work, and once that it works again. */
static void note_result(private_coi_audit_t *this, bool ok, int error)
{
	if (!ok && !this->failed)
	{
		DBG1(DBG_CFG, "audit events cannot be written to %s: %s",
			 this->path ?: "the journal", strerror(error));
	}
	else if (ok && this->failed)
	{
		DBG1(DBG_CFG, "audit events are written again");
	}
	this->failed = !ok;
}

static int open_file(private_coi_audit_t *this)
{
	return open(this->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC |
				O_NOFOLLOW | O_NOCTTY | O_NONBLOCK, S_IRUSR | S_IWUSR);
}

METHOD(coi_audit_t, check, bool,
	private_coi_audit_t *this, char why[COI_OBSTACLE_TEXT])
{
	int fd;

	if (this->target != TARGET_FILE)
	{
		return TRUE;
	}
	fd = open_file(this);
	if (fd < 0)
	{
		snprintf(why, COI_OBSTACLE_TEXT, "charon.plugins.coi.audit = %s: "
				 "cannot be written: %s", this->path, strerror(errno));
		return FALSE;
	}
	close(fd);
	return TRUE;
}

/** Write what there is. */
static void write_all(private_coi_audit_t *this)
{
	coi_events_item_t *gap;
	uint64_t after, lost;
	output_t output = {
		.this = this,
		.fd = -1,
		.ok = TRUE,
	};
	int error;

	if (this->target == TARGET_FILE)
	{	/* opened anew, so that it may be moved away at any time */
		output.fd = open_file(this);
	}
	error = errno;
	do
	{
		after = this->written;
		this->written = this->events->read(this->events, after, 0, BATCH, &lost,
										 write_item, &output);
		if (lost)
		{
			gap = coi_events_begin(COI_EVENTS_LOST);
			coi_events_set(gap, COI_EVENTS_TEXT, "%" PRIu64 " events were not "
						   "written in time", lost);
			write_item(&output, gap);
			free(gap->values[COI_EVENTS_TEXT]);
			free(gap);
		}
	}
	while (this->written != after);
	if (output.fd >= 0)
	{
		error = errno;
		close(output.fd);
	}
	note_result(this, output.ok, error);
}

/** Write, unless another worker does. */
static void on_due(void *data, uintptr_t id, u_int generation)
{
	private_coi_audit_t *this = data;

	this->mutex->lock(this->mutex);
	this->pending = FALSE;
	while (this->writing)
	{
		this->condvar->wait(this->condvar, this->mutex);
	}
	this->writing = TRUE;
	this->mutex->unlock(this->mutex);

	write_all(this);

	this->mutex->lock(this->mutex);
	this->writing = FALSE;
	this->condvar->broadcast(this->condvar);
	this->mutex->unlock(this->mutex);
}

/** An event was added. */
static void on_event(void *data)
{
	private_coi_audit_t *this = data;
	bool pending;

	this->mutex->lock(this->mutex);
	pending = this->pending;
	this->pending = TRUE;
	this->mutex->unlock(this->mutex);
	if (!pending)
	{
		coi_timer_arm(on_due, this, 0, 0, 0);
	}
}

METHOD(coi_audit_t, destroy, void,
	private_coi_audit_t *this)
{
	/* workers have stopped, see coi_plugin.c */
	this->events->set_listener(this->events, NULL, NULL);
	write_all(this);
	this->condvar->destroy(this->condvar);
	this->mutex->destroy(this->mutex);
	free(this->path);
	free(this);
}

coi_audit_t *coi_audit_create(const char *where, coi_events_t *events)
{
	private_coi_audit_t *this;

	if (!where)
	{
		return NULL;
	}
	INIT(this,
		.public = {
			.check = _check,
			.destroy = _destroy,
		},
		.events = events,
		.target = *where == '/' ? TARGET_FILE : streq(where, "journal") ?
								  TARGET_JOURNAL : TARGET_SYSLOG,
		.path = *where == '/' ? strdup(where) : NULL,
		.mutex = mutex_create(MUTEX_TYPE_DEFAULT),
		.condvar = condvar_create(CONDVAR_TYPE_DEFAULT),
	);
	events->set_listener(events, on_event, this);
	return &this->public;
}
