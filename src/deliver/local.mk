# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += src/deliver/libdeliver.a
src_deliver_libdeliver_a_SOURCES = \
	src/deliver/attempt.c src/deliver/attempt.h \
	src/deliver/capture.c src/deliver/capture.h \
	src/deliver/connection.c src/deliver/connection.h \
	src/deliver/credential.c src/deliver/credential.h \
	src/deliver/errand.c src/deliver/errand.h \
	src/deliver/lane.c src/deliver/lane.h \
	src/deliver/notice.c src/deliver/notice.h \
	src/deliver/outcome.c src/deliver/outcome.h \
	src/deliver/progress.c src/deliver/progress.h \
	src/deliver/queue.c src/deliver/queue.h \
	src/deliver/signing.c src/deliver/signing.h \
	src/deliver/route.c src/deliver/route.h \
	src/deliver/runner.c src/deliver/runner.h \
	src/deliver/submit.c src/deliver/submit.h \
	src/deliver/wake.c src/deliver/wake.h
