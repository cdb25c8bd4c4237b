/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns the reading of what a router says about ESP that this host has sent: an ICMP
 * or ICMPv6 error that quotes the whole packet. Whoever knows the SA's key can tell
 * that it is genuine, and what was inside. Nobody else could have made the quote but
 * who has seen the packet on its way.
 */

#ifndef COI_ESP_QUOTE_H_
#define COI_ESP_QUOTE_H_

#include <library.h>

/** octets of the largest error that is looked at: RFC 4443 section 3.1, and options
 * of IPv4 */
#define COI_ESP_QUOTE_MAX 1340

/** packets since then that a router may quote one late */
#define COI_ESP_QUOTE_WINDOW 4096

typedef struct coi_esp_quote_t coi_esp_quote_t;
typedef struct coi_esp_quote_sa_t coi_esp_quote_sa_t;

/** What a router said and of which packet, borrowed from that. */
struct coi_esp_quote_t {
	/** AF_INET or AF_INET6 */
	int family;
	/** addresses of the router and of both ends of the SA */
	chunk_t router;
	chunk_t me;
	chunk_t other;
	/** of the error */
	uint8_t type;
	uint8_t code;
	/** what follows its checksum */
	uint32_t rest;
	/** the quoted packet's IP header, options included */
	chunk_t header;
	/** there is UDP between that and ESP */
	bool encap;
	/** host order */
	uint32_t spi;
	uint32_t seq;
	/** from SPI and sequence number to the ICV */
	chunk_t esp;
};

/** What is to be known of an SA. */
struct coi_esp_quote_sa_t {
	encryption_algorithm_t alg;
	/** salt included, which is salt_len octets at the end */
	chunk_t key;
	size_t salt_len;
	/** it has extended sequence numbers */
	bool esn;
	/** the one sent last */
	uint64_t sent;
};

/**
 * Read an error. What is no whole unfragmented ESP packet is refused, and what speaks of
 * ESP or UDP itself, not of the way: protocol and port unreachable, an unknown next
 * header. So are packets too big, which are the kernel's business.
 *
 * @param family	AF_INET or AF_INET6
 * @param packet	from the IP header on; there may be octets behind it
 * @param port		source port of ESP in UDP
 * @param quote		receives what it says
 */
bool coi_esp_quote_read(int family, chunk_t packet, uint16_t port,
						coi_esp_quote_t *quote);

/**
 * Verify that this host has sent what is quoted, by an SA in transport mode, and say the
 * same about what was inside.
 *
 * @param error		receives the error from the IP header on, to be freed
 * @return			FALSE if it is not genuine, or too old
 */
bool coi_esp_quote_open(const coi_esp_quote_t *quote,
						const coi_esp_quote_sa_t *sa,
						chunk_t *error);

#endif /** COI_ESP_QUOTE_H_ */
