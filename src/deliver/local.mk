# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += src/deliver/libdeliver.a
src_deliver_libdeliver_a_SOURCES =
