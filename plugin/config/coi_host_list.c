/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_host_list.h"
#include "coi_name_lookup.h"
#include "util/coi_number.h"
#include "util/coi_selector.h"

#include <arpa/inet.h>
#include <ctype.h>

#include <bio/bio_writer.h>

/**
 * Whether an element is a name: nothing else has letters but no colon.
 */
static bool is_name(const char *element)
{
	if (*element == '%' || strpbrk(element, "/:"))
	{
		return FALSE;
	}
	for (; *element; element++)
	{
		if (isalpha((u_char)*element))
		{
			return TRUE;
		}
	}
	return FALSE;
}

/** Whether a subnet's length is one: libstrongswan takes the nearest that is. */
static bool has_length(const char *subnet)
{
	uint64_t bits;

	return coi_number_read(strchr(subnet, '/') + 1, 0,
						   strchr(subnet, ':') ? 128 : 32, &bits);
}

/** Whether an element that is no name means anything. */
static bool is_understood(char *element)
{
	host_t *from = NULL, *to = NULL;
	traffic_selector_t *ts = NULL;
	bool understood;

	if (strpfx(element, "%any"))
	{
		return streq(element, "%any") || streq(element, "%any4") ||
			   streq(element, "%any6");
	}
	if (strchr(element, '/'))
	{
		ts = has_length(element) ?
			 traffic_selector_create_from_cidr(element, 0, 0, 0xffff) : NULL;
	}
	else if (!host_create_from_range(element, &from, &to))
	{
		from = host_create_from_string(element, 0);
	}
	understood = ts || from;
	DESTROY_IF(ts);
	DESTROY_IF(from);
	DESTROY_IF(to);
	return understood;
}

bool coi_host_list_has_name(const char *list)
{
	enumerator_t *enumerator;
	bool found = FALSE;
	char *element;

	enumerator = enumerator_create_token(list, ",", " ");
	while (!found && enumerator->enumerate(enumerator, &element))
	{
		found = is_name(element);
	}
	enumerator->destroy(enumerator);
	return found;
}

/** Append an element to a list. */
static void append(bio_writer_t *writer, const char *element)
{
	if (writer->get_buf(writer).len)
	{
		writer->write_data(writer, chunk_from_str(","));
	}
	writer->write_data(writer, chunk_from_str((char*)element));
}

/** Append the addresses of a name, FALSE if it has none. */
static bool append_name(bio_writer_t *writer, const char *name)
{
	char buf[INET6_ADDRSTRLEN];
	array_t *hosts;
	host_t *host;
	bool any;

	hosts = array_create(0, 0);
	any = coi_name_lookup_get(name, hosts) > 0;
	while (array_remove(hosts, ARRAY_HEAD, &host))
	{
		if (inet_ntop(host->get_family(host), host->get_address(host).ptr, buf,
					  sizeof(buf)))
		{
			append(writer, buf);
		}
		host->destroy(host);
	}
	array_destroy(hosts);
	return any;
}

char *coi_host_list_expand(const char *list, coi_host_list_cb_t cb, void *data)
{
	enumerator_t *enumerator;
	bio_writer_t *writer;
	chunk_t chunk;
	char *element, *expanded;
	bool name, known;

	writer = bio_writer_create(0);
	enumerator = enumerator_create_token(list, ",", " ");
	while (enumerator->enumerate(enumerator, &element))
	{
		name = is_name(element);
		known = name ? append_name(writer, element) : is_understood(element);
		if (known && !name)
		{
			append(writer, element);
		}
		if (!known && cb)
		{
			cb(data, element, name);
		}
	}
	enumerator->destroy(enumerator);
	chunk = writer->get_buf(writer);
	expanded = strndup((char*)chunk.ptr ?: "", chunk.len);
	writer->destroy(writer);
	return expanded;
}

static void note_missing(void *data, const char *element, bool name)
{
	*(bool*)data = TRUE;
}

char *coi_host_list_expand_local(const char *list)
{
	bool missing = FALSE;
	char *expanded;

	expanded = coi_host_list_expand(list, note_missing, &missing);
	if (missing)
	{
		free(expanded);
		expanded = strdup("%any");
	}
	return expanded;
}

/** Wait for the names of a list, or just use them. */
static void use_names(const char *list, bool wait)
{
	enumerator_t *enumerator;
	char *element;

	enumerator = enumerator_create_token(list, ",", " ");
	while (enumerator->enumerate(enumerator, &element))
	{
		if (is_name(element) && wait)
		{
			coi_name_lookup_wait(element);
		}
		else if (is_name(element))
		{
			coi_name_lookup_get(element, NULL);
		}
	}
	enumerator->destroy(enumerator);
}

void coi_host_list_wait(ike_cfg_t *cfg)
{
	use_names(cfg->get_my_addr(cfg), TRUE);
	use_names(cfg->get_other_addr(cfg), TRUE);
}

void coi_host_list_keep(ike_cfg_t *cfg)
{
	use_names(cfg->get_my_addr(cfg), FALSE);
	use_names(cfg->get_other_addr(cfg), FALSE);
}

/**
 * Make a config that is like another one but has no names.
 *
 * @return			NULL if that has none itself
 */
static ike_cfg_t *without_names(ike_cfg_t *cfg)
{
	char *local = cfg->get_my_addr(cfg), *remote = cfg->get_other_addr(cfg);
	ike_cfg_create_t create = {
		.version = cfg->get_version(cfg),
		.local_port = cfg->get_my_port(cfg),
		.remote_port = cfg->get_other_port(cfg),
	};
	ike_cfg_t *copy;

	if (!coi_host_list_has_name(local) && !coi_host_list_has_name(remote))
	{
		return NULL;
	}
	create.local = coi_host_list_expand(local, NULL, NULL);
	create.remote = coi_host_list_expand(remote, NULL, NULL);
	copy = ike_cfg_create(&create);
	free(create.local);
	free(create.remote);
	return copy;
}

u_int coi_host_list_match_me(ike_cfg_t *cfg, host_t *host)
{
	ike_cfg_t *copy = without_names(cfg);
	u_int rating;

	rating = copy ? copy->match_me(copy, host) : cfg->match_me(cfg, host);
	DESTROY_IF(copy);
	return rating;
}

u_int coi_host_list_match_other(ike_cfg_t *cfg, host_t *host)
{
	ike_cfg_t *copy = without_names(cfg);
	u_int rating;

	rating = copy ? copy->match_other(copy, host) : cfg->match_other(cfg, host);
	DESTROY_IF(copy);
	return rating;
}

host_t *coi_host_list_first_me(ike_cfg_t *cfg, int family)
{
	ike_cfg_t *copy = without_names(cfg);
	host_t *first;

	first = copy ? copy->resolve_me(copy, family)
				 : cfg->resolve_me(cfg, family);
	DESTROY_IF(copy);
	return first;
}

host_t *coi_host_list_first_other(ike_cfg_t *cfg, int family)
{
	ike_cfg_t *copy = without_names(cfg);
	host_t *first;

	first = copy ? copy->resolve_other(copy, family)
				 : cfg->resolve_other(cfg, family);
	DESTROY_IF(copy);
	return first;
}

array_t *coi_host_list_selectors(ike_cfg_t *cfg)
{
	char *locals = coi_host_list_expand_local(cfg->get_my_addr(cfg));
	char *remotes = coi_host_list_expand(cfg->get_other_addr(cfg), NULL, NULL);
	array_t *selectors = coi_selectors_create();

	coi_selector_add_lists(selectors, locals, remotes);
	free(locals);
	free(remotes);
	return selectors;
}
