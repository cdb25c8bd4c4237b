/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "wgt.h"

#include <errno.h>
#include <stdio.h>

#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

coi_exit_t wgt_read(const char *path, chunk_t *data)
{
	uint8_t buf[WGT_MAX + 1];
	size_t len;
	FILE *file;
	bool failed;

	file = fopen(path, "rbe");
	if (!file)
	{
		return command_error(errno == ENOENT ? EXIT_USAGE : EXIT_FAILED,
							 "%s: %s", path, strerror(errno));
	}
	len = fread(buf, 1, sizeof(buf), file);
	failed = ferror(file);
	fclose(file);
	if (failed || len > WGT_MAX)
	{
		return command_error(EXIT_FAILED, "%s: %s", path, failed ?
							 "cannot be read" : "longer than 60000 octets, it "
							 "is no file of keys");
	}
	*data = chunk_clone(chunk_create(buf, len));
	return EXIT_OK;
}

/** Why OpenSSL failed, without what it may tell of secrets: there is none. */
static const char *reason(void)
{
	const char *text = ERR_reason_error_string(ERR_peek_last_error());

	return text ?: "no reason is given";
}

/**
 * Read certificates.
 *
 * @return			NULL if there is none that can be used, which is said
 */
static STACK_OF(X509) *read_certs(const char *path)
{
	STACK_OF(X509) *certs;
	bool rsa = TRUE;
	X509 *cert;
	BIO *bio;

	bio = BIO_new_file(path, "r");
	if (!bio)
	{
		command_error(EXIT_USAGE, "%s: %s", path, strerror(errno));
		return NULL;
	}
	certs = sk_X509_new_null();
	while ((cert = PEM_read_bio_X509(bio, NULL, NULL, NULL)))
	{
		rsa = rsa && EVP_PKEY_base_id(X509_get0_pubkey(cert)) == EVP_PKEY_RSA;
		sk_X509_push(certs, cert);
	}
	BIO_free(bio);
	ERR_clear_error();
	if (sk_X509_num(certs) && rsa)
	{
		return certs;
	}
	command_error(EXIT_USAGE, sk_X509_num(certs) ?
				  "%s has a key that is not RSA: charon could not open the "
				  "file" : "%s has no certificate in PEM", path);
	sk_X509_pop_free(certs, X509_free);
	return NULL;
}

coi_exit_t wgt_encrypt(chunk_t text, const char *cert, chunk_t *data)
{
	STACK_OF(X509) *certs;
	CMS_ContentInfo *cms;
	uint8_t *der = NULL;
	BIO *bio;
	int len = 0;

	certs = read_certs(cert);
	if (!certs)
	{
		return EXIT_USAGE;
	}
	bio = BIO_new_mem_buf(text.ptr, text.len);
	/* charon reads CBC, and nothing that is authenticated */
	cms = CMS_encrypt(certs, bio, EVP_aes_256_cbc(), CMS_BINARY);
	if (cms)
	{
		len = i2d_CMS_ContentInfo(cms, &der);
	}
	BIO_free(bio);
	CMS_ContentInfo_free(cms);
	sk_X509_pop_free(certs, X509_free);
	if (len <= 0)
	{
		return command_error(EXIT_FAILED, "encrypting failed: %s", reason());
	}
	*data = chunk_clone(chunk_create(der, len));
	OPENSSL_free(der);
	if (data->len > WGT_MAX)
	{
		chunk_free(data);
		return command_error(EXIT_FAILED, "too many keys or recipients: the "
							 "file would have more than 60000 octets");
	}
	return EXIT_OK;
}

coi_exit_t wgt_parse(const char *path, chunk_t data, wgt_t *wgt)
{
	const uint8_t *pos = data.ptr;
	CMS_ContentInfo *cms;

	cms = d2i_CMS_ContentInfo(NULL, &pos, data.len);
	if (!cms || pos != data.ptr + data.len ||
		OBJ_obj2nid(CMS_get0_type(cms)) != NID_pkcs7_enveloped)
	{
		CMS_ContentInfo_free(cms);
		ERR_clear_error();
		return command_error(EXIT_FAILED, "%s is no CMS EnvelopedData in DER: "
							 "'coi wgt make' makes such a file", path);
	}
	wgt->cms = cms;
	return EXIT_OK;
}

u_int wgt_recipients(const wgt_t *wgt)
{
	int count = sk_CMS_RecipientInfo_num(CMS_get0_RecipientInfos(wgt->cms));

	return max(count, 0);
}

bool wgt_recipient(const wgt_t *wgt, u_int i, char **issuer, char **serial)
{
	CMS_RecipientInfo *info;
	ASN1_INTEGER *number;
	X509_NAME *name;
	char line[512];
	BIGNUM *big;
	char *hex;

	info = sk_CMS_RecipientInfo_value(CMS_get0_RecipientInfos(wgt->cms), i);
	if (CMS_RecipientInfo_type(info) != CMS_RECIPINFO_TRANS ||
		!CMS_RecipientInfo_ktri_get0_signer_id(info, NULL, &name, &number) ||
		!name || !number)
	{
		ERR_clear_error();
		return FALSE;
	}
	X509_NAME_oneline(name, line, sizeof(line));
	big = ASN1_INTEGER_to_BN(number, NULL);
	hex = big ? BN_bn2hex(big) : NULL;
	*issuer = strdup(line);
	*serial = strdup(hex ?: "");
	OPENSSL_free(hex);
	BN_free(big);
	return TRUE;
}

/** Read a private key; a passphrase is asked for on the terminal. */
static EVP_PKEY *read_key(const char *path)
{
	EVP_PKEY *key;
	BIO *bio;

	bio = BIO_new_file(path, "r");
	if (!bio)
	{
		command_error(EXIT_USAGE, "%s: %s", path, strerror(errno));
		return NULL;
	}
	key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
	BIO_free(bio);
	if (!key)
	{
		command_error(EXIT_USAGE, "%s has no private key in PEM, or its "
					  "passphrase is another one", path);
	}
	return key;
}

coi_exit_t wgt_decrypt(const wgt_t *wgt, const char *path, const char *key,
					   coi_keylist_t *keys)
{
	coi_exit_t status = EXIT_OK;
	const char *wrong;
	EVP_PKEY *pkey;
	char *text;
	u_int line;
	BIO *bio;
	long len;

	pkey = read_key(key);
	if (!pkey)
	{
		return EXIT_USAGE;
	}
	bio = BIO_new(BIO_s_secmem());
	if (!CMS_decrypt(wgt->cms, pkey, NULL, NULL, bio, CMS_DEBUG_DECRYPT))
	{
		status = command_error(EXIT_FAILED, "%s is not encrypted for %s, or was "
							   "changed", path, key);
	}
	else
	{
		len = BIO_get_mem_data(bio, &text);
		if (!coi_keylist_parse(chunk_create((u_char*)text, max(len, 0)), keys,
							   &wrong, &line))
		{
			status = command_error(EXIT_FAILED, "what is in %s is no list of "
								   "keys, line %u: %s", path, line, wrong);
		}
	}
	BIO_free(bio);
	EVP_PKEY_free(pkey);
	ERR_clear_error();
	return status;
}

void wgt_clear(wgt_t *wgt)
{
	CMS_ContentInfo_free(wgt->cms);
	wgt->cms = NULL;
}
