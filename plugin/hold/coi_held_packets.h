/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the list of packets that wait for a tunnel, for each pair of hosts in
 * the order in which they came, and its limits. The packets are in the kernel.
 *
 * Not thread-safe.
 */

#ifndef COI_HELD_PACKETS_H_
#define COI_HELD_PACKETS_H_

#include <library.h>
#include <collections/array.h>
#include <networking/host.h>

#include "util/coi_origin.h"

typedef struct coi_held_packets_t coi_held_packets_t;
typedef struct coi_held_packet_t coi_held_packet_t;
typedef enum coi_held_packets_result_t coi_held_packets_result_t;

/** Octets of a packet that are kept: its IP header, and 8 of what it carries */
#define COI_HELD_PACKETS_HEAD 68

/** A packet in the kernel's queue. */
struct coi_held_packet_t {
	uint32_t id;
	/** its mark so far */
	uint32_t mark;
	/** who has sent it */
	coi_origin_t origin;
	/** how it begins */
	uint8_t head[COI_HELD_PACKETS_HEAD];
	uint8_t len;
};

/** What became of a packet. */
enum coi_held_packets_result_t {
	/** held, and no other of its pair is: somebody must ask for the tunnel */
	COI_HELD_PACKETS_FIRST,
	/** held behind others of its pair */
	COI_HELD_PACKETS_NEXT,
	/** not held, and none of its pair is: likewise */
	COI_HELD_PACKETS_FULL,
	/** not held: its pair, or who has sent it, has as many as it may */
	COI_HELD_PACKETS_MANY,
};

struct coi_held_packets_t {

	/**
	 * Hold a packet. At a limit it is the new one that is not held, since it is
	 * the first that nobody sends again.
	 *
	 * @param now		ms
	 */
	coi_held_packets_result_t (*add)(coi_held_packets_t *this, host_t *me,
									 host_t *other,
									 coi_held_packet_t packet,
									 uint64_t now);

	/**
	 * Take all packets of a pair out.
	 *
	 * @param list		coi_held_packet_t are appended, in the order they came
	 * @return			when the first came, ms, 0 if there is none
	 */
	uint64_t (*take)(coi_held_packets_t *this, host_t *me, host_t *other,
					 array_t *list);

	/**
	 * Take the packets of all pairs out whose first came before a time.
	 */
	void (*take_before)(coi_held_packets_t *this, uint64_t time, array_t *list);

	/** How many of a pair are held. */
	u_int (*get_waiting)(coi_held_packets_t *this, host_t *me, host_t *other);

	/** How many are held. */
	u_int (*get_count)(coi_held_packets_t *this);

	void (*destroy)(coi_held_packets_t *this);
};

/**
 * @param per_pair		packets that a pair may have
 * @param total			that all may have
 * @param share			percent of that for one origin, see coi_origin_share()
 */
coi_held_packets_t *coi_held_packets_create(u_int per_pair, u_int total,
											u_int share);

#endif /** COI_HELD_PACKETS_H_ */
