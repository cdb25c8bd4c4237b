/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <criterion/criterion.h>

#include "coi_test.h"
#include "fake_vici.h"

#include "control/coi_control_socket.h"

/** what a number is before it is read */
#define BEFORE 4242

TestSuite(command, .init = coi_test_init, .fini = coi_test_deinit);

/* one that is there and within bounds is read; all else leaves what was there, and
 * only what is not there is no mistake */
Test(command, number)
{
	static const struct {
		const char *text;
		bool valid;
		uint64_t number;
	} cases[] = {
		{ "0", TRUE, 0 }, { "7", TRUE, 7 }, { "100", TRUE, 100 },
		{ "101", FALSE, BEFORE }, { "-1", FALSE, BEFORE },
		{ "", FALSE, BEFORE }, { " 7", FALSE, BEFORE }, { "7 ", FALSE, BEFORE },
		{ "+7", FALSE, BEFORE }, { "0x7", FALSE, BEFORE },
		{ "18446744073709551623", FALSE, BEFORE },
	};
	coi_command_request_t *request;
	uint64_t number = BEFORE;
	u_int i;

	request = fake_vici_request("other", "7", NULL);
	cr_assert(coi_command_number(request, "wait", 100, &number));
	cr_assert_eq(number, BEFORE);
	fake_vici_destroy(request);
	for (i = 0; i < countof(cases); i++)
	{
		number = BEFORE;
		request = fake_vici_request("wait", cases[i].text, NULL);
		cr_expect_eq(coi_command_number(request, "wait", 100, &number),
					 cases[i].valid, "'%s'", cases[i].text);
		cr_expect_eq(number, cases[i].number, "'%s'", cases[i].text);
		fake_vici_destroy(request);
	}
}

/* an address of one host is a peer's, all else is answered with what is allowed */
Test(command, peer)
{
	static const char *good[] = { "10.0.0.2", "2001:db8::2" };
	static const char *bad[] = {
		NULL, "", "0.0.0.0", "::", "10.0.0.256", "10.0.0.0/8", "10.0.0.2 ",
		"tcp/443",
	};
	coi_command_request_t *request;
	vici_message_t *answer;
	host_t *host;
	chunk_t address;
	u_int i;

	for (i = 0; i < countof(good); i++)
	{
		request = fake_vici_request("peer", good[i], NULL);
		host = coi_command_peer(request, &answer);
		cr_assert(host);
		address = host->get_address(host);
		cr_assert_eq(address.len, i ? 16 : 4);
		cr_assert_eq(address.ptr[address.len - 1], 2);
		host->destroy(host);
		fake_vici_destroy(request);
	}
	for (i = 0; i < countof(bad); i++)
	{
		answer = NULL;
		request = bad[i] ? fake_vici_request("peer", bad[i], NULL)
						 : fake_vici_request(NULL);
		cr_expect_null(coi_command_peer(request, &answer), "'%s'",
					   bad[i] ?: "NULL");
		cr_assert(answer);
		answer->destroy(answer);
		fake_vici_destroy(request);
	}
}

/* names are listed while there is room, and never more than that */
Test(command, list)
{
	char list[COI_COMMAND_LIST] = "";
	u_int i;

	coi_command_list(list, "lab");
	cr_assert_str_eq(list, "lab");
	coi_command_list(list, "finance");
	cr_assert_str_eq(list, "lab, finance");
	for (i = 0; i < COI_COMMAND_LIST; i++)
	{
		coi_command_list(list, "engineering");
		cr_assert_lt(strlen(list), COI_COMMAND_LIST);
	}
}

/* the socket has all commands, says which keys each knows, and leaves none behind */
Test(command, socket)
{
	coi_control_socket_uses_t uses = {};
	coi_control_socket_t *socket;

	cr_assert_null(coi_control_socket_create(NULL, &uses));
	cr_assert_null(coi_control_socket_create("unix:///nowhere", &uses));
	cr_assert_eq(fake_vici_commands(), 0);
	socket = coi_control_socket_create("unix:///somewhere", &uses);
	cr_assert(socket);
	cr_assert_eq(fake_vici_commands(), 17);
	cr_assert_str_eq(fake_vici_send("close", fake_vici_request(
					"peer", "10.0.0.2", "peers", "x", "y", "z", NULL)),
		"success = no\nerror = invalid\nerrmsg = 'close' does not know: peers, "
		"y; it knows: peer, community, reason\n");
	cr_assert_str_eq(fake_vici_send("version", fake_vici_request("peer", "x",
																 NULL)),
		"success = no\nerror = invalid\nerrmsg = 'version' does not know: peer; "
		"it knows: nothing\n");
	cr_assert_null(fake_vici_send("versio", fake_vici_request(NULL)));
	socket->destroy(socket);
	cr_assert_eq(fake_vici_commands(), 0);
}
