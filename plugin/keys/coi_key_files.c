/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_key_files.h"
#include "core/coi_keylist.h"

#include <credentials/containers/container.h>
#include <credentials/sets/mem_cred.h>
#include <threading/mutex.h>

typedef struct private_coi_key_files_t private_coi_key_files_t;
typedef struct file_t file_t;

/** A file that is loaded. */
struct file_t {
	char *name;
	/** its keys, a set among charon's */
	mem_cred_t *creds;
	/** char*, one for each key */
	array_t *communities;
};

struct private_coi_key_files_t {
	coi_key_files_t public;

	/** file_t */
	array_t *files;

	/** guards files */
	mutex_t *mutex;
};

/**
 * Take the names of a file's communities, each once.
 */
static void name_communities(file_t *file, array_t *names)
{
	enumerator_t *enumerator;
	char *name, *last;

	enumerator = array_create_enumerator(file->communities);
	while (names && enumerator->enumerate(enumerator, &name))
	{
		if (!array_get(names, ARRAY_TAIL, &last) || !streq(name, last))
		{
			array_insert(names, ARRAY_TAIL, strdup(name));
		}
	}
	enumerator->destroy(enumerator);
}

/** Forget a file whose set charon does not know. */
static void file_destroy(file_t *file)
{
	/* wipes the keys that nobody refers to any more */
	file->creds->destroy(file->creds);
	array_destroy_function(file->communities, (void*)free, NULL);
	free(file->name);
	free(file);
}

/** Forget a file. */
static void file_remove(file_t *file)
{
	lib->credmgr->remove_set(lib->credmgr, &file->creds->set);
	lib->credmgr->flush_cache(lib->credmgr, CERT_ANY);
	file_destroy(file);
}

static file_t *file_create(const char *name, const coi_keylist_t *keys)
{
	const coi_listed_t *listed;
	file_t *file;
	u_int i;

	INIT(file,
		.name = strdup(name),
		.creds = mem_cred_create(),
		.communities = array_create(0, 0),
	);
	for (i = 0; i < keys->count; i++)
	{
		listed = &keys->list[i];
		file->creds->add_shared(file->creds,
					shared_key_create(SHARED_PPK, chunk_clone(chunk_create(
										(u_char*)listed->key, COI_KEY_LEN))),
					identification_create_from_string((char*)listed->name),
					NULL);
		array_insert(file->communities, ARRAY_TAIL, strdup(listed->name));
	}
	return file;
}

static char *say(char *fmt, ...)
{
	va_list args;
	char *text;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
	{
		text = NULL;
	}
	va_end(args);
	return text;
}

/**
 * Open a file.
 *
 * @param text		receives the list, to be cleared
 * @return			NULL, or what is wrong
 */
static char *decrypt(chunk_t data, chunk_t *text)
{
	container_t *container;
	char *error = NULL;

	*text = chunk_empty;
	container = lib->creds->create(lib->creds, CRED_CONTAINER, CONTAINER_PKCS7,
								   BUILD_BLOB_ASN1_DER, data, BUILD_END);
	if (!container)
	{
		return say("it is no CMS in DER, or charon has neither of the plugins "
				   "openssl and pkcs7");
	}
	if (container->get_type(container) != CONTAINER_PKCS7_ENVELOPED_DATA)
	{
		error = say("it is no EnvelopedData of CMS");
	}
	else if (!container->get_data(container, text))
	{
		error = say("it cannot be opened: it is for none of the certificates "
					"whose RSA keys charon has, or was changed; swanctl "
					"--list-certs shows those with a private key");
	}
	container->destroy(container);
	return error;
}

METHOD(coi_key_files_t, unload, bool,
	private_coi_key_files_t *this, const char *name, array_t *communities)
{
	enumerator_t *enumerator;
	file_t *file, *found = NULL;

	this->mutex->lock(this->mutex);
	enumerator = array_create_enumerator(this->files);
	while (!found && enumerator->enumerate(enumerator, &file))
	{
		if (streq(file->name, name))
		{
			found = file;
			array_remove_at(this->files, enumerator);
		}
	}
	enumerator->destroy(enumerator);
	this->mutex->unlock(this->mutex);
	if (found)
	{
		name_communities(found, communities);
		file_remove(found);
		DBG1(DBG_CFG, "keys of '%s' unloaded", name);
	}
	return found != NULL;
}

/**
 * Put a file among those that are loaded, and its keys among charon's.
 */
static void add_file(private_coi_key_files_t *this, file_t *file)
{
	/* before the one of the same name goes, so that a key in both stays */
	lib->credmgr->add_set(lib->credmgr, &file->creds->set);
	unload(this, file->name, NULL);
	this->mutex->lock(this->mutex);
	array_insert(this->files, ARRAY_TAIL, file);
	this->mutex->unlock(this->mutex);
}

METHOD(coi_key_files_t, load, char*,
	private_coi_key_files_t *this, const char *name, chunk_t data,
	array_t *communities)
{
	coi_keylist_t keys;
	const char *wrong;
	char *error;
	chunk_t text;
	file_t *file;
	u_int line;

	error = decrypt(data, &text);
	if (error)
	{
		return error;
	}
	if (!coi_keylist_parse(text, &keys, &wrong, &line))
	{
		chunk_clear(&text);
		return say("what is in it is no list of keys, line %u: %s", line,
				   wrong);
	}
	chunk_clear(&text);
	file = file_create(name, &keys);
	DBG1(DBG_CFG, "%u keys of '%s' loaded", keys.count, name);
	coi_keylist_clear(&keys);
	name_communities(file, communities);
	add_file(this, file);
	return NULL;
}

METHOD(coi_key_files_t, destroy, void,
	private_coi_key_files_t *this)
{
	array_destroy_function(this->files, (void*)file_remove, NULL);
	this->mutex->destroy(this->mutex);
	free(this);
}

coi_key_files_t *coi_key_files_create()
{
	private_coi_key_files_t *this;

	INIT(this,
		.public = {
			.load = _load,
			.unload = _unload,
			.destroy = _destroy,
		},
		.files = array_create(0, 0),
		.mutex = mutex_create(MUTEX_TYPE_DEFAULT),
	);
	return &this->public;
}
