/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Runs the files of a committed corpus, or those named on the command line,
 * through a fuzz target, for compilers without libFuzzer.
 */

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *buf, size_t len);
int LLVMFuzzerInitialize(int *argc, char ***argv) __attribute__((weak));

/**
 * Feed one file to the target, in an allocation of exactly its size so that
 * a sanitizer sees each byte read beyond the end.
 */
static int replay(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *buf;
	long len;
	int ok = 0;

	if (!file)
	{
		perror(path);
		return 0;
	}
	if (fseek(file, 0, SEEK_END) == 0 && (len = ftell(file)) >= 0)
	{
		rewind(file);
		buf = malloc(len);
		ok = (buf || !len) && fread(buf, 1, len, file) == (size_t)len;
		if (ok)
		{
			LLVMFuzzerTestOneInput(buf, len);
		}
		free(buf);
	}
	fclose(file);
	return ok;
}

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

int main(int argc, char *argv[])
{
	struct dirent **entries = NULL;
	char path[4096];
	int passed = 0, failed = 0, count = 0, i, ok;

	if (LLVMFuzzerInitialize)
	{
		LLVMFuzzerInitialize(&argc, &argv);
	}
	for (i = 1; i < argc; i++)
	{
		ok = replay(argv[i]);
		passed += ok;
		failed += !ok;
	}
	if (argc == 1)
	{
		count = scandir(CORPUS "/" TARGET, &entries, visible, alphasort);
		for (i = 0; i < count; i++)
		{
			snprintf(path, sizeof(path), CORPUS "/" TARGET "/%s",
					 entries[i]->d_name);
			ok = replay(path);
			passed += ok;
			failed += !ok;
			free(entries[i]);
		}
		free(entries);
	}
	if (!passed && !failed)
	{
		fprintf(stderr, "nothing to replay in %s\n", CORPUS "/" TARGET);
		failed++;
	}
	printf("replay of %s: %d passed, %d failed\n", TARGET, passed, failed);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
