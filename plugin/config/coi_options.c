/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_options.h"

#include "core/coi_limits.h"

/* bits of the mark, which must differ */
#define DEFAULT_HOLD_MARK	30
#define DEFAULT_NAT_MARK	28
#define DEFAULT_STATE_MARK	29

/** An option: how it is read, its default and its range. */
typedef struct row_t row_t;

/**
 * Read a value.
 *
 * @param str		as it was written, or the default's text
 * @param value		receives it, in the options
 * @return			FALSE if it is not allowed, value is left as it was then
 */
typedef bool (*read_t)(const row_t *row, char *str, void *value);

struct row_t {
	char *key;
	/** NULL if somebody else reads it */
	read_t read;
	/** where it is in coi_options_t */
	size_t offset;
	/** what is used if it is missing or wrong, as an administrator writes it */
	char *def;
	/** range, of what is a number */
	u_int min;
	u_int max;
	/** what is said to be allowed, of what is none */
	char *allowed;
};

/** Read a number. */
static bool read_number(const row_t *row, char *str, void *value)
{
	uint64_t number;

	number = settings_value_as_uint64(str, UINT64_MAX);
	if (number < row->min || number > row->max)
	{
		return FALSE;
	}
	*(u_int*)value = number;
	return TRUE;
}

/** Read seconds, which may have a unit such as 5m. */
static bool read_time(const row_t *row, char *str, void *value)
{
	time_t seconds;

	/* strongSwan multiplies it by its unit, settings_value_as_time() cuts it to
	 * 32 bits as well: what is large before would be small after that, and 0
	 * means never */
	if (strtoull(str, NULL, 10) > row->max ||
		!timespan_from_string(str, NULL, &seconds) ||
		seconds < row->min || seconds > row->max)
	{
		return FALSE;
	}
	*(u_int*)value = seconds;
	return TRUE;
}

/** Read a yes or no. */
static bool read_bool(const row_t *row, char *str, void *value)
{
	/* what is neither yes nor no gives the default, which cannot be both */
	if (settings_value_as_bool(str, TRUE) &&
		!settings_value_as_bool(str, FALSE))
	{
		return FALSE;
	}
	*(bool*)value = settings_value_as_bool(str, FALSE);
	return TRUE;
}

/** Read the list of external addresses, without those that are none. */
static bool read_addrs(const row_t *row, char *str, void *value)
{
	linked_list_t *addrs = linked_list_create();
	enumerator_t *enumerator;
	host_t *host;

	enumerator = enumerator_create_token(str, ",", " ");
	while (enumerator->enumerate(enumerator, &str))
	{
		host = host_create_from_string(str, 0);
		if (!host || host->is_anyaddr(host))
		{
			DBG1(DBG_CFG, "charon.plugins.coi.%s = %s: IPv4 and IPv6 addresses "
				 "are allowed; this one is not used", row->key, str);
			DESTROY_IF(host);
			continue;
		}
		addrs->insert_last(addrs, host);
	}
	enumerator->destroy(enumerator);
	*(linked_list_t**)value = addrs;
	return TRUE;
}

/** Keep a text, "no" as NULL. */
static bool keep_text(char *str, void *value)
{
	*(char**)value = streq(str, "no") ? NULL : strdup(str);
	return TRUE;
}

/** Read where a socket is to be; one of a network would have no permissions. */
static bool read_socket(const row_t *row, char *str, void *value)
{
	return (streq(str, "no") || strpfx(str, "unix:///")) &&
		   keep_text(str, value);
}

/** Read where a file is to be. */
static bool read_path(const row_t *row, char *str, void *value)
{
	return (streq(str, "no") || *str == '/') && keep_text(str, value);
}

/** Read where audit events are to go. */
static bool read_audit(const row_t *row, char *str, void *value)
{
	return (streq(str, "journal") || streq(str, "syslog") ||
			streq(str, "no") || *str == '/') && keep_text(str, value);
}

/** Read what of netfilter is to hold packets. */
static bool read_backend(const row_t *row, char *str, void *value)
{
	static char *names[] = {
		[COI_BACKEND_AUTO] = "auto",
		[COI_BACKEND_NFT] = "nft",
		[COI_BACKEND_LEGACY] = "legacy",
	};
	coi_options_backend_t backend;

	for (backend = 0; backend < countof(names); backend++)
	{
		if (streq(str, names[backend]))
		{
			*(coi_options_backend_t*)value = backend;
			return TRUE;
		}
	}
	return FALSE;
}

/** Read whether what was protected is blocked when charon stops. */
static bool read_stop(const row_t *row, char *str, void *value)
{
	if (!streq(str, "block") && !streq(str, "open"))
	{
		return FALSE;
	}
	*(bool*)value = streq(str, "block");
	return TRUE;
}

/* a default as text, also if it is the protocol's */
#define TEXT_OF(value) #value
#define TEXT(value) TEXT_OF(value)

#define NUMBER(name, def, min, max) \
	{ #name, read_number, offsetof(coi_options_t, name), TEXT(def), \
	  min, max, NULL }
#define SECONDS(name, def, min, max) \
	{ #name, read_time, offsetof(coi_options_t, name), TEXT(def), \
	  min, max, NULL }
#define OTHER(key, name, read, def, allowed) \
	{ key, read, offsetof(coi_options_t, name), def, 0, 0, allowed }
#define YES_NO(name, def) \
	OTHER(#name, name, read_bool, def, "yes or no")
/* charon's, or coi_suite_choice.h's */
#define FOREIGN(key) \
	{ key, NULL, 0, NULL, 0, 0, NULL }

/** All options; conf.d/coi.opt documents each. */
static const row_t rows[] = {
	NUMBER(port, COI_DEFAULT_PORT, 1, 65535),
	NUMBER(idle_port, COI_DEFAULT_IDLE_PORT, 1, 65535),
	SECONDS(window, COI_DEFAULT_WINDOW, 10, 3600),
	NUMBER(replay_cache, COI_DEFAULT_REPLAY, 1024, 16777216),
	NUMBER(half_open, COI_DEFAULT_HALF_OPEN, 1, 100000),
	NUMBER(half_open_source, COI_DEFAULT_HALF_SOURCE, 1, 100000),
	NUMBER(rate, COI_DEFAULT_RATE, 1, 100000),
	NUMBER(burst, COI_DEFAULT_BURST, 1, 100000),
	NUMBER(own_half_open, 1000, 1, 100000),
	NUMBER(own_rate, 1000, 1, 100000),
	NUMBER(own_burst, 2000, 1, 100000),
	NUMBER(own_share, 25, 1, 100),
	NUMBER(queue, 256, 1, 65536),
	NUMBER(retransmit_first, COI_RETRANSMIT_FIRST, 100, 10000),
	NUMBER(retransmit_tries, COI_RETRANSMIT_TRIES, 0, 10),
	NUMBER(retransmit_last, COI_RETRANSMIT_LAST, 100, 60000),
	NUMBER(attempts, COI_ATTEMPTS, 1, 100),
	SECONDS(dpd_delay, 30, 0, 3600),
	SECONDS(dpd_timeout, 120, 0, 86400),
	SECONDS(negative_cache, 10, 0, 3600),
	NUMBER(negative_cache_size, 4096, 1, 65536),
	SECONDS(no_esp_time, 86400, 0, 2592000),
	NUMBER(hold_peer, 16, 1, 1024),
	NUMBER(hold_total, 1024, 1, 65536),
	NUMBER(hold_mark, DEFAULT_HOLD_MARK, 0, 31),
	NUMBER(nat_mark, DEFAULT_NAT_MARK, 0, 31),
	NUMBER(state_mark, DEFAULT_STATE_MARK, 0, 31),
	NUMBER(hold_queue, 4570, 0, 65535),
	SECONDS(names_interval, 60, 5, 86400),
	YES_NO(dark, "no"),
	YES_NO(hold, "yes"),
	OTHER("hold_backend", hold_backend, read_backend, "auto",
		  "auto, nft or legacy"),
	YES_NO(conntrack, "yes"),
	YES_NO(unreachable, "yes"),
	YES_NO(broadcast, "no"),
	OTHER("external_addrs", external_addrs, read_addrs, "", NULL),
	OTHER("control", control, read_socket, "unix:///run/charon.coi",
		  "unix://PATH with an absolute path, or no"),
	OTHER("audit", audit, read_audit, "no",
		  "an absolute path, journal, syslog, or no"),
	OTHER("stop", stop_block, read_stop, "block", "block or open"),
	OTHER("state", state, read_path, "/var/lib/strongswan-coi/blocks",
		  "an absolute path or no"),
	FOREIGN("load"),
	FOREIGN("suite"),
};

/**
 * Read an option, its default if it is missing or wrong.
 */
static void load_row(const row_t *row, coi_options_t *options)
{
	void *value = (char*)options + row->offset;
	char *str, range[64];

	str = lib->settings->get_str(lib->settings, "%s.plugins.coi.%s", NULL,
								 lib->ns, row->key);
	if (str && row->read(row, str, value))
	{
		return;
	}
	row->read(row, row->def, value);
	if (str)
	{
		snprintf(range, sizeof(range), "%u to %u%s", row->min, row->max,
				 row->read == read_time ? " seconds" : "");
		DBG1(DBG_CFG, "charon.plugins.coi.%s = %s: %s is allowed; default %s "
			 "is used", row->key, str, row->allowed ?: range, row->def);
	}
}

/**
 * Whether a key of our section means something.
 */
static bool is_known(const char *key)
{
	u_int i;

	for (i = 0; i < countof(rows); i++)
	{
		if (streq(key, rows[i].key))
		{
			return TRUE;
		}
	}
	return FALSE;
}

/**
 * Say what nobody reads: a misspelt limit must not look like one that is set.
 */
static void warn_unknown()
{
	enumerator_t *enumerator;
	char *key, *value;

	enumerator = lib->settings->create_key_value_enumerator(lib->settings,
												"%s.plugins.coi", lib->ns);
	while (enumerator->enumerate(enumerator, &key, &value))
	{
		if (!is_known(key))
		{
			DBG1(DBG_CFG, "charon.plugins.coi.%s = %s: no such option, see "
				 "coi.conf(5); it is ignored", key, value);
		}
	}
	enumerator->destroy(enumerator);

	enumerator = lib->settings->create_section_enumerator(lib->settings,
												"%s.plugins.coi", lib->ns);
	while (enumerator->enumerate(enumerator, &key))
	{
		if (!streq(key, "communities"))
		{
			DBG1(DBG_CFG, "charon.plugins.coi.%s { }: no such section, see "
				 "coi.conf(5); it is ignored", key);
		}
	}
	enumerator->destroy(enumerator);
}

/**
 * Give defaults to what must differ and does not.
 */
static void check_equal(coi_options_t *this)
{
	if (this->port == this->idle_port)
	{
		DBG1(DBG_CFG, "charon.plugins.coi.idle_port = %u: a port other than "
			 "that of charon.plugins.coi.port is allowed; defaults %u and %u "
			 "are used", this->idle_port, COI_DEFAULT_PORT,
			 COI_DEFAULT_IDLE_PORT);
		this->port = COI_DEFAULT_PORT;
		this->idle_port = COI_DEFAULT_IDLE_PORT;
	}
	if (this->nat_mark == this->hold_mark)
	{
		DBG1(DBG_CFG, "charon.plugins.coi.nat_mark = %u: a bit other than that "
			 "of charon.plugins.coi.hold_mark is allowed; defaults %u and %u "
			 "are used", this->nat_mark, DEFAULT_NAT_MARK, DEFAULT_HOLD_MARK);
		this->nat_mark = DEFAULT_NAT_MARK;
		this->hold_mark = DEFAULT_HOLD_MARK;
	}
	if (this->state_mark == this->hold_mark ||
		this->state_mark == this->nat_mark)
	{
		DBG1(DBG_CFG, "charon.plugins.coi.state_mark = %u: a bit other than "
			 "those of hold_mark and nat_mark is allowed; defaults %u, %u and "
			 "%u are used", this->state_mark, DEFAULT_STATE_MARK,
			 DEFAULT_HOLD_MARK, DEFAULT_NAT_MARK);
		this->nat_mark = DEFAULT_NAT_MARK;
		this->state_mark = DEFAULT_STATE_MARK;
		this->hold_mark = DEFAULT_HOLD_MARK;
	}
}

coi_options_t *coi_options_load()
{
	coi_options_t *this;
	u_int i;

	INIT(this);
	for (i = 0; i < countof(rows); i++)
	{
		if (rows[i].read)
		{
			load_row(&rows[i], this);
		}
	}
	check_equal(this);
	warn_unknown();
	return this;
}

void coi_options_destroy(coi_options_t *this)
{
	if (this)
	{
		this->external_addrs->destroy_offset(this->external_addrs,
											 offsetof(host_t, destroy));
		free(this->control);
		free(this->audit);
		free(this->state);
		free(this);
	}
}
