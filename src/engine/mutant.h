// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Rules that can be broken on purpose: what proves that the simulation's checks can fail. Only a build of the
 * engine with -DENGINE_MUTANTS has them, and no program that is installed; in all others MUTANT() is false,
 * and nothing of it is left.
 */

enum mutant {
    MUTANT_NONE,
    MUTANT_EXPOSURE,    /* I1: grants are not cut to the end of the stretch */
    MUTANT_COVERAGE,    /* I2: a key is renewed only after it has ended */
    MUTANT_MINUTES,     /* I3: a POST may move the expiry earlier */
    MUTANT_RATE,        /* I4: the breaker and the retry delays hold nothing back */
    MUTANT_PROOF,       /* I5: a 204 counts as proof while a POST may still act */
    MUTANT_RECORD,      /* I6: a POST goes out before its intent is on the disk */
    MUTANT_SECRETS,     /* I7: a report repeats what the token is called */
    MUTANT_PROGRESS,    /* I8: a failed call is never tried again */
    MUTANT_DETERMINISM, /* I9: the jitter depends on what ran before */
    MUTANT_BOUNDS,      /* I10: each step asks for the next at once */
    MUTANT_DOOR,        /* I1: a hold is granted for as long as it is asked for */
    MUTANT_SLEEP,       /* I1: the machine may sleep before the key is off */
    MUTANT_LIMITS,      /* I1: a daemon that starts remembers nothing of what limits have counted */
    MUTANT_ENFORCE,     /* I11: enforce: no switches all the same */
    MUTANT_CONFINED,    /* I11: renewals go out when due, whatever renewal.mode says */
    MUTANT_RETRY_AFTER, /* I11: nobody reads Retry-After */
    MUTANT_RESTART,     /* I11: a restart is taken for a stop */
    MUTANT_FOREIGN,     /* I11: other people's keys are switched off */
    MUTANT_CONFIRM,     /* I11: the first 401, 403 or 404 is believed */
    N_MUTANTS
};

#ifdef ENGINE_MUTANTS
extern enum mutant engine_mutant; /* which rule is broken now; the test that sets it owns it */
#define MUTANT(which) (engine_mutant == (which))
#else
#define MUTANT(which) false
#endif
