// SPDX-License-Identifier: GPL-3.0-or-later
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

static const struct option longs[] = {
    {"certificate", required_argument, NULL, 'c'},
    {"key", required_argument, NULL, 'k'},
    {"log", required_argument, NULL, 'l'},
    {"console", required_argument, NULL, 's'},
    {"port-file", required_argument, NULL, 'f'},
    {"port", required_argument, NULL, 'p'},
    {"account", required_argument, NULL, 'a'},
    {"standard", no_argument, NULL, 'S'},
    {"guess-clamp", no_argument, NULL, 'C'},
    {"guess-never-shorten", no_argument, NULL, 'N'},
    {"guess-round", no_argument, NULL, 'R'},
    {"help", no_argument, NULL, 'h'},
    {0},
};

static void usage(FILE *stream)
{
    fputs("practice-site --account E-MAIL:TOKEN:admin|member|scoped --console SOCKET --log FILE --port-file "
          "FILE\n"
          "              [--certificate FILE --key FILE] [--port N] [--standard]\n"
          "              [--guess-clamp] [--guess-never-shorten] [--guess-round]\n"
          "\n"
          "Serves the admin-key API on 127.0.0.1, as Confluence Cloud documents it. The port is written to "
          "the port\n"
          "file once it listens. The console takes one JSON object a line; see console.h.\n",
          stream);
}

int options_parse(int argc, char **argv, struct options *ret_options)
{
    struct options *options = ret_options;
    int code;

    *options = (struct options){0};
    while ((code = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
        switch (code) {
        case 'c': options->certificate = optarg; break;
        case 'k': options->key = optarg; break;
        case 'l': options->log = optarg; break;
        case 's': options->console = optarg; break;
        case 'f': options->port_file = optarg; break;
        case 'p': options->port = (unsigned short)strtoul(optarg, NULL, 10); break;
        case 'a':
            if (options->n_accounts == OPTIONS_ACCOUNTS_MAX)
                return 2;
            options->accounts[options->n_accounts++] = optarg;
            break;
        case 'S': options->standard = true; break;
        case 'C': options->clamp = true; break;
        case 'N': options->never_shorten = true; break;
        case 'R': options->round = true; break;
        case 'h': usage(stdout); exit(0);
        default: usage(stderr); return 2;
        }
    }
    if (optind != argc || !options->log || !options->console || !options->port_file ||
        options->n_accounts == 0 || !options->certificate != !options->key) {
        usage(stderr);
        return 2;
    }
    return 0;
}
