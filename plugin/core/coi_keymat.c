/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_keymat.h"
#include "coi_cursor.h"

/**
 * One of the hashes or secrets, at the suite's length.
 */
static chunk_t value(const coi_keymat_t *this, const uint8_t *octets)
{
	return chunk_create((uint8_t*)octets, this->suite->hash_len);
}

/**
 * Expand the current secret with a transcript hash as context.
 */
static bool expand(const coi_keymat_t *this, const char *label,
				   const uint8_t *th, uint8_t *out, size_t len)
{
	chunk_t context = value(this, th);

	return coi_suite_expand(this->suite, value(this, this->secret), label,
							&context, 1, out, len);
}

bool coi_keymat_start(coi_keymat_t *this, const coi_suite_t *suite,
					  const chunk_t *parts, u_int count)
{
	chunk_t pieces[1 + COI_SESS0_MAX_PARTS];
	uint8_t label[COI_LABEL_LEN];
	coi_sess0_t sess0;
	u_int i;

	*this = (coi_keymat_t){ .suite = suite };
	if (!count || count > COI_SESS0_MAX_PARTS)
	{
		return FALSE;
	}
	pieces[0] = coi_suite_label(suite, "transcript", FALSE, label);
	for (i = 0; i < count; i++)
	{
		if (!coi_sess0_view(suite, parts[i], &sess0))
		{
			return FALSE;
		}
		pieces[1 + i] = sess0.hashed;
	}
	return coi_suite_hash(suite, pieces, 1 + count, this->th0);
}

bool coi_keymat_agree(coi_keymat_t *this, chunk_t nonces, chunk_t encs,
					  const coi_shared_community_t *common, u_int count)
{
	u_int i;

	if (!coi_suite_extract(this->suite, nonces, encs, this->secret))
	{
		return FALSE;
	}
	for (i = 0; i < count; i++)
	{
		if (!coi_suite_extract(this->suite, value(this, this->secret),
							   common[i].key->base, this->secret))
		{
			return FALSE;
		}
	}
	return expand(this, "sess1", this->th0, this->info1,
				  sizeof(this->info1)) &&
		   expand(this, "gate2", this->th0, this->gate2,
				  this->suite->hash_len);
}

/**
 * What goes on with a message: its label, the transcript before and behind it.
 */
static const char *find_hashes(const coi_keymat_t *this, uint8_t type,
							   const uint8_t **before, const uint8_t **behind)
{
	switch (type)
	{
		case COI_PDU_SESS1:
			*before = this->th0;
			*behind = this->th1;
			return "sess1";
		case COI_PDU_SESS2:
			*before = this->th1;
			*behind = this->th2;
			return "sess2";
		default:
			*before = this->th2;
			*behind = this->th3;
			return "sess3";
	}
}

/**
 * What is signed of a message: label and TH1a, TH2a or TH3a.
 *
 * @param th		receives TH1a, TH2a or TH3a
 * @param data		receives what is signed, to be freed
 */
static bool transcribe(const coi_keymat_t *this, const coi_header_t *header,
					   chunk_t body, uint8_t *th, chunk_t *data)
{
	uint8_t label[COI_LABEL_LEN], context[COI_CONTEXT_LEN];
	const uint8_t *before, *behind;
	const char *name = find_hashes(this, header->type, &before, &behind);
	chunk_t pieces[] = {
		value(this, before),
		chunk_from_thing(context),
		body,
	};

	coi_context_encode(header, context);
	if (!coi_suite_hash(this->suite, pieces, countof(pieces), th))
	{
		return FALSE;
	}
	*data = chunk_cat("cc", coi_suite_label(this->suite, name, TRUE, label),
					  value(this, th));
	return TRUE;
}

/**
 * Take the signature into the transcript: TH1, TH2 or TH3.
 */
static bool conclude(coi_keymat_t *this, const coi_header_t *header,
					 const uint8_t *th, chunk_t signature)
{
	chunk_t pieces[] = { value(this, th), signature };
	const uint8_t *before, *behind;

	find_hashes(this, header->type, &before, &behind);
	return coi_suite_hash(this->suite, pieces, countof(pieces),
						  (uint8_t*)behind);
}

bool coi_keymat_sign(coi_keymat_t *this, const coi_header_t *header,
					 chunk_t body, private_key_t *val, uint8_t *signature)
{
	uint8_t th[COI_MAX_HASH];
	chunk_t data;
	bool success;

	if (!transcribe(this, header, body, th, &data))
	{
		return FALSE;
	}
	success = coi_suite_sign(this->suite, val, data, signature) &&
			  conclude(this, header, th,
					   chunk_create(signature, this->suite->sig_len));
	chunk_free(&data);
	return success;
}

coi_reason_t coi_keymat_verify(coi_keymat_t *this, const coi_header_t *header,
							   chunk_t body, chunk_t val, chunk_t signature)
{
	coi_reason_t reason = COI_OK;
	uint8_t th[COI_MAX_HASH];
	chunk_t data;

	if (!transcribe(this, header, body, th, &data))
	{
		return COI_INTERNAL;
	}
	if (!coi_suite_verify(this->suite, val, data, signature))
	{
		reason = COI_SIGNATURE;
	}
	else if (!conclude(this, header, th, signature))
	{
		reason = COI_INTERNAL;
	}
	chunk_free(&data);
	return reason;
}

bool coi_keymat_key2(coi_keymat_t *this)
{
	return expand(this, "sess2 key", this->th1, this->key2,
				  sizeof(this->key2));
}

bool coi_keymat_shared(coi_keymat_t *this, chunk_t z)
{
	return coi_suite_extract(this->suite, value(this, this->secret), z,
							 this->secret) &&
		   expand(this, "sess2 info", this->th1, this->info2,
				  sizeof(this->info2));
}

/**
 * Make the keys of IDLE and TERM from master.
 */
static bool derive_pdu_keys(coi_keymat_t *this, bool initiator,
							coi_pdu_keys_t *keys)
{
	chunk_t master = value(this, this->secret);
	const coi_suite_t *suite = this->suite;

	memcpy(keys->th2, this->th2, suite->hash_len);
	return coi_suite_expand(suite, master, "pdu i2r", NULL, 0,
							initiator ? keys->seal_out : keys->seal_in,
							COI_SEAL_KEY_LEN) &&
		   coi_suite_expand(suite, master, "pdu r2i", NULL, 0,
							initiator ? keys->seal_in : keys->seal_out,
							COI_SEAL_KEY_LEN) &&
		   coi_suite_expand(suite, master, "tag i2r", NULL, 0,
							initiator ? keys->tag_out : keys->tag_in,
							suite->hash_len) &&
		   coi_suite_expand(suite, master, "tag r2i", NULL, 0,
							initiator ? keys->tag_in : keys->tag_out,
							suite->hash_len);
}

/**
 * Make the KEYMAT of one community and cut it as RFC 7296 section 2.17 does.
 */
static bool derive_esp(coi_keymat_t *this, bool initiator,
					   coi_shared_community_t *common)
{
	uint32_t esp_i = initiator ? common->spi_in : common->spi_out;
	uint32_t esp_r = initiator ? common->spi_out : common->spi_in;
	chunk_t context[] = { value(this, this->third ? this->th3 : this->th2),
						  chunk_from_thing(esp_i), chunk_from_thing(esp_r),
						  chunk_from_str((char*)common->name) };
	size_t encr = common->proposal.encr_len, integ = common->proposal.integ_len;
	chunk_t keymat, encr_i, integ_i, encr_r, integ_r;
	uint8_t child[COI_MAX_HASH];
	coi_cursor_t cursor;
	bool success;

	keymat = chunk_alloc(2 * (encr + integ));
	success = coi_suite_extract(this->suite, value(this, this->secret),
								common->key->base, child) &&
			  coi_suite_expand(this->suite, value(this, child), "esp", context,
							   countof(context), keymat.ptr, keymat.len);
	if (success)
	{
		cursor = coi_cursor(keymat);
		coi_cursor_bytes(&cursor, encr, &encr_i);
		coi_cursor_bytes(&cursor, integ, &integ_i);
		coi_cursor_bytes(&cursor, encr, &encr_r);
		coi_cursor_bytes(&cursor, integ, &integ_r);
		common->encr_out = chunk_clone(initiator ? encr_i : encr_r);
		common->integ_out = chunk_clone(initiator ? integ_i : integ_r);
		common->encr_in = chunk_clone(initiator ? encr_r : encr_i);
		common->integ_in = chunk_clone(initiator ? integ_r : integ_i);
	}
	memwipe(child, sizeof(child));
	chunk_clear(&keymat);
	return success;
}

/**
 * Make master of S2, and what follows from it.
 */
static bool derive_master(coi_keymat_t *this, bool initiator,
						  coi_pdu_keys_t *keys)
{
	return expand(this, "master", this->th2, this->secret,
				  this->suite->hash_len) &&
		   derive_pdu_keys(this, initiator, keys);
}

bool coi_keymat_third(coi_keymat_t *this, bool initiator, coi_pdu_keys_t *keys)
{
	this->third = TRUE;
	return expand(this, "gate3", this->th2, this->gate3,
				  this->suite->hash_len) &&
		   expand(this, "sess3", this->th2, this->info3,
				  sizeof(this->info3)) &&
		   derive_master(this, initiator, keys);
}

bool coi_keymat_finish(coi_keymat_t *this, bool initiator,
					   coi_pdu_keys_t *keys, coi_shared_community_t *common,
					   u_int count)
{
	bool success;
	u_int i;

	success = this->third || derive_master(this, initiator, keys);
	for (i = 0; i < count && success; i++)
	{
		if (common[i].used)
		{
			success = derive_esp(this, initiator, &common[i]);
		}
	}
	coi_keymat_wipe(this);
	return success;
}

void coi_keymat_wipe(coi_keymat_t *this)
{
	memwipe(this, sizeof(*this));
}
