/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Makes VICI requests from text in the manner of swanctl.conf:
 *
 *   coi { version = 2; remote_addrs = [192.168.0.2, 192.168.0.3] }
 *
 * A key's value ends at a ';', a '}' or the end of the line.
 */

#ifndef REQUEST_H_
#define REQUEST_H_

#include <libvici.h>

/**
 * @param command	VICI command
 * @param text		its arguments, "" for none; a mistake ends the program
 * @return			to be given to vici_submit()
 */
vici_req_t *request_create(const char *command, const char *text);

#endif /** REQUEST_H_ */
