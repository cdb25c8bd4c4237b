/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_cmd_key_file.h"

#include <daemon.h>
#include <collections/array.h>

typedef struct private_coi_cmd_key_file_t private_coi_cmd_key_file_t;

/** Both commands. */
struct private_coi_cmd_key_file_t {
	coi_command_t public;
	coi_key_files_t *files;
	coi_config_watch_t *watch;
};

/**
 * Read the name of a file.
 *
 * @param answer	receives what is to be answered if there is none
 * @return			NULL if it is missing or wrong
 */
static char *get_name(coi_command_request_t *request, vici_message_t **answer)
{
	char *name;

	name = request->message->get_str(request->message, NULL, "name");
	if (!name || !*name || strlen(name) > COI_KEY_FILES_NAME ||
		!coi_user_valid(chunk_from_str(name)))
	{
		*answer = coi_command_invalid("'name' has to have 1 to %d octets of "
									  "UTF-8 without control characters",
									  COI_KEY_FILES_NAME);
		return NULL;
	}
	return name;
}

/**
 * Answer that it worked, and which communities are concerned.
 *
 * @param communities	char*, adopted
 */
static vici_message_t *answer_done(private_coi_cmd_key_file_t *this,
								   array_t *communities)
{
	vici_builder_t *b = coi_vici_library_builder();
	char *name;

	/* members are asked, or left, without waiting for the next look */
	this->watch->refresh(this->watch);
	b->add_kv(b, "success", "yes");
	b->begin_list(b, "communities");
	while (array_remove(communities, ARRAY_HEAD, &name))
	{
		b->add_li(b, "%s", name);
		free(name);
	}
	b->end_list(b);
	array_destroy(communities);
	return b->finalize(b);
}

METHOD(coi_command_t, load, vici_message_t*,
	private_coi_cmd_key_file_t *this, coi_command_request_t *request)
{
	vici_message_t *answer;
	array_t *communities;
	char *name, *error;
	chunk_t data;

	name = get_name(request, &answer);
	if (!name)
	{
		return answer;
	}
	data = request->message->get_value(request->message, chunk_empty, "data");
	if (!data.len)
	{
		return coi_command_invalid("'data' is missing, the file's content");
	}
	communities = array_create(0, 0);
	error = this->files->load(this->files, name, data, communities);
	if (error)
	{
		DBG1(DBG_CFG, "keys of '%s' not loaded: %s", name, error);
		answer = coi_command_failed("'%s' is not loaded: %s", name, error);
		array_destroy(communities);
		free(error);
		return answer;
	}
	return answer_done(this, communities);
}

METHOD(coi_command_t, unload, vici_message_t*,
	private_coi_cmd_key_file_t *this, coi_command_request_t *request)
{
	vici_message_t *answer;
	array_t *communities;
	char *name;

	name = get_name(request, &answer);
	if (!name)
	{
		return answer;
	}
	communities = array_create(0, 0);
	if (!this->files->unload(this->files, name, communities))
	{
		array_destroy(communities);
		return coi_command_invalid("no file '%s' is loaded", name);
	}
	return answer_done(this, communities);
}

coi_command_t *coi_cmd_key_file_load_create(coi_key_files_t *files,
											coi_config_watch_t *watch)
{
	private_coi_cmd_key_file_t *this;

	INIT(this,
		.public = {
			.name = "load-wgt",
			.keys = { "name", "data" },
			.handle = _load,
			.destroy = (void*)free,
		},
		.files = files,
		.watch = watch,
	);
	return &this->public;
}

coi_command_t *coi_cmd_key_file_unload_create(coi_key_files_t *files,
											  coi_config_watch_t *watch)
{
	private_coi_cmd_key_file_t *this;

	INIT(this,
		.public = {
			.name = "unload-wgt",
			.keys = { "name" },
			.handle = _unload,
			.destroy = (void*)free,
		},
		.files = files,
		.watch = watch,
	);
	return &this->public;
}
