# SPDX-License-Identifier: GPL-3.0-or-later
check_PROGRAMS += tests/unit/os/test-file
tests_unit_os_test_file_SOURCES = tests/unit/os/test-file.c
tests_unit_os_test_file_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_os_test_file_LDFLAGS = $(UNIT_LINK)
tests_unit_os_test_file_LDADD   = $(UNIT_SUPPORT) $(OS) $(CMOCKA_LIBS)
TESTS += tests/unit/os/test-file

check_PROGRAMS += tests/unit/os/test-paths
tests_unit_os_test_paths_SOURCES = tests/unit/os/test-paths.c
tests_unit_os_test_paths_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_os_test_paths_LDFLAGS = $(UNIT_LINK)
tests_unit_os_test_paths_LDADD   = $(UNIT_SUPPORT) $(OS) $(CMOCKA_LIBS)
TESTS += tests/unit/os/test-paths

check_PROGRAMS += tests/unit/os/test-process
tests_unit_os_test_process_SOURCES = tests/unit/os/test-process.c
tests_unit_os_test_process_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_os_test_process_LDFLAGS = $(UNIT_LINK)
tests_unit_os_test_process_LDADD   = $(UNIT_SUPPORT) $(OS) $(CMOCKA_LIBS)
TESTS += tests/unit/os/test-process

check_PROGRAMS += tests/unit/os/test-prompt
tests_unit_os_test_prompt_SOURCES = tests/unit/os/test-prompt.c
tests_unit_os_test_prompt_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_os_test_prompt_LDFLAGS = $(UNIT_LINK)
tests_unit_os_test_prompt_LDADD   = $(UNIT_SUPPORT) $(OS) $(CMOCKA_LIBS)
TESTS += tests/unit/os/test-prompt

check_PROGRAMS += tests/unit/os/test-socket
tests_unit_os_test_socket_SOURCES = tests/unit/os/test-socket.c
tests_unit_os_test_socket_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_os_test_socket_LDFLAGS = $(UNIT_LINK)
tests_unit_os_test_socket_LDADD   = $(UNIT_SUPPORT) $(OS) $(CMOCKA_LIBS)
TESTS += tests/unit/os/test-socket

check_PROGRAMS += tests/unit/os/test-terminal
tests_unit_os_test_terminal_SOURCES = tests/unit/os/test-terminal.c
tests_unit_os_test_terminal_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_os_test_terminal_LDFLAGS = $(UNIT_LINK)
tests_unit_os_test_terminal_LDADD   = $(UNIT_SUPPORT) $(OS) $(CMOCKA_LIBS)
TESTS += tests/unit/os/test-terminal

check_PROGRAMS += tests/unit/os/test-user
tests_unit_os_test_user_SOURCES = tests/unit/os/test-user.c
tests_unit_os_test_user_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_os_test_user_LDFLAGS = $(UNIT_LINK)
tests_unit_os_test_user_LDADD   = $(UNIT_SUPPORT) $(OS) $(CMOCKA_LIBS)
TESTS += tests/unit/os/test-user
