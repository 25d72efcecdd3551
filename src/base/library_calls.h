/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The functions of a library that may be loaded late, as a struct of pointers.
 * Included once by the library's door, after the library's own header:
 *
 *	#define LIBRARY              gnutls
 *	#define LIBRARY_SYMBOL(name) gnutls_##name
 *	#define LIBRARY_NAME         GNUTLS_SONAME
 *	#define LIBRARY_TABLE        "net/gnutls.def"
 *	#include "base/library_calls.h"
 *	…
 *	return load(why) && gnutls.init(…
 *
 * The table has a row for each function, CALL(type, name, parameter types),
 * which the compiler compares with the header, and for each variable,
 * VARIABLE(type, name), of which the struct has the address.  Nothing may be
 * called before load() has been true.  Without LAZY_LIBRARIES the program is
 * linked with the library, and it always is.
 */
#include "base/library.h"

#ifdef LAZY_LIBRARIES
#define LIBRARY_KIND
#else
#define LIBRARY_KIND const
#endif

#define CALL(type, name, types)                                                \
	_Static_assert(_Generic(&LIBRARY_SYMBOL(name), type(*) types : 1),     \
		"not what the header says");
#define VARIABLE(type, name)                                                   \
	_Static_assert(_Generic(&LIBRARY_SYMBOL(name), type * : 1),            \
		"not what the header says");
#include LIBRARY_TABLE
#undef CALL
#undef VARIABLE

static LIBRARY_KIND struct {
#define CALL(type, name, types) type(*name) types;
#define VARIABLE(type, name)    type *name;
#include LIBRARY_TABLE
#undef CALL
#undef VARIABLE
} LIBRARY
#ifndef LAZY_LIBRARIES
	= {
#define CALL(type, name, types) .name = LIBRARY_SYMBOL(name),
#define VARIABLE(type, name)    .name = &LIBRARY_SYMBOL(name),
#include LIBRARY_TABLE
#undef CALL
#undef VARIABLE
	}
#endif
;

#ifdef LAZY_LIBRARIES
#define LIBRARY_TEXT(symbol)  #symbol
#define LIBRARY_QUOTE(symbol) LIBRARY_TEXT(symbol)

static const char *const library_symbols[] = {
#define CALL(type, name, types) LIBRARY_QUOTE(LIBRARY_SYMBOL(name)),
#define VARIABLE(type, name)    LIBRARY_QUOTE(LIBRARY_SYMBOL(name)),
#include LIBRARY_TABLE
#undef CALL
#undef VARIABLE
};

_Static_assert(sizeof library_symbols == sizeof LIBRARY,
	"a pointer for each symbol, and nothing else");

static bool load(struct diag *why)
{
	static struct library library = {
		.name = LIBRARY_NAME,
		.symbols = library_symbols,
		.calls = &LIBRARY,
		.count = sizeof library_symbols / sizeof *library_symbols,
	};

	return library_load(&library, why);
}

#else

static bool load(struct diag *why)
{
	(void)why;
	return true;
}

#endif
