/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Owns every number of the wire format and every default time and cap.
 *
 * Sections are those of docs/PROTOCOL.md. Sizes are in octets, times in
 * milliseconds unless the name says otherwise.
 */

#ifndef COI_LIMITS_H_
#define COI_LIMITS_H_

/* section 4: datagrams */
#define COI_VERSION				1
#define COI_MAX_DATAGRAM		1232
#define COI_MARKER_LEN			4
#define COI_HEADER_LEN			56
#define COI_HEADER_MAC_OFF		4	/* MACs and seals start behind the marker */
#define COI_HEADER_IDS_END		24	/* type, suite, segment and session ids end */
#define COI_DIGEST_LEN			32
#define COI_TAG_LEN				16
#define COI_SEGMENT_OFF			(COI_HEADER_LEN + COI_TAG_LEN)
#define COI_MAX_SEGMENT			(COI_MAX_DATAGRAM - COI_SEGMENT_OFF)
#define COI_MAX_SEGMENTS		16
#define COI_MAX_MESSAGE			(COI_MAX_SEGMENT * COI_MAX_SEGMENTS)
#define COI_CONTEXT_LEN			20

/* section 2 and 5: what is the same in all suites, and most of what is not */
#define COI_KEY_LEN				32	/* a generation's secret */
#define COI_FINGERPRINT_LEN		8	/* section 3, not on the wire */
#define COI_NONCE_LEN			32
#define COI_ENC_LEN				32
#define COI_SEAL_KEY_LEN		44	/* AES-256 key and GCM nonce */
#define COI_ICV_LEN				16
#define COI_MAX_HASH			48
#define COI_MAX_VAL				96
#define COI_MAX_SIG				96
#define COI_MAX_DH				1664	/* ML-KEM-1024 and a P-384 point */

/* section 5: Sess0; how long entries are is the suite's */
#define COI_SESS0_FIELDS_OFF	COI_HEADER_LEN
#define COI_SESS0_TAGS_OFF		112
#define COI_SESS0_ENTRIES_OFF	208
#define COI_SESS0_PLACES		6
#define COI_SESS0_MAX_PARTS		16
#define COI_MAX_KEYS			(COI_SESS0_PLACES * COI_SESS0_MAX_PARTS)
#define COI_ADDR_LEN			16
#define COI_TIME_LEN			8

/* section 6: Sess1 places */
#define COI_SESS1_PLACES_FEW	4
#define COI_SESS1_PLACES_SOME	16
#define COI_SESS1_PLACES_MANY	96
#define COI_SESS1_FIXED			(COI_NONCE_LEN + 2 + 1 + 1 + 2)	/* no lists, info */

/* section 10: SessionInfo */
#define COI_MODE_TRANSPORT		1
#define COI_MODE_TUNNEL			2
#define COI_INFO_ALIGN			64
#define COI_INFO_ROOM			1024	/* of the least that a suite leaves for it */
#define COI_MAX_NAME			63
#define COI_MAX_IDENTITY		512
#define COI_MAX_USER			255
#define COI_MAX_SERVICES		64
#define COI_MAX_PROPOSALS		16
#define COI_MAX_FLOWS			1024	/* section 11 */
#define COI_MIN_SPI				256
#define COI_MAX_TERM_TEXT		255
#define COI_MAX_CERTIFICATES	16
#define COI_MAX_PROOF			16384	/* leaves room for communities */
#define COI_MAX_VIRTUAL			2		/* addresses, one of each family */
#define COI_MAX_ATTRIBUTES		16
#define COI_ATTRIBUTES_LEN		1024	/* of all values, beside a proof */
#define COI_TICKET_LEN			16
#define COI_ROUND_SESS3			1	/* bits of rounds: a Sess3 follows */
#define COI_ROUND_PROVE			2	/* the receiver is to prove who it is */
#define COI_INFO_CRITICAL		0x8000	/* bit of a type that must be known */
#define COI_INFO_PROOF			0x8008
#define COI_INFO_CERTIFICATE	0x8009
#define COI_INFO_WISH			0x800a
#define COI_INFO_GRANT			0x800b
#define COI_INFO_ATTRIBUTE		0x800c

/* section 9: IDLE and TERM */
#define COI_SEQ_LEN				8
#define COI_MAX_STEP			65536	/* from one sequence to the next */
#define COI_SEALED_OFF			(COI_SEGMENT_OFF + COI_SEQ_LEN)
#define COI_IDLE_PLAIN			16
#define COI_IDLE_ANSWER			0x0001	/* flag: the receiver sends one, too */
#define COI_MAX_GAINED			0xffff
#define COI_TERM_PLAIN			3		/* without text, indexes and signature */
#define COI_INDEX_LEN			2
#define COI_IDLE_LEN			(COI_SEALED_OFF + COI_IDLE_PLAIN + COI_ICV_LEN)
#define COI_TERM_FIXED			(COI_SEALED_OFF + COI_TERM_PLAIN + COI_ICV_LEN)
#define COI_TERM_VARIABLE		(COI_MAX_TERM_TEXT + COI_MAX_KEYS * COI_INDEX_LEN)
#define COI_MAX_TERM			(COI_TERM_FIXED + COI_TERM_VARIABLE + COI_MAX_SIG)

/* section 13: timers; options of coi.conf where the plugin has one */
#define COI_RETRANSMIT_FIRST	500
#define COI_RETRANSMIT_TRIES	2
#define COI_RETRANSMIT_LAST		2000
#define COI_ATTEMPTS			4
#define COI_COLLECT_TIME		50
#define COI_REPEAT_PAUSE		100

/* section 15: caps */
#define COI_DEFAULT_PORT		4570
#define COI_DEFAULT_IDLE_PORT	4571
#define COI_DEFAULT_WINDOW		300		/* seconds */
#define COI_DEFAULT_REPLAY		65536	/* remembered tags */
#define COI_DEFAULT_HALF_OPEN	1000
#define COI_DEFAULT_HALF_SOURCE	32
#define COI_DEFAULT_RATE		50		/* openings a second from one source */
#define COI_DEFAULT_BURST		100

#endif /** COI_LIMITS_H_ */
