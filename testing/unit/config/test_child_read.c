/* SPDX-License-Identifier: GPL-2.0-or-later */

/* child sections: name, suite, mode, proposals, services */

#include <criterion/criterion.h>

#include "fake_configs.h"
#include "coi_test.h"
#include "config/coi_child_read.h"

#include <netinet/in.h>

TestSuite(child, .init = fake_configs_init, .fini = fake_configs_deinit);

/** What was read, and from what. */
typedef struct {
	peer_cfg_t *peer;
	coi_profile_t *profile;
	coi_child_t child;
	coi_mistake_t mistake;
} read_t;

static bool read_it(read_t *this, fake_connection_t *fake)
{
	enumerator_t *enumerator;
	child_cfg_t *cfg = NULL;

	*this = (read_t){
		.peer = fake_connection_load(fake),
		.profile = coi_profile_create(0, chunk_empty, COI_TEST_WALL, 1),
		.mistake.conn = "c",
	};
	enumerator = this->peer->create_child_cfg_enumerator(this->peer);
	cr_assert(enumerator->enumerate(enumerator, &cfg));
	enumerator->destroy(enumerator);
	return coi_child_read(cfg, &this->child, &this->profile->communities[0],
						  &this->mistake);
}

static void clear(read_t *this)
{
	coi_mistake_clear(&this->mistake);
	coi_profile_destroy(this->profile);
	this->peer->destroy(this->peer);
}

static coi_community_t *read_good(read_t *this, fake_connection_t *fake)
{
	cr_assert(read_it(this, fake), "%s", this->mistake.text ?: "");
	cr_assert(!this->mistake.found);
	return &this->profile->communities[0];
}

/** What has a mistake is freed with the profile, whatever there was of it. */
static void read_bad(fake_connection_t *fake, const char *text)
{
	read_t this;
	char line[2048];

	cr_assert(!read_it(&this, fake), "%s", text);
	cr_assert(this.mistake.found);
	snprintf(line, sizeof(line), "connections.c.children.%s%s",
			 fake->children[0].name, text);
	cr_assert_str_eq(this.mistake.text, line);
	clear(&this);
}

Test(child, good)
{
	fake_connection_t fake = fake_connection("c");
	coi_community_t *community;
	read_t this;

	community = read_good(&this, &fake);
	cr_assert_str_eq(community->name, "alpha");
	cr_assert_eq(this.child.name, community->name);
	cr_assert_eq(this.child.suite, coi_suite_by_name("p384"));
	cr_assert_eq(community->mode, COI_MODE_TRANSPORT);
	cr_assert_eq(coi_child_read_mode(community->mode), MODE_TRANSPORT);
	cr_assert_gt(community->proposal_count, 0);
	cr_assert_eq(community->offers.count, 1);
	cr_assert_eq(community->uses.count, 1);
	cr_assert_eq(community->uses.list[0].proto, 0);
	cr_assert_eq(community->uses.list[0].to, 0xffff);
	clear(&this);
}

Test(child, modes)
{
	static const struct {
		ipsec_mode_t mode;
		child_cfg_option_t options;
		const char *name;
	} bad[] = {
		{ MODE_TRANSPORT, OPT_PROXY_MODE, "transport_proxy" },
		{ MODE_BEET, 0, "beet" },
		{ MODE_PASS, 0, "pass" },
		{ MODE_DROP, 0, "drop" },
	};
	fake_connection_t fake = fake_connection("c");
	coi_community_t *community;
	char text[128];
	read_t this;
	u_int i;

	fake.children[0].data.mode = MODE_TUNNEL;
	community = read_good(&this, &fake);
	cr_assert_eq(community->mode, COI_MODE_TUNNEL);
	cr_assert_eq(coi_child_read_mode(community->mode), MODE_TUNNEL);
	clear(&this);
	for (i = 0; i < countof(bad); i++)
	{
		fake.children[0].data.mode = bad[i].mode;
		fake.children[0].data.options = bad[i].options;
		snprintf(text, sizeof(text), ".mode = %s: a COI child is transport or "
				 "tunnel", bad[i].name);
		read_bad(&fake, text);
	}
}

Test(child, names)
{
	fake_connection_t fake = fake_connection("c");
	char name[COI_MAX_NAME + 2], text[128];
	static const char *const bad[] = {
		"", "a\nb", "\x7f", "\xff", "caf\xc3",
	};
	read_t this;
	u_int i;

	snprintf(text, sizeof(text), ": a COI's name has 1 to %d octets of UTF-8 "
			 "without control characters", COI_MAX_NAME);
	for (i = 0; i < countof(bad); i++)
	{
		fake.children[0].name = bad[i];
		read_bad(&fake, text);
	}
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	fake.children[0].name = name;
	read_bad(&fake, text);
	name[COI_MAX_NAME] = '\0';
	read_good(&this, &fake);
	clear(&this);
	fake.children[0].name = "caf\xc3\xa9 1";
	read_good(&this, &fake);
	clear(&this);
}

static void check_proposal(const coi_proposal_t *proposal, uint16_t encr,
						   uint16_t bits, uint16_t encr_len, uint16_t integ,
						   uint16_t integ_len, bool esn)
{
	cr_assert_eq(proposal->encr, encr);
	cr_assert_eq(proposal->encr_bits, bits);
	cr_assert_eq(proposal->encr_len, encr_len);
	cr_assert_eq(proposal->integ, integ);
	cr_assert_eq(proposal->integ_len, integ_len);
	cr_assert_eq(proposal->esn, esn);
}

/** Several algorithms of a proposal are each combination once, in order. */
Test(child, proposals)
{
	fake_connection_t fake = fake_connection("c");
	coi_community_t *community;
	read_t this;

	fake.children[0].proposal = "aes256gcm16-esn-noesn";
	community = read_good(&this, &fake);
	cr_assert_eq(community->proposal_count, 2);
	check_proposal(&community->proposals[0], ENCR_AES_GCM_ICV16, 256, 36, 0, 0,
				   TRUE);
	check_proposal(&community->proposals[1], ENCR_AES_GCM_ICV16, 256, 36, 0, 0,
				   FALSE);
	clear(&this);

	/* groups say nothing, as each exchange has its own */
	fake.children[0].proposal = "aes128-aes256-sha256-sha512-x25519";
	community = read_good(&this, &fake);
	cr_assert_eq(community->proposal_count, 4);
	check_proposal(&community->proposals[0], ENCR_AES_CBC, 128, 16,
				   AUTH_HMAC_SHA2_256_128, 32, FALSE);
	check_proposal(&community->proposals[3], ENCR_AES_CBC, 256, 32,
				   AUTH_HMAC_SHA2_512_256, 64, FALSE);
	clear(&this);
}

Test(child, bad_proposals)
{
	fake_connection_t fake = fake_connection("c");

	fake.children[0].proposal = "";
	read_bad(&fake, ".esp_proposals: at least one is needed");
	fake.children[0].protocol = PROTO_AH;
	fake.children[0].proposal = "sha256";
	read_bad(&fake, ".ah_proposals = AH:HMAC_SHA2_256_128/NO_EXT_SEQ: only "
			 "esp_proposals are allowed");
}

/** The suite is an option of coi.conf, for all and for one. */
Test(child, suites)
{
	fake_connection_t fake = fake_connection("c");
	const coi_suite_t *other = coi_suite_nth(1);
	read_t this;
	char text[512], names[128] = "";
	u_int i;

	fake_configs_set("suite", other->name);
	read_good(&this, &fake);
	cr_assert_eq(this.child.suite, other);
	clear(&this);
	fake_configs_set("communities.alpha.suite", "p384");
	read_good(&this, &fake);
	cr_assert_eq(this.child.suite, coi_suite_by_name("p384"));
	clear(&this);

	for (i = 0; coi_suite_nth(i); i++)
	{
		if (!coi_suite_missing(coi_suite_nth(i)))
		{
			snprintf(names + strlen(names), sizeof(names) - strlen(names),
					 "%s%s", *names ? ", " : "", coi_suite_nth(i)->name);
		}
	}
	fake_configs_set("communities.alpha.suite", "p999");
	cr_assert(!read_it(&this, &fake));
	snprintf(text, sizeof(text), "charon.plugins.coi.communities.alpha.suite = "
			 "p999: %s is allowed", names);
	cr_assert_str_eq(this.mistake.text, text);
	clear(&this);
	/* no mistake of one is the other's default */
	fake_configs_set("communities.alpha.suite", NULL);
	fake_configs_set("suite", "");
	cr_assert(!read_it(&this, &fake));
	snprintf(text, sizeof(text), "charon.plugins.coi.suite = : %s is allowed",
			 names);
	cr_assert_str_eq(this.mistake.text, text);
	clear(&this);
}

Test(child, priorities_and_marks)
{
	fake_connection_t fake = fake_connection("c");
	char *mistake;
	read_t this;

	fake.children[0].data.priority = UINT32_MAX;
	cr_assert(!read_it(&this, &fake));
	mistake = this.mistake.text;
	cr_assert(strpfx(mistake, "connections.c.children.alpha.priority = "
					 "4294967295: 0 to "));
	clear(&this);

	fake = fake_connection("c");
	fake.children[0].data.mark_in.value = MARK_UNIQUE;
	read_bad(&fake, ".mark_in, .mark_out: numbers are allowed, or %unique or "
			 "%unique-dir for both");
	fake.children[0].data.mark_out.value = MARK_UNIQUE;
	read_good(&this, &fake);
	clear(&this);
}

static void check_service(const coi_service_t *service, uint8_t proto,
						  uint16_t from, uint16_t to)
{
	cr_assert_eq(service->proto, proto);
	cr_assert_eq(service->from, from);
	cr_assert_eq(service->to, to);
}

Test(child, services)
{
	fake_connection_t fake = fake_connection("c");
	coi_services_t *offers;
	read_t this;

	fake.children[0].local_ts = "dynamic[6/443-443], dynamic[6/443-443], "
								"dynamic[0/53-53], dynamic[1/0-65535]";
	offers = &read_good(&this, &fake)->offers;
	/* twice is once; a port of any protocol is one of each that has ports */
	cr_assert_eq(offers->count, 5);
	check_service(&offers->list[0], IPPROTO_TCP, 443, 443);
	check_service(&offers->list[1], IPPROTO_TCP, 53, 53);
	check_service(&offers->list[2], IPPROTO_UDP, 53, 53);
	check_service(&offers->list[3], IPPROTO_SCTP, 53, 53);
	check_service(&offers->list[4], IPPROTO_ICMP, 0, 0xffff);
	clear(&this);

	/* a network is there in a tunnel */
	fake.children[0].data.mode = MODE_TUNNEL;
	fake.children[0].local_ts = "10.1.0.0/16";
	offers = &read_good(&this, &fake)->offers;
	cr_assert_eq(offers->count, 1);
	clear(&this);
}

Test(child, bad_services)
{
	fake_connection_t fake = fake_connection("c");
	char list[64 * (COI_MAX_SERVICES + 1)] = "", text[256];
	u_int i;

	fake.children[0].remote_ts = "10.1.0.0/16";
	read_bad(&fake, ".remote_ts = 10.1.0.0/16: dynamic with a protocol and "
			 "ports is allowed, networks need mode = tunnel");
	fake.children[0].remote_ts = "";
	read_bad(&fake, ".remote_ts: at least one selector is needed");
	fake.children[0].remote_ts = "dynamic";
	fake.children[0].local_ts = "";
	read_bad(&fake, ".local_ts: at least one selector is needed");
	fake.children[0].local_ts = "dynamic, dynamic[47/1-2]";
	read_bad(&fake, ".local_ts = dynamic[gre/1-2]: ports are allowed for tcp, "
			 "udp, sctp, dccp and udplite");
	for (i = 0; i <= COI_MAX_SERVICES; i++)
	{
		snprintf(list + strlen(list), sizeof(list) - strlen(list),
				 "%sdynamic[6/%u-%u]", i ? "," : "", i + 1, i + 1);
	}
	fake.children[0].local_ts = list;
	snprintf(text, sizeof(text), ".local_ts: %d services are allowed, a port "
			 "of any protocol counts as three", COI_MAX_SERVICES);
	read_bad(&fake, text);
}
