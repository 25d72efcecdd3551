/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loading a system library late.  Knows none of them. */
#include <config.h>

#include "base/library.h"

#include "base/text.h"

#ifdef LAZY_LIBRARIES

#include <dlfcn.h>
#include <string.h>

static bool fail(const struct library *library, struct diag *why)
{
	const char *reason = dlerror();

	return diag_set(why, DIAG_LIBRARY_NOT_LOADED, library->name,
		reason ? reason : N_("something is missing in it"));
}

/* POSIX has pointers to functions and to data alike; C has a way from the one
 * to the other only through their bytes. */
static bool find_all(const struct library *library, void *handle)
{
	char *slot = library->calls;

	for (size_t i = 0; i < library->count; i++) {
		void *symbol = dlsym(handle, library->symbols[i]);

		if (!symbol)
			return false;
		memcpy(slot, &symbol, sizeof symbol);
		slot += sizeof symbol;
	}
	return true;
}

/* RTLD_LAZY leaves it to the library whether it is bound at once, as when the
 * program is linked with it. */
bool library_load(struct library *library, struct diag *why)
{
	void *handle;

	if (library->is_loaded)
		return true;
	handle = dlopen(library->name, RTLD_LAZY | RTLD_LOCAL);
	if (!handle)
		return fail(library, why);
	if (!find_all(library, handle)) {
		fail(library, why);
		memset(library->calls, 0, library->count * sizeof(void *));
		dlclose(handle);
		return false;
	}
	library->is_loaded = true;
	return true;
}

#endif
