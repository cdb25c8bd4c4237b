/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "fake_vici.h"

#include <criterion/criterion.h>

#define MAX_VALUES 8
#define MAX_COMMANDS 32
#define MAX_TEXT 8192

typedef struct fake_message_t fake_message_t;
typedef struct fake_builder_t fake_builder_t;

/** A request has values, an answer has text. */
struct fake_message_t {
	vici_message_t public;
	struct {
		char key[32];
		/** with a zero behind it */
		chunk_t value;
	} values[MAX_VALUES];
	u_int count;
	char text[MAX_TEXT];
};

struct fake_builder_t {
	vici_builder_t public;
	fake_message_t *message;
};

/** What was answered last, and what was sent. */
static char answered[MAX_TEXT], sent[MAX_TEXT], taken[MAX_TEXT];

static struct {
	char *name;
	vici_command_cb_t cb;
	void *user;
} commands[MAX_COMMANDS];

static void append(char text[MAX_TEXT], char *fmt, ...)
{
	size_t len = strlen(text);
	va_list args;

	va_start(args, fmt);
	vsnprintf(text + len, MAX_TEXT - len, fmt, args);
	va_end(args);
	cr_assert_lt(strlen(text), MAX_TEXT - 1);
}

static chunk_t find(vici_message_t *public, chunk_t def, char *fmt, va_list args)
{
	fake_message_t *this = (fake_message_t*)public;
	char key[32];
	u_int i;

	vsnprintf(key, sizeof(key), fmt, args);
	for (i = 0; i < this->count; i++)
	{
		if (streq(this->values[i].key, key))
		{
			return this->values[i].value;
		}
	}
	return def;
}

static chunk_t get_value(vici_message_t *public, chunk_t def, char *fmt, ...)
{
	chunk_t value;
	va_list args;

	va_start(args, fmt);
	value = find(public, def, fmt, args);
	va_end(args);
	return value;
}

static char *get_str(vici_message_t *public, char *def, char *fmt, ...)
{
	chunk_t value;
	va_list args;

	va_start(args, fmt);
	value = find(public, chunk_empty, fmt, args);
	va_end(args);
	return value.ptr ? (char*)value.ptr : def;
}

static bool get_bool(vici_message_t *public, bool def, char *fmt, ...)
{
	chunk_t value;
	va_list args;

	va_start(args, fmt);
	value = find(public, chunk_empty, fmt, args);
	va_end(args);
	return value.ptr ? streq((char*)value.ptr, "yes") : def;
}

static bool parse(vici_message_t *public, vici_parse_context_t *ctx,
				  vici_section_cb_t section, vici_value_cb_t kv,
				  vici_value_cb_t li, void *user)
{
	fake_message_t *this = (fake_message_t*)public;
	u_int i;

	for (i = 0; i < this->count; i++)
	{
		if (!kv(user, public, this->values[i].key, this->values[i].value))
		{
			return FALSE;
		}
	}
	return TRUE;
}

static void destroy_message(vici_message_t *public)
{
	fake_message_t *this = (fake_message_t*)public;

	while (this->count)
	{
		free(this->values[--this->count].value.ptr);
	}
	free(this);
}

static fake_message_t *create_message()
{
	fake_message_t *this;

	INIT(this,
		.public = {
			.get_str = get_str,
			.get_value = get_value,
			.get_bool = get_bool,
			.parse = parse,
			.destroy = destroy_message,
		},
	);
	return this;
}

static void raise_event(vici_dispatcher_t *public, char *name, u_int id,
						vici_message_t *message)
{
	append(sent, "%s: %s", name, ((fake_message_t*)message)->text);
	message->destroy(message);
}

static void manage_command(vici_dispatcher_t *public, char *name,
						   vici_command_cb_t cb, void *user)
{
	u_int i;

	for (i = 0; i < MAX_COMMANDS; i++)
	{
		if (cb ? !commands[i].name : commands[i].name &&
									 streq(commands[i].name, name))
		{
			commands[i].name = cb ? name : NULL;
			commands[i].cb = cb;
			commands[i].user = user;
			return;
		}
	}
	cr_assert_fail("no room for, or no command '%s'", name);
}

static void manage_event(vici_dispatcher_t *public, char *name, bool reg)
{
}

static void destroy_dispatcher(vici_dispatcher_t *public)
{
}

static vici_dispatcher_t dispatcher = {
	.manage_command = manage_command,
	.manage_event = manage_event,
	.raise_event = raise_event,
	.destroy = destroy_dispatcher,
};

void fake_vici_set(coi_command_request_t *request, const char *key,
				   chunk_t value)
{
	fake_message_t *message = (fake_message_t*)request->message;
	u_int i = message->count++;

	cr_assert_lt(i, MAX_VALUES);
	snprintf(message->values[i].key, sizeof(message->values[i].key), "%s", key);
	message->values[i].value = chunk_cat("cc", value, chunk_from_chars(0));
	message->values[i].value.len--;
}

coi_command_request_t *fake_vici_request(const char *key, ...)
{
	coi_command_request_t *request;
	va_list args;

	INIT(request,
		.dispatcher = &dispatcher,
		.id = 1,
		.message = &create_message()->public,
	);
	va_start(args, key);
	for (; key; key = va_arg(args, char*))
	{
		fake_vici_set(request, key, chunk_from_str(va_arg(args, char*)));
	}
	va_end(args);
	return request;
}

void fake_vici_destroy(coi_command_request_t *request)
{
	request->message->destroy(request->message);
	free(request);
}

/** Keep an answer, and free it and the request. */
static const char *take(vici_message_t *answer, coi_command_request_t *request)
{
	snprintf(answered, sizeof(answered), "%s", ((fake_message_t*)answer)->text);
	answer->destroy(answer);
	fake_vici_destroy(request);
	return answered;
}

const char *fake_vici_handle(coi_command_t *command,
							 coi_command_request_t *request)
{
	return take(command->handle(command, request), request);
}

const char *fake_vici_send(const char *name, coi_command_request_t *request)
{
	u_int i;

	for (i = 0; i < MAX_COMMANDS; i++)
	{
		if (commands[i].name && streq(commands[i].name, name))
		{
			return take(commands[i].cb(commands[i].user, (char*)name,
									   request->id, request->message), request);
		}
	}
	fake_vici_destroy(request);
	return NULL;
}

const char *fake_vici_events()
{
	snprintf(taken, sizeof(taken), "%s", sent);
	*sent = '\0';
	return taken;
}

u_int fake_vici_commands()
{
	u_int i, count = 0;

	for (i = 0; i < MAX_COMMANDS; i++)
	{
		count += commands[i].name != NULL;
	}
	return count;
}

static void vadd_kv(vici_builder_t *public, char *key, char *fmt, va_list args)
{
	fake_builder_t *this = (fake_builder_t*)public;
	char value[MAX_TEXT];

	vsnprintf(value, sizeof(value), fmt, args);
	append(this->message->text, "%s = %s\n", key, value);
}

static void add_kv(vici_builder_t *public, char *key, char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vadd_kv(public, key, fmt, args);
	va_end(args);
}

static void add_li(vici_builder_t *public, char *fmt, ...)
{
	fake_builder_t *this = (fake_builder_t*)public;
	char value[MAX_TEXT];
	va_list args;

	va_start(args, fmt);
	vsnprintf(value, sizeof(value), fmt, args);
	va_end(args);
	append(this->message->text, "%s\n", value);
}

static void begin_section(vici_builder_t *public, char *name)
{
	append(((fake_builder_t*)public)->message->text, "%s {\n", name);
}

static void end_section(vici_builder_t *public)
{
	append(((fake_builder_t*)public)->message->text, "}\n");
}

static void begin_list(vici_builder_t *public, char *name)
{
	append(((fake_builder_t*)public)->message->text, "%s [\n", name);
}

static void end_list(vici_builder_t *public)
{
	append(((fake_builder_t*)public)->message->text, "]\n");
}

static vici_message_t *finalize(vici_builder_t *public)
{
	fake_builder_t *this = (fake_builder_t*)public;
	fake_message_t *message = this->message;

	free(this);
	return &message->public;
}

/* in place of coi_vici_library.c, see there */

bool coi_vici_library_load()
{
	return TRUE;
}

void coi_vici_library_unload()
{
}

vici_dispatcher_t *coi_vici_library_dispatcher(char *uri)
{
	return streq(uri, "unix:///nowhere") ? NULL : &dispatcher;
}

vici_builder_t *coi_vici_library_builder()
{
	fake_builder_t *this;

	INIT(this,
		.public = {
			.add_kv = add_kv,
			.vadd_kv = vadd_kv,
			.add_li = add_li,
			.begin_section = begin_section,
			.end_section = end_section,
			.begin_list = begin_list,
			.end_list = end_list,
			.finalize = finalize,
		},
		.message = create_message(),
	);
	return &this->public;
}
