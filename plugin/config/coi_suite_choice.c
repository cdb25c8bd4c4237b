/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_suite_choice.h"
#include "util/coi_text.h"

#define DEFAULT_SUITE "p384"

/**
 * What a suite lacks. Trying out all of it takes the time of an opening, and
 * plugins stay while charon runs: that nothing is missing is remembered.
 */
static const char *get_missing(const coi_suite_t *suite)
{
	static refcount_t complete[COI_SUITES];
	const char *missing;
	u_int i = 0;

	while (coi_suite_nth(i) != suite)
	{
		i++;
	}
	if (ref_cur(&complete[i]))
	{
		return NULL;
	}
	missing = coi_suite_missing(suite);
	if (!missing)
	{
		ref_get(&complete[i]);
	}
	return missing;
}

/**
 * Write the names of the suites that can be used, for a message.
 */
static void get_names(char *buf, size_t size)
{
	const coi_suite_t *suite;
	u_int i;

	*buf = '\0';
	for (i = 0; (suite = coi_suite_nth(i)); i++)
	{
		if (!get_missing(suite))
		{
			coi_text_list(buf, size, ", ", "%s", suite->name);
		}
	}
}

/**
 * Say why a suite cannot be used.
 *
 * @param community	section where it stands, NULL if it is the one of all
 * @param value		what stands there
 * @param missing	what no plugin provides, NULL if there is no such suite
 */
static void refuse(const char *community, const char *value,
				   const char *missing, coi_mistake_t *mistake)
{
	coi_mistake_t option = {
		.child = community,
	};
	char names[128];

	get_names(names, sizeof(names));
	coi_mistake_note(&option, ".suite = %s: %s is allowed%s%s", value, names,
					 missing ? ", no plugin of charon provides its " : "",
					 missing ?: "");
	coi_mistake_take(mistake, &option);
}

const coi_suite_t *coi_suite_choice(const char *name,
									coi_mistake_t *mistake)
{
	const coi_suite_t *suite;
	const char *missing = NULL;
	char *value;
	bool own;

	value = lib->settings->get_str(lib->settings,
								   "%s.plugins.coi.communities.%s.suite", NULL,
								   lib->ns, name);
	own = value != NULL;
	if (!own)
	{
		value = lib->settings->get_str(lib->settings, "%s.plugins.coi.suite",
									   DEFAULT_SUITE, lib->ns);
	}
	suite = coi_suite_by_name(value);
	if (suite)
	{
		missing = get_missing(suite);
	}
	if (!suite || missing)
	{
		if (mistake)
		{
			refuse(own ? name : NULL, value, missing, mistake);
		}
		return NULL;
	}
	return suite;
}
