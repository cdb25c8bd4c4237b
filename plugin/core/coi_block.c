/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_block.h"

#include <stdio.h>
#include <string.h>

#define HEAD "coi-blocks 1\n"
#define END "end "

/** words of a line */
#define WORDS 9

static const char *const kinds[COI_BLOCK_KINDS] = { "drop", "open", "block" };
static const char *const dirs[COI_BLOCK_DIRS] = { "in", "out", "fwd" };

void coi_block_print(const coi_block_t *block, char *line)
{
	char src[INET6_ADDRSTRLEN], dst[INET6_ADDRSTRLEN];

	inet_ntop(block->family, block->src, src, sizeof(src));
	inet_ntop(block->family, block->dst, dst, sizeof(dst));
	snprintf(line, COI_BLOCK_LINE_MAX, "%s %s %s/%u %s/%u %u %u/%u %u/%u %u/%u "
			 "%u\n", kinds[block->kind], dirs[block->dir], src,
			 block->src_bits, dst, block->dst_bits, block->proto, block->sport,
			 block->sport_mask, block->dport, block->dport_mask, block->mark,
			 block->mark_mask, block->if_id);
}

/** Find a word, -1 if there is none. */
static int find_word(const char *const *words, u_int count, const char *word)
{
	u_int i;

	for (i = 0; i < count; i++)
	{
		if (streq(words[i], word))
		{
			return i;
		}
	}
	return -1;
}

/** Read a number of digits only, up to a maximum. */
static bool read_number(const char *text, uint32_t max, uint32_t *number)
{
	uint64_t value = 0;
	size_t i;

	for (i = 0; text[i]; i++)
	{
		if (text[i] < '0' || text[i] > '9' || i == 10)
		{
			return FALSE;
		}
		value = value * 10 + (text[i] - '0');
	}
	*number = value;
	return i && value <= max;
}

/** Split at the slash that a word has. */
static char *split(char *word)
{
	char *slash = strchr(word, '/');

	if (slash)
	{
		*slash++ = '\0';
	}
	return slash;
}

/** Read two numbers with a slash between them. */
static bool read_pair(char *word, uint32_t max, uint32_t *first,
					  uint32_t *second)
{
	char *behind = split(word);

	return behind && read_number(word, max, first) &&
		   read_number(behind, max, second);
}

/** Whether the bits behind a prefix are 0. */
static bool is_prefix(const uint8_t *addr, size_t len, u_int bits)
{
	size_t i;

	for (i = 0; i < len; i++, bits = bits > 8 ? bits - 8 : 0)
	{
		if (bits < 8 && (addr[i] & (0xff >> bits)))
		{
			return FALSE;
		}
	}
	return TRUE;
}

/** Read an address and its prefix. */
static bool read_net(char *word, int *family, uint8_t addr[16], uint8_t *bits)
{
	char *behind = split(word);
	uint32_t number;
	size_t len;

	*family = strchr(word, ':') ? AF_INET6 : AF_INET;
	len = *family == AF_INET ? 4 : 16;
	if (!behind || inet_pton(*family, word, addr) != 1 ||
		!read_number(behind, len * 8, &number) ||
		!is_prefix(addr, len, number))
	{
		return FALSE;
	}
	*bits = number;
	return TRUE;
}

/** Read what a line says, without regard to how. */
static bool read_words(char *words[WORDS], coi_block_t *block)
{
	uint32_t proto, sport, sport_mask, dport, dport_mask;
	int kind, dir, family;

	kind = find_word(kinds, COI_BLOCK_KINDS, words[0]);
	dir = find_word(dirs, COI_BLOCK_DIRS, words[1]);
	if (kind < 0 || dir < 0 ||
		!read_net(words[2], &block->family, block->src, &block->src_bits) ||
		!read_net(words[3], &family, block->dst, &block->dst_bits) ||
		family != block->family ||
		!read_number(words[4], UINT8_MAX, &proto) ||
		!read_pair(words[5], UINT16_MAX, &sport, &sport_mask) ||
		!read_pair(words[6], UINT16_MAX, &dport, &dport_mask) ||
		!read_pair(words[7], UINT32_MAX, &block->mark, &block->mark_mask) ||
		!read_number(words[8], UINT32_MAX, &block->if_id))
	{
		return FALSE;
	}
	block->kind = kind;
	block->dir = dir;
	block->proto = proto;
	block->sport = sport;
	block->sport_mask = sport_mask;
	block->dport = dport;
	block->dport_mask = dport_mask;
	return TRUE;
}

bool coi_block_parse(const char *line, coi_block_t *block)
{
	char copy[COI_BLOCK_LINE_MAX], again[COI_BLOCK_LINE_MAX];
	char *words[WORDS], *word = copy;
	size_t len = strlen(line);
	u_int i;

	if (len + 2 > sizeof(copy))
	{
		return FALSE;
	}
	memcpy(copy, line, len + 1);
	for (i = 0; i < WORDS; i++)
	{
		if (!word)
		{
			return FALSE;
		}
		words[i] = word;
		word = strchr(word, ' ');
		if (word)
		{
			*word++ = '\0';
		}
	}
	memset(block, 0, sizeof(*block));
	if (word || !read_words(words, block))
	{
		return FALSE;
	}
	/* one way to write each */
	coi_block_print(block, again);
	return strncmp(line, again, len) == 0 && streq(again + len, "\n");
}

bool coi_block_parse_list(chunk_t text, array_t *blocks)
{
	char line[COI_BLOCK_LINE_MAX], end[32];
	uint8_t *newline;
	coi_block_t block;
	u_int count = 0;
	size_t len;

	if (text.len > COI_BLOCKS_TEXT_MAX || text.len < strlen(HEAD) ||
		memcmp(text.ptr, HEAD, strlen(HEAD)) != 0)
	{
		return FALSE;
	}
	text = chunk_skip(text, strlen(HEAD));
	while (text.len)
	{
		newline = memchr(text.ptr, '\n', min(text.len, sizeof(line)));
		if (!newline)
		{
			return FALSE;
		}
		len = newline - text.ptr;
		if (len >= sizeof(line) || memchr(text.ptr, '\0', len))
		{
			return FALSE;
		}
		memcpy(line, text.ptr, len);
		line[len] = '\0';
		text = chunk_skip(text, len + 1);
		if (strncmp(line, END, strlen(END)) == 0)
		{
			snprintf(end, sizeof(end), END "%u", count);
			return streq(line, end) && !text.len;
		}
		if (count == COI_BLOCKS_MAX || !coi_block_parse(line, &block))
		{
			return FALSE;
		}
		array_insert(blocks, ARRAY_TAIL, &block);
		count++;
	}
	return FALSE;
}

bool coi_block_print_list(array_t *blocks, chunk_t *text)
{
	char line[COI_BLOCK_LINE_MAX];
	size_t room, used;
	coi_block_t block;
	u_int count = 0;
	int i;

	*text = chunk_empty;
	if (array_count(blocks) > COI_BLOCKS_MAX)
	{
		return FALSE;
	}
	room = strlen(HEAD) + (array_count(blocks) + 1) * sizeof(line);
	*text = chunk_alloc(room);
	used = snprintf((char*)text->ptr, room, HEAD);
	for (i = 0; i < array_count(blocks); i++)
	{
		array_get(blocks, i, &block);
		if (!block.ifindex)
		{
			coi_block_print(&block, line);
			used += snprintf((char*)text->ptr + used, room - used, "%s", line);
			count++;
		}
	}
	used += snprintf((char*)text->ptr + used, room - used, END "%u\n", count);
	text->len = used;
	if (used > COI_BLOCKS_TEXT_MAX)
	{
		chunk_clear(text);
		return FALSE;
	}
	return TRUE;
}
