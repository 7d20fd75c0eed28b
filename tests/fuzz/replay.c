// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The main of a fuzz target where libFuzzer is not: gives it each file named on the command line, or each in
 * the directories named there, and says so in TAP. Without arguments, `fuzz-NAME` replays
 * $abs_top_srcdir/tests/fuzz/corpus/NAME.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"

#define FILE_MAX (16 * 1024 * 1024)

static void bail_out(const char *what)
{
    printf("Bail out! %s: %s\n", what, strerror(errno));
    exit(1);
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void replay_file(const char *path, unsigned *number)
{
    FILE *file = fopen(path, "re");
    uint8_t *data = NULL;
    struct stat status;
    size_t size;

    if (!file || fstat(fileno(file), &status) < 0)
        bail_out(path);
    if (status.st_size > FILE_MAX) {
        errno = EFBIG;
        bail_out(path);
    }
    size = (size_t)status.st_size;
    /* Exactly as long as the file, so that AddressSanitizer sees a read behind its end. */
    if (size > 0 && !(data = malloc(size)))
        bail_out(path);
    if (size > 0 && fread(data, 1, size, file) != size)
        bail_out(path);
    fclose(file);
    printf("# %s\n", path); /* names the culprit of a crash */
    fflush(stdout);
    LLVMFuzzerTestOneInput(data, size);
    printf("ok %u - %s\n", ++*number, strrchr(path, '/') ? strrchr(path, '/') + 1 : path);
    free(data);
}

static void replay_directory(const char *path, unsigned *number)
{
    struct dirent **entries;
    int n = scandir(path, &entries, is_visible, alphasort);

    if (n < 0)
        bail_out(path);
    for (int i = 0; i < n; i++) {
        char *file;

        if (asprintf(&file, "%s/%s", path, entries[i]->d_name) < 0)
            bail_out(path);
        replay_file(file, number);
        free(file);
        free(entries[i]);
    }
    free(entries);
}

static void replay(const char *path, unsigned *number)
{
    struct stat status;

    if (stat(path, &status) < 0)
        bail_out(path);
    if (S_ISDIR(status.st_mode))
        replay_directory(path, number);
    else
        replay_file(path, number);
}

static void replay_own_corpus(const char *program, unsigned *number)
{
    const char *source = getenv("abs_top_srcdir"), *name = strstr(program, "fuzz-");
    char *path = NULL;

    for (const char *next = name; next; next = strstr(next + 1, "fuzz-"))
        name = next;
    errno = EINVAL;
    if (!source || !name || asprintf(&path, "%s/tests/fuzz/corpus/%s", source, name + strlen("fuzz-")) < 0)
        bail_out("name the files or directories to replay");
    replay(path, number);
    free(path);
}

int main(int argc, char **argv)
{
    unsigned number = 0;

    if (argc < 2)
        replay_own_corpus(argv[0], &number);
    for (int i = 1; i < argc; i++)
        replay(argv[i], &number);
    printf("1..%u\n", number);
    if (number == 0) {
        printf("Bail out! nothing to replay\n");
        return 1;
    }
    return 0;
}
