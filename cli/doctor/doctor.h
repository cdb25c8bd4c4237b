/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the findings of coi doctor: what was looked at, what was found and what
 * to do about it. Groups of checks are in files of their own.
 */

#ifndef DOCTOR_H_
#define DOCTOR_H_

#include <library.h>
#include <json-c/json.h>

typedef struct doctor_t doctor_t;
typedef enum doctor_result_t doctor_result_t;

enum doctor_result_t {
	DOCTOR_OK,
	/** works, but not as it should, or will not always */
	DOCTOR_WARN,
	/** does not work */
	DOCTOR_FAIL,
};

struct doctor_t {
	/** swanctl.conf to look at */
	const char *file;
	/** before the names of other programs' files, "" for none */
	const char *root;
	/** charon answers on its own VICI socket, with its version, else NULL */
	char *charon;
	/** the plugin answers */
	bool plugin;
	/** of the plugin, all may be NULL */
	json_object *counters;
	json_object *communities;
	json_object *mistakes;
	/** what was found */
	json_object *findings;
	u_int count[DOCTOR_FAIL + 1];
};

/**
 * Add a finding.
 *
 * @param check		name of what was looked at, one word
 * @param remedy	what to do, NULL if nothing
 */
void doctor_add(doctor_t *doctor, doctor_result_t result, const char *check,
				const char *remedy, const char *fmt, ...)
				__attribute__((format(printf, 5, 6)));

/** An option of coi.conf, NULL if it is not set; borrowed. */
const char *doctor_option(const char *key);

/** The known name that a misspelt one is most like, NULL if it is like none. */
const char *doctor_alike(const char *name, const char *const *known);

/** Whether a name is one of those that are known. */
bool doctor_known(const char *name, const char *const *known);

/** ESP, sysctls, and what a dead charon left. */
void doctor_kernel(doctor_t *doctor);

/** What holds packets: netfilter's queue, and nftables or iptables. */
void doctor_hold(doctor_t *doctor);

/** Rules of NAT that are in the way of tunnels. */
void doctor_nat(doctor_t *doctor);

/** Options of coi.conf, and what can be seen of sockets, clock and AppArmor. */
void doctor_system(doctor_t *doctor);

/** swanctl.conf and its keys. */
void doctor_config(doctor_t *doctor);

/** Rules that stop what tunnels need from coming in. */
void doctor_firewall(doctor_t *doctor);

/** Time servers that are waited for in vain when the clock is wrong. */
void doctor_ntp(doctor_t *doctor);

/** What charon and the plugin say of themselves. */
void doctor_daemon(doctor_t *doctor);

#endif /** DOCTOR_H_ */
