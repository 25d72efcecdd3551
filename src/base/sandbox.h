/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A process that reads what strangers wrote, and gives up whatever it needs no
 * more.  For good: nothing is taken back.  Who may still do what is in
 * base/sandbox.def.
 *
 *	sandbox_enter(&(struct sandbox_params){ .profile = SANDBOX_SENDER,
 *				.paths = …, .ports = … }, &state);
 *	sandbox_put(&state, &words);
 *
 * The kernel has three parts, and any of them may be missing: Landlock for
 * files (Linux 5.19) and TCP ports (6.7), seccomp for calls.  What is missing
 * confines nobody, and nothing fails for it.
 */
#ifndef BASE_SANDBOX_H
#define BASE_SANDBOX_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

enum sandbox_profile {
#define PROFILE(id, what, files, ports, calls) SANDBOX_##id,
#define PUBLIC(path)
#include "base/sandbox.def"
#undef PROFILE
#undef PUBLIC
	SANDBOX_PROFILES
};

/* What is there of it, and all below it when it is a folder. */
struct sandbox_path {
	const char *path;
	bool may_change; /* make, write, rename and remove */
};

struct sandbox_params {
	enum sandbox_profile profile;
	const struct sandbox_path *paths;
	size_t path_count;
	const unsigned *ports; /* to connect to, over TCP */
	size_t port_count;
	/* What it will need has no list: a library's files, whatever port. */
	bool any_file, any_port;
	/* It connects to unix sockets, and not only with datagrams (the
	 * system's log). */
	bool unix_sockets;
};

/* What is confined. */
struct sandbox_state {
	bool files, ports, calls;
};

/* Confines this process: its later threads with it, those that it has without.
 * Paths that are not there are skipped.  Never fails. */
void sandbox_enter(
	const struct sandbox_params *params, struct sandbox_state *state);
/* What the kernel would confine; nothing is done. */
void sandbox_ask(struct sandbox_state *state);
/* Appends "files, TCP ports and calls are confined" or what is missing;
 * English. */
void sandbox_put(const struct sandbox_state *state, struct buf *out);

#endif
