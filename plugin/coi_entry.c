/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_entry.h"

void coi_shares_destroy(coi_share_t *shares, u_int count)
{
	u_int i;

	for (i = 0; i < count; i++)
	{
		coi_flows_clear(&shares[i].flows);
	}
	free(shares);
}

coi_entry_t *coi_entry_create(coi_connection_t *conn, host_t *me,
							  host_t *other, bool initiator,
							  coi_session_t *session)
{
	coi_entry_t *this;

	INIT(this,
		.me = me,
		.other = other,
		.conn = conn,
		.initiator = initiator,
		.session = session,
		.tries = 1,
	);
	return this;
}

void coi_entry_destroy(coi_entry_t *this)
{
	if (this)
	{
		if (this->session)
		{
			coi_session_destroy(this->session);
		}
		coi_shares_destroy(this->shares, this->share_count);
		coi_connection_destroy(this->conn);
		this->me->destroy(this->me);
		this->other->destroy(this->other);
		free(this);
	}
}
