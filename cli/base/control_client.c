/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "control_client.h"
#include "command.h"
#include "output.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>

#include <libvici.h>
#include <networking/host.h>

#define DEFAULT_URI "unix:///run/charon.coi"

/** Sections of sections that an answer may have. */
#define MAX_DEPTH 8

const char *control_uri;

static vici_conn_t *connection;

/** Keys whose values are decimal numbers. */
static const char *numbers[] = {
	"age", "attempt", "attempts-left", "bytes-in", "bytes-out", "closed",
	"count", "forgotten", "generation", "held", "last-traffic", "left", "lost",
	"member-count", "next", "no-esp", "number", "packets-in", "packets-out",
	"peer-start", "port", "protocol", "refused-policies", "rekey-in", "renewed",
	"sum", "time", "user-since",
	"waiting",
};

/** Sections with nothing else. */
static const char *number_sections[] = {
	"buckets", "counts", "refused",
};

/** Keys whose values are yes or no. */
static const char *bools[] = {
	"encap", "kept", "nat-here", "nat-there", "on-demand", "success",
	"superseded", "unheard",
};

/** Sections whose sections have names of the user's. */
static const struct {
	const char *name;
	/** what an object's name is called */
	const char *key;
	bool number;
} lists[] = {
	{ "communities", "name", FALSE },
	{ "generations", "number", TRUE },
	{ "traffic", "name", FALSE },
};

/** A section that is being converted. */
typedef struct {
	json_object *object;
	/** what its own sections become members of: itself, or an array */
	json_object *sections;
	const char *name;
	/** what names are called in objects of that array */
	const char *key;
	bool number;
} section_t;

/** An answer that is being collected. */
typedef struct {
	json_object *answer;
	bool malformed;
} collect_t;

static bool is_one_of(const char *name, const char *names[], u_int count)
{
	u_int i;

	for (i = 0; i < count; i++)
	{
		if (streq(name, names[i]))
		{
			return TRUE;
		}
	}
	return FALSE;
}

/** Make a value of a text, by the name that it has, and that of its section. */
static json_object *convert_value(const char *section, const char *name,
								  const char *text)
{
	if (is_one_of(name, numbers, countof(numbers)) ||
		is_one_of(section, number_sections, countof(number_sections)))
	{
		return json_object_new_int64(strtoll(text, NULL, 10));
	}
	if (is_one_of(name, bools, countof(bools)))
	{
		return json_object_new_boolean(streq(text, "yes"));
	}
	return output_json_string(text);
}

/** Copy a value of a message, which ends without a zero octet. */
static char *copy_value(vici_res_t *res)
{
	void *value;
	int len;

	value = vici_parse_value(res, &len);
	return value ? strndup(value, len) : NULL;
}

/** Begin a section within another one. */
static section_t begin_section(const section_t *parent, const char *name)
{
	section_t section = {
		.object = json_object_new_object(),
		.name = name,
	};
	u_int i;

	section.sections = section.object;
	if (parent->key)
	{
		json_object_object_add(section.object, parent->key, parent->number ?
							   json_object_new_int64(strtoll(name, NULL, 10)) :
							   output_json_string(name));
		json_object_array_add(parent->sections, section.object);
		return section;
	}
	for (i = 0; i < countof(lists); i++)
	{
		if (streq(name, lists[i].name))
		{	/* only sections are in it */
			json_object_put(section.object);
			section.object = section.sections = json_object_new_array();
			section.key = lists[i].key;
			section.number = lists[i].number;
		}
	}
	json_object_object_add(parent->sections, name, section.object);
	return section;
}

/** Add a value to a section, or to the list that is open in it. */
static bool add_value(section_t *section, json_object *list, const char *name,
					  char *text)
{
	if (text && list)
	{
		json_object_array_add(list, output_json_string(text));
	}
	else if (text && !section->key)
	{
		json_object_object_add(section->object, name,
							   convert_value(section->name, name, text));
	}
	free(text);
	return text != NULL;
}

/**
 * Convert a message.
 *
 * @param object	receives what is in it
 * @return			FALSE if it is malformed
 */
static bool convert(vici_res_t *res, json_object *object)
{
	section_t sections[MAX_DEPTH] = {
		{ .object = object, .sections = object, .name = "" },
	}, *section = sections;
	json_object *list = NULL;
	bool ok = TRUE;

	while (ok)
	{
		switch (vici_parse(res))
		{
			case VICI_PARSE_BEGIN_SECTION:
				ok = section < &sections[MAX_DEPTH - 1];
				if (ok)
				{
					section[1] = begin_section(section, vici_parse_name(res));
					section++;
				}
				break;
			case VICI_PARSE_END_SECTION:
				section--;
				break;
			case VICI_PARSE_BEGIN_LIST:
				list = json_object_new_array();
				json_object_object_add(section->object, vici_parse_name(res),
									   list);
				break;
			case VICI_PARSE_END_LIST:
				list = NULL;
				break;
			case VICI_PARSE_KEY_VALUE:
			case VICI_PARSE_LIST_ITEM:
				ok = add_value(section, list, list ? NULL
							   : vici_parse_name(res), copy_value(res));
				break;
			case VICI_PARSE_END:
				return TRUE;
			default:
				ok = FALSE;
				break;
		}
	}
	return FALSE;
}

/** Called by a thread of libvici's, but never while control_call() looks. */
static void on_event(void *user, char *name, vici_res_t *res)
{
	collect_t *collect = user;
	json_object *list, *object = json_object_new_object();

	if (json_object_object_get_ex(collect->answer, name, &list) &&
		convert(res, object))
	{
		json_object_array_add(list, object);
		return;
	}
	collect->malformed = TRUE;
	json_object_put(object);
}

/** Say why there is no connection. */
static coi_exit_t unreachable(const char *uri)
{
	if (errno == EACCES || errno == EPERM)
	{
		return command_error(EXIT_NO_CHARON, "no permission for %s: run coi as "
							 "root, or as the user that charon runs as", uri);
	}
	return command_error(EXIT_NO_CHARON, "nobody listens on %s: start charon "
						 "(systemctl start strongswan) with the plugins coi and "
						 "vici loaded, or name the socket that option control "
						 "of coi.conf sets by --uri", uri);
}

/** Say that there is no connection any more. */
static coi_exit_t disconnected(void)
{
	return command_error(EXIT_NO_CHARON, "charon has ended the connection: %s",
						 strerror(errno));
}

/** Add a key, unless it has no value. */
static void add_key(vici_req_t *req, const char *key, const char *value)
{
	if (value)
	{
		vici_add_key_value(req, (char*)key, (char*)value, strlen(value));
	}
}

static vici_req_t *create_request(const char *command, const char *peer,
								  va_list args)
{
	const char *key;
	vici_req_t *req;

	req = vici_begin((char*)command);
	add_key(req, "peer", peer);
	while ((key = va_arg(args, const char*)))
	{
		add_key(req, key, va_arg(args, const char*));
	}
	return req;
}

/**
 * Register for events, or give them up.
 *
 * @param collect	receives what they bring, NULL to give them up
 */
static coi_exit_t subscribe(const char *const *events, collect_t *collect)
{
	u_int i;

	for (i = 0; events && events[i]; i++)
	{
		if (collect)
		{
			json_object_object_add(collect->answer, events[i],
								   json_object_new_array());
		}
		if (vici_register(connection, (char*)events[i],
						  collect ? on_event : NULL, collect) != 0 && collect)
		{
			return errno == ENOENT ?
				command_error(EXIT_FAILED, "charon's plugin knows no event "
							  "'%s', is it older than coi?", events[i]) :
				disconnected();
		}
	}
	return EXIT_OK;
}

/**
 * Send a request, which is adopted, and collect what comes.
 */
static coi_exit_t call(vici_req_t *req, const char *command,
					   const char *const *events, collect_t *collect)
{
	coi_exit_t status;
	vici_res_t *res;

	status = subscribe(events, collect);
	if (status != EXIT_OK)
	{
		vici_free_req(req);
		return status;
	}
	res = vici_submit(req, connection);
	if (!res)
	{
		return errno == ENOENT ?
			command_error(EXIT_FAILED, "charon's plugin knows no command '%s', "
						  "is it older than coi?", command) : disconnected();
	}
	/* all events came before the answer */
	subscribe(events, NULL);
	collect->malformed |= !convert(res, collect->answer);
	vici_free_res(res);
	if (collect->malformed)
	{
		return command_error(EXIT_FAILED, "charon's answer to '%s' is malformed",
							 command);
	}
	return EXIT_OK;
}

/** Whether an answer says that it worked; else say why it did not. */
static coi_exit_t check_success(json_object *answer)
{
	json_object *success;
	const char *error;
	coi_exit_t status;
	char *text;

	if (!json_object_object_get_ex(answer, "success", &success) ||
		json_object_get_boolean(success))
	{
		return EXIT_OK;
	}
	error = control_str(answer, "error");
	text = output_clean(control_str(answer, "errmsg") ?: "charon does not say "
						"why it failed");
	status = command_error(error && streq(error, "invalid") ? EXIT_USAGE
						   : EXIT_FAILED, "%s", text);
	free(text);
	return status;
}

void control_disconnect(void)
{
	if (connection)
	{
		vici_disconnect(connection);
		connection = NULL;
	}
}

static void finish(void)
{
	control_disconnect();
	vici_deinit();
}

void control_init(void)
{
	static bool ready;

	/* libvici cannot be begun again after its end */
	if (!ready)
	{
		ready = TRUE;
		vici_init();
		atexit(finish);
	}
}

/**
 * Connect, unless that is done.
 */
static coi_exit_t connect_once(void)
{
	char *uri = (char*)(control_uri ?: DEFAULT_URI);

	if (connection)
	{
		return EXIT_OK;
	}
	control_init();
	connection = vici_connect(uri);
	if (!connection)
	{
		return unreachable(uri);
	}
	return EXIT_OK;
}

/**
 * Send a command, as control_call().
 *
 * @param peer		address that it is about, NULL for none
 */
static coi_exit_t call_about(json_object **answer, const char *command,
							 const char *const *events, const char *peer,
							 va_list args)
{
	collect_t collect = {};
	coi_exit_t status;
	vici_req_t *req;

	status = connect_once();
	if (status != EXIT_OK)
	{
		return status;
	}
	req = create_request(command, peer, args);
	collect.answer = json_object_new_object();
	status = call(req, command, events, &collect);
	if (status == EXIT_OK)
	{
		status = check_success(collect.answer);
	}
	if (status == EXIT_OK)
	{
		*answer = collect.answer;
	}
	else
	{
		json_object_put(collect.answer);
	}
	return status;
}

coi_exit_t control_call(json_object **answer, const char *command,
						const char *const *events, ...)
{
	coi_exit_t status;
	va_list args;

	va_start(args, events);
	status = call_about(answer, command, events, NULL, args);
	va_end(args);
	return status;
}

coi_exit_t control_call_peer(const char *peer, void (*print)(const char *address),
							 const char *command, ...)
{
	json_object *answer;
	coi_exit_t status;
	char *address;
	va_list args;

	address = control_address(peer);
	if (!address)
	{
		return EXIT_USAGE;
	}
	va_start(args, command);
	status = call_about(&answer, command, NULL, address, args);
	va_end(args);
	if (status == EXIT_OK)
	{
		if (!control_print_json(answer, address))
		{
			print(address);
		}
		json_object_put(answer);
	}
	free(address);
	return status;
}

char *control_address(const char *text)
{
	char address[INET6_ADDRSTRLEN] = "";
	host_t *host;

	host = host_create_from_string((char*)text, 0);
	if (!host || host->is_anyaddr(host))
	{
		command_error(EXIT_USAGE, "'%s' is no address of a peer, an IPv4 or "
					  "IPv6 address is allowed", text);
	}
	else
	{
		inet_ntop(host->get_family(host), host->get_address(host).ptr,
				  address, sizeof(address));
	}
	DESTROY_IF(host);
	return *address ? strdup(address) : NULL;
}

bool control_print_json(json_object *answer, const char *peer)
{
	if (!command_json())
	{
		return FALSE;
	}
	if (peer)
	{
		json_object_object_add(answer, "peer", json_object_new_string(peer));
	}
	output_json(json_object_get(answer));
	return TRUE;
}

const char *control_str(json_object *object, const char *key)
{
	json_object *value;

	return json_object_object_get_ex(object, key, &value) ?
				json_object_get_string(value) : NULL;
}

uint64_t control_number(json_object *object, const char *key)
{
	json_object *value;

	return json_object_object_get_ex(object, key, &value) ?
				(uint64_t)json_object_get_int64(value) : 0;
}
