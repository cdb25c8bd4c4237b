/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the list of time servers that this host's programs are told to ask.
 */

#ifndef NTP_SERVERS_H_
#define NTP_SERVERS_H_

#include <library.h>
#include <collections/array.h>

typedef struct doctor_server_t doctor_server_t;

/** A server, and where it is written down. */
struct doctor_server_t {
	char name[256];
	char file[256];
	u_int line;
};

/**
 * List what files of systemd-timesyncd, chrony and ntpds name.
 *
 * @param root		before the names of files
 * @return			doctor_server_t
 */
array_t *doctor_ntp_servers(const char *root);

#endif /** NTP_SERVERS_H_ */
