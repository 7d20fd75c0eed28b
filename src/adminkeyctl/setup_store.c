// SPDX-License-Identifier: GPL-3.0-or-later
#include "adminkeyctl/setup_store.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "os/file.h"
#include "os/locked_memory.h"
#include "os/paths.h"
#include "os/process.h"
#include "os/user.h"
#include "policy/policy.h"

#define CONFIGURATION SYSCONFDIR "/adminkeyd"
#define PLAIN         CONFIGURATION "/credentials"
#define CREDENTIAL    "--name=adminkeyd_"

static int directory_of(const char *path, char directory[static PATH_MAX])
{
    const char *slash = strrchr(path, '/');
    int n = snprintf(directory, PATH_MAX, "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");

    return n < 0 || n >= PATH_MAX ? -ENAMETOOLONG : 0;
}

int setup_store_encrypted(bool user, const char *file, char path[static PATH_MAX], struct error *ret_error)
{
    _cleanup_free_ char *directory = NULL;
    int r =
        paths_find(user ? PATHS_OF_USER : PATHS_OF_SYSTEM, PATH_ENCRYPTED_CREDENTIALS, &directory, ret_error);
    int n = r < 0 ? 0 : snprintf(path, PATH_MAX, "%s%s%s", directory, *file ? "/" : "", file);

    if (n >= PATH_MAX) {
        error_set(ret_error, "%s is too long a path", directory);
        r = -ENAMETOOLONG;
    }
    return r;
}

/* The user manager of systemd 256 and later has a service that encrypts for a user; before, or without it, a
 * try tells. */
static bool can_encrypt_for_user(void)
{
    static const char probe[] = "probe";
    _cleanup_(bytes_donep) struct bytes output = BYTES_INIT(16384);
    const char *arguments[] = {"systemd-creds", "encrypt", "--user", CREDENTIAL "probe", "-", "-", NULL};
    const struct process_run run = {.arguments = arguments,
                                    .input = probe,
                                    .input_size = sizeof(probe),
                                    .output = &output,
                                    .quiet = true};
    int status = 0;

    return process_run(&run, &status) == 0 && status == 0 && output.size > 0;
}

/* Whether it is the policy that the user's units go by: they decrypt the tokens beside that one alone. */
static bool is_of_units(const char *policy)
{
    _cleanup_free_ char *of_units = NULL;
    struct error error = {0};

    return paths_find(PATHS_OF_USER, PATH_POLICY, &of_units, &error) == 0 && text_equal(of_units, policy);
}

int setup_store_token_name(const struct arguments *arguments, const char *site, char **ret_token)
{
    char directory[PATH_MAX];

    if (!arguments->user || (is_of_units(arguments->policy) && can_encrypt_for_user())) {
        *ret_token = strdup(site);
        return *ret_token ? 0 : -ENOMEM;
    }
    if (directory_of(arguments->policy, directory) < 0 ||
        asprintf(ret_token, "%s/%s.token", directory, site) < 0)
        return -ENOMEM;
    return 0;
}

/* One of systemd's tokens, which are for root alone. What lies above is for the daemon to enter. */
static int make_directory(const char *path, struct error *ret_error)
{
    int r = strncmp(path, CONFIGURATION "/", sizeof(CONFIGURATION)) == 0
                ? file_make_directory(CONFIGURATION, 0755, ret_error)
                : 0;

    return r < 0 ? r : file_make_directory(path, 0700, ret_error);
}

static int read_file(const char *path, struct secret *secret, struct error *ret_error)
{
    _cleanup_(bytes_donep) struct bytes bytes = BYTES_INIT(SECRET_MAX + 2);
    int r = file_read(path, SECRET_MAX + 2, &bytes, ret_error);

    if (r == 0)
        r = secret_set(secret, bytes_text(&bytes), bytes.size);
    if (bytes.data)
        explicit_bzero(bytes.data, bytes.capacity);
    if (r < 0 && !*ret_error->text)
        error_set(ret_error, "%s holds no token", path);
    return r;
}

static int decrypt(bool user, const char *token, const char *path, struct secret *secret,
                   struct error *ret_error)
{
    _cleanup_(bytes_donep) struct bytes output = BYTES_INIT(SECRET_MAX + 2);
    char name[NAME_MAX + 32];
    const char *arguments[] = {"systemd-creds", "decrypt", name, path, "-", user ? "--user" : NULL, NULL};
    const struct process_run run = {.arguments = arguments, .output = &output};
    int r, status = 0;

    snprintf(name, sizeof(name), CREDENTIAL "%s", token);
    r = process_run(&run, &status);
    if (r == 0)
        r = status == 0 ? secret_set(secret, bytes_text(&output), output.size) : -EIO;
    if (output.data)
        explicit_bzero(output.data, output.capacity);
    if (r < 0)
        error_set(ret_error, "%s cannot be decrypted: give the token anew", path);
    return r;
}

int setup_store_find_token(bool user, const char *token, struct secret *ret_secret, struct error *ret_error)
{
    char path[PATH_MAX];
    int r;

    if (*token == '/')
        return access(token, F_OK) < 0 ? SETUP_STORE_NONE : read_file(token, ret_secret, ret_error);
    snprintf(path, sizeof(path), PLAIN "/%s", token);
    if (!user && access(path, F_OK) == 0)
        return read_file(path, ret_secret, ret_error);
    r = setup_store_encrypted(user, token, path, ret_error);
    if (r < 0)
        return r;
    return access(path, F_OK) == 0 ? decrypt(user, token, path, ret_secret, ret_error) : SETUP_STORE_NONE;
}

/* The one that is kept is the one that is to be kept. */
static bool is_same(bool user, const char *token, const struct secret *secret)
{
    struct error error = {0};
    void *memory;
    bool same;

    if (locked_memory_new(sizeof(struct secret), &memory) < 0)
        return false;
    same = setup_store_find_token(user, token, memory, &error) == 0 &&
           ((struct secret *)memory)->size == secret->size &&
           memcmp(((struct secret *)memory)->bytes, secret->bytes, secret->size) == 0;
    locked_memory_free(memory, sizeof(struct secret));
    return same;
}

/* Whoever reads it now has to read it afterwards: the owner stays. (lchown(): the owner of the directory may
 * have put a link to somebody else's file there by now.) */
static int write_file(const char *path, const struct secret *secret, struct error *ret_error)
{
    char directory[PATH_MAX];
    struct stat before;
    bool existed = lstat(path, &before) == 0;
    int r;

    r = directory_of(path, directory);
    if (r == 0)
        r = make_directory(directory, ret_error);
    if (r == 0)
        r = file_write(path, secret->bytes, secret->size, 0600, ret_error);
    if (r == 0 && existed && geteuid() == 0 && lchown(path, before.st_uid, before.st_gid) < 0) {
        r = -errno;
        error_set(ret_error, "%s cannot be given back to its owner: %s", path, strerror(-r));
    }
    return r;
}

/* Through a pipe: a token is never an argument. False: systemd cannot do that here. */
static bool encrypt(bool user, const char *token, const char *path, const struct secret *secret)
{
    char name[NAME_MAX + 32];
    const char *arguments[] = {"systemd-creds", "encrypt", name, "-", path, user ? "--user" : NULL, NULL};
    const struct process_run run = {
        .arguments = arguments, .input = secret->bytes, .input_size = secret->size, .quiet = true};
    int status = 0;

    snprintf(name, sizeof(name), CREDENTIAL "%s", token);
    return process_run(&run, &status) == 0 && status == 0 && access(path, F_OK) == 0;
}

int setup_store_try_decrypt(bool user, const char *file, const char *path)
{
    _cleanup_(bytes_donep) struct bytes output = BYTES_INIT(SECRET_MAX + 2);
    char name[NAME_MAX + 32];
    const char *arguments[] = {"systemd-creds", "decrypt", name, path, "-", user ? "--user" : NULL, NULL};
    const struct process_run run = {.arguments = arguments, .output = &output, .quiet = true};
    int status = 0, r;

    snprintf(name, sizeof(name), CREDENTIAL "%s", file);
    r = process_run(&run, &status);
    if (output.data)
        explicit_bzero(output.data, output.capacity);
    if (r == -ENOBUFS)
        return 0; /* longer than any token, and so the daemon's to refuse */
    return r == 0 && status != 0 ? -EBADMSG : r;
}

/* What file_write() calls the file of that name ("": of any) before it has it: .NAME.XXXXXX */
static bool is_half_written(const char *file, const char *name)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    size_t size = strlen(file), named = size > 8 ? size - 8 : 0;

    return named > 0 && *file == '.' && file[named + 1] == '.' && strspn(file + named + 2, letters) == 6 &&
           (!*name || (strlen(name) == named && memcmp(file + 1, name, named) == 0));
}

/* What a setup left that died before its token had its name. Without a dot at its front, as earlier setups
 * wrote it, systemd loads it, and refuses the name; a token that is called so by the policy is another.
 * Outside systemd's directories only what is surely of the token `name` counts. */
static bool is_left_over(const char *file, const char *path, const char *name)
{
    size_t size = strlen(file);
    struct stat stat;

    if (lstat(path, &stat) < 0 || !S_ISREG(stat.st_mode))
        return false;
    if (*name || is_half_written(file, ""))
        return is_half_written(file, name);
    return size > strlen(".new") && text_equal(file + size - strlen(".new"), ".new") &&
           (*file == '.' || setup_store_try_decrypt(false, file, path) == -EBADMSG);
}

static int remove_left_over(const char *directory, const char *name, struct error *ret_error)
{
    DIR *listing = opendir(directory);
    const struct dirent *entry;
    char path[PATH_MAX];
    int r = 0;

    if (!listing) {
        r = -errno;
        error_set(ret_error, "%s cannot be looked through: %s", directory, strerror(-r));
        return r;
    }
    while (r == 0 && (entry = readdir(listing))) {
        if (snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name) >= (int)sizeof(path))
            continue;
        if (is_left_over(entry->d_name, path, name) && unlink(path) < 0 && errno != ENOENT) {
            r = -errno;
            error_set(ret_error, "%s cannot be removed: %s", path, strerror(-r));
        }
    }
    closedir(listing);
    return r;
}

/* The directory of encrypted tokens, empty of what setups left. */
static int make_ready(bool user, struct error *ret_error)
{
    char encrypted[PATH_MAX];
    int r = setup_store_encrypted(user, "", encrypted, ret_error);

    if (r == 0)
        r = make_directory(encrypted, ret_error);
    return r < 0 ? r : remove_left_over(encrypted, "", ret_error);
}

/* Beside a token that is a file of its own. */
static int remove_left_of(const char *token, struct error *ret_error)
{
    char directory[PATH_MAX];
    int r = directory_of(token, directory);

    if (r < 0 || access(directory, F_OK) < 0)
        return r;
    return remove_left_over(*directory ? directory : "/", strrchr(token, '/') + 1, ret_error);
}

int setup_store_make_ready(const struct arguments *arguments, const char *token, struct error *ret_error)
{
    int r = *token == '/' ? remove_left_of(token, ret_error) : 0;

    if (r < 0 || arguments->user)
        return r;
    r = make_directory(PLAIN, ret_error);
    if (r == 0)
        r = remove_left_over(PLAIN, "", ret_error);
    return r < 0 ? r : make_ready(false, ret_error);
}

/* Encrypted beside its place first: whatever fails, the one before stays as it was. */
static int keep_encrypted(bool user, const char *token, const struct secret *secret, bool *ret_done,
                          char path[static PATH_MAX], struct error *ret_error)
{
    char beside[PATH_MAX], name[NAME_MAX + 32];
    int r = setup_store_encrypted(user, token, path, ret_error);

    /* A dot at its front: the units load every other file of the directory, and one that cannot be decrypted
     * under its own name, as this one, keeps them from starting. */
    snprintf(name, sizeof(name), ".%s.new", token);
    if (r == 0)
        r = setup_store_encrypted(user, name, beside, ret_error);
    if (r < 0)
        return r;
    *ret_done = encrypt(user, token, beside, secret);
    if (*ret_done && (chmod(beside, 0600) < 0 || rename(beside, path) < 0)) {
        r = -errno;
        error_set(ret_error, "%s cannot be written: %s", path, strerror(-r));
    }
    if (!*ret_done || r < 0)
        unlink(beside);
    return r;
}

/* Under its name: encrypted, or for root alone where systemd cannot do that. A user has no such place. */
static int keep_credential(bool user, const char *token, const struct secret *secret, bool *ret_encrypted,
                           char path[static PATH_MAX], struct error *ret_error)
{
    char plain[PATH_MAX];
    int r = user ? make_ready(true, ret_error) : 0;

    if (r == 0)
        r = keep_encrypted(user, token, secret, ret_encrypted, path, ret_error);
    if (r < 0)
        return r;
    snprintf(plain, sizeof(plain), PLAIN "/%s", token);
    if (*ret_encrypted) {
        if (!user)
            (void)unlink(plain); /* it would be taken first */
        return 0;
    }
    if (user) {
        error_set(
            ret_error,
            "systemd-creds cannot encrypt the token for this user: let the policy name the absolute path of "
            "a file as the site's token");
        return -EOPNOTSUPP;
    }
    text_copy(path, PATH_MAX, plain);
    return write_file(path, secret, ret_error);
}

int setup_store_token(bool user, const char *token, const struct secret *secret, char **ret_where,
                      struct error *ret_error)
{
    bool encrypted = false;
    char path[PATH_MAX];
    int r;

    if (is_same(user, token, secret))
        return SETUP_STORE_SAME;
    text_copy(path, sizeof(path), token);
    r = *token == '/' ? write_file(path, secret, ret_error)
                      : keep_credential(user, token, secret, &encrypted, path, ret_error);
    if (r == 0 && asprintf(ret_where, "%s,\n%s", path,
                           !encrypted ? "plain, for its owner alone to read"
                           : user     ? "encrypted for this user on this machine"
                                      : "encrypted for this machine") < 0)
        r = -ENOMEM;
    return r;
}

static int keep_copy(const char *path, struct error *ret_error)
{
    _cleanup_(bytes_donep) struct bytes before = BYTES_INIT(POLICY_BYTES_MAX);
    char copy[PATH_MAX];
    struct stat stat;
    int r;

    if (lstat(path, &stat) < 0)
        return errno == ENOENT ? 0 : -errno;
    snprintf(copy, sizeof(copy), "%s~", path);
    r = file_read(path, POLICY_BYTES_MAX, &before, ret_error);
    return r < 0 ? r : file_write(copy, bytes_text(&before), before.size, stat.st_mode & 0777, ret_error);
}

/* Of a policy that is new: for root to write, and in the system's service for daemon and viewers to read. */
static void choose_owner(const struct arguments *arguments, struct stat *ret_stat)
{
    gid_t viewers;

    *ret_stat = (struct stat){.st_uid = geteuid(), .st_gid = getegid(), .st_mode = 0600};
    if (!arguments->user && geteuid() == 0 && group_find(POLICY_VIEWERS_GROUP, &viewers) == 0) {
        ret_stat->st_gid = viewers;
        ret_stat->st_mode = 0640;
    }
}

int setup_store_may_replace(const char *policy, struct error *ret_error)
{
    struct stat stat;

    if (lstat(policy, &stat) < 0 || !S_ISLNK(stat.st_mode))
        return 0;
    error_set(ret_error, "%s is a symbolic link: name the file itself with --policy", policy);
    return -ELOOP;
}

int setup_store_policy(const struct arguments *arguments, const struct bytes *text, struct error *ret_error)
{
    char beside[PATH_MAX], directory[PATH_MAX];
    struct stat stat;
    int r;

    r = directory_of(arguments->policy, directory);
    if (r == 0)
        r = file_make_directory(directory, arguments->user ? 0700 : 0755, ret_error);
    if (r < 0)
        return r;
    if (lstat(arguments->policy, &stat) < 0)
        choose_owner(arguments, &stat);
    r = keep_copy(arguments->policy, ret_error);
    if (r < 0)
        return r;
    snprintf(beside, sizeof(beside), "%s.new", arguments->policy);
    r = file_write(beside, bytes_text(text), text->size, stat.st_mode & 0777, ret_error);
    if (r < 0)
        return r;
    if ((geteuid() == 0 && lchown(beside, stat.st_uid, stat.st_gid) < 0) ||
        rename(beside, arguments->policy) < 0) {
        r = -errno;
        error_set(ret_error, "%s cannot be written: %s", arguments->policy, strerror(-r));
        unlink(beside);
        return r;
    }
    return file_sync_directory_of(arguments->policy);
}
