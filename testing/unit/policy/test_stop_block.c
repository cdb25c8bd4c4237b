/* SPDX-License-Identifier: GPL-2.0-or-later */

/* what stays when charon stops, and what of it is known again: all that was
 * protected is blocked, and nothing is taken for ours that is not */

#include <criterion/criterion.h>

#include <sys/socket.h>

#include "fake_configs.h"
#include "policy/coi_hold_sa.h"
#include "policy/coi_kept_policy.h"
#include "policy/coi_policy_priority.h"
#include "policy/coi_stop_block.h"

static child_cfg_t *shunt;
static char *shunt_conn;
static u_int flushed;

/** There is one shunt, or none. */
static bool enumerate(enumerator_t *this, va_list args)
{
	child_cfg_t **child;
	char **conn;

	VA_ARGS_VGET(args, conn, child);
	*conn = shunt_conn;
	*child = shunt;
	this->venumerate = (void*)return_false;
	return shunt != NULL;
}

static enumerator_t *create_shunts(shunt_manager_t *this)
{
	enumerator_t *enumerator;

	INIT(enumerator,
		.enumerate = enumerator_enumerate_default,
		.venumerate = enumerate,
		.destroy = (void*)free,
	);
	return enumerator;
}

static void flush(shunt_manager_t *this)
{
	flushed++;
}

static shunt_manager_t manager = {
	.create_enumerator = create_shunts,
	.flush = flush,
};

static peer_cfg_t *get_peer(backend_manager_t *this, char *name)
{
	fake_connection_t fake = fake_connection(name);

	return streq(name, "coi") ? fake_connection_load(&fake) : NULL;
}

static status_t change(kernel_interface_t *this, kernel_ipsec_policy_id_t *id,
					   kernel_ipsec_manage_policy_t *data)
{
	return SUCCESS;
}

static kernel_interface_t kernel = {
	.add_policy = (void*)change,
	.del_policy = (void*)change,
};

static coi_policy_store_t *store;
static coi_stop_block_t *stop_block;

static void setup()
{
	fake_configs_init();
	charon->kernel = &kernel;
	charon->shunts = &manager;
	charon->backends->get_peer_cfg_by_name = (void*)get_peer;
	store = coi_policy_store_create();
	stop_block = coi_stop_block_create(store, FALSE);
}

static void teardown()
{
	stop_block->destroy(stop_block);
	cr_assert_eq(manager.flush, flush);
	store->destroy(store);
	DESTROY_IF(shunt);
	charon->kernel = NULL;
	fake_configs_deinit();
}

TestSuite(stop_block, .init = setup, .fini = teardown);

static traffic_selector_t *read_net(const char *net)
{
	return traffic_selector_create_from_cidr((char*)net, 0, 0, 0xffff);
}

/** Let a group have one policy, towards a network. */
static void set(coi_policy_group_kind_t kind, coi_policy_entry_t policy,
				const char *net)
{
	traffic_selector_t *local, *remote = read_net(net);
	array_t *wanted = coi_policy_entry_create();
	const coi_policy_group_t key = {
		.kind = kind,
		.reqid = 7,
	};

	local = read_net(strchr(net, ':') ? "::/0" : "0.0.0.0/0");
	coi_policy_entry_add(wanted, policy, policy.dir, local, remote);
	cr_assert(store->set(store, &key, wanted, coi_policy_entry_create()));
	local->destroy(local);
	remote->destroy(remote);
}

static const coi_policy_entry_t trap = {
	.dir = POLICY_OUT,
	.type = POLICY_IPSEC,
}, drop = {
	.dir = POLICY_OUT,
	.type = POLICY_DROP,
}, pass = {
	.dir = POLICY_OUT,
	.type = POLICY_PASS,
};

/** Make a shunt of a connection. */
static void make_shunt(char *conn, ipsec_mode_t mode, const char *net)
{
	child_cfg_create_t data = {
		.mode = mode,
	};

	DESTROY_IF(shunt);
	shunt_conn = conn;
	shunt = child_cfg_create("shunt", &data);
	shunt->add_traffic_selector(shunt, TRUE, read_net("10.1.0.0/16"));
	shunt->add_traffic_selector(shunt, FALSE, read_net(net));
}

/** What would stay, as the text that is kept for the next boot, which has to be
 * read as it was. */
static const char *text()
{
	static char copy[2048];
	array_t *blocks = stop_block->list(stop_block), *again;
	coi_block_t one, other;
	chunk_t printed;
	int i;

	cr_assert(coi_block_print_list(blocks, &printed));
	again = array_create(sizeof(coi_block_t), 0);
	cr_assert(coi_block_parse_list(printed, again));
	cr_assert_eq(array_count(again), array_count(blocks));
	for (i = 0; i < array_count(blocks); i++)
	{
		array_get(blocks, i, &one);
		array_get(again, i, &other);
		cr_assert_eq(memcmp(&one, &other, sizeof(one)), 0);
	}
	snprintf(copy, sizeof(copy), "%.*s", (int)printed.len, printed.ptr);
	chunk_free(&printed);
	array_destroy(blocks);
	array_destroy(again);
	return copy;
}

#define NONE "coi-blocks 1\nend 0\n"
#define ALL " 0 0/0 0/0 0/0 0\n"

Test(stop_block, trap)
{
	coi_policy_entry_t hold = trap;

	cr_assert_str_eq(text(), NONE);
	set(COI_POLICY_GROUP_TRAP, trap, "192.0.2.0/24");
	cr_assert_str_eq(text(), "coi-blocks 1\n"
					 "block out 0.0.0.0/0 192.0.2.0/24" ALL "end 1\n");
	/* the same once more is one; virtual addresses are blocked, too */
	set(COI_POLICY_GROUP_CLOSED, drop, "192.0.2.0/24");
	set(COI_POLICY_GROUP_GUEST, drop, "10.3.0.5/32");
	cr_assert(strstr(text(), "end 2\n"));
	cr_assert(strstr(text(), "block out 0.0.0.0/0 10.3.0.5/32" ALL));
	/* what leads to the hold SA is covered by the trap */
	hold.leads_to = COI_REQID_HOLD;
	set(COI_POLICY_GROUP_TRAP, hold, "198.51.100.0/24");
	cr_assert(!strstr(text(), "198.51.100.0"));
}

/** What a session or a peer that did not answer had stands within a trap. */
Test(stop_block, sessions)
{
	set(COI_POLICY_GROUP_PAIR, pass, "192.0.2.7/32");
	set(COI_POLICY_GROUP_REFUSE, drop, "192.0.2.8/32");
	cr_assert_str_eq(text(), NONE);
}

/** What is let pass is only where something is blocked, of the same family. */
Test(stop_block, opens)
{
	coi_policy_entry_t marked = pass;

	set(COI_POLICY_GROUP_OPEN, pass, "192.0.2.1/32");
	cr_assert_str_eq(text(), NONE);
	set(COI_POLICY_GROUP_TRAP, trap, "2001:db8::/32");
	cr_assert(!strstr(text(), "open"));
	set(COI_POLICY_GROUP_TRAP, trap, "192.0.2.0/24");
	cr_assert_str_eq(text(), "coi-blocks 1\n"
					 "open out 0.0.0.0/0 192.0.2.1/32" ALL
					 "block out 0.0.0.0/0 192.0.2.0/24" ALL "end 2\n");
	/* for a mark that nobody gives then */
	marked.mark.value = marked.mark.mask = 0x100;
	set(COI_POLICY_GROUP_OPEN, marked, "192.0.2.1/32");
	cr_assert(!strstr(text(), "open"));
	set(COI_POLICY_GROUP_OPEN, drop, "192.0.2.1/32");
	cr_assert(strstr(text(), "end 1\n"));
}

Test(stop_block, shunts)
{
	set(COI_POLICY_GROUP_TRAP, trap, "192.0.2.0/24");
	/* whatever passes by a shunt, whosever that is */
	make_shunt(NULL, MODE_PASS, "192.0.2.9/32");
	cr_assert(strstr(text(), "open out 10.1.0.0/16 192.0.2.9/32" ALL
							 "open fwd 192.0.2.9/32 10.1.0.0/16" ALL));
	cr_assert(strstr(text(), "open in 192.0.2.9/32 10.1.0.0/16" ALL));
	/* what drops, if it is of a COI connection; above all others */
	make_shunt("other", MODE_DROP, "192.0.2.9/32");
	cr_assert(strstr(text(), "end 1\n"));
	make_shunt("coi", MODE_DROP, "192.0.2.9/32");
	cr_assert(strstr(text(), "coi-blocks 1\ndrop "));
	cr_assert(strstr(text(), "end 4\n"));
}

/** charon removes its shunts as the first thing when it stops. */
Test(stop_block, stopping)
{
	cr_assert(!stop_block->is_stopping(stop_block));
	manager.flush(&manager);
	cr_assert(stop_block->is_stopping(stop_block));
	cr_assert_eq(flushed, 1);
}

/** What a dump of the kernel's policies has. */
typedef struct {
	struct nlmsghdr hdr;
	struct xfrm_userpolicy_info info;
} dumped_t;

static bool is_collected(const dumped_t *message)
{
	array_t *found = array_create(sizeof(coi_block_t), 0);
	dumped_t copy = *message;
	bool collected;

	coi_kept_policy_collect(found, &copy.hdr);
	collected = array_count(found) == 1;
	array_destroy(found);
	return collected;
}

Test(stop_block, known_again)
{
	array_t *found = array_create(sizeof(coi_block_t), 0);
	coi_block_t block, again;
	dumped_t good = {
		.hdr = {
			.nlmsg_len = NLMSG_LENGTH(sizeof(good.info)),
			.nlmsg_type = XFRM_MSG_NEWPOLICY,
		},
	}, bad;

	cr_assert(coi_block_parse("block fwd 10.1.0.0/16 10.2.0.0/16 6 0/0 "
							  "22/65535 0/0 0", &block));
	coi_kept_policy_fill(&good.info.sel, &block);
	good.info.dir = block.dir;
	good.info.priority = COI_PRIO_KEPT + block.kind;
	coi_kept_policy_collect(found, &good.hdr);
	cr_assert(array_get(found, 0, &again));
	cr_assert_eq(memcmp(&block, &again, sizeof(block)), 0);
	array_destroy(found);

	/* what is not ours, or not as we make it, is never released */
	cr_assert(is_collected(&good));
	bad = good;
	bad.info.sel.user = 0;
	cr_assert(!is_collected(&bad));
	bad = good;
	bad.info.priority = COI_PRIO_KEPT - 1;
	cr_assert(!is_collected(&bad));
	bad.info.priority = COI_PRIO_KEPT_LAST + 1;
	cr_assert(!is_collected(&bad));
	bad = good;
	bad.info.dir = COI_BLOCK_DIRS;
	cr_assert(!is_collected(&bad));
	bad = good;
	bad.hdr.nlmsg_type = XFRM_MSG_NEWSA;
	cr_assert(!is_collected(&bad));
	bad = good;
	bad.hdr.nlmsg_len--;
	cr_assert(!is_collected(&bad));
	bad.hdr.nlmsg_len = 0;
	cr_assert(!is_collected(&bad));
}
