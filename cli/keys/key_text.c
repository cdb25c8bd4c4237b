/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "key_text.h"
#include "base/output.h"
#include "share.h"

#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <utils/identification.h>

/** What fingerprints and random numbers need. */
#define PLUGINS "random sha2 hmac kdf openssl"

/** What ends a name in swanctl.conf, or makes another thing of it. */
#define RESERVED " #{}:.,=\"\\"

#define MAX_SUFFIX 32

bool secrets_init(void)
{
	struct rlimit none = {};

	setrlimit(RLIMIT_CORE, &none);
	lib->plugins->add_path(lib->plugins, PLUGINDIR);
	if (!lib->plugins->load(lib->plugins, PLUGINS))
	{
		command_error(EXIT_FAILED, "the plugins of libstrongswan in %s cannot "
					  "be loaded", PLUGINDIR);
		return FALSE;
	}
	return TRUE;
}

rng_t *secrets_rng(void)
{
	rng_t *rng;

	rng = lib->crypto->create_rng(lib->crypto, RNG_TRUE);
	if (!rng)
	{
		command_error(EXIT_FAILED, "no random numbers: is libstrongswan's "
					  "plugin 'random' installed?");
	}
	return rng;
}

bool secrets_check_name(const char *name)
{
	size_t len = strlen(name);
	identification_t *id;
	bool good;
	char *clean;

	clean = output_clean(name);
	good = len && len <= COI_MAX_NAME && streq(clean, name) &&
		   !strpbrk(name, RESERVED);
	free(clean);
	if (good)
	{	/* "%any" would be everybody's */
		id = identification_create_from_string((char*)name);
		good = id->get_type(id) != ID_ANY;
		id->destroy(id);
	}
	if (!good)
	{
		command_error(EXIT_USAGE, "a COI's name has 1 to %d octets of UTF-8, "
					  "no control character, blank or any of %s and is not "
					  "%%any", COI_MAX_NAME, &RESERVED[1]);
	}
	return good;
}

bool secrets_check_suffix(const char *suffix)
{
	size_t len = strlen(suffix);

	if (!len || len > MAX_SUFFIX ||
		len != strspn(suffix, "abcdefghijklmnopqrstuvwxyz"
							  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"))
	{
		command_error(EXIT_USAGE, "--generation-name has 1 to %d letters, "
					  "digits, '-' and '_'", MAX_SUFFIX);
		return FALSE;
	}
	return TRUE;
}

/**
 * Add a key with its fingerprint.
 */
static bool add(secrets_t *this, const char *name, const char *section,
				const uint8_t secret[COI_KEY_LEN])
{
	secret_t *list, *added;
	coi_key_t *key;

	key = coi_key_create(coi_suite_by_name("p384"), name, this->count,
						 chunk_create((u_char*)secret, COI_KEY_LEN));
	if (!key)
	{
		command_error(EXIT_FAILED, "no fingerprint can be derived: are "
					  "libstrongswan's plugins 'hmac', 'sha2' and 'kdf' "
					  "installed?");
		return FALSE;
	}
	list = calloc(this->count + 1, sizeof(secret_t));
	if (this->count)
	{
		memcpy(list, this->list, this->count * sizeof(secret_t));
		memwipe(this->list, this->count * sizeof(secret_t));
		free(this->list);
	}
	this->list = list;
	added = &list[this->count++];
	added->name = strdup(name);
	added->section = section ? strdup(section) : NULL;
	memcpy(added->key, secret, COI_KEY_LEN);
	coi_key_fingerprint(key, added->fingerprint);
	coi_key_destroy(key);
	return TRUE;
}

void secrets_clear(secrets_t *secrets)
{
	u_int i;

	for (i = 0; i < secrets->count; i++)
	{
		free(secrets->list[i].name);
		free(secrets->list[i].section);
	}
	if (secrets->count)
	{
		memwipe(secrets->list, secrets->count * sizeof(secret_t));
	}
	free(secrets->list);
	*secrets = (secrets_t){};
}

/**
 * Read the value of a secret as swanctl does.
 *
 * @return			NULL, or what is wrong
 */
static const char *decode(const char *value, uint8_t key[COI_KEY_LEN])
{
	const char *wrong = NULL;
	chunk_t secret;

	if (strcasepfx(value, "0x"))
	{
		value += 2;
		if (value[strspn(value, "0123456789abcdefABCDEF:")])
		{
			return "secret is no hexadecimal number";
		}
		secret = chunk_from_hex(chunk_from_str((char*)value), NULL);
	}
	else if (strcasepfx(value, "0s"))
	{
		secret = chunk_from_base64(chunk_from_str((char*)value + 2), NULL);
	}
	else
	{
		secret = chunk_clone(chunk_from_str((char*)value));
	}
	if (secret.len == COI_KEY_LEN)
	{
		memcpy(key, secret.ptr, COI_KEY_LEN);
	}
	else
	{
		wrong = "secret is not 256 bit long";
	}
	chunk_clear(&secret);
	return wrong;
}

/**
 * Add the keys of a section, one for each of its ids.
 */
static bool add_section(secrets_t *this, settings_t *settings, char *section,
						const char *wanted)
{
	enumerator_t *enumerator;
	uint8_t secret[COI_KEY_LEN];
	char *value, *key;
	const char *wrong;
	bool success = TRUE;

	value = settings->get_str(settings, "secrets.%s.secret", NULL, section);
	if (!value)
	{
		return TRUE;
	}
	wrong = decode(value, secret);
	enumerator = settings->create_key_value_enumerator(settings, "secrets.%s",
													   section);
	while (success && enumerator->enumerate(enumerator, &key, &value))
	{
		if (!strpfx(key, "id") || (wanted && !streq(value, wanted)))
		{
			continue;
		}
		if (wrong || !*value || strlen(value) > COI_MAX_NAME)
		{
			command_warn("'%s' is no key of a COI: its %s", section,
						 wrong ?: "id has not 1 to 63 octets");
			break;
		}
		success = add(this, value, section, secret);
	}
	enumerator->destroy(enumerator);
	memwipe(secret, sizeof(secret));
	return success;
}

/**
 * Overwrite what a parser keeps of the secrets.
 */
static void wipe(settings_t *settings)
{
	enumerator_t *sections, *values;
	char *section, *key, *value;

	sections = settings->create_section_enumerator(settings, "secrets");
	while (sections->enumerate(sections, &section))
	{
		values = settings->create_key_value_enumerator(settings, "secrets.%s",
													   section);
		while (values->enumerate(values, &key, &value))
		{
			memwipe(value, strlen(value));
		}
		values->destroy(values);
	}
	sections->destroy(sections);
}

/**
 * Get the keys of a configuration. A file is read by its path, so that what it
 * includes is found.
 */
static coi_exit_t load_settings(const char *path, char *content,
								const char *name, secrets_t *secrets)
{
	coi_exit_t status = EXIT_OK;
	enumerator_t *enumerator;
	settings_t *settings;
	struct stat st;
	char *section;
	bool parsed;

	settings = settings_create(NULL);
	if (path && !streq(path, "-") && !strpbrk(path, "*?[\\~{") &&
		stat(path, &st) == 0 && S_ISREG(st.st_mode))
	{
		parsed = settings->load_files(settings, (char*)path, FALSE);
	}
	else
	{
		parsed = settings->load_string(settings, content, FALSE);
	}
	if (!parsed)
	{
		status = command_error(EXIT_FAILED, "%s is neither a swanctl.conf nor "
							   "a key in hexadecimal", secrets_path(path));
	}
	enumerator = settings->create_section_enumerator(settings, "secrets");
	while (!status && enumerator->enumerate(enumerator, &section))
	{
		if (strpfx(section, "ppk") &&
			!add_section(secrets, settings, section, name))
		{
			status = EXIT_FAILED;
		}
	}
	enumerator->destroy(enumerator);
	wipe(settings);
	settings->destroy(settings);
	return status;
}

/**
 * Get the key of a file that has nothing but a number in it.
 */
static coi_exit_t load_number(const char *path, char *number, const char *name,
							  secrets_t *secrets)
{
	coi_exit_t status = EXIT_OK;
	uint8_t secret[COI_KEY_LEN];
	chunk_t octets;

	if (!name)
	{
		return command_error(EXIT_USAGE, "%s has a bare key: whose it is, say "
							 "with --coi", secrets_path(path));
	}
	if (!secrets_check_name(name))
	{
		return EXIT_USAGE;
	}
	if (strlen(number) != 2 * COI_KEY_LEN)
	{
		return command_error(EXIT_FAILED, "%s has a key of %zu hexadecimal "
							 "digits, not %d", secrets_path(path),
							 strlen(number), 2 * COI_KEY_LEN);
	}
	octets = chunk_from_hex(chunk_from_str(number), (char*)secret);
	if (octets.len != sizeof(secret) || !add(secrets, name, NULL, secret))
	{
		status = EXIT_FAILED;
	}
	memwipe(secret, sizeof(secret));
	return status;
}

coi_exit_t secrets_load(const char *path, const char *name,
						secrets_t *secrets)
{
	coi_exit_t status;
	chunk_t content;
	char *number;
	size_t digits;

	*secrets = (secrets_t){};
	if (!secrets_init())
	{
		return EXIT_FAILED;
	}
	status = secrets_read(path, &content);
	if (status)
	{
		return status;
	}
	number = (char*)content.ptr;
	number += strspn(number, " \t\r\n");
	number += strcasepfx(number, "0x") ? 2 : 0;
	digits = strspn(number, "0123456789abcdefABCDEF");
	if (digits && !number[digits + strspn(number + digits, " \t\r\n")])
	{
		number[digits] = '\0';
		status = load_number(path, number, name, secrets);
	}
	else
	{
		status = load_settings(path, (char*)content.ptr, name, secrets);
	}
	chunk_clear(&content);
	if (!status && !secrets->count)
	{
		status = command_error(name ? EXIT_USAGE : EXIT_FAILED,
							   "%s has no key of %s%s%s: no ppk section with "
							   "id and secret", secrets_path(path),
							   name ? "COI '" : "a COI", name ?: "",
							   name ? "'" : "");
	}
	if (status)
	{
		secrets_clear(secrets);
	}
	return status;
}

json_object *secrets_json(const secrets_t *secrets, bool fingerprints)
{
	json_object *list, *item;
	const secret_t *secret;
	u_int i;

	list = json_object_new_array();
	for (i = 0; i < secrets->count; i++)
	{
		secret = &secrets->list[i];
		item = json_object_new_object();
		json_object_object_add(item, "coi", output_json_string(secret->name));
		if (fingerprints)
		{
			json_object_object_add(item, "fingerprint",
								   output_json_string(secret->fingerprint));
		}
		json_object_object_add(item, "section",
							   output_json_string(secret->section));
		json_object_array_add(list, item);
	}
	return list;
}

coi_exit_t secrets_print(const char *name, const char *suffix,
						 const uint8_t key[COI_KEY_LEN], const char *path,
						 bool force)
{
	char text[512], hex[2 * COI_KEY_LEN + 1];
	secrets_t secrets = {};
	coi_exit_t status = EXIT_FAILED;
	int len;

	if (add(&secrets, name, NULL, key))
	{
		chunk_to_hex(chunk_create((u_char*)key, COI_KEY_LEN), hex, FALSE);
		len = snprintf(text, sizeof(text),
					   "secrets {\n"
					   "   ppk-%s%s%s {\n"
					   "      # fingerprint %s\n"
					   "      id = %s\n"
					   "      secret = 0x%s\n"
					   "   }\n"
					   "}\n", name, suffix ? "-" : "", suffix ?: "",
					   secrets.list->fingerprint, name, hex);
		status = secrets_write(chunk_create((u_char*)text, len), path, force);
		memwipe(text, sizeof(text));
		memwipe(hex, sizeof(hex));
	}
	secrets_clear(&secrets);
	return status;
}
