/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "fake_kernel.h"
#include "fake_configs.h"

#include <criterion/criterion.h>

#include "config/coi_reqids.h"
#include "netfilter/coi_tracker.h"
#include "policy/coi_bypass.h"
#include "policy/coi_hold_sa.h"
#include "policy/coi_leftovers.h"
#include "policy/coi_policy_priority.h"
#include "policy/coi_stop_block.h"
#include "policy/coi_xfrm_interfaces.h"

#define LINE 160

fake_kernel_t fake_kernel;

/** lines of LINE octets */
static array_t *lines;

/** what was refused and is to be removed all the same */
static array_t *refused;
static u_int voids;

static bool is_refused(bool drop)
{
	return ++fake_kernel.calls == fake_kernel.refuse_at ||
		   fake_kernel.refuse_all || (fake_kernel.refuse_flows && !drop);
}

static bool take_line_of(array_t *list, const char *line)
{
	char current[LINE];
	int i;

	for (i = 0; i < array_count(list); i++)
	{
		array_get(list, i, current);
		if (streq(current, line))
		{
			return array_remove(list, i, NULL);
		}
	}
	return FALSE;
}

static bool take_line(const char *line)
{
	return take_line_of(lines, line);
}

/** Without the compiler's check, which does not know %R. */
static void print(char *line, const char *fmt, ...)
{
	va_list args;

	memset(line, 0, LINE);
	va_start(args, fmt);
	vsnprintf(line, LINE, fmt, args);
	va_end(args);
}

static void print_line(char *line, policy_dir_t dir, const char *type,
					   uint32_t prio, traffic_selector_t *src,
					   traffic_selector_t *dst)
{
	print(line, "%N %s %u %R === %R", policy_dir_names, dir, type,
			 prio, src, dst);
}

static void print_policy(char *line, kernel_ipsec_policy_id_t *id,
						 kernel_ipsec_manage_policy_t *data)
{
	print_line(line, id->dir, data->type == POLICY_DROP ? "drop" : "flow",
			   data->manual_prio, id->src_ts, id->dst_ts);
}

static status_t add_policy(kernel_interface_t *this,
						   kernel_ipsec_policy_id_t *id,
						   kernel_ipsec_manage_policy_t *data)
{
	char line[LINE];

	/* what a dead charon leaves must be known as ours */
	cr_assert(data->sa->reqid ? coi_reqids_is_ours(data->sa->reqid) :
			  coi_policy_priority_is_ours(data->manual_prio),
			  "nobody would know %u", data->manual_prio);
	print_policy(line, id, data);
	if (is_refused(data->type == POLICY_DROP))
	{	/* kernel-netlink remembers it all the same, beside an equal one */
		array_insert(refused, ARRAY_TAIL, line);
		return FAILED;
	}
	array_insert(lines, ARRAY_TAIL, line);
	return SUCCESS;
}

static status_t del_policy(kernel_interface_t *this,
						   kernel_ipsec_policy_id_t *id,
						   kernel_ipsec_manage_policy_t *data)
{
	char line[LINE];

	print_policy(line, id, data);
	return take_line_of(refused, line) || take_line(line) ? SUCCESS : NOT_FOUND;
}

static bool get_interface(kernel_interface_t *this, host_t *host, char **name)
{
	return TRUE;
}

static host_t *get_source_addr(kernel_interface_t *this, host_t *dst,
							   host_t *src)
{
	return host_create_from_string("10.0.0.1", 0);
}

static kernel_interface_t kernel = {
	.add_policy = (void*)add_policy,
	.del_policy = (void*)del_policy,
	.get_interface = get_interface,
	.get_source_addr = get_source_addr,
};

bool coi_hold_sa_policy(const coi_policy_entry_t *policy, uint32_t owner,
						bool add)
{
	char line[LINE];

	if (add && is_refused(FALSE))
	{
		return FALSE;
	}
	if (policy->leads_to == COI_REQID_VOID)
	{
		voids += add ? 1 : -1;
		return TRUE;
	}
	print_line(line, policy->dir, "hold", policy->prio, policy->local,
			   policy->remote);
	if (add)
	{
		array_insert(lines, ARRAY_TAIL, line);
		return TRUE;
	}
	return take_line(line);
}

bool coi_hold_sa_select(const coi_policy_entry_t *policy, uint32_t owner,
						struct xfrm_selector *sel)
{
	return FALSE;
}

bool coi_hold_sa_install()
{
	return TRUE;
}

void coi_xfrm_interfaces_init()
{
}

void coi_xfrm_interfaces_deinit()
{
}

void coi_xfrm_interfaces_use(uint32_t if_id, bool use)
{
}

u_int coi_xfrm_interfaces_find(uint32_t if_id)
{
	return 0;
}

bool coi_leftovers_block(u_int *sas, u_int *policies)
{
	*sas = *policies = 0;
	return TRUE;
}

u_int coi_leftovers_remove()
{
	return 0;
}

void coi_leftovers_clear()
{
}

static void nothing(void *this)
{
}

static uint32_t get_mark(coi_tracker_t *this)
{
	return 0x100;
}

coi_bypass_t *coi_bypass_create(coi_policy_store_t *store, bool broadcast,
								uint32_t led)
{
	static coi_bypass_t bypass = {
		.destroy = (void*)nothing,
	};

	return &bypass;
}

coi_stop_block_t *coi_stop_block_create(coi_policy_store_t *store, bool block)
{
	static coi_stop_block_t stop_block = {
		.leave = (void*)nothing,
		.destroy = (void*)nothing,
	};

	return &stop_block;
}

coi_tracker_t *coi_tracker_create(const coi_options_t *options)
{
	static coi_tracker_t tracker = {
		.get_mark = get_mark,
		.need = (void*)nothing,
		.destroy = (void*)nothing,
	};

	return &tracker;
}

void fake_kernel_init()
{
	fake_configs_init();
	charon->kernel = &kernel;
	lines = array_create(LINE, 0);
	refused = array_create(LINE, 0);
	voids = 0;
	fake_kernel = (fake_kernel_t){};
}

void fake_kernel_deinit()
{
	cr_assert_str_eq(fake_kernel_text(), "");
	cr_assert_eq(voids, 0);
	cr_assert_eq(array_count(refused), 0, "still remembered by kernel-netlink");
	array_destroy(refused);
	array_destroy(lines);
	charon->kernel = NULL;
	fake_configs_deinit();
}

static int compare(const void *a, const void *b, void *user)
{
	return strcmp(a, b);
}

const char *fake_kernel_text()
{
	static char text[64 * LINE];
	char line[LINE];
	int i;

	*text = '\0';
	array_sort(lines, compare, NULL);
	for (i = 0; i < array_count(lines) && i < 63; i++)
	{
		array_get(lines, i, line);
		strcat(strcat(text, line), "\n");
	}
	return text;
}

u_int fake_kernel_voids()
{
	return voids;
}
