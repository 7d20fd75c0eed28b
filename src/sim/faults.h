// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What goes wrong, and when: a list of faults, scripted or drawn by seed. In text one fault is a line,
 *
 *     2026-03-02T08:30:00.000Z status 503 for 1m calls post,get daemon 2
 *
 * an instant, a kind, its number where the kind has one, how long it lasts, the calls that it strikes (all
 * unless said) and the daemon (all that are struck by calls, the first for what befalls a machine). Empty
 * lines and what follows a # are skipped. A printed list reads back as the same list, so that one that breaks
 * something can be cut down and kept.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/random.h"
#include "base/time.h"
#include "confluence/confluence.h"
#include "policy/policy.h"

#define FAULTS_MAX      10000
#define FAULTS_TEXT_MAX (2 * 1024 * 1024)

enum fault_kind {
    /* of a call, while the fault lasts */
    FAULT_LOST_REQUEST,  /* never arrives; the client waits in vain */
    FAULT_LOST_REPLY,    /* the site acts; the client waits in vain */
    FAULT_CUT,           /* the site acts; the connection ends within the reply */
    FAULT_LATE,          /* kept so long on the way, acts when the client may have given up */
    FAULT_SLOW,          /* arrives so much later */
    FAULT_SLOW_REPLY,    /* the reply takes so much longer */
    FAULT_NO_NAME,       /* the name has no address */
    FAULT_NO_CONNECTION, /* refused, unreachable */
    FAULT_NO_TLS,        /* the handshake fails */
    FAULT_UNTRUSTED,     /* the certificate is not trusted */
    FAULT_STATUS,        /* the site answers this, and does nothing */
    FAULT_SERAPH,        /* 401 with the header that says that the login failed */
    FAULT_THROTTLE,      /* 429 with Retry-After of so many seconds; -1: without */
    FAULT_THROTTLE_DATE, /* 429 with Retry-After as a date so many seconds ahead */
    FAULT_UNAVAILABLE,   /* 503 with Retry-After */
    FAULT_ERROR_ACTED,   /* the site acts, and something in between answers this */
    FAULT_GARBAGE,       /* the site acts; the body is no JSON */
    FAULT_TRUNCATED,     /* the site acts; the body ends early */
    FAULT_OVERSIZED,     /* the site acts; the body has no end */
    FAULT_NO_EXPIRY,     /* the site acts; the body names no expiry */
    FAULT_SHORT,         /* the site grants so many minutes at most */
    /* of the account */
    FAULT_FOREIGN_ON,  /* somebody else enables the key for so many minutes */
    FAULT_FOREIGN_OFF, /* somebody else disables it */
    FAULT_SITE_CLOCK,  /* the site's clock is set by so many seconds */
    /* of a machine */
    FAULT_CLOCK_STEP,     /* its clock is set by so many seconds */
    FAULT_DRIFT,          /* its clocks run so many ppm too fast */
    FAULT_SUSPEND,        /* asleep */
    FAULT_LOCK,           /* the session is locked */
    FAULT_CRASH,          /* the daemon is killed, and started again at the end of the fault */
    FAULT_KILL,           /* the same, after so many more effects */
    FAULT_POWER_LOSS,     /* what was not synced is lost; a boot at the end of the fault */
    FAULT_STOP,           /* SIGTERM; started again at the end of the fault */
    FAULT_RESTART,        /* the unit is restarted */
    FAULT_RELOAD,         /* the policy of that number comes into force */
    FAULT_DISK_FULL,      /* nothing can be written */
    FAULT_LEDGER_LOST,    /* the daemon is killed, its ledger removed, and it is started again */
    FAULT_LEDGER_DAMAGED, /* the same with a damaged line */
    FAULT_POWER_CUT,      /* the power goes after so many more effects */
    FAULT_NETWORK,        /* the network comes up, as far as the machine can tell */
    FAULT_HOLD,           /* somebody asks for a key for so many minutes, */
    FAULT_RUN,            /* a job does, that ends with its machine's daemon, */
    FAULT_BREAK_GLASS,    /* somebody does in an emergency */
    FAULT_DISABLE,        /* somebody wants none for so many minutes; 0: in what is open of the hours */
    FAULT_RESUME,         /* and wants that no longer */
    N_FAULT_KINDS
};

#define FAULT_LAST_OF_CALLS FAULT_SHORT

struct fault {
    enum fault_kind kind;
    usec at_true;
    usec lasts;      /* 0: an instant */
    int64_t number;  /* 0 where the kind has none */
    unsigned calls;  /* bit n: enum confluence_call n */
    unsigned daemon; /* 0: not said */
};

#define FAULT_ALL_CALLS ((1U << N_CONFLUENCE_CALLS) - 1)

struct faults {
    struct fault *list; /* by at_true, once sorted */
    size_t n, capacity;
};

void faults_done(struct faults *faults);
static inline void faults_donep(struct faults *faults)
{
    faults_done(faults);
}

/* 0, -E2BIG beyond FAULTS_MAX, -ENOMEM. */
int faults_add(struct faults *faults, const struct fault *fault);
void faults_sort(struct faults *faults);

const char *fault_name(enum fault_kind kind);

/* 0, -EINVAL with the line and what is wrong in `ret_error`, -E2BIG, -ENOMEM. Sorted. */
int faults_parse(const char *text, size_t size, struct faults *faults, struct error *ret_error);
/* One fault, with its newline. 0, -ENOBUFS, -ENOMEM. */
int fault_print(const struct fault *fault, struct bytes *bytes);
int faults_print(const struct faults *faults, struct bytes *bytes);

/* How bad it gets. */
enum faults_profile {
    FAULTS_NONE,
    FAULTS_MILD,  /* what a year brings: the network, a busy site, a restart */
    FAULTS_HARSH, /* everything, and often */
};

/* 0 or -EINVAL. */
int faults_profile_parse(const char *name, enum faults_profile *ret_profile);

struct faults_range {
    usec from_true, until_true;
    unsigned n_daemons, n_policies;
    const struct policy_site *site; /* many faults are drawn near its changes; may be NULL */
    bool people;                    /* they ask for keys, or for none */
};

/* Appends what the profile brings in that time, and sorts. 0, -E2BIG, -ENOMEM. */
int faults_draw(struct faults *faults, enum faults_profile profile, const struct faults_range *range,
                struct random *random);
