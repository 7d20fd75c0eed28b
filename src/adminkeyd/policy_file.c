// SPDX-License-Identifier: GPL-3.0-or-later
#include "adminkeyd/policy_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/zone_file.h"

static int allocate(struct policy_file **ret_file)
{
    struct policy_file *file = calloc(1, sizeof(*file));

    if (!file)
        return -ENOMEM;
    file->references = 1;
    *ret_file = file;
    return 0;
}

static int parse(struct policy_file *file, const struct bytes *bytes, struct problems *problems)
{
    const struct zone_reader zones = {.read = zone_file_read};
    int r;

    r = policy_parse(bytes_text(bytes), bytes->size, &zones, problems, &file->policy);
    if (r == 0)
        r = policy_warn(file->policy, file->loaded_utc, problems);
    problems_sort(problems);
    if (r == 0)
        return 0;
    if (r > 0)
        return POLICY_FILE_REFUSED;
    if (r == -ENOMEM)
        return r;
    r = problems_add(problems, false, 0, 0, "",
                     "the time zones of this system cannot be read: install tzdata");
    return r < 0 ? r : POLICY_FILE_REFUSED;
}

int policy_file_load(const char *path, struct problems *problems, struct policy_file **ret_file)
{
    _cleanup_(policy_file_unrefp) struct policy_file *file = NULL;
    _cleanup_(bytes_donep) struct bytes bytes = BYTES_INIT(POLICY_BYTES_MAX);
    struct error error = {0};
    int r;

    r = allocate(&file);
    if (r < 0)
        return r;
    r = file_read(path, POLICY_BYTES_MAX, &bytes, &error);
    if (r == -ENOMEM)
        return r;
    if (r < 0) {
        r = problems_add(problems, false, 0, 0, "", "%s", error.text);
        return r < 0 ? r : POLICY_FILE_REFUSED;
    }
    file->loaded_utc = clock_utc();
    sha256_text(file->sha256, bytes_text(&bytes), bytes.size);
    r = parse(file, &bytes, problems);
    if (r == 0)
        *ret_file = steal_pointer(&file);
    return r;
}

/* Beside the ledger. */
static int kept_path(const char *ledger, char **ret_path)
{
    const char *slash = strrchr(ledger, '/');
    int length = slash ? (int)(slash - ledger + 1) : 0;

    return asprintf(ret_path, "%.*spolicy.yaml", length, ledger) < 0 ? -ENOMEM : 0;
}

int policy_file_keep(const struct policy_file *file, const char *path, const char *ledger)
{
    _cleanup_(bytes_donep) struct bytes bytes = BYTES_INIT(POLICY_BYTES_MAX);
    _cleanup_free_ char *kept = NULL;
    char sha256[SHA256_TEXT_MAX];
    struct error error = {0};
    int r;

    r = kept_path(ledger, &kept);
    if (r == 0)
        r = file_read(path, POLICY_BYTES_MAX, &bytes, &error);
    if (r < 0)
        return r;
    sha256_text(sha256, bytes_text(&bytes), bytes.size);
    if (!text_equal(sha256, file->sha256))
        return -ESTALE;
    return file_write(kept, bytes_text(&bytes), bytes.size, 0600, &error);
}

int policy_file_load_kept(const char *ledger, struct problems *problems, struct policy_file **ret_file)
{
    _cleanup_free_ char *kept = NULL;
    int r = kept_path(ledger, &kept);

    return r < 0 ? r : policy_file_load(kept, problems, ret_file);
}

struct policy_file *policy_file_ref(struct policy_file *file)
{
    file->references++;
    return file;
}

struct policy_file *policy_file_unref(struct policy_file *file)
{
    if (file && --file->references == 0) {
        policy_free(file->policy);
        free(file);
    }
    return NULL;
}
