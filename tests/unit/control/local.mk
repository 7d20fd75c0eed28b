# SPDX-License-Identifier: GPL-3.0-or-later
CONTROL_TEST_CFLAGS = $(UNIT_CFLAGS) $(JSON_CFLAGS) -I$(srcdir)/tests/unit -I$(srcdir)/tests/unit/control
CONTROL_TEST_SUPPORT = \
	tests/unit/control/fake_source.c tests/unit/control/fake_source.h \
	tests/unit/control/talk.c tests/unit/control/talk.h

check_PROGRAMS += tests/unit/control/test-bouncer
tests_unit_control_test_bouncer_SOURCES = tests/unit/control/test-bouncer.c
tests_unit_control_test_bouncer_CFLAGS  = $(CONTROL_TEST_CFLAGS)
tests_unit_control_test_bouncer_LDFLAGS = $(UNIT_LINK)
tests_unit_control_test_bouncer_LDADD   = $(CONTROL) $(UNIT_SUPPORT) $(CMOCKA_LIBS)
TESTS += tests/unit/control/test-bouncer

check_PROGRAMS += tests/unit/control/test-conversation
tests_unit_control_test_conversation_SOURCES = tests/unit/control/test-conversation.c $(CONTROL_TEST_SUPPORT)
tests_unit_control_test_conversation_CFLAGS  = $(CONTROL_TEST_CFLAGS)
tests_unit_control_test_conversation_LDFLAGS = $(UNIT_LINK)
tests_unit_control_test_conversation_LDADD   = $(CONTROL) $(UNIT_SUPPORT) $(CMOCKA_LIBS)
TESTS += tests/unit/control/test-conversation

check_PROGRAMS += tests/unit/control/test-frame
tests_unit_control_test_frame_SOURCES = tests/unit/control/test-frame.c
tests_unit_control_test_frame_CFLAGS  = $(CONTROL_TEST_CFLAGS)
tests_unit_control_test_frame_LDFLAGS = $(UNIT_LINK)
tests_unit_control_test_frame_LDADD   = $(CONTROL) $(UNIT_SUPPORT) $(CMOCKA_LIBS)
TESTS += tests/unit/control/test-frame

check_PROGRAMS += tests/unit/control/test-message
tests_unit_control_test_message_SOURCES = tests/unit/control/test-message.c
tests_unit_control_test_message_CFLAGS  = $(CONTROL_TEST_CFLAGS)
tests_unit_control_test_message_LDFLAGS = $(UNIT_LINK)
tests_unit_control_test_message_LDADD   = $(CONTROL) $(UNIT_SUPPORT) $(CMOCKA_LIBS)
TESTS += tests/unit/control/test-message

check_PROGRAMS += tests/unit/control/test-service
tests_unit_control_test_service_SOURCES = tests/unit/control/test-service.c $(CONTROL_TEST_SUPPORT)
tests_unit_control_test_service_CFLAGS  = $(CONTROL_TEST_CFLAGS)
tests_unit_control_test_service_LDFLAGS = $(UNIT_LINK)
tests_unit_control_test_service_LDADD   = $(CONTROL) $(UNIT_SUPPORT) $(CMOCKA_LIBS)
TESTS += tests/unit/control/test-service

check_PROGRAMS += tests/unit/control/test-status_json
tests_unit_control_test_status_json_SOURCES = tests/unit/control/test-status_json.c $(CONTROL_TEST_SUPPORT)
tests_unit_control_test_status_json_CFLAGS  = $(CONTROL_TEST_CFLAGS)
tests_unit_control_test_status_json_LDFLAGS = $(UNIT_LINK)
tests_unit_control_test_status_json_LDADD   = $(CONTROL) $(UNIT_SUPPORT) $(CMOCKA_LIBS)
TESTS += tests/unit/control/test-status_json
