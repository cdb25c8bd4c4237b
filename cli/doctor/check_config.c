/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "checks.h"
#include "base/setting_place.h"

#include <ctype.h>
#include <stdio.h>
#include <sys/stat.h>

#include <collections/array.h>

/** A community key, as libstrongswan takes them. */
#define KEY_LEN 32

/** Octets that differ among 32 random ones: less than this never happens. */
#define FEW_OCTETS 16

/** Settings of a connection, as swanctl.conf(5) has them; what begins with the
 * name of a section that may be numbered is one. */
static const char *const connection_keys[] = {
	"version", "local_addrs", "remote_addrs", "local_port", "remote_port",
	"proposals", "vips", "aggressive", "pull", "dscp", "encap", "mobike",
	"dpd_delay", "dpd_timeout", "fragmentation", "childless", "send_certreq",
	"send_cert", "ppk_id", "ppk_required", "keyingtries", "unique",
	"reauth_time", "rekey_time", "over_time", "rand_time", "pools", "if_id_in",
	"if_id_out", "mediation", "mediated_by", "mediation_peer", "ocsp",
	"children", NULL
};
static const char *const auth_keys[] = {
	"round", "certs", "pubkeys", "auth", "id", "eap_id", "aaa_id", "xauth_id",
	"groups", "cert_policy", "cacerts", "ca_id", "revocation", "cert", "cacert",
	NULL
};
static const char *const child_keys[] = {
	"ah_proposals", "esp_proposals", "sha256_96", "local_ts", "remote_ts",
	"rekey_time", "life_time", "rand_time", "rekey_bytes", "life_bytes",
	"rand_bytes", "rekey_packets", "life_packets", "rand_packets", "updown",
	"hostaccess", "mode", "policies", "policies_fwd_out", "dpd_action",
	"ipcomp", "inactivity", "reqid", "priority", "interface", "mark_in",
	"mark_in_sa", "mark_out", "set_mark_in", "set_mark_out", "if_id_in",
	"if_id_out", "label", "label_mode", "tfc_padding", "replay_window",
	"hw_offload", "copy_df", "copy_ecn", "copy_dscp", "start_action",
	"close_action", "per_cpu_sas", NULL
};

/** A setting and its place. */
typedef struct {
	char *name;
	/** NULL for a section; a secret is wiped */
	char *value;
	char *file;
	u_int line;
} setting_t;

/** A community key and whose it is. */
typedef struct {
	char *section;
	char *id;
	chunk_t key;
	char *file;
	u_int line;
} held_t;

/** All that is set. */
typedef struct {
	doctor_t *doctor;
	/** setting_t */
	array_t *settings;
	/** held_t */
	array_t *keys;
	bool well;
} config_t;

static void collect(void *data, const char *name, const char *value,
					const char *file, u_int line)
{
	config_t *config = data;
	setting_t setting = {
		.name = strdup(name),
		.value = strdupnull((char*)value),
		.file = strdup(file),
		.line = line,
	};

	array_insert(config->settings, ARRAY_TAIL, &setting);
}

static setting_t *get_setting(config_t *config, int i)
{
	static setting_t setting;

	array_get(config->settings, i, &setting);
	return &setting;
}

/** A part of a name, "coi" of connections.coi.children for 1. */
static bool get_part(const char *name, u_int which, char part[128])
{
	while (which--)
	{
		name = strchr(name, '.');
		if (!name)
		{
			return FALSE;
		}
		name++;
	}
	snprintf(part, 128, "%.*s", (int)strcspn(name, "."), name);
	return TRUE;
}

/** The part that is the last one, of how many. */
static u_int count_parts(const char *name)
{
	u_int count = 1;

	for (; *name; name++)
	{
		count += *name == '.';
	}
	return count;
}

/** Whether a connection has auth = xauth-coi on any side. */
static bool is_coi(config_t *config, const char *conn)
{
	setting_t *setting;
	char part[128];
	int i;

	for (i = 0; i < array_count(config->settings); i++)
	{
		setting = get_setting(config, i);
		if (setting->value && streq(setting->value, "xauth-coi") &&
			strpfx(setting->name, "connections.") &&
			get_part(setting->name, 1, part) && streq(part, conn))
		{
			return TRUE;
		}
	}
	return FALSE;
}

/** Say that a setting means nothing. */
static void misspelt(config_t *config, const setting_t *setting,
					 const char *name, const char *const *known)
{
	const char *alike = doctor_alike(name, known);
	char remedy[256];

	snprintf(remedy, sizeof(remedy), alike ? "write %s, or remove it" :
			 "remove it, swanctl.conf(5) lists all that there are", alike);
	doctor_add(config->doctor, DOCTOR_FAIL, "setting", remedy, "%s:%u: %s: no "
			   "such setting, swanctl refuses the connection", setting->file,
			   setting->line, setting->name);
	config->well = FALSE;
}

/** Compare the settings of COI connections with those that there are. */
static void check_setting(config_t *config, const setting_t *setting)
{
	char conn[128], section[128], last[128];
	const char *const *known;
	u_int parts = count_parts(setting->name);

	if (!strpfx(setting->name, "connections.") || parts < 3 ||
		!get_part(setting->name, 1, conn) || !is_coi(config, conn) ||
		!get_part(setting->name, 2, section) ||
		!get_part(setting->name, parts - 1, last))
	{
		return;
	}
	if (parts == 3 && setting->value)
	{
		known = connection_keys;
	}
	else if (parts == 3)
	{	/* local, remote-2 */
		if (!strpfx(section, "local") && !strpfx(section, "remote") &&
			!streq(section, "children"))
		{
			misspelt(config, setting, section, connection_keys);
		}
		return;
	}
	else if (streq(section, "children"))
	{
		if (parts != 5 || !setting->value)
		{
			return;
		}
		known = child_keys;
	}
	else
	{	/* sections in it are cert and cacert */
		if (!setting->value || parts != 4)
		{
			return;
		}
		known = auth_keys;
	}
	if (!doctor_known(last, known))
	{
		misspelt(config, setting, last, known);
	}
}

/** Decode a secret as swanctl does. */
static chunk_t decode(const char *value)
{
	chunk_t text = chunk_from_str((char*)value);

	if (strpfx((char*)value, "0x"))
	{
		return chunk_from_hex(chunk_skip(text, 2), NULL);
	}
	if (strpfx((char*)value, "0s"))
	{
		return chunk_from_base64(chunk_skip(text, 2), NULL);
	}
	return chunk_clone(text);
}

/** Take note of a secrets.ppk section's key. */
static void take_key(config_t *config, const setting_t *setting)
{
	setting_t *other;
	held_t held = {};
	char section[128], part[128], last[128];
	int i;

	if (!setting->value || !strpfx(setting->name, "secrets.ppk") ||
		count_parts(setting->name) != 3 ||
		!get_part(setting->name, 2, last) || !streq(last, "secret"))
	{
		return;
	}
	get_part(setting->name, 1, section);
	held.section = strdup(section);
	held.file = strdup(setting->file);
	held.line = setting->line;
	held.key = decode(setting->value);
	for (i = 0; i < array_count(config->settings); i++)
	{
		other = get_setting(config, i);
		if (other->value && strpfx(other->name, "secrets.") &&
			get_part(other->name, 1, part) && streq(part, section) &&
			get_part(other->name, 2, last) && strpfx(last, "id"))
		{
			free(held.id);
			held.id = strdup(other->value);
		}
	}
	array_insert(config->keys, ARRAY_TAIL, &held);
}

/** Whether a child is none: it lets pass, or drops, and has no key. */
static bool is_clear(config_t *config, const char *conn, const char *child)
{
	setting_t *setting;
	char name[512];
	bool clear = FALSE;
	int i;

	snprintf(name, sizeof(name), "connections.%s.children.%s.mode", conn, child);
	for (i = 0; i < array_count(config->settings); i++)
	{
		setting = get_setting(config, i);
		if (setting->value && streq(setting->name, name))
		{	/* the last one counts */
			clear = strcaseeq(setting->value, "pass") ||
					strcaseeq(setting->value, "drop");
		}
	}
	return clear;
}

/** Whether a child of a COI connection has this name. */
static bool is_community(config_t *config, const char *name)
{
	setting_t *setting;
	char conn[128], part[128];
	int i;

	for (i = 0; i < array_count(config->settings); i++)
	{
		setting = get_setting(config, i);
		if (!setting->value && count_parts(setting->name) == 4 &&
			strpfx(setting->name, "connections.") &&
			get_part(setting->name, 1, conn) &&
			get_part(setting->name, 3, part) && streq(part, name) &&
			is_coi(config, conn) && !is_clear(config, conn, name))
		{
			return TRUE;
		}
	}
	return FALSE;
}

static u_int count_octets(chunk_t key)
{
	bool seen[256] = {};
	u_int count = 0;
	size_t i;

	for (i = 0; i < key.len; i++)
	{
		count += !seen[key.ptr[i]];
		seen[key.ptr[i]] = TRUE;
	}
	return count;
}

/** Look at one key, and at those before it. */
static void check_key(config_t *config, int which)
{
	doctor_t *doctor = config->doctor;
	held_t held, other;
	int i;

	array_get(config->keys, which, &held);
	if (!held.id)
	{
		doctor_add(doctor, DOCTOR_WARN, "key", "add id = and the community's "
				   "name", "%s:%u: secrets.%s has no id: it is no community's "
				   "key", held.file, held.line, held.section);
		config->well = FALSE;
		return;
	}
	if (!is_community(config, held.id))
	{
		doctor_add(doctor, DOCTOR_WARN, "key", "write the name of the child "
				   "(upper and lower case differ), or remove it", "%s:%u: "
				   "secrets.%s is a key for '%s', which no COI connection has "
				   "as child", held.file, held.line, held.section, held.id);
		config->well = FALSE;
	}
	if (held.key.len != KEY_LEN)
	{
		doctor_add(doctor, DOCTOR_FAIL, "key", "make one by coi key new, and "
				   "give it to all members", "%s:%u: secrets.%s has %zu octets, "
				   "a community's key has %d: it is not used", held.file,
				   held.line, held.section, held.key.len, KEY_LEN);
		config->well = FALSE;
	}
	else if (count_octets(held.key) < FEW_OCTETS)
	{
		doctor_add(doctor, DOCTOR_FAIL, "key", "make one by coi key new, and "
				   "give it to all members", "%s:%u: secrets.%s is not random: "
				   "its 32 octets have only %u values", held.file, held.line,
				   held.section, count_octets(held.key));
		config->well = FALSE;
	}
	for (i = 0; i < which; i++)
	{
		array_get(config->keys, i, &other);
		if (held.key.len && chunk_equals_const(held.key, other.key))
		{
			doctor_add(doctor, DOCTOR_FAIL, "key", "make one for each "
					   "community by coi key new", "%s:%u: secrets.%s is the "
					   "same key as secrets.%s", held.file, held.line,
					   held.section, other.section);
			config->well = FALSE;
		}
	}
}

/** Look for children of COI connections without a key. */
static void check_child(config_t *config, const setting_t *setting)
{
	char conn[128], child[128], remedy[512], section[128];
	held_t held;
	int i;

	if (setting->value || count_parts(setting->name) != 4 ||
		!strpfx(setting->name, "connections.") ||
		!get_part(setting->name, 1, conn) || !is_coi(config, conn) ||
		!get_part(setting->name, 2, section) || !streq(section, "children") ||
		!get_part(setting->name, 3, child) || is_clear(config, conn, child))
	{
		return;
	}
	for (i = 0; i < array_count(config->keys); i++)
	{
		array_get(config->keys, i, &held);
		if (held.id && streq(held.id, child))
		{
			return;
		}
	}
	snprintf(remedy, sizeof(remedy), "add secrets { ppk-%s { id = %s  secret = "
			 "0x... } }", child, child);
	doctor_add(config->doctor, DOCTOR_WARN, "key", remedy, "%s:%u: community "
			   "'%s' of connection '%s' has no key in the file", setting->file,
			   setting->line, child, conn);
	config->well = FALSE;
}

/** Keys that all may read are no secrets. */
static void check_mode(config_t *config)
{
	struct stat status;
	held_t held;
	char remedy[512];
	int i;

	for (i = 0; i < array_count(config->keys); i++)
	{
		array_get(config->keys, i, &held);
		if (stat(held.file, &status) == 0 && (status.st_mode & S_IRWXO))
		{
			snprintf(remedy, sizeof(remedy), "chmod 640 %s", held.file);
			doctor_add(config->doctor, DOCTOR_FAIL, "key", remedy, "all users "
					   "may read %s, which has keys", held.file);
			config->well = FALSE;
			return;
		}
	}
}

static void destroy(config_t *config)
{
	setting_t setting;
	held_t held;

	while (array_remove(config->keys, ARRAY_TAIL, &held))
	{
		chunk_clear(&held.key);
		free(held.section);
		free(held.id);
		free(held.file);
	}
	while (array_remove(config->settings, ARRAY_TAIL, &setting))
	{
		if (setting.value)
		{
			memwipe(setting.value, strlen(setting.value));
		}
		free(setting.value);
		free(setting.name);
		free(setting.file);
	}
	array_destroy(config->keys);
	array_destroy(config->settings);
}

void doctor_config(doctor_t *doctor)
{
	config_t config = {
		.doctor = doctor,
		.settings = array_create(sizeof(setting_t), 0),
		.keys = array_create(sizeof(held_t), 0),
		.well = TRUE,
	};
	setting_t setting;
	int i;

	if (!locate_all(doctor->file, collect, &config))
	{
		doctor_add(doctor, DOCTOR_WARN, "swanctl.conf", "run coi doctor as root, "
				   "and swanctl --load-all for its complaints", "%s, or what it "
				   "includes, cannot be read to its end", doctor->file);
		config.well = FALSE;
	}
	for (i = 0; i < array_count(config.settings); i++)
	{
		array_get(config.settings, i, &setting);
		check_setting(&config, &setting);
		take_key(&config, &setting);
	}
	for (i = 0; i < array_count(config.settings); i++)
	{
		array_get(config.settings, i, &setting);
		check_child(&config, &setting);
	}
	for (i = 0; i < array_count(config.keys); i++)
	{
		check_key(&config, i);
	}
	check_mode(&config);
	if (config.well)
	{
		doctor_add(doctor, DOCTOR_OK, "swanctl.conf", NULL, "%s: settings and "
				   "%d keys are as they should be", doctor->file,
				   array_count(config.keys));
	}
	destroy(&config);
}
