/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_identity.h"
#include "util/coi_event.h"
#include "config/coi_auth_rounds.h"
#include "session/coi_session_vips.h"

#include <credentials/certificates/x509.h>
#include <credentials/keys/signature_params.h>

/** A proof that is being made. */
typedef struct {
	auth_cfg_t *auth;
	private_key_t *key;
	const coi_binder_t *binder;
	coi_proof_t *proof;
} signing_t;

/**
 * Add the certificate, or public key, and those between it and an anchor.
 */
static void add_certs(auth_cfg_t *auth, coi_proof_t *proof)
{
	enumerator_t *enumerator;
	certificate_t *cert;
	auth_rule_t rule;
	chunk_t data;
	bool raw;

	cert = auth->get(auth, AUTH_RULE_SUBJECT_CERT);
	if (!cert)
	{
		return;
	}
	raw = cert->get_type(cert) != CERT_X509;
	if (cert->get_encoding(cert, raw ? PUBKEY_SPKI_ASN1_DER : CERT_ASN1_DER,
						   &data))
	{
		DBG1(DBG_IKE, "sending %s \"%Y\"", raw ? "raw public key" : "cert",
			 cert->get_subject(cert));
		coi_proof_add_cert(proof, raw ? COI_CERT_RAW : COI_CERT_X509, data);
		chunk_free(&data);
	}
	enumerator = auth->create_enumerator(auth);
	while (enumerator->enumerate(enumerator, &rule, &cert))
	{
		if (rule == AUTH_RULE_IM_CERT && !raw &&
			proof->cert_count < COI_MAX_CERTIFICATES &&
			cert->get_encoding(cert, CERT_ASN1_DER, &data))
		{
			DBG1(DBG_IKE, "sending issuer cert \"%Y\"", cert->get_subject(cert));
			coi_proof_add_cert(proof, COI_CERT_X509, data);
			chunk_free(&data);
		}
	}
	enumerator->destroy(enumerator);
}

/**
 * Sign with one scheme.
 */
static bool sign_with(signing_t *this, signature_params_t *params)
{
	coi_proof_t *proof = this->proof;
	chunk_t octets;
	bool good;

	chunk_free(&proof->algorithm);
	if (!signature_params_build(params, &proof->algorithm) ||
		!coi_proof_octets(this->binder, proof, &octets))
	{
		return FALSE;
	}
	good = this->key->sign(this->key, params->scheme, params->params, octets,
						   &proof->signature);
	chunk_free(&octets);
	if (good)
	{
		DBG2(DBG_IKE, "signed with %N", signature_scheme_names,
			 params->scheme);
	}
	return good;
}

/**
 * Sign with the first scheme that the key can do: of those configured, of those
 * that it lists, or of those for its type and size.
 */
static bool sign(signing_t *this)
{
	key_type_t type = this->key->get_type(this->key);
	signature_params_t *params;
	enumerator_t *enumerator;
	bool configured = FALSE, good = FALSE;
	auth_rule_t rule;

	enumerator = this->auth->create_enumerator(this->auth);
	while (!good && enumerator->enumerate(enumerator, &rule, &params))
	{
		if (rule == AUTH_RULE_IKE_SIGNATURE_SCHEME)
		{
			configured = TRUE;
			good = key_type_from_signature_scheme(params->scheme) == type &&
				   sign_with(this, params);
		}
	}
	enumerator->destroy(enumerator);
	if (configured)
	{
		return good;
	}
	enumerator = this->key->supported_signature_schemes ?
				 this->key->supported_signature_schemes(this->key) :
				 signature_schemes_for_key(type,
										   this->key->get_keysize(this->key));
	while (!good && enumerator->enumerate(enumerator, &params))
	{
		if (params->scheme != SIGN_RSA_EMSA_PSS ||
			lib->settings->get_bool(lib->settings, "%s.rsa_pss", FALSE,
									lib->ns))
		{
			good = sign_with(this, params);
		}
	}
	enumerator->destroy(enumerator);
	return good;
}

/**
 * Whether an identity can go onto the wire.
 */
static bool is_provable(identification_t *id)
{
	switch (id->get_type(id))
	{
		case ID_IPV4_ADDR:
		case ID_FQDN:
		case ID_RFC822_ADDR:
		case ID_IPV6_ADDR:
		case ID_DER_ASN1_DN:
		case ID_KEY_ID:
			return id->get_encoding(id).len <= COI_MAX_IDENTITY;
		default:
			return FALSE;
	}
}

/**
 * Make the proof of an identity with what charon has.
 */
static bool make_proof(identification_t *id, auth_cfg_t *auth,
					   const coi_binder_t *binder, coi_proof_t *proof)
{
	signing_t signer = {
		.auth = auth,
		.binder = binder,
		.proof = proof,
	};
	bool good;

	/* finds the certificates as well */
	signer.key = lib->credmgr->get_private(lib->credmgr, KEY_ANY, id, auth);
	if (!signer.key)
	{
		DBG1(DBG_IKE, "no private key found for '%Y'", id);
		return FALSE;
	}
	proof->id_type = id->get_type(id);
	proof->id = chunk_clone(id->get_encoding(id));
	add_certs(auth, proof);
	good = sign(&signer);
	signer.key->destroy(signer.key);
	DBG1(DBG_IKE, "proving identity '%Y' (myself) %s", id,
		 good ? "successful" : "failed");
	if (good && coi_proof_size(proof) > COI_MAX_PROOF)
	{
		DBG1(DBG_IKE, "certificates of '%Y' have %zu octets, only %d are "
			 "allowed", id, coi_proof_size(proof), COI_MAX_PROOF);
		good = FALSE;
	}
	return good;
}

bool coi_identity_prove(coi_session_entry_t *entry, coi_proof_t *proof)
{
	peer_cfg_t *peer = entry->conn->peer;
	auth_cfg_t *round = coi_auth_rounds_identity(peer, TRUE), *auth;
	identification_t *id;
	coi_binder_t binder;
	bool good;

	*proof = (coi_proof_t){};
	if (!coi_session_asked(entry->session, &binder))
	{
		return FALSE;
	}
	if (!round)
	{
		DBG1(DBG_IKE, "%H asks who we are, but connection '%s' has no local-2",
			 entry->other, entry->conn->name);
		return FALSE;
	}
	auth = auth_cfg_create();
	auth->merge(auth, round, TRUE);
	id = auth->get(auth, AUTH_RULE_IDENTITY);
	if (!id || !is_provable(id))
	{
		DBG1(DBG_IKE, "connections.%s.local-2.id: an address, host name, mail "
			 "address, DN or key id is needed", entry->conn->name);
		auth->destroy(auth);
		return FALSE;
	}
	good = make_proof(id, auth, &binder, proof);
	if (good)
	{
		entry->tunnel->set_my_id(entry->tunnel, id, auth);
	}
	else
	{
		coi_proof_clear(proof);
	}
	auth->destroy(auth);
	return good;
}

/**
 * Hand the peer's certificates to the trust chain, as those that stand in an IKE
 * message are.
 */
static void read_certs(const coi_proof_t *proof, auth_cfg_t *auth)
{
	certificate_t *cert;
	u_int i;

	for (i = 0; i < proof->cert_count; i++)
	{
		if (proof->certs[i].encoding != COI_CERT_X509)
		{	/* a key is trusted if it is configured, and is at hand then */
			continue;
		}
		cert = lib->creds->create(lib->creds, CRED_CERTIFICATE, CERT_X509,
								  BUILD_BLOB_ASN1_DER, proof->certs[i].data,
								  BUILD_END);
		if (!cert)
		{
			DBG1(DBG_IKE, "certificate %u of the peer is malformed", i + 1);
			continue;
		}
		DBG1(DBG_IKE, "received %s cert \"%Y\"", i ? "issuer" : "end entity",
			 cert->get_subject(cert));
		auth->add(auth, i ? AUTH_HELPER_IM_CERT : AUTH_HELPER_SUBJECT_CERT,
				  cert);
	}
}

/**
 * Whether an end certificate may sign, as RFC 4945 has it.
 */
static bool may_sign(auth_cfg_t *auth)
{
	certificate_t *cert = auth->get(auth, AUTH_RULE_SUBJECT_CERT);
	x509_t *x509 = (x509_t*)cert;

	return !cert || cert->get_type(cert) != CERT_X509 ||
		   (x509->get_flags(x509) & X509_IKE_COMPLIANT);
}

/**
 * Find a trusted key that made a signature.
 *
 * @param auth		receives what is known of the key
 */
static bool find_key(identification_t *id, const coi_proof_t *proof,
					 signature_params_t *params, chunk_t octets,
					 auth_cfg_t *auth)
{
	auth_cfg_t *current;
	enumerator_t *enumerator;
	public_key_t *key;
	bool found = FALSE;

	enumerator = lib->credmgr->create_public_enumerator(lib->credmgr,
						key_type_from_signature_scheme(params->scheme), id, auth,
						TRUE);
	while (!found && enumerator->enumerate(enumerator, &key, &current))
	{
		found = key->verify(key, params->scheme, params->params, octets,
							proof->signature) && may_sign(current);
		if (found)
		{
			auth->merge(auth, current, FALSE);
			auth->add(auth, AUTH_RULE_AUTH_CLASS, AUTH_CLASS_PUBKEY);
			auth->add(auth, AUTH_RULE_IDENTITY, id->clone(id));
			auth->add(auth, AUTH_RULE_IKE_SIGNATURE_SCHEME,
					  signature_params_clone(params));
		}
	}
	enumerator->destroy(enumerator);
	return found;
}

/**
 * Verify the signature by a key that is trusted for the identity.
 */
static bool verify(identification_t *id, const coi_proof_t *proof,
				   const coi_binder_t *binder, auth_cfg_t *auth)
{
	signature_params_t params = {};
	chunk_t octets;
	bool found;

	if (!signature_params_parse(proof->algorithm, 0, &params))
	{
		DBG1(DBG_IKE, "signature algorithm of '%Y' not known", id);
		return FALSE;
	}
	if (!coi_proof_octets(binder, proof, &octets))
	{
		signature_params_clear(&params);
		return FALSE;
	}
	read_certs(proof, auth);
	found = find_key(id, proof, &params, octets, auth);
	if (!found)
	{
		DBG1(DBG_IKE, "no trusted %N public key found for '%Y' that signed",
			 key_type_names, key_type_from_signature_scheme(params.scheme), id);
	}
	signature_params_clear(&params);
	chunk_free(&octets);
	return found;
}

/**
 * Whether the peer is who it has to be; if not, that was said.
 */
static bool accept_peer(coi_session_entry_t *entry)
{
	auth_cfg_t *round = coi_auth_rounds_identity(entry->conn->peer,
												 FALSE), *auth;
	const coi_proof_t *proof;
	identification_t *id;
	coi_binder_t binder;
	const char *why = NULL;

	if (!round)
	{
		return TRUE;
	}
	proof = coi_session_proof(entry->session, &binder);
	if (!proof)
	{
		DBG1(DBG_IKE, "COI session with %H refused: it does not prove who it "
			 "is", entry->other);
		entry->tunnel->alert(entry->tunnel);
		return FALSE;
	}
	id = identification_create_from_encoding(proof->id_type, proof->id);
	auth = auth_cfg_create();
	if (!verify(id, proof, &binder, auth))
	{
		why = "not proved by a trusted key";
	}
	else if (!auth->complies(auth, round, TRUE))
	{
		why = "not what remote-2 demands";
	}
	else if (!entry->tunnel->authorize(entry->tunnel, id, auth))
	{
		why = "not authorized";
	}
	if (why)
	{
		DBG1(DBG_IKE, "COI session with %H refused: identity '%Y' %s",
			 entry->other, id, why);
		entry->tunnel->alert(entry->tunnel);
	}
	else
	{
		DBG1(DBG_IKE, "identity '%Y' of %H proved with %s", id, entry->other,
			 auth->get(auth, AUTH_RULE_CA_CERT) ? "a certificate"
												: "a trusted key");
	}
	auth->destroy(auth);
	id->destroy(id);
	return !why;
}

bool coi_identity_check(coi_session_entry_t *entry,
						const coi_tunnel_tables_t *tables,
						coi_actions_t *next)
{
	coi_reason_t reason;
	coi_event_t event;
	coi_grant_t grant = {};
	coi_proof_t proof;
	bool accepted, proved, settled;

	accepted = accept_peer(entry);
	proved = accepted && !entry->initiator &&
			 coi_identity_prove(entry, &proof);
	settled = accepted &&
			  (entry->initiator ? coi_session_vips_accept(entry,
														  tables->vip_client)
								: coi_session_vips_lease(entry,
														 tables->vip_leases,
														 &grant));
	/* that may have taken a while */
	coi_event_init(&event, COI_EV_IDENTIFIED);
	event.identity_refused = !accepted;
	event.proof = proved ? &proof : NULL;
	event.grant = grant.addresses.count ? &grant : NULL;
	event.no_address = !settled;
	reason = coi_session_step(entry->session, &event, next);
	if (proved)
	{
		coi_proof_clear(&proof);
	}
	coi_grant_clear(&grant);
	if (reason != COI_OK)
	{
		DBG1(DBG_IKE, "COI session with %H ends: %N", entry->other,
			 coi_reason_names, reason);
	}
	return reason == COI_OK;
}
