/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Mail providers as data: where each takes mail from programs, as whom, and how
 * much.  The rows are built in (providers.def), and files add others or change
 * some fields of one.
 *
 *	providers_read(folders, arena, &providers);
 *	row = providers_find(&providers, SPAN("gmail"));
 *	if (row) … row->host, row->ports …
 */
#ifndef CONFIG_PROVIDER_H
#define CONFIG_PROVIDER_H

#include "base/diag.h"
#include "base/mem.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>

/* A field without a value is NULL; what it holds fits its kind
 * (provider_fields.def). */
struct provider {
	const char *name;
	const char *file; /* that it comes from, or NULL: built in */
#define PROVIDER_FIELD(field, kind, text) const char *field;
#include "config/provider_fields.def"
#undef PROVIDER_FIELD
};

/* A line that is passed over, or with line 0 a file, or a folder of them. */
struct provider_problem {
	const char *file;
	unsigned line;
	struct diag why; /* says both */
};

/* A later row of the same name counts instead of an earlier one. */
struct providers {
	const struct provider **items;
	size_t count;
	struct provider_problem *problems; /* in the order they are met */
	size_t problem_count;
};

enum {
	PROVIDER_FILE_LIMIT = 256 * 1024,
	PROVIDER_FILES_LIMIT = 200, /* of one folder */
	PROVIDERS_LIMIT = 2000
};

/* The rows that are built in, and behind them those of all "*.conf" of FOLDERS
 * (NULL behind the last; one that is not there is none), by name.  Lives in
 * ARENA.  Files that others than root and we can write are problems, and so is
 * what cannot be read. */
void providers_read(
	const char *const *folders, struct arena *arena, struct providers *out);
/* One file's text. */
void providers_parse(struct span text, const char *file, struct arena *arena,
	struct providers *out);

/* By its name or another name; letters' case does not matter.  NULL: none. */
const struct provider *providers_find(
	const struct providers *providers, struct span name);
/* The one whose server HOST is; NULL: none that is known. */
const struct provider *providers_of_host(
	const struct providers *providers, struct span host);
/* The one whose users have addresses of DOMAIN; NULL: none that is known. */
const struct provider *providers_of_domain(
	const struct providers *providers, struct span domain);
/* The one that has the mailboxes behind a mail exchanger HOST.  Relays for
 * whole organisations, which share it, are none; NULL: none that is known. */
const struct provider *providers_of_mx(
	const struct providers *providers, struct span host);
/* The name that is nearest to WORD, or NULL when none is near. */
const char *providers_nearest(
	const struct providers *providers, struct span word);
/* Whether another row of that name counts instead. */
bool providers_is_hidden(const struct providers *providers, size_t index);

/* How TLS is done on a port. */
enum provider_tls { PROVIDER_TLS_FIRST, PROVIDER_STARTTLS, PROVIDER_NO_TLS };
struct provider_port {
	long number;
	enum provider_tls tls;
};
/* Cuts the next word off a list of ports; false at its end, or when it is
 * none. */
bool provider_next_port(struct span *ports, struct provider_port *out);

/* The field as data, by its place in provider_fields.def; NULL behind the
 * last. */
const char *provider_field_name(size_t index);
const char *provider_field(const struct provider *provider, size_t index);

/* Whether WORD stands in a list with spaces between. */
bool provider_has_word(const char *list, struct span word);

#endif
