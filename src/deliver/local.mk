# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += src/deliver/libdeliver.a
src_deliver_libdeliver_a_SOURCES = \
	src/deliver/arrived.c src/deliver/arrived.h src/deliver/arrived.def \
	src/deliver/assertion.c src/deliver/assertion.h \
	src/deliver/attempt.c src/deliver/attempt.h \
	src/deliver/bearing.c src/deliver/bearing.h \
	src/deliver/blame.c src/deliver/blame.h \
	src/deliver/budget.c src/deliver/budget.h \
	src/deliver/capture.c src/deliver/capture.h \
	src/deliver/confine.c src/deliver/confine.h \
	src/deliver/connection.c src/deliver/connection.h \
	src/deliver/connection_internal.h \
	src/deliver/consent.c src/deliver/consent.h \
	src/deliver/credential.c src/deliver/credential.h \
	src/deliver/crew.c src/deliver/crew.h \
	src/deliver/errand.c src/deliver/errand.h \
	src/deliver/inquiry.c src/deliver/inquiry.h \
	src/deliver/known.c src/deliver/known.h \
	src/deliver/known.def src/deliver/known_reasons.def \
	src/deliver/handover.c src/deliver/handover.h \
	src/deliver/hire.c src/deliver/hire.h \
	src/deliver/lane.c src/deliver/lane.h \
	src/deliver/login.c src/deliver/login.h \
	src/deliver/login_store.c src/deliver/login_store.h \
	src/deliver/members.c src/deliver/members.h \
	src/deliver/notice.c src/deliver/notice.h \
	src/deliver/outcome.c src/deliver/outcome.h \
	src/deliver/peer.c src/deliver/peer.h \
	src/deliver/progress.c src/deliver/progress.h \
	src/deliver/pump.c \
	src/deliver/quoted.c src/deliver/quoted.h \
	src/deliver/queue.c src/deliver/queue.h \
	src/deliver/sealing.c src/deliver/sealing.h \
	src/deliver/signing.c src/deliver/signing.h \
	src/deliver/reach.c src/deliver/reach.h \
	src/deliver/route.c src/deliver/route.h \
	src/deliver/runner.c src/deliver/runner.h \
	src/deliver/suppression.c src/deliver/suppression.h \
	src/deliver/submit.c src/deliver/submit.h \
	src/deliver/terms.c src/deliver/terms.h \
	src/deliver/tidings.c src/deliver/tidings.h \
	src/deliver/token.c src/deliver/token.h \
	src/deliver/waiting.c src/deliver/waiting.h \
	src/deliver/wake.c src/deliver/wake.h
