// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/process.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/descriptor.h"
#include "os/file.h"

#define READ_CHUNK 4096

/* The read end of a pipe that holds the whole input. */
static int open_input(const struct process_run *run, int *ret_fd)
{
    _cleanup_(descriptor_closep) int reader = -1, writer = -1;
    int ends[2], r;

    assert(run->input_size <= PROCESS_INPUT_MAX);
    if (!run->input) {
        *ret_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
        return *ret_fd < 0 ? -errno : 0;
    }
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    reader = ends[0];
    writer = ends[1];
    r = file_write_all(writer, run->input, run->input_size);
    if (r < 0)
        return r;
    *ret_fd = reader;
    reader = -1;
    return 0;
}

static int set_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none, defaults;
    int r;

    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    r = posix_spawnattr_setsigmask(attributes, &none);
    if (r == 0)
        r = posix_spawnattr_setsigdefault(attributes, &defaults);
    if (r == 0)
        r = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    return -r;
}

static int spawn(const struct process_run *run, int input, int output, pid_t *ret_child)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int r;

    r = posix_spawn_file_actions_init(&actions);
    if (r != 0)
        return -r;
    r = posix_spawnattr_init(&attributes);
    if (r != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return -r;
    }
    r = posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    if (r == 0 && output >= 0)
        r = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    if (r == 0 && run->quiet)
        r = posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    if (r == 0)
        r = -set_attributes(&attributes);
    if (r == 0)
        r = posix_spawnp(ret_child, run->arguments[0], &actions, &attributes, (char *const *)run->arguments,
                         environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return -r;
}

/* To the end, also past the cap, so that the program is not held up. */
static int collect(int fd, struct bytes *bytes)
{
    char chunk[READ_CHUNK];
    int r = 0;

    for (;;) {
        ssize_t n = read(fd, chunk, sizeof(chunk));

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            break;
        if (r == 0)
            r = bytes_append(bytes, chunk, (size_t)n);
    }
    explicit_bzero(chunk, sizeof(chunk)); /* it may have been a secret */
    return r;
}

static int wait_for(pid_t child, int *ret_status)
{
    int status;

    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return -errno;
    *ret_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return 0;
}

/* Where the C library cannot tell of an exec that failed, as under an emulator, its child exits with this
 * (POSIX, posix_spawn); so does a program whose libraries are not there. */
#define NOT_EXECUTED 127

int process_run(const struct process_run *run, int *ret_status)
{
    _cleanup_(descriptor_closep) int input = -1, reader = -1, writer = -1;
    int ends[2], r, waited, status = -1;
    pid_t child;

    r = open_input(run, &input);
    if (r < 0)
        return r;
    if (run->output) {
        if (pipe2(ends, O_CLOEXEC) < 0)
            return -errno;
        reader = ends[0];
        writer = ends[1];
    }
    r = spawn(run, input, writer, &child);
    if (r < 0)
        return r;
    if (run->output) {
        writer = descriptor_close(writer);
        r = collect(reader, run->output);
    }
    waited = wait_for(child, &status);
    if (r == 0)
        r = waited;
    if (r == 0 && status == NOT_EXECUTED)
        r = -ENOENT;
    if (r == 0)
        *ret_status = status;
    return r;
}
