/* SPDX-License-Identifier: GPL-2.0-or-later */

/* what is disabled by command, and its file: what cannot be told ends closed */

#include <criterion/criterion.h>

#include "fake_configs.h"
#include "keys/coi_admin_state.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[] = "/tmp/coi-admin-XXXXXX";
static char path[64];
static char control[64];
static coi_options_t options = {
	.control = control,
};

static void setup()
{
	fake_configs_init();
	cr_assert(mkdtemp(dir));
	snprintf(control, sizeof(control), "unix://%s/coi", dir);
	snprintf(path, sizeof(path), "%s/coi.switches", dir);
}

static void teardown()
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	cr_assert_eq(system(command), 0);
	fake_configs_deinit();
}

TestSuite(admin, .init = setup, .fini = teardown);

static void put(const char *text, size_t len, mode_t mode)
{
	int fd;

	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
	cr_assert(fd >= 0);
	cr_assert_eq(write(fd, text, len), (ssize_t)len);
	cr_assert_eq(fchmod(fd, mode), 0);
	close(fd);
}

/** A new charon finds this: all are disabled, and it says that and where. */
static void check_closed(const char *what)
{
	coi_admin_state_t *state;

	fake_configs_logged();
	state = coi_admin_state_create(&options);
	cr_assert(state->is_isolated(state), "%s", what);
	cr_assert(state->is_disabled(state, "alpha"), "%s", what);
	cr_assert(strstr(fake_configs_logged(), path), "%s", what);
	state->destroy(state);
}

Test(admin, nothing_kept)
{
	coi_admin_state_t *state = coi_admin_state_create(&options);

	cr_assert(!state->is_isolated(state));
	cr_assert(!state->is_disabled(state, "alpha"));
	cr_assert(!state->is_enabled(state, "alpha"));
	cr_assert_str_empty(fake_configs_logged());
	state->destroy(state);
	cr_assert_neq(access(path, F_OK), 0);
}

Test(admin, kept)
{
	coi_admin_state_t *state = coi_admin_state_create(&options);
	struct stat st;

	cr_assert(state->disable(state, "alpha"));
	cr_assert(state->disable(state, "alpha"));
	cr_assert(state->enable(state, "beta", TRUE));
	cr_assert(state->enable(state, "gamma", FALSE));
	state->destroy(state);
	cr_assert_eq(stat(path, &st), 0);
	cr_assert_eq(st.st_mode & 0777, 0600);

	state = coi_admin_state_create(&options);
	cr_assert(state->is_disabled(state, "alpha"));
	cr_assert(!state->is_disabled(state, "beta"));
	cr_assert(state->is_enabled(state, "beta"));
	cr_assert(!state->is_enabled(state, "gamma"));
	cr_assert(!state->is_isolated(state));
	/* one is not the other */
	cr_assert(state->disable(state, "beta"));
	cr_assert(!state->is_enabled(state, "beta"));
	cr_assert(state->enable(state, "alpha", FALSE));
	cr_assert(state->enable(state, "beta", FALSE));
	state->destroy(state);
	/* nothing to be kept */
	cr_assert_neq(access(path, F_OK), 0);
}

Test(admin, isolated)
{
	coi_admin_state_t *state = coi_admin_state_create(&options);

	cr_assert(state->disable(state, NULL));
	cr_assert(state->is_isolated(state));
	/* no single one is out of it */
	cr_assert(state->enable(state, "alpha", FALSE));
	cr_assert(state->is_disabled(state, "alpha"));
	state->destroy(state);

	state = coi_admin_state_create(&options);
	cr_assert(state->is_isolated(state) && state->is_disabled(state, "alpha"));
	cr_assert(state->disable(state, "alpha"));
	cr_assert(state->enable(state, NULL, FALSE));
	cr_assert(!state->is_disabled(state, "alpha"));
	state->destroy(state);
	cr_assert_neq(access(path, F_OK), 0);
}

Test(admin, damaged)
{
	static const struct {
		const char *text;
		size_t len;
	} bad[] = {
		{ "disabled", 8 },
		{ "disabled\n", 9 },
		{ "disable alpha\n", 14 },
		{ "\n", 1 },
		{ "\0\0\0\0", 4 },
		{ "isolate\n", 8 },
		/* cut off, so it may be another one that is meant */
		{ "disabled be", 11 },
		{ "disabled be\0\0\n", 14 },
		{ "enabled beta\n\xff\xff", 15 },
	};
	char line[2000];
	u_int i;

	for (i = 0; i < countof(bad); i++)
	{
		put(bad[i].text, bad[i].len, 0600);
		check_closed(bad[i].text);
	}
	/* more than a line may have, whose rest looks like another one */
	memset(line, 'x', sizeof(line));
	memcpy(line, "enabled ", 8);
	memcpy(line + 511, "enabled ", 8);
	line[sizeof(line) - 1] = '\n';
	put(line, sizeof(line), 0600);
	check_closed("long");
}

Test(admin, not_ours)
{
	char other[80];

	put("", 0, 0620);
	check_closed("group");
	put("", 0, 0602);
	check_closed("others");
	put("", 0, 0644);
	unlink(path);

	cr_assert_eq(mkdir(path, 0700), 0);
	check_closed("directory");
	rmdir(path);

	cr_assert_eq(mkfifo(path, 0600), 0);
	check_closed("pipe");
	unlink(path);

	/* a link, also one that leads nowhere */
	snprintf(other, sizeof(other), "%s/other", dir);
	cr_assert_eq(symlink(other, path), 0);
	check_closed("dangling link");
	close(open(other, O_WRONLY | O_CREAT, 0600));
	check_closed("link");
	unlink(path);

	if (geteuid() == 0)
	{
		put("", 0, 0600);
		cr_assert_eq(chown(path, 65534, 65534), 0);
		check_closed("owner");
	}
}

/** What cannot be kept counts all the same until charon ends. */
Test(admin, not_kept)
{
	coi_admin_state_t *state;

	snprintf(control, sizeof(control), "unix://%s/none/coi", dir);
	state = coi_admin_state_create(&options);
	cr_assert(!state->disable(state, "alpha"));
	cr_assert(strstr(fake_configs_logged(), "it is not kept over a restart"));
	cr_assert(state->is_disabled(state, "alpha"));
	state->destroy(state);

	/* no control socket, no file */
	options.control = NULL;
	state = coi_admin_state_create(&options);
	cr_assert(state->disable(state, "alpha"));
	cr_assert(state->is_disabled(state, "alpha"));
	state->destroy(state);
	options.control = control;
}

/** A link in the place of the file that is written is replaced, not followed. */
Test(admin, link_is_not_written_through)
{
	coi_admin_state_t *state = coi_admin_state_create(&options);
	char other[80], next[80];
	struct stat st;

	snprintf(other, sizeof(other), "%s/other", dir);
	close(open(other, O_WRONLY | O_CREAT, 0600));
	cr_assert_eq(symlink(other, path), 0);
	snprintf(next, sizeof(next), "%s.new", path);
	cr_assert_eq(symlink(other, next), 0);
	cr_assert(state->disable(state, "alpha"));
	cr_assert_eq(stat(other, &st), 0);
	cr_assert_eq(st.st_size, 0);
	cr_assert_eq(lstat(path, &st), 0);
	cr_assert(S_ISREG(st.st_mode));
	state->destroy(state);
}
