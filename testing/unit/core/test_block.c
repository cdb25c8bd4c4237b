/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <criterion/criterion.h>

#include "coi_test.h"

#include "core/coi_block.h"

static const char *const lines[] = {
	"drop out 0.0.0.0/0 192.168.0.0/24 6 0/0 22/65535 0/0 0",
	"open in ::/0 ::/0 58 135/65535 0/0 0/0 0",
	"open out fec0::1/128 fec0::1/128 0 0/0 0/0 0/0 0",
	"block fwd 10.1.0.0/16 10.2.0.0/16 0 0/0 0/0 66/4294967295 7",
	("block in 255.255.255.255/32 0.0.0.0/1 255 65535/65535 65535/65535 "
	 "4294967295/4294967295 4294967295"),
};

static bool parse_text(const char *text, size_t len, u_int *count)
{
	array_t *blocks = array_create(sizeof(coi_block_t), 0);
	chunk_t copy = chunk_clone(chunk_create((uint8_t*)text, len));
	bool valid;

	/* on the heap, where a read beyond it is seen */
	valid = coi_block_parse_list(copy, blocks);
	*count = array_count(blocks);
	array_destroy(blocks);
	chunk_free(&copy);
	return valid;
}

Test(block, lines_are_read_and_written_the_same, .init = coi_test_init, .fini = coi_test_deinit)
{
	char again[COI_BLOCK_LINE_MAX];
	coi_block_t block;
	u_int i;

	for (i = 0; i < countof(lines); i++)
	{
		cr_assert(coi_block_parse(lines[i], &block), "%s", lines[i]);
		coi_block_print(&block, again);
		cr_assert_eq(strlen(again), strlen(lines[i]) + 1);
		cr_assert(strncmp(again, lines[i], strlen(lines[i])) == 0, "%s", again);
	}
}

Test(block, no_beginning_of_a_line_is_one, .init = coi_test_init, .fini = coi_test_deinit)
{
	char line[COI_BLOCK_LINE_MAX];
	coi_block_t block;
	size_t len;

	for (len = 0; len + 1 < strlen(lines[0]); len++)
	{
		snprintf(line, sizeof(line), "%.*s", (int)len, lines[0]);
		cr_assert_not(coi_block_parse(line, &block), "%s", line);
	}
}

Test(block, hostile_lines_are_refused, .init = coi_test_init, .fini = coi_test_deinit)
{
	static const char *const bad[] = {
		"", " ", "        ", "drop",
		"pass out 0.0.0.0/0 192.168.0.0/24 6 0/0 22/65535 0/0 0",
		"drop up 0.0.0.0/0 192.168.0.0/24 6 0/0 22/65535 0/0 0",
		"drop out 0.0.0.0/0 192.168.0.1/24 6 0/0 22/65535 0/0 0",
		"drop out 0.0.0.0/0 192.168.0.0/33 6 0/0 22/65535 0/0 0",
		"drop out 0.0.0.0/0 192.168.0.0/ 6 0/0 22/65535 0/0 0",
		"drop out 0.0.0.0/0 192.168.0.0 6 0/0 22/65535 0/0 0",
		"drop out 0.0.0.0/0 ::/0 6 0/0 22/65535 0/0 0",
		"drop out ::/129 ::/0 6 0/0 22/65535 0/0 0",
		"drop out %any/0 0.0.0.0/0 6 0/0 22/65535 0/0 0",
		"drop out moon/0 0.0.0.0/0 6 0/0 22/65535 0/0 0",
		"drop out 0.0.0.0/0 0.0.0.0/0 256 0/0 0/0 0/0 0",
		"drop out 0.0.0.0/0 0.0.0.0/0 6 0/0 65536/65535 0/0 0",
		"drop out 0.0.0.0/0 0.0.0.0/0 6 0/0 22 0/0 0",
		"drop out 0.0.0.0/0 0.0.0.0/0 6 0/0 -1/1 0/0 0",
		"drop out 0.0.0.0/0 0.0.0.0/0 6 0/0 022/65535 0/0 0",
		"drop out 0.0.0.0/0 0.0.0.0/0 6 0/0 0/0 0/4294967296 0",
		"drop out 0.0.0.0/0 0.0.0.0/0 6 0/0 0/0 0/0 99999999999999999999",
		"drop out 0.0.0.0/0 0.0.0.0/0 6 0/0 0/0 0/0 0 ",
		"drop out 0.0.0.0/0 0.0.0.0/0 6 0/0 0/0 0/0 0 0",
		"drop  out 0.0.0.0/0 0.0.0.0/0 6 0/0 0/0 0/0 0",
		"drop out 0.0.0.0/00 0.0.0.0/0 6 0/0 0/0 0/0 0",
		"drop\tout 0.0.0.0/0 0.0.0.0/0 6 0/0 0/0 0/0 0",
	};
	char line[1000];
	coi_block_t block;
	u_int i;

	for (i = 0; i < countof(bad); i++)
	{
		cr_assert_not(coi_block_parse(bad[i], &block), "%s", bad[i]);
	}
	memset(line, '1', sizeof(line));
	line[sizeof(line) - 1] = '\0';
	cr_assert_not(coi_block_parse(line, &block));
}

Test(block, a_text_is_complete_or_refused, .init = coi_test_init, .fini = coi_test_deinit)
{
	array_t *blocks = array_create(sizeof(coi_block_t), 0);
	coi_block_t block;
	chunk_t text;
	u_int i, count;
	size_t len;

	for (i = 0; i < countof(lines); i++)
	{
		cr_assert(coi_block_parse(lines[i], &block));
		array_insert(blocks, ARRAY_TAIL, &block);
	}
	/* where there is such an interface is not known at boot */
	block.ifindex = 3;
	array_insert(blocks, ARRAY_TAIL, &block);
	cr_assert(coi_block_print_list(blocks, &text));
	array_destroy(blocks);
	cr_assert(parse_text((char*)text.ptr, text.len, &count));
	cr_assert_eq(count, countof(lines));
	for (len = 0; len < text.len; len++)
	{
		cr_assert_not(parse_text((char*)text.ptr, len, &count), "%zu", len);
	}
	for (i = 0; i < text.len; i++)
	{	/* no octet may be another control character */
		uint8_t octet = text.ptr[i];

		text.ptr[i] = '\0';
		cr_assert_not(parse_text((char*)text.ptr, text.len, &count), "%u", i);
		text.ptr[i] = octet;
	}
	chunk_free(&text);
	cr_assert(parse_text("coi-blocks 1\nend 0\n", 19, &count));
	cr_assert_not(parse_text("coi-blocks 1\nend 1\n", 19, &count));
	cr_assert_not(parse_text("coi-blocks 2\nend 0\n", 19, &count));
	cr_assert_not(parse_text("coi-blocks 1\nend 0\nx", 20, &count));
}

Test(block, neither_size_nor_number_is_without_end, .init = coi_test_init, .fini = coi_test_deinit)
{
	array_t *blocks = array_create(sizeof(coi_block_t), 0);
	coi_block_t block;
	chunk_t text;
	u_int i, count;
	char *large;

	cr_assert(coi_block_parse(lines[0], &block));
	for (i = 0; i < COI_BLOCKS_MAX; i++)
	{
		array_insert(blocks, ARRAY_TAIL, &block);
	}
	cr_assert(coi_block_print_list(blocks, &text));
	cr_assert(parse_text((char*)text.ptr, text.len, &count));
	cr_assert_eq(count, COI_BLOCKS_MAX);
	chunk_free(&text);
	array_insert(blocks, ARRAY_TAIL, &block);
	cr_assert_not(coi_block_print_list(blocks, &text));
	cr_assert_null(text.ptr);
	array_destroy(blocks);

	large = malloc(COI_BLOCKS_TEXT_MAX + 1);
	memset(large, '\n', COI_BLOCKS_TEXT_MAX + 1);
	memcpy(large, "coi-blocks 1\n", 13);
	cr_assert_not(parse_text(large, COI_BLOCKS_TEXT_MAX + 1, &count));
	memset(large + 13, 'x', COI_BLOCKS_TEXT_MAX - 13);
	cr_assert_not(parse_text(large, COI_BLOCKS_TEXT_MAX, &count));
	free(large);
}
