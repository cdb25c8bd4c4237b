/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the form of the policies that stay in the kernel when no charon runs, and
 * the text in which a file keeps them for the next boot.
 *
 * Each drops or lets pass, without an SA. The kernel tells policies apart by
 * direction, selector, mark and interface; ours have a user in the selector, by
 * which nothing is matched, so they stand beside charon's own, whose removal
 * does not concern them.
 *
 * The text is a line "coi-blocks 1", a line for each, and "end NUMBER":
 *
 *	drop out 0.0.0.0/0 192.168.0.0/24 6 0/0 22/65535 0/0 0
 *
 * with kind, direction, source, destination, protocol, ports of both with their
 * masks, mark with its mask, and interface ID.
 */

#ifndef COI_BLOCK_H_
#define COI_BLOCK_H_

#include <library.h>
#include <collections/array.h>

/** user in the selectors of all of them */
#define COI_BLOCK_USER 0x0C01B10C

/** most that are kept for the next boot, and octets of their text */
#define COI_BLOCKS_MAX 16384
#define COI_BLOCKS_TEXT_MAX (4 * 1024 * 1024)

/** room for a line with its newline and terminator */
#define COI_BLOCK_LINE_MAX 256

typedef enum coi_block_kind_t coi_block_kind_t;
typedef enum coi_block_dir_t coi_block_dir_t;
typedef struct coi_block_t coi_block_t;

enum coi_block_kind_t {
	/** dropped although what follows lets it pass */
	COI_BLOCK_DROP,
	/** let pass, although what follows drops it */
	COI_BLOCK_OPEN,
	/** dropped */
	COI_BLOCK_REST,
	COI_BLOCK_KINDS,
};

/** As the kernel numbers them. */
enum coi_block_dir_t {
	COI_BLOCK_IN,
	COI_BLOCK_OUT,
	COI_BLOCK_FWD,
	COI_BLOCK_DIRS,
};

/** Can be compared octet by octet, if it was zeroed before it was filled. */
struct coi_block_t {
	coi_block_kind_t kind;
	coi_block_dir_t dir;
	/** AF_INET or AF_INET6 */
	int family;
	/** in network order, the bits behind the prefix are 0 */
	uint8_t src[16];
	uint8_t dst[16];
	uint8_t src_bits;
	uint8_t dst_bits;
	/** 0 for all */
	uint8_t proto;
	/** in host order, type and code of ICMP */
	uint16_t sport, sport_mask;
	uint16_t dport, dport_mask;
	uint32_t mark, mark_mask;
	uint32_t if_id;
	/** index of an interface, which no text has; 0 for all */
	int ifindex;
};

/**
 * Write the line of one.
 *
 * @param line		receives it with its newline, COI_BLOCK_LINE_MAX octets
 */
void coi_block_print(const coi_block_t *block, char *line);

/**
 * Read a line, without its newline.
 *
 * @return			FALSE if it is not exactly what coi_block_print() writes
 */
bool coi_block_parse(const char *line, coi_block_t *block) __attribute__((warn_unused_result));

/**
 * Read a whole text.
 *
 * @param blocks	coi_block_t by value, appended to
 * @return			FALSE if it is not complete or anything in it is wrong; what is
 *					in blocks is not to be used then
 */
bool coi_block_parse_list(chunk_t text, array_t *blocks) __attribute__((warn_unused_result));

/**
 * Write a whole text. Those with an interface's index are left out.
 *
 * @param text		receives it, to be freed
 * @return			FALSE if there are too many
 */
bool coi_block_print_list(array_t *blocks, chunk_t *text) __attribute__((warn_unused_result));

#endif /** COI_BLOCK_H_ */
