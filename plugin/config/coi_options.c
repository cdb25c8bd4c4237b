/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_options.h"

#include "core/coi_limits.h"

/* caps that are no part of the protocol; conf.d/coi.opt documents each */
#define DEFAULT_QUEUE			256
#define DEFAULT_OWN_HALF_OPEN	1000
#define DEFAULT_OWN_RATE		1000
#define DEFAULT_OWN_BURST		2000
#define DEFAULT_OWN_SHARE		25
#define DEFAULT_NEGATIVE_CACHE	10
#define DEFAULT_NEGATIVE_SIZE	4096
#define DEFAULT_NO_ESP_TIME 86400
#define DEFAULT_DPD_DELAY		30
#define DEFAULT_DPD_TIMEOUT		120
#define DEFAULT_HOLD_PEER		16
#define DEFAULT_HOLD_TOTAL		1024
#define DEFAULT_HOLD_MARK		30
#define DEFAULT_NAT_MARK		28
#define DEFAULT_STATE_MARK		29
#define DEFAULT_HOLD_QUEUE		4570
#define DEFAULT_NAMES_INTERVAL	60
#define DEFAULT_STATE			"/var/lib/strongswan-coi/blocks"
#define DEFAULT_CONTROL			"unix:///run/charon.coi"

/** A numeric option and what is allowed. */
typedef struct {
	char *key;
	/** seconds, or with a unit such as 5m */
	bool time;
	u_int *value;
	u_int def;
	u_int min;
	u_int max;
} number_t;

/** Options that are not numbers; load belongs to charon. */
static char *others[] = {
	"load", "dark", "hold", "external_addrs", "suite", "control", "audit",
	"broadcast", "hold_backend", "unreachable", "stop", "conntrack",
	"state",
};

/**
 * Get an option of ours as it was written.
 */
static char *get_option(char *key)
{
	return lib->settings->get_str(lib->settings, "%s.plugins.coi.%s", NULL,
								  lib->ns, key);
}

/**
 * Read a number, its default if it is missing or wrong.
 */
static void load_number(number_t *this)
{
	uint64_t number;
	char *str;

	*this->value = this->def;

	str = get_option(this->key);
	if (!str)
	{
		return;
	}
	if (this->time)
	{
		number = settings_value_as_time(str, UINT32_MAX);
	}
	else
	{
		number = settings_value_as_uint64(str, UINT64_MAX);
	}
	if (number < this->min || number > this->max)
	{
		DBG1(DBG_CFG, "charon.plugins.coi.%s = %s: %u to %u%s is allowed; "
			 "default %u is used", this->key, str, this->min, this->max,
			 this->time ? " seconds" : "", this->def);
		return;
	}
	*this->value = number;
}

/**
 * Read a yes or no.
 */
static bool load_bool(char *key, bool def)
{
	char *str;

	str = get_option(key);
	/* what is neither yes nor no gives the default, which cannot be both */
	if (str && settings_value_as_bool(str, TRUE) &&
		!settings_value_as_bool(str, FALSE))
	{
		DBG1(DBG_CFG, "charon.plugins.coi.%s = %s: yes or no is allowed; "
			 "default %s is used", key, str, def ? "yes" : "no");
	}
	return settings_value_as_bool(str, def);
}

/**
 * Read the list of external addresses, without those that are none.
 */
static linked_list_t *load_addrs(char *key)
{
	enumerator_t *enumerator;
	linked_list_t *addrs;
	host_t *host;
	char *str;

	addrs = linked_list_create();
	str = get_option(key);
	if (!str)
	{
		return addrs;
	}
	enumerator = enumerator_create_token(str, ",", " ");
	while (enumerator->enumerate(enumerator, &str))
	{
		host = host_create_from_string(str, 0);
		if (!host || host->is_anyaddr(host))
		{
			DBG1(DBG_CFG, "charon.plugins.coi.%s = %s: IPv4 and IPv6 addresses "
				 "are allowed; this one is not used", key, str);
			DESTROY_IF(host);
			continue;
		}
		addrs->insert_last(addrs, host);
	}
	enumerator->destroy(enumerator);
	return addrs;
}

/**
 * Read where the control socket is to be.
 *
 * @return		allocated, NULL for no socket
 */
static char *load_control(char *key)
{
	char *str;

	str = get_option(key) ?: DEFAULT_CONTROL;
	if (streq(str, "no"))
	{
		return NULL;
	}
	/* what listens on the network would have no permissions */
	if (!strpfx(str, "unix:///"))
	{
		DBG1(DBG_CFG, "charon.plugins.coi.%s = %s: unix://PATH with an "
			 "absolute path, or no is allowed; default %s is used", key, str,
			 DEFAULT_CONTROL);
		str = DEFAULT_CONTROL;
	}
	return strdup(str);
}

/**
 * Read where audit events are to go.
 *
 * @return		allocated, NULL for nowhere
 */
static char *load_audit(char *key)
{
	char *str;

	str = get_option(key) ?: "no";
	if (streq(str, "no"))
	{
		return NULL;
	}
	if (!streq(str, "journal") && !streq(str, "syslog") && *str != '/')
	{
		DBG1(DBG_CFG, "charon.plugins.coi.%s = %s: an absolute path, journal, "
			 "syslog, or no is allowed; default no is used", key, str);
		return NULL;
	}
	return strdup(str);
}

/**
 * Read what of netfilter is to hold packets.
 */
static coi_options_backend_t load_backend(char *key)
{
	static char *names[] = {
		[COI_BACKEND_AUTO] = "auto",
		[COI_BACKEND_NFT] = "nft",
		[COI_BACKEND_LEGACY] = "legacy",
	};
	coi_options_backend_t backend;
	char *str;

	str = get_option(key) ?: names[COI_BACKEND_AUTO];
	for (backend = 0; backend < countof(names); backend++)
	{
		if (streq(str, names[backend]))
		{
			return backend;
		}
	}
	DBG1(DBG_CFG, "charon.plugins.coi.%s = %s: auto, nft or legacy is allowed; "
		 "default auto is used", key, str);
	return COI_BACKEND_AUTO;
}

/**
 * Read whether what was protected is blocked when charon stops.
 */
static bool load_stop(char *key)
{
	char *str;

	str = get_option(key) ?: "block";
	if (!streq(str, "block") && !streq(str, "open"))
	{
		DBG1(DBG_CFG, "charon.plugins.coi.%s = %s: block or open is allowed; "
			 "default block is used", key, str);
	}
	return !streq(str, "open");
}

/**
 * Read where what is protected is kept for the next boot.
 *
 * @return		allocated, NULL for nowhere
 */
static char *load_state(char *key)
{
	char *str;

	str = get_option(key) ?: DEFAULT_STATE;
	if (streq(str, "no"))
	{
		return NULL;
	}
	if (*str != '/')
	{
		DBG1(DBG_CFG, "charon.plugins.coi.%s = %s: an absolute path or no is "
			 "allowed; default %s is used", key, str, DEFAULT_STATE);
		str = DEFAULT_STATE;
	}
	return strdup(str);
}

/**
 * Whether a key of our section means something.
 */
static bool is_known(char *key, number_t *numbers, u_int count)
{
	u_int i;

	for (i = 0; i < count; i++)
	{
		if (streq(key, numbers[i].key))
		{
			return TRUE;
		}
	}
	for (i = 0; i < countof(others); i++)
	{
		if (streq(key, others[i]))
		{
			return TRUE;
		}
	}
	return FALSE;
}

/**
 * Say what nobody reads: a misspelt limit must not look like one that is set.
 */
static void warn_unknown(number_t *numbers, u_int count)
{
	enumerator_t *enumerator;
	char *key, *value;

	enumerator = lib->settings->create_key_value_enumerator(lib->settings,
												"%s.plugins.coi", lib->ns);
	while (enumerator->enumerate(enumerator, &key, &value))
	{
		if (!is_known(key, numbers, count))
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

coi_options_t *coi_options_load()
{
	coi_options_t *this;
	u_int port, idle_port;

	INIT(this);

	number_t numbers[] = {
		{ "port", FALSE, &port, COI_DEFAULT_PORT, 1, 65535 },
		{ "idle_port", FALSE, &idle_port, COI_DEFAULT_IDLE_PORT, 1, 65535 },
		{ "window", TRUE, &this->window, COI_DEFAULT_WINDOW, 10, 3600 },
		{ "replay_cache", FALSE, &this->replay_cache, COI_DEFAULT_REPLAY,
			1024, 16777216 },
		{ "half_open", FALSE, &this->half_open, COI_DEFAULT_HALF_OPEN,
			1, 100000 },
		{ "half_open_source", FALSE, &this->half_open_source,
			COI_DEFAULT_HALF_SOURCE, 1, 100000 },
		{ "rate", FALSE, &this->rate, COI_DEFAULT_RATE, 1, 100000 },
		{ "burst", FALSE, &this->burst, COI_DEFAULT_BURST, 1, 100000 },
		{ "own_half_open", FALSE, &this->own_half_open,
			DEFAULT_OWN_HALF_OPEN, 1, 100000 },
		{ "own_rate", FALSE, &this->own_rate, DEFAULT_OWN_RATE, 1, 100000 },
		{ "own_burst", FALSE, &this->own_burst, DEFAULT_OWN_BURST, 1, 100000 },
		{ "own_share", FALSE, &this->own_share, DEFAULT_OWN_SHARE, 1, 100 },
		{ "queue", FALSE, &this->queue, DEFAULT_QUEUE, 1, 65536 },
		{ "retransmit_first", FALSE, &this->retransmit_first,
			COI_RETRANSMIT_FIRST, 100, 10000 },
		{ "retransmit_tries", FALSE, &this->retransmit_tries,
			COI_RETRANSMIT_TRIES, 0, 10 },
		{ "retransmit_last", FALSE, &this->retransmit_last,
			COI_RETRANSMIT_LAST, 100, 60000 },
		{ "attempts", FALSE, &this->attempts,
			COI_ATTEMPTS, 1, 100 },
		{ "dpd_delay", TRUE, &this->dpd_delay, DEFAULT_DPD_DELAY, 0, 3600 },
		{ "dpd_timeout", TRUE, &this->dpd_timeout, DEFAULT_DPD_TIMEOUT,
			0, 86400 },
		{ "negative_cache", TRUE, &this->negative_cache,
			DEFAULT_NEGATIVE_CACHE, 0, 3600 },
		{ "negative_cache_size", FALSE, &this->negative_cache_size,
			DEFAULT_NEGATIVE_SIZE, 1, 65536 },
		{ "no_esp_time", TRUE, &this->no_esp_time, DEFAULT_NO_ESP_TIME,
			0, 2592000 },
		{ "hold_peer", FALSE, &this->hold_peer, DEFAULT_HOLD_PEER, 1, 1024 },
		{ "hold_total", FALSE, &this->hold_total, DEFAULT_HOLD_TOTAL,
			1, 65536 },
		{ "hold_mark", FALSE, &this->hold_mark, DEFAULT_HOLD_MARK, 0, 31 },
		{ "nat_mark", FALSE, &this->nat_mark, DEFAULT_NAT_MARK, 0, 31 },
		{ "state_mark", FALSE, &this->state_mark, DEFAULT_STATE_MARK, 0, 31 },
		{ "hold_queue", FALSE, &this->hold_queue, DEFAULT_HOLD_QUEUE,
			0, 65535 },
		{ "names_interval", TRUE, &this->names_interval,
			DEFAULT_NAMES_INTERVAL, 5, 86400 },
	};
	u_int i;

	for (i = 0; i < countof(numbers); i++)
	{
		load_number(&numbers[i]);
	}
	if (port == idle_port)
	{
		DBG1(DBG_CFG, "charon.plugins.coi.idle_port = %u: a port other than "
			 "that of charon.plugins.coi.port is allowed; defaults %u and %u are "
			 "used", idle_port, COI_DEFAULT_PORT, COI_DEFAULT_IDLE_PORT);
		port = COI_DEFAULT_PORT;
		idle_port = COI_DEFAULT_IDLE_PORT;
	}
	if (this->nat_mark == this->hold_mark)
	{
		DBG1(DBG_CFG, "charon.plugins.coi.nat_mark = %u: a bit other than that "
			 "of charon.plugins.coi.hold_mark is allowed; defaults %u and %u are "
			 "used", this->nat_mark, DEFAULT_NAT_MARK, DEFAULT_HOLD_MARK);
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
	this->port = port;
	this->idle_port = idle_port;
	this->dark = load_bool("dark", FALSE);
	this->hold = load_bool("hold", TRUE);
	this->hold_backend = load_backend("hold_backend");
	this->conntrack = load_bool("conntrack", TRUE);
	this->unreachable = load_bool("unreachable", TRUE);
	this->broadcast = load_bool("broadcast", FALSE);
	this->external_addrs = load_addrs("external_addrs");
	this->control = load_control("control");
	this->audit = load_audit("audit");
	this->stop_block = load_stop("stop");
	this->state = load_state("state");
	warn_unknown(numbers, countof(numbers));
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
