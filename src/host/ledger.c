// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/descriptor.h"
#include "os/file.h"

#define READ_CHUNK 16384
#define LOCK_TRIES 3 /* a ledger is not rotated that often */

struct ledger {
    char *path;
    int fd;           /* locked */
    off_t size;       /* whole lines; whatever lies beyond is not ours */
    off_t began_with; /* what the file held when it was made by a rotation */
    bool has_tail;    /* a failed write may have left something beyond `size` */
};

static int ledger_allocate(const char *path, struct ledger **ret_ledger)
{
    struct ledger *ledger = calloc(1, sizeof(*ledger));

    if (!ledger)
        return -ENOMEM;
    ledger->fd = -1;
    ledger->path = strdup(path);
    if (!ledger->path) {
        ledger_free(ledger);
        return -ENOMEM;
    }
    *ret_ledger = ledger;
    return 0;
}

struct ledger *ledger_free(struct ledger *ledger)
{
    if (ledger) {
        descriptor_close(ledger->fd);
        free(ledger->path);
        free(ledger);
    }
    return NULL;
}

static int make_directory_of(const char *path, struct error *ret_error)
{
    const char *slash = strrchr(path, '/');
    _cleanup_free_ char *directory = NULL;

    if (!slash || slash == path)
        return 0;
    directory = strndup(path, (size_t)(slash - path));
    return directory ? file_make_directory(directory, 0700, ret_error) : -ENOMEM;
}

/* Opens and locks what is at the path. Between the two, its owner may have rotated it away: then it is looked
 * at again. */
static int open_locked(const char *path, int *ret_fd, off_t *ret_size)
{
    for (unsigned i = 0; i < LOCK_TRIES; i++) {
        _cleanup_(descriptor_closep) int fd =
            open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600);
        struct stat opened, in_place;

        if (fd < 0 || fstat(fd, &opened) < 0)
            return -errno;
        if (!S_ISREG(opened.st_mode))
            return -EINVAL;
        if (flock(fd, LOCK_EX | LOCK_NB) < 0)
            return errno == EWOULDBLOCK ? -EBUSY : -errno;
        if (fstat(fd, &opened) < 0)
            return -errno;
        if (stat(path, &in_place) == 0 && in_place.st_dev == opened.st_dev &&
            in_place.st_ino == opened.st_ino) {
            *ret_fd = descriptor_steal(&fd);
            *ret_size = opened.st_size;
            return 0;
        }
    }
    return -EBUSY;
}

/* The offset behind the last newline; what follows was never whole. */
static int find_whole_size(int fd, off_t size, off_t *ret_whole)
{
    char chunk[READ_CHUNK];

    while (size > 0) {
        size_t wanted = size < READ_CHUNK ? (size_t)size : READ_CHUNK;
        ssize_t n = pread(fd, chunk, wanted, size - (off_t)wanted);
        const char *newline;

        if (n < 0)
            return -errno;
        if ((size_t)n != wanted)
            return -EIO;
        newline = memrchr(chunk, '\n', wanted);
        if (newline) {
            *ret_whole = size - (off_t)wanted + (newline - chunk) + 1;
            return 0;
        }
        size -= (off_t)wanted;
    }
    *ret_whole = 0;
    return 0;
}

static int open_file(struct ledger *ledger)
{
    off_t size = 0;
    int r;

    r = open_locked(ledger->path, &ledger->fd, &size);
    if (r == 0)
        r = find_whole_size(ledger->fd, size, &ledger->size);
    if (r < 0)
        return r;
    if (ledger->size < size && ftruncate(ledger->fd, ledger->size) < 0)
        return -errno;
    return fsync(ledger->fd) < 0 ? -errno : file_sync_directory_of(ledger->path);
}

static void explain_open(const char *path, int r, struct error *ret_error)
{
    switch (r) {
    case -EBUSY:
        error_set(ret_error, "ledger %s is in use by another adminkeyd: stop that one first", path);
        break;
    case -EINVAL: error_set(ret_error, "ledger %s is not a regular file: move it away", path); break;
    case -ENOMEM: error_set(ret_error, "ledger %s cannot be opened: out of memory", path); break;
    default: error_set(ret_error, "ledger %s cannot be opened: %s", path, strerror(-r));
    }
}

int ledger_open(const char *path, struct ledger **ret_ledger, struct error *ret_error)
{
    _cleanup_(ledger_freep) struct ledger *ledger = NULL;
    struct error error = {0};
    int r;

    r = ledger_allocate(path, &ledger);
    if (r == 0)
        r = make_directory_of(path, &error);
    if (r == 0)
        r = open_file(ledger);
    if (r < 0) {
        explain_open(path, r, ret_error);
        if (*error.text)
            error_set(ret_error, "%s", error.text);
        return r;
    }
    *ret_ledger = steal_pointer(&ledger);
    return 0;
}

/* Cuts a stream into lines without holding more than the longest line that can be a record. */
struct line_reader {
    ledger_record_handler handler;
    void *context;
    size_t damaged;
    size_t size;
    bool too_long;
    char line[RECORD_LINE_MAX];
};

static int finish_line(struct line_reader *reader)
{
    struct record record;
    int r = RECORD_DAMAGED;

    if (!reader->too_long)
        r = record_parse(reader->line, reader->size, &record);
    if (r == 0)
        reader->handler(reader->context, &record);
    else if (r > 0)
        reader->damaged++;
    reader->size = 0;
    reader->too_long = false;
    return r < 0 ? r : 0;
}

static int feed(struct line_reader *reader, const char *data, size_t size)
{
    while (size > 0) {
        const char *newline = memchr(data, '\n', size);
        size_t part = newline ? (size_t)(newline - data) : size;

        if (part > sizeof(reader->line) - reader->size) {
            reader->too_long = true;
        } else {
            memcpy(reader->line + reader->size, data, part);
            reader->size += part;
        }
        if (newline) {
            int r = finish_line(reader);

            if (r < 0)
                return r;
            part++;
        }
        data += part;
        size -= part;
    }
    return 0;
}

int ledger_replay(struct ledger *ledger, ledger_record_handler handler, void *context, size_t *ret_damaged)
{
    struct line_reader reader = {.handler = handler, .context = context};
    char chunk[READ_CHUNK];
    off_t offset = 0;

    while (offset < ledger->size) {
        off_t left = ledger->size - offset;
        ssize_t n = pread(ledger->fd, chunk, left < READ_CHUNK ? (size_t)left : READ_CHUNK, offset);
        int r;

        if (n <= 0)
            return n < 0 ? -errno : -EIO;
        r = feed(&reader, chunk, (size_t)n);
        if (r < 0)
            return r;
        offset += n;
    }
    *ret_damaged = reader.damaged;
    return 0;
}

static int write_at(int fd, const char *data, size_t size, off_t offset)
{
    while (size > 0) {
        ssize_t n = pwrite(fd, data, size, offset);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        data += n;
        size -= (size_t)n;
        offset += n;
    }
    return 0;
}

static int cut_tail(struct ledger *ledger)
{
    if (ledger->has_tail && ftruncate(ledger->fd, ledger->size) < 0)
        return -errno;
    ledger->has_tail = false;
    return 0;
}

int ledger_append(struct ledger *ledger, const struct record *record, bool durable)
{
    _cleanup_(bytes_donep) struct bytes line = BYTES_INIT(RECORD_LINE_MAX);
    int r;

    r = record_format(record, &line);
    if (r == 0)
        r = cut_tail(ledger);
    if (r < 0)
        return r;
    ledger->has_tail = true;
    r = write_at(ledger->fd, line.data, line.size, ledger->size);
    if (r == 0 && durable && fdatasync(ledger->fd) < 0)
        r = -errno;
    if (r < 0) {
        (void)cut_tail(ledger); /* tried again before the next line */
        return r;
    }
    ledger->has_tail = false;
    ledger->size += (off_t)line.size;
    return 0;
}

bool ledger_is_full(const struct ledger *ledger)
{
    return ledger->size >= LEDGER_ROTATE_BYTES && ledger->size >= 2 * ledger->began_with;
}

static int make_fresh(const struct ledger *ledger, struct ledger **ret_fresh)
{
    _cleanup_(ledger_freep) struct ledger *fresh = NULL;
    char path[PATH_MAX];
    int r;

    if (snprintf(path, sizeof(path), "%s.new", ledger->path) >= (int)sizeof(path))
        return -ENAMETOOLONG;
    r = ledger_allocate(path, &fresh);
    if (r < 0)
        return r;
    fresh->fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fresh->fd < 0 || flock(fresh->fd, LOCK_EX | LOCK_NB) < 0)
        return -errno;
    *ret_fresh = steal_pointer(&fresh);
    return 0;
}

/* A second name for the old file, then the new one over its first name. */
static int put_in_place(const struct ledger *ledger, const struct ledger *fresh)
{
    char old[PATH_MAX];

    if (snprintf(old, sizeof(old), "%s.1", ledger->path) >= (int)sizeof(old))
        return -ENAMETOOLONG;
    if (unlink(old) < 0 && errno != ENOENT)
        return -errno;
    if (link(ledger->path, old) < 0 || rename(fresh->path, ledger->path) < 0)
        return -errno;
    return 0;
}

int ledger_rotate(struct ledger *ledger, ledger_open_records_writer write_open, void *context)
{
    _cleanup_(ledger_freep) struct ledger *fresh = NULL;
    int r;

    r = make_fresh(ledger, &fresh);
    if (r < 0)
        return r;
    r = write_open(context, fresh);
    if (r == 0 && fsync(fresh->fd) < 0)
        r = -errno;
    if (r == 0)
        r = put_in_place(ledger, fresh);
    if (r < 0) {
        unlink(fresh->path);
        return r;
    }
    descriptor_close(ledger->fd);
    ledger->fd = descriptor_steal(&fresh->fd);
    ledger->size = ledger->began_with = fresh->size;
    ledger->has_tail = false;
    return file_sync_directory_of(ledger->path);
}
