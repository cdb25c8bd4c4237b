/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the options of coi.conf: read once when the plugin is loaded, immutable
 * from then on.
 */

#ifndef COI_OPTIONS_H_
#define COI_OPTIONS_H_

#include <library.h>
#include <collections/linked_list.h>

typedef enum coi_options_backend_t coi_options_backend_t;
typedef struct coi_options_t coi_options_t;

/** What of netfilter is used to hold packets. */
enum coi_options_backend_t {
	/** what the kernel has */
	COI_BACKEND_AUTO,
	COI_BACKEND_NFT,
	COI_BACKEND_LEGACY,
};

/** What coi.conf says; conf.d/coi.opt documents each. */
struct coi_options_t {
	/** UDP ports, 1 to 65535 */
	u_int port;
	u_int idle_port;
	/** seconds a Sess0's time may be off */
	u_int window;
	/** tags remembered against replay */
	u_int replay_cache;
	u_int half_open;
	u_int half_open_source;
	/** openings a second, and burst, accepted from one source */
	u_int rate;
	u_int burst;
	/** gate-passed Sess0 waiting for a worker */
	u_int queue;
	/** ms: first retransmission, wait after the last */
	u_int retransmit_first;
	u_int retransmit_last;
	u_int retransmit_tries;
	/** exchanges with new ids and keys before a peer is given up */
	u_int attempts;
	/** seconds between IDLEs, until a silent peer is given up; 0: never */
	u_int dpd_delay;
	u_int dpd_timeout;
	/** limits of what this host opens itself, see coi_open_budget.h */
	u_int own_half_open;
	u_int own_rate;
	u_int own_burst;
	u_int own_share;
	/** seconds that a peer which did not answer is not asked again */
	u_int negative_cache;
	/** number of such peers */
	u_int negative_cache_size;
	/** seconds that ESP in UDP is used where ESP did not get through */
	u_int no_esp_time;
	/** hold packets until their tunnel is open */
	bool hold;
	/** by what */
	coi_options_backend_t hold_backend;
	/** tell programs whose packets were held for nothing */
	bool unreachable;
	/** packets held for a peer, and in all */
	u_int hold_peer;
	u_int hold_total;
	/** bit of the mark that released packets have, 0 to 31 */
	u_int hold_mark;
	/** bit of the mark of packets that a policy of ours has led, another one */
	u_int nat_mark;
	/** bit of the mark that packets of known connections have, another one */
	u_int state_mark;
	/** use the kernel's tracking of connections */
	bool conntrack;
	/** number of the netfilter queue */
	u_int hold_queue;
	/** seconds after which names of hosts are asked again */
	u_int names_interval;
	/** let broadcast and multicast of UDP pass in the clear */
	bool broadcast;
	/** take the place of the IKE socket */
	bool dark;
	/** host_t, addresses under which others reach this host through NAT */
	linked_list_t *external_addrs;
	/** where the control socket is, NULL for none */
	char *control;
	/** where audit events go: a path, "journal" or "syslog", NULL for nowhere */
	char *audit;
	/** when charon stops, what was protected is blocked */
	bool stop_block;
	/** where that is kept for the next boot, NULL for nowhere */
	char *state;
};

/**
 * Read the options. What is wrong is said at level 1, with key, value and what is
 * allowed, and its default is used.
 *
 * @return			to be destroyed by coi_options_destroy()
 */
coi_options_t *coi_options_load();

/** @param options	may be NULL */
void coi_options_destroy(coi_options_t *options);

#endif /** COI_OPTIONS_H_ */
