/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns files of community keys that are encrypted for the holders of
 * certificates: CMS EnvelopedData (RFC 5652) in DER, around the text that coi
 * key new prints.
 */

#ifndef WGT_H_
#define WGT_H_

#include "core/coi_keylist.h"

#include "base/command.h"

/** A file that is longer does not fit into a request. */
#define WGT_MAX 60000

typedef struct wgt_t wgt_t;

/** A file, from OpenSSL. */
struct wgt_t {
	void *cms;
};

/**
 * Read a file. Says what is wrong.
 *
 * @param data		receives it, to be freed
 */
coi_exit_t wgt_read(const char *path, chunk_t *data);

/**
 * Encrypt a list of keys.
 *
 * @param text		list
 * @param cert		path of the recipients' certificates, PEM; RSA only
 * @param data		receives DER, to be freed
 */
coi_exit_t wgt_encrypt(chunk_t text, const char *cert, chunk_t *data);

/**
 * Parse a file. Says what is wrong.
 *
 * @param path		for messages
 * @param wgt		receives it, to be cleared
 */
coi_exit_t wgt_parse(const char *path, chunk_t data, wgt_t *wgt);

/** Number of recipients. */
u_int wgt_recipients(const wgt_t *wgt);

/**
 * Describe a recipient.
 *
 * @param issuer	receives the issuer of its certificate, allocated
 * @param serial	receives its serial number, hexadecimal, allocated
 * @return			FALSE if it is not told so
 */
bool wgt_recipient(const wgt_t *wgt, u_int i, char **issuer, char **serial);

/**
 * Decrypt the list of keys. Says what is wrong.
 *
 * @param key		path of a recipient's private key, PEM
 * @param keys		receives them, to be cleared
 */
coi_exit_t wgt_decrypt(const wgt_t *wgt, const char *path, const char *key,
					   coi_keylist_t *keys);

void wgt_clear(wgt_t *wgt);

#endif /** WGT_H_ */
