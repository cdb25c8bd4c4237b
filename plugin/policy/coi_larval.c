/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_larval.h"

#include <netinet/in.h>

#include <processing/jobs/callback_job.h>

/** ms until a larval SA goes that is to stand in the way for a while */
#define SOON 1000

/** larval SAs that wait for it at a time */
#define MANY 4096

/** range of the SPI that a larval SA is given on its way out */
#define SPI_MIN 0xc0000000
#define SPI_MAX 0xcfffffff

bool coi_larval_remove_sa(coi_netlink_t *xfrm,
						  const struct xfrm_usersa_info *info, uint32_t if_id)
{
	struct xfrm_userspi_info *spi;
	struct xfrm_usersa_info found;
	struct xfrm_usersa_id *id;
	coi_netlink_request_t request;
	struct nlmsghdr *reply;

	/* an SA without SPI cannot be named; one is allocated for the larval SA
	 * that fits, or for a new one, and under that name it can be removed */
	spi = coi_netlink_request(&request, XFRM_MSG_ALLOCSPI, sizeof(*spi));
	spi->info.saddr = info->saddr;
	spi->info.id.daddr = info->id.daddr;
	spi->info.id.proto = info->id.proto;
	spi->info.family = info->family;
	spi->info.mode = info->mode;
	spi->info.reqid = info->reqid;
	spi->min = SPI_MIN;
	spi->max = SPI_MAX;
	if (if_id)
	{
		coi_netlink_add(&request, XFRMA_IF_ID, &if_id, sizeof(if_id));
	}
	reply = coi_netlink_ask(xfrm, &request.hdr, XFRM_MSG_NEWSA);
	if (!reply || reply->nlmsg_len < NLMSG_LENGTH(sizeof(found)))
	{
		return FALSE;
	}
	memcpy(&found, NLMSG_DATA(reply), sizeof(found));

	id = coi_netlink_request(&request, XFRM_MSG_DELSA, sizeof(*id));
	id->daddr = found.id.daddr;
	id->spi = found.id.spi;
	id->proto = found.id.proto;
	id->family = found.family;
	return coi_netlink_change(xfrm, &request.hdr);
}

static void copy_addr(host_t *host, xfrm_address_t *addr)
{
	chunk_t raw = host->get_address(host);

	memcpy(addr, raw.ptr, min(raw.len, sizeof(*addr)));
}

/** The same for one mode. */
static void remove_mode(coi_netlink_t *xfrm, struct xfrm_usersa_info *info,
						uint8_t mode, uint32_t if_id)
{
	info->mode = mode;
	if (!coi_larval_remove_sa(xfrm, info, if_id))
	{
		DBG2(DBG_KNL, "removing a larval SA failed");
	}
}

void coi_larval_remove(host_t *src, host_t *dst, uint32_t reqid,
					   const coi_connection_t *conn)
{
	uint32_t if_ids[COI_MAX_KEYS];
	struct xfrm_usersa_info info = {
		.family = dst->get_family(dst),
		.reqid = reqid,
		.id.proto = IPPROTO_ESP,
	};
	u_int i, count;
	coi_netlink_t xfrm;

	count = coi_connection_if_ids(conn, if_ids);
	copy_addr(src, &info.saddr);
	copy_addr(dst, &info.id.daddr);
	if (coi_netlink_open(&xfrm))
	{
		remove_mode(&xfrm, &info, XFRM_MODE_TRANSPORT, 0);
		/* of a gateway's trap */
		remove_mode(&xfrm, &info, XFRM_MODE_TUNNEL, 0);
		for (i = 0; i < count; i++)
		{
			remove_mode(&xfrm, &info, XFRM_MODE_TRANSPORT, if_ids[i]);
			remove_mode(&xfrm, &info, XFRM_MODE_TUNNEL, if_ids[i]);
		}
		coi_netlink_close(&xfrm);
	}
}

typedef struct private_coi_larval_t private_coi_larval_t;

struct private_coi_larval_t {
	coi_larval_t public;
	/** how many go soon; changed atomically */
	u_int pending;
	/** one for each of these, and one for the owner */
	refcount_t refcount;
};

METHOD(coi_larval_t, destroy, void,
	private_coi_larval_t *this)
{
	if (ref_put(&this->refcount))
	{
		free(this);
	}
}

/** A larval SA that goes soon. */
typedef struct {
	/** where it is counted, a reference */
	private_coi_larval_t *counted;
	host_t *src;
	host_t *dst;
	uint32_t reqid;
	coi_connection_t *conn;
} larval_t;

static void larval_destroy(larval_t *this)
{
	this->src->destroy(this->src);
	this->dst->destroy(this->dst);
	coi_connection_destroy(this->conn);
	__atomic_fetch_sub(&this->counted->pending, 1, __ATOMIC_RELAXED);
	destroy(this->counted);
	free(this);
}

static job_requeue_t remove_now(larval_t *this)
{
	coi_larval_remove(this->src, this->dst, this->reqid, this->conn);
	return JOB_REQUEUE_NONE;
}

METHOD(coi_larval_t, remove_soon, void,
	private_coi_larval_t *this, host_t *src, host_t *dst, uint32_t reqid,
	coi_connection_t *conn)
{
	larval_t *larval;

	if (__atomic_fetch_add(&this->pending, 1, __ATOMIC_RELAXED) >= MANY)
	{
		__atomic_fetch_sub(&this->pending, 1, __ATOMIC_RELAXED);
		coi_larval_remove(src, dst, reqid, conn);
		return;
	}
	ref_get(&this->refcount);
	INIT(larval,
		.counted = this,
		.src = src->clone(src),
		.dst = dst->clone(dst),
		.reqid = reqid,
		.conn = coi_connection_get_ref(conn),
	);
	lib->scheduler->schedule_job_ms(lib->scheduler,
					(job_t*)callback_job_create((callback_job_cb_t)remove_now,
							larval, (callback_job_cleanup_t)larval_destroy,
							NULL), SOON);
}

coi_larval_t *coi_larval_create()
{
	private_coi_larval_t *this;

	INIT(this,
		.public = {
			.remove_soon = _remove_soon,
			.destroy = _destroy,
		},
		.refcount = 1,
	);
	return &this->public;
}
