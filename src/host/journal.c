// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/journal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* Where in the source a line comes from is not what readers of this journal ask. */
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#include "base/cleanup.h"

#define JOURNAL_SOCKET "/run/systemd/journal/socket"
#define FIELD_MAX      (REPORT_TEXT_MAX + 64)

static bool stderr_is_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM"); /* "device:inode" */
    unsigned long long device, inode;
    struct stat stat;

    return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 && fstat(STDERR_FILENO, &stat) == 0 &&
           stat.st_dev == device && stat.st_ino == inode;
}

struct journal journal_find(void)
{
    bool run_by_systemd = getenv("INVOCATION_ID") && getenv("NOTIFY_SOCKET");

    return (struct journal){
        .is_connected = stderr_is_journal() || (run_by_systemd && access(JOURNAL_SOCKET, W_OK) == 0),
    };
}

static void send_to_journal(const struct report *report)
{
    const struct {
        const char *name, *value;
    } fields[] = {
        {"MESSAGE", report->message},           {"MESSAGE_ID", report_kind_row(report->kind)->message_id},
        {"SYSLOG_IDENTIFIER", "adminkeyd"},     {"ADMINKEYD_SITE", report->site},
        {"ADMINKEYD_STATE", report->state},     {"ADMINKEYD_CAUSE", report->cause},
        {"ADMINKEYD_REASON", report->reason},   {"ADMINKEYD_EXPIRES", report->expires},
        {"ADMINKEYD_VERDICT", report->verdict}, {"ADMINKEYD_REQUEST_ID", report->request_id},
        {"ADMINKEYD_ID", report->id},
    };
    char lines[ARRAY_SIZE(fields) + 1][FIELD_MAX];
    struct iovec pieces[ARRAY_SIZE(lines)];
    int n = 0;

    snprintf(lines[n++], FIELD_MAX, "PRIORITY=%d", (int)report->priority);
    for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
        if (fields[i].value && *fields[i].value)
            snprintf(lines[n++], FIELD_MAX, "%s=%s", fields[i].name, fields[i].value);
    for (int i = 0; i < n; i++)
        pieces[i] = (struct iovec){.iov_base = lines[i], .iov_len = strlen(lines[i])};
    (void)sd_journal_sendv(pieces, n);
}

static const char *priority_words(enum report_priority priority)
{
    if (priority <= PRIORITY_ERROR)
        return "error: ";
    return priority == PRIORITY_WARNING ? "warning: " : "";
}

/* One write a line, so that lines of several programs do not mix. */
static void write_to_stderr(const struct report *report)
{
    char line[REPORT_TEXT_MAX + 64];
    int n =
        snprintf(line, sizeof(line), "adminkeyd: %s%s\n", priority_words(report->priority), report->message);

    if (n > 0)
        (void)!write(STDERR_FILENO, line, (size_t)n < sizeof(line) ? (size_t)n : sizeof(line) - 1);
}

void journal_report(const struct journal *journal, const struct report *report)
{
    if (journal->is_connected)
        send_to_journal(report);
    else
        write_to_stderr(report);
}

void journal_say(const struct journal *journal, enum report_kind kind, const char *site, const char *format,
                 ...)
{
    struct report report = {.kind = kind, .priority = report_kind_row(kind)->priority, .site = site};
    va_list arguments;
    int used = site ? snprintf(report.message, sizeof(report.message), "%s: ", site) : 0;

    va_start(arguments, format);
    vsnprintf(report.message + used, sizeof(report.message) - (size_t)used, format, arguments);
    va_end(arguments);
    journal_report(journal, &report);
}
