/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an account's sandbox must leave.  Knows the account's files and ports,
 * and no way to confine anybody. */
#include <config.h>

#include "deliver/confine.h"

#include "base/mem.h"
#include "base/process.h"
#include "base/sandbox.h"
#include "base/snapshot.h"
#include "base/text.h"
#include "net/tls.h"
#include "net/trust.h"

#include <stdio.h>
#include <string.h>

enum { WORDS_LIMIT = 200 };

struct list {
	struct sandbox_path *paths;
	size_t count;
};

static void add(void *context, const char *path)
{
	struct list *list = context;

	if (!path || !path[0])
		return;
	list->paths =
		mem_array(list->paths, list->count + 1, sizeof *list->paths);
	list->paths[list->count++] = (struct sandbox_path){ .path = path };
}

/* Where a library is looked for first.  (An empty name is where we
 * are, and all that lies there: no.) */
static void add_library_folders(struct list *list, struct arena *arena)
{
	const char *path = process_getenv("LD_LIBRARY_PATH");
	struct span rest = span_of(path ? path : "");

	while (rest.length) {
		struct span folder = span_cut(&rest, ':');

		add(list, arena_strndup(arena, folder.at, folder.length));
	}
#ifdef ENABLE_NLS
	add(list, LOCALEDIR);
#endif
}

static const char *trust_file_of(const struct account *account)
{
	const char *file = account_trust_file(account);

	return file ? file : trust_system_file();
}

static void add_files(struct list *list, const struct account *account)
{
	add(list, trust_file_of(account));
	add(list, account->tls_crl_file);
	add(list, account->tls_cert_file);
	add(list, account->tls_key_file);
	add(list, process_getenv("GNUTLS_SYSTEM_PRIORITY_FILE"));
}

/* One of the keys, or the certificate. */
static bool is_token(const char *file)
{
	return file && strstr(file, "pkcs11:");
}

/* Kerberos, smart cards (which may be elsewhere in the network), and what
 * somebody put between us and the system, as proxychains and fakeroot do: what
 * their libraries open and whom they ask, only they know. */
static bool has_strangers(const struct account *account)
{
	const char *preloaded = process_getenv("LD_PRELOAD");

	return account->auth == OPTION_AUTH_GSSAPI ||
	       is_token(account->tls_cert_file) ||
	       is_token(account->tls_key_file) ||
	       is_token(account->dkim_key_file) || (preloaded && *preloaded);
}

static void say(const struct sandbox_state *state)
{
	struct buf words = BUF_INIT(WORDS_LIMIT);

	sandbox_put(state, &words);
	fprintf(stderr, "--- sandbox: %s\n", buf_text(&words));
	buf_free(&words);
}

void confine_sender(const struct account *account, bool is_traced)
{
	struct arena *arena = arena_new();
	struct list list = { NULL, 0 };
	const bool is_free = has_strangers(account);
	const unsigned port =
		(unsigned)(account->proxy_host ? account->proxy_port
					       : account->port);
	struct sandbox_params params = { .profile = SANDBOX_SENDER,
		.ports = &port,
		.port_count = 1,
		.any_file =
			is_free || (account->tls && !trust_file_of(account)),
		.any_port = is_free,
		.unix_sockets = account->socket != NULL };
	struct sandbox_state state;

	/* It reads the administrator's policy when it is loaded. */
	if (account->tls)
		(void)tls_library_version(true);
	add_files(&list, account);
	add_library_folders(&list, arena);
	snapshot_each(add, &list);
	params.paths = list.paths;
	params.path_count = list.count;
	sandbox_enter(&params, &state);
	if (is_traced)
		say(&state);
	mem_free(list.paths);
	arena_free(arena);
}
