/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns what systemd is told of our state, which systemctl status shows.
 */

#ifndef COI_SD_NOTIFY_H_
#define COI_SD_NOTIFY_H_

/**
 * Tell systemd a line of status; nothing happens if it is not there.
 */
void coi_sd_notify_status(const char *fmt, ...)
					   __attribute__((format(printf, 1, 2)));

#endif /** COI_SD_NOTIFY_H_ */
