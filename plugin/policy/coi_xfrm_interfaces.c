/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_xfrm_interfaces.h"
#include "coi_policy_priority.h"
#include "util/coi_netlink.h"

#include <errno.h>
#include <sys/socket.h>

#include <linux/if_link.h>

#include <collections/array.h>
#include <processing/watcher.h>
#include <threading/mutex.h>

/** how often all are asked for if they change meanwhile */
#define ASK_MAX 3

/** An interface of an ID. */
typedef struct {
	int index;
	uint32_t if_id;
	/** its policies are installed */
	bool open;
	/** seen since all were asked for */
	bool seen;
} interface_t;

/** An ID that policies have. */
typedef struct {
	uint32_t if_id;
	u_int users;
} user_t;

static struct {
	/** hears of changes; its fd is -1 if that failed */
	coi_netlink_t events;
	/** guards the others; held while policies change, so that these are as told
	 * last */
	mutex_t *mutex;
	/** interface_t */
	array_t *interfaces;
	/** user_t */
	array_t *users;
} this = {
	.events.fd = -1,
};

/**
 * Let pass what is routed into an interface, in both families, or no longer.
 */
static bool set_policy(int index, bool open)
{
	static const int families[] = { AF_INET, AF_INET6 };
	struct xfrm_userpolicy_info *info;
	struct xfrm_userpolicy_id *id;
	coi_netlink_request_t request;
	bool success = TRUE;
	coi_netlink_t xfrm;
	u_int i;

	if (!coi_netlink_open(&xfrm))
	{
		return FALSE;
	}
	for (i = 0; i < countof(families); i++)
	{
		struct xfrm_selector sel = {
			.family = families[i],
			.ifindex = index,
		};

		if (open)
		{
			info = coi_netlink_request(&request, XFRM_MSG_UPDPOLICY, sizeof(*info));
			info->sel = sel;
			info->dir = XFRM_POLICY_OUT;
			info->action = XFRM_POLICY_ALLOW;
			info->priority = COI_PRIO_OPEN;
			info->lft.soft_byte_limit = info->lft.hard_byte_limit = XFRM_INF;
			info->lft.soft_packet_limit = info->lft.hard_packet_limit = XFRM_INF;
		}
		else
		{
			id = coi_netlink_request(&request, XFRM_MSG_DELPOLICY, sizeof(*id));
			id->sel = sel;
			id->dir = XFRM_POLICY_OUT;
		}
		success &= coi_netlink_change(&xfrm, &request.hdr);
	}
	coi_netlink_close(&xfrm);
	return success;
}

static bool is_used(uint32_t if_id)
{
	enumerator_t *enumerator;
	bool used = FALSE;
	user_t *user;

	enumerator = array_create_enumerator(this.users);
	while (!used && enumerator->enumerate(enumerator, &user))
	{
		used = user->if_id == if_id;
	}
	enumerator->destroy(enumerator);
	return used;
}

/**
 * Bring the policies of an interface up to date.
 */
static void update(interface_t *interface, bool open)
{
	if (open != interface->open)
	{
		DBG2(DBG_KNL, "%s XFRM interface %d with ID %u",
			 open ? "opening" : "closing", interface->index, interface->if_id);
		if (!set_policy(interface->index, open) && open)
		{
			DBG1(DBG_KNL, "policies for XFRM interface %d with ID %u refused by "
				 "the kernel: nothing gets there", interface->index,
				 interface->if_id);
		}
		interface->open = open;
	}
}

static interface_t *find(int index)
{
	interface_t *interface, *found = NULL;
	enumerator_t *enumerator;

	enumerator = array_create_enumerator(this.interfaces);
	while (!found && enumerator->enumerate(enumerator, &interface))
	{
		found = interface->index == index ? interface : NULL;
	}
	enumerator->destroy(enumerator);
	return found;
}

/**
 * Forget interfaces that are gone.
 *
 * @param index		which one, 0 for all that were not seen
 */
static void forget(int index)
{
	enumerator_t *enumerator;
	interface_t *interface;

	enumerator = array_create_enumerator(this.interfaces);
	while (enumerator->enumerate(enumerator, &interface))
	{
		if (index ? interface->index == index : !interface->seen)
		{
			update(interface, FALSE);
			array_remove_at(this.interfaces, enumerator);
		}
	}
	enumerator->destroy(enumerator);
}

/**
 * Get the ID of an XFRM interface from its description, 0 if it is another one.
 */
static uint32_t read_if_id(struct nlmsghdr *hdr)
{
	struct nlattr *info, *data;
	uint32_t if_id = 0;
	void *value;

	info = coi_netlink_find_attr(hdr, sizeof(struct ifinfomsg), IFLA_LINKINFO);
	value = coi_netlink_value(coi_netlink_find_nested(info, IFLA_INFO_KIND),
							  sizeof("xfrm"));
	if (!value || !memeq(value, "xfrm", sizeof("xfrm")))
	{
		return 0;
	}
	data = coi_netlink_find_nested(info, IFLA_INFO_DATA);
	value = coi_netlink_value(coi_netlink_find_nested(data, IFLA_XFRM_IF_ID),
							  sizeof(if_id));
	if (value)
	{
		memcpy(&if_id, value, sizeof(if_id));
	}
	return if_id;
}

/** The kernel tells of an interface, the lock is held; a coi_netlink_cb_t. */
static void on_link(void *data, struct nlmsghdr *hdr)
{
	struct ifinfomsg *msg = NLMSG_DATA(hdr);
	interface_t interface = {
		.seen = TRUE,
	}, *known;

	if ((hdr->nlmsg_type != RTM_NEWLINK && hdr->nlmsg_type != RTM_DELLINK) ||
		hdr->nlmsg_len < NLMSG_LENGTH(sizeof(*msg)) ||
		msg->ifi_family != AF_UNSPEC)
	{
		return;
	}
	interface.index = msg->ifi_index;
	interface.if_id = read_if_id(hdr);
	known = find(interface.index);
	if (known && (hdr->nlmsg_type == RTM_DELLINK ||
				  known->if_id != interface.if_id))
	{
		forget(interface.index);
		known = NULL;
	}
	if (known)
	{
		known->seen = TRUE;
	}
	else if (interface.if_id && hdr->nlmsg_type == RTM_NEWLINK)
	{
		update(&interface, is_used(interface.if_id));
		array_insert(this.interfaces, ARRAY_TAIL, &interface);
	}
}

/** Ask for all interfaces once, see coi_netlink_dump(). */
static bool dump_links(coi_netlink_t *netlink)
{
	coi_netlink_request_t request;
	enumerator_t *enumerator;
	interface_t *interface;

	enumerator = array_create_enumerator(this.interfaces);
	while (enumerator->enumerate(enumerator, &interface))
	{
		interface->seen = FALSE;
	}
	enumerator->destroy(enumerator);
	coi_netlink_request(&request, RTM_GETLINK, sizeof(struct ifinfomsg));
	return coi_netlink_dump_by(netlink, &request.hdr, on_link, NULL);
}

/**
 * Ask for all interfaces, the lock is held.
 */
static void ask()
{
	coi_netlink_t netlink;
	bool complete = FALSE;
	u_int i;

	if (coi_netlink_connect(&netlink, NETLINK_ROUTE))
	{
		for (i = 0; !complete && i < ASK_MAX; i++)
		{
			complete = dump_links(&netlink);
			if (!complete && netlink.error != EINTR)
			{
				break;
			}
		}
		coi_netlink_close(&netlink);
	}
	if (complete)
	{
		forget(0);
	}
	else
	{
		DBG1(DBG_KNL, "asking for XFRM interfaces failed: %s",
			 strerror(netlink.error));
	}
}

CALLBACK(on_readable, bool,
	void *data, int fd, watcher_event_t event)
{
	int err;

	this.mutex->lock(this.mutex);
	do
	{
		err = coi_netlink_hear(&this.events, on_link, NULL);
	}
	while (!err);
	if (err == ENOBUFS)
	{	/* we missed some */
		ask();
	}
	this.mutex->unlock(this.mutex);
	return TRUE;
}

void coi_xfrm_interfaces_init()
{
	this.mutex = mutex_create(MUTEX_TYPE_DEFAULT);
	this.interfaces = array_create(sizeof(interface_t), 0);
	this.users = array_create(sizeof(user_t), 0);
	if (coi_netlink_connect(&this.events, NETLINK_ROUTE) &&
		!coi_netlink_join(&this.events, RTNLGRP_LINK))
	{
		coi_netlink_close(&this.events);
		this.events.fd = -1;
	}
	if (this.events.fd == -1)
	{
		DBG1(DBG_KNL, "XFRM interfaces cannot be watched: %s",
			 strerror(this.events.error));
	}
	else
	{
		lib->watcher->add(lib->watcher, this.events.fd, WATCHER_READ,
						  on_readable, NULL);
	}
	this.mutex->lock(this.mutex);
	ask();
	this.mutex->unlock(this.mutex);
}

void coi_xfrm_interfaces_deinit()
{
	if (this.events.fd != -1)
	{
		lib->watcher->remove(lib->watcher, this.events.fd);
		coi_netlink_close(&this.events);
		this.events.fd = -1;
	}
	array_destroy(this.interfaces);
	array_destroy(this.users);
	this.mutex->destroy(this.mutex);
}

/**
 * Count a user, the lock is held.
 *
 * @return			whether there are any now
 */
static bool count_user(uint32_t if_id, bool use)
{
	user_t *user, first = {
		.if_id = if_id,
		.users = 1,
	};
	enumerator_t *enumerator;
	bool found = FALSE, used = use;

	enumerator = array_create_enumerator(this.users);
	while (!found && enumerator->enumerate(enumerator, &user))
	{
		if (user->if_id == if_id)
		{
			found = TRUE;
			user->users += use ? 1 : -1;
			used = user->users > 0;
			if (!used)
			{
				array_remove_at(this.users, enumerator);
			}
		}
	}
	enumerator->destroy(enumerator);
	if (!found && use)
	{
		array_insert(this.users, ARRAY_TAIL, &first);
	}
	return used;
}

void coi_xfrm_interfaces_use(uint32_t if_id, bool use)
{
	enumerator_t *enumerator;
	interface_t *interface;
	bool open;

	this.mutex->lock(this.mutex);
	open = count_user(if_id, use);
	enumerator = array_create_enumerator(this.interfaces);
	while (enumerator->enumerate(enumerator, &interface))
	{
		if (interface->if_id == if_id)
		{
			update(interface, open);
		}
	}
	enumerator->destroy(enumerator);
	this.mutex->unlock(this.mutex);
}

u_int coi_xfrm_interfaces_find(uint32_t if_id)
{
	enumerator_t *enumerator;
	interface_t *interface;
	u_int index = 0;

	this.mutex->lock(this.mutex);
	enumerator = array_create_enumerator(this.interfaces);
	while (!index && enumerator->enumerate(enumerator, &interface))
	{
		if (interface->if_id == if_id)
		{
			index = interface->index;
		}
	}
	enumerator->destroy(enumerator);
	this.mutex->unlock(this.mutex);
	return index;
}
