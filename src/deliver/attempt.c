/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An attempt in a process of its own.  Knows neither protocol nor account, but
 * which libraries they load late. */
#include <config.h>

#include "deliver/attempt.h"

#include "auth/sasl.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/interrupt.h"
#include "base/pipe.h"
#include "base/text.h"
#include "deliver/confine.h"
#include "deliver/tidings.h"
#include "net/idn.h"
#include "net/tls.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef HAVE_SYS_PRCTL_H
#include <sys/prctl.h>
#endif

enum {
	TIDINGS_LIMIT = 256 * 1024 * 1024,
	PIECE_BYTES = 16 * 1024,
	REASON_BYTES = 64,
	MARK_BYTES = 64
};

static void attempt_here(const struct connection_params *peer,
	const struct delivery *delivery, struct arena *arena,
	struct outcome *out)
{
	int64_t began_ms = clock_now_ms();
	struct connection *connection =
		source_rewind(delivery->message, &out->failure)
			? connection_new(peer, arena, &out->failure)
			: NULL;

	out->elapsed_ms = clock_now_ms() - began_ms;
	if (!connection)
		return;
	connection_deliver(connection, delivery, arena, out);
	connection_free(connection);
}

/* ---- the child ----------------------------------------------------------- */

struct child {
	const struct delivery *delivery;
	int fd;
};

static void progress(void *context, uint64_t sent, uint64_t total)
{
	const struct child *child = context;
	struct buf mark = BUF_INIT(MARK_BYTES);

	tidings_put_progress(&mark, sent, total);
	(void)file_write(child->fd, buf_span(&mark));
	buf_free(&mark);
}

/* Whoever hears this answers for a message that may have arrived. */
static bool before_end(void *context, struct diag *why)
{
	const struct child *child = context;
	const char byte = TIDINGS_BEFORE_END;

	if (file_write(child->fd, span_make(&byte, 1)))
		return true;
	return diag_set_errno(why, errno, DIAG_SYSTEM_FAILED, "write");
}

/* A terminal's Ctrl-C is for the parent, which passes it on: once, and not
 * twice.  Nobody is left to hear of it when that is gone. */
static void leave_parent(pid_t parent)
{
	(void)setpgid(0, 0);
	(void)signal(SIGTTOU, SIG_IGN);
	interrupt_begin_child();
#if defined(HAVE_PRCTL) && defined(PR_SET_PDEATHSIG)
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
#endif
	if (getppid() != parent)
		_exit(1);
}

static _Noreturn void be_child(const struct connection_params *asked,
	const struct delivery *delivery, struct arena *arena,
	struct outcome *out, int fd, pid_t parent)
{
	struct connection_params peer = *asked;
	struct delivery watched = *delivery;
	struct child child = { delivery, fd };
	struct buf tidings = BUF_INIT(TIDINGS_LIMIT);
	bool is_told;

	leave_parent(parent);
	peer.confine = confine_sender;
	watched.progress = delivery->progress ? progress : NULL;
	watched.before_end = before_end;
	watched.context = &child;
	attempt_here(&peer, &watched, arena, out);
	tidings_put(&tidings, out);
	is_told = !tidings.overflowed && file_write(fd, buf_span(&tidings));
	_exit(is_told ? 0 : 1);
}

/* ---- the parent ---------------------------------------------------------- */

/* What has come; the marks are behind it. */
struct tidings {
	const struct delivery *delivery;
	struct buf bytes;
	size_t at;
	bool is_behind_end;
};

static struct span rest_of(const struct tidings *tidings)
{
	return span_skip(buf_span(&tidings->bytes), tidings->at);
}

static void look_at_marks(struct tidings *tidings)
{
	const struct delivery *delivery = tidings->delivery;
	struct span rest = rest_of(tidings);
	struct tidings_mark mark;

	while (tidings_take_mark(&rest, &mark))
		if (mark.kind == TIDINGS_BEFORE_END)
			tidings->is_behind_end = true;
		else if (delivery->progress)
			delivery->progress(
				delivery->context, mark.sent, mark.total);
	tidings->at = tidings->bytes.length - rest.length;
}

static void hear(int fd, pid_t child, struct tidings *tidings)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	bool is_passed_on = false;
	char piece[PIECE_BYTES];
	ssize_t got;

	do {
		/* A second one ends us, and the child with us. */
		if (!is_passed_on && interrupt_poll(&wait, 1, -1) < 0 &&
			interrupt_is_there()) {
			(void)kill(child, interrupt_number());
			is_passed_on = true;
		}
		got = read(fd, piece, sizeof piece);
		if (got > 0)
			buf_put(&tidings->bytes, piece, (size_t)got);
		look_at_marks(tidings);
	} while (got > 0 || (got < 0 && errno == EINTR));
}

static int await_end(pid_t child)
{
	int status = 0;

	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return 0;
	return status;
}

static void explain_end(int status, bool is_behind_end, struct outcome *out)
{
	char reason[REASON_BYTES];

	if (WIFSIGNALED(status))
		snprintf(reason, sizeof reason, "signal %d", WTERMSIG(status));
	else
		snprintf(reason, sizeof reason, "exit code %d",
			WEXITSTATUS(status));
	diag_set(&out->failure,
		is_behind_end ? DIAG_SMTP_POSSIBLE_DUPLICATE
			      : DIAG_DELIVERY_DIED,
		reason);
	out->came_to_mail = is_behind_end;
}

static void make_once(const struct connection_params *peer,
	const struct delivery *delivery, struct arena *arena,
	struct outcome *out)
{
	struct tidings tidings = { .delivery = delivery,
		.bytes = BUF_INIT(TIDINGS_LIMIT) };
	pid_t parent = getpid(), child = -1;
	int64_t began_ms = clock_now_ms();
	int ends[2], status;

	if (peer->account->sandbox && pipe_open(ends, true)) {
		child = fork();
		if (child == 0) {
			close(ends[0]);
			be_child(peer, delivery, arena, out, ends[1], parent);
		}
		close(ends[1]);
		if (child < 0)
			close(ends[0]);
	}
	if (child < 0) {
		attempt_here(peer, delivery, arena, out);
		return;
	}
	hear(ends[0], child, &tidings);
	close(ends[0]);
	status = await_end(child);
	if (!tidings_take(rest_of(&tidings), arena, out)) {
		explain_end(status, tidings.is_behind_end, out);
		out->elapsed_ms = clock_now_ms() - began_ms;
	}
	buf_free(&tidings.bytes);
}

/* What a sandbox kept from being found, such as a link of /usr/local/lib that
 * leads elsewhere, is loaded here: the next child has it. */
static bool load_what_was_missing(const struct outcome *out)
{
	return out->failure.id == DIAG_LIBRARY_NOT_LOADED &&
	       !out->came_to_mail && tls_library_version(true) &&
	       sasl_library_version(true) && idn_library_version(true);
}

void attempt_make(const struct connection_params *peer,
	const struct delivery *delivery, struct arena *arena,
	struct outcome *out)
{
	const struct outcome before = *out;

	make_once(peer, delivery, arena, out);
	if (!load_what_was_missing(out))
		return;
	*out = before;
	make_once(peer, delivery, arena, out);
}
