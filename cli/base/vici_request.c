/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "vici_request.h"
#include "command.h"
#include "control_client.h"
#include "output.h"

#include <errno.h>

#include <libvici.h>

static vici_conn_t *connection;

static vici_req_t *create_request(const char *command,
								  const send_value_t *values, u_int count)
{
	const char *list = NULL;
	vici_req_t *req;
	u_int i;

	req = vici_begin((char*)command);
	for (i = 0; i < count; i++)
	{
		if (list && (!values[i].item || !streq(list, values[i].key)))
		{
			vici_end_list(req);
			list = NULL;
		}
		if (values[i].item && !list)
		{
			list = values[i].key;
			vici_begin_list(req, (char*)list);
		}
		if (values[i].item)
		{
			vici_add_list_item(req, values[i].value.ptr, values[i].value.len);
		}
		else
		{
			vici_add_key_value(req, (char*)values[i].key, values[i].value.ptr,
							   values[i].value.len);
		}
	}
	if (list)
	{
		vici_end_list(req);
	}
	return req;
}

/** A value of an answer, cleaned. */
static json_object *get_value(vici_res_t *res)
{
	json_object *string;
	char *text;
	void *value;
	int len;

	value = vici_parse_value(res, &len);
	text = strndup(value ?: "", value ? len : 0);
	string = output_json_string(text);
	free(text);
	return string;
}

/**
 * Read an answer without sections.
 *
 * @return			FALSE if it is malformed
 */
static bool read_answer(vici_res_t *res, json_object *object)
{
	json_object *list = NULL;

	while (TRUE)
	{
		switch (vici_parse(res))
		{
			case VICI_PARSE_KEY_VALUE:
				json_object_object_add(object, vici_parse_name(res),
									   get_value(res));
				break;
			case VICI_PARSE_BEGIN_LIST:
				list = json_object_new_array();
				json_object_object_add(object, vici_parse_name(res), list);
				break;
			case VICI_PARSE_LIST_ITEM:
				json_object_array_add(list, get_value(res));
				break;
			case VICI_PARSE_END_LIST:
				break;
			case VICI_PARSE_END:
				return TRUE;
			default:
				return FALSE;
		}
	}
}

static void disconnect(void)
{
	vici_disconnect(connection);
	vici_deinit();
}

/**
 * Connect, once: libvici cannot be begun again after its end.
 */
static coi_exit_t connect_once(const char *uri)
{
	if (connection)
	{
		return EXIT_OK;
	}
	vici_init();
	connection = vici_connect((char*)uri);
	if (!connection)
	{
		vici_deinit();
		return command_error(EXIT_NO_CHARON, errno == EACCES || errno == EPERM ?
							 "no permission for %s: run coi as root, or as the "
							 "user that charon runs as" :
							 "nobody listens on %s: start charon (systemctl "
							 "start strongswan), or name its socket by --uri",
							 uri);
	}
	atexit(disconnect);
	return EXIT_OK;
}

/** Whether an answer says that it worked; else say why it did not. */
static coi_exit_t check_success(json_object *object)
{
	const char *success = control_str(object, "success");
	const char *error = control_str(object, "error");

	if (!success || streq(success, "yes"))
	{
		return EXIT_OK;
	}
	return command_error(error && streq(error, "invalid") ? EXIT_USAGE
						 : EXIT_FAILED, "%s", control_str(object, "errmsg") ?:
						 "charon does not say why it failed");
}

coi_exit_t send_request(const char *uri, const char *command,
						const send_value_t *values, u_int count,
						json_object **answer)
{
	json_object *object;
	coi_exit_t status;
	vici_res_t *res;

	status = connect_once(uri);
	if (status != EXIT_OK)
	{
		return status;
	}
	res = vici_submit(create_request(command, values, count), connection);
	if (!res)
	{
		return errno == ENOENT ?
			command_error(EXIT_FAILED, "charon knows no command '%s', is it "
						  "older than coi?", command) :
			command_error(EXIT_NO_CHARON, "charon has ended the connection: %s",
						  strerror(errno));
	}
	object = json_object_new_object();
	status = read_answer(res, object) ? check_success(object) :
			 command_error(EXIT_FAILED, "charon's answer to '%s' is malformed",
						   command);
	vici_free_res(res);
	if (status == EXIT_OK && answer)
	{
		*answer = object;
		return EXIT_OK;
	}
	json_object_put(object);
	return status;
}
