# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += src/config/libconfig.a
src_config_libconfig_a_SOURCES = \
	src/config/account.c src/config/account.h \
	src/config/argv.c src/config/argv.h src/config/sendmail.def \
	src/config/check.c src/config/check.h \
	src/config/choose.c src/config/choose.h \
	src/config/dsn.c src/config/dsn.h \
	src/config/eval.c src/config/eval.h \
	src/config/environment.c src/config/environment.h \
	src/config/expand.c src/config/expand.h \
	src/config/fallback.c src/config/fallback.h \
	src/config/file.c src/config/file.h \
	src/config/habit.c src/config/habit.h src/config/habit.def \
	src/config/issuer.c src/config/issuer.h src/config/issuers.def \
	src/config/load.c src/config/load.h \
	src/config/mistake.c src/config/mistake.h \
	src/config/note.c src/config/note.h \
	src/config/kind.c src/config/kind.h \
	src/config/option.c src/config/option.h src/config/options.def \
	src/config/profile.c src/config/profile.h \
	src/config/preset.c src/config/preset.h \
	src/config/provider.c src/config/provider.h \
	src/config/provider_fields.def src/config/providers.def \
	src/config/show.c src/config/show.h \
	src/config/storeurl.c src/config/storeurl.h \
	src/config/syntax.c src/config/syntax.h
