# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += src/config/libconfig.a
src_config_libconfig_a_SOURCES = \
	src/config/account.h \
	src/config/argv.c src/config/argv.h src/config/sendmail.def \
	src/config/option.c src/config/option.h src/config/options.def
