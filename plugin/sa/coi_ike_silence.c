/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_ike_silence.h"

METHOD(ike_sa_t, reestablish, status_t,
	ike_sa_t *this)
{
	return FAILED;
}

METHOD(ike_sa_t, initiate, status_t,
	ike_sa_t *this, child_cfg_t *child_cfg, child_init_args_t *args)
{
	/* anything but SUCCESS would have the caller destroy the IKE_SA */
	DESTROY_IF(child_cfg);
	return SUCCESS;
}

METHOD(ike_sa_t, retry_initiate, status_t,
	ike_sa_t *this)
{
	return SUCCESS;
}

METHOD(ike_sa_t, process_message, status_t,
	ike_sa_t *this, message_t *message)
{
	return FAILED;
}

METHOD(ike_sa_t, generate_message, status_t,
	ike_sa_t *this, message_t *message, packet_t **packet)
{
	return FAILED;
}

METHOD(ike_sa_t, generate_message_fragmented, status_t,
	ike_sa_t *this, message_t *message, enumerator_t **packets)
{
	return FAILED;
}

METHOD(ike_sa_t, retransmit, status_t,
	ike_sa_t *this, uint32_t message_id)
{
	return INVALID_STATE;
}

METHOD(ike_sa_t, send_dpd, status_t,
	ike_sa_t *this)
{
	return SUCCESS;
}

METHOD(ike_sa_t, send_keepalive, void,
	ike_sa_t *this, bool scheduled)
{
}

METHOD(ike_sa_t, redirect, status_t,
	ike_sa_t *this, identification_t *gateway)
{
	return NOT_SUPPORTED;
}

METHOD(ike_sa_t, handle_redirect, bool,
	ike_sa_t *this, identification_t *gateway)
{
	return FALSE;
}

METHOD(ike_sa_t, set_auth_lifetime, status_t,
	ike_sa_t *this, uint32_t lifetime)
{
	return NOT_SUPPORTED;
}

METHOD(ike_sa_t, reset, void,
	ike_sa_t *this, bool new_spi)
{
}

void coi_ike_silence(ike_sa_t *ike_sa)
{
	ike_sa->generate_message = _generate_message;
	ike_sa->generate_message_fragmented = _generate_message_fragmented;
	ike_sa->handle_redirect = _handle_redirect;
	ike_sa->initiate = _initiate;
	ike_sa->process_message = _process_message;
	ike_sa->redirect = _redirect;
	ike_sa->reestablish = _reestablish;
	ike_sa->reset = _reset;
	ike_sa->retransmit = _retransmit;
	ike_sa->retry_initiate = _retry_initiate;
	ike_sa->send_dpd = _send_dpd;
	ike_sa->send_keepalive = _send_keepalive;
	ike_sa->set_auth_lifetime = _set_auth_lifetime;
}
