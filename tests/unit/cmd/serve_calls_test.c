/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is served, who waits, and who is turned away. */
#include <config.h>

#include "cmd/serve_calls.h"
#include "tap.h"

#include <fcntl.h>
#include <unistd.h>

static struct calls calls;
static pid_t last_pid;

static const struct listen_peer alice = { .has_uid = true, .uid = 1000 };
static const struct listen_peer bob = { .has_uid = true, .uid = 1001 };
static const struct listen_peer loopback = { .has_uid = false };

static bool add(const struct listen_peer *peer, int64_t now_ms)
{
	int fd = open("/dev/null", O_RDONLY);

	if (calls_add(&calls, fd, peer, now_ms))
		return true;
	close(fd);
	return false;
}

/* Serves whom it may; the callers' numbers in their order. */
static const char *serve(char *out, size_t size)
{
	size_t length = 0;
	struct call *call;

	while (length + 2 < size && (call = calls_next(&calls))) {
		close(call->fd);
		call->fd = -1;
		call->pid = ++last_pid;
		out[length++] = call->peer.has_uid
					? call->peer.uid == 1000 ? 'a' : 'b'
					: 'l';
	}
	out[length] = '\0';
	return out;
}

static void clear(void)
{
	for (size_t i = 0; i < CALLS_MAX; i++)
		if (calls.places[i].is_taken)
			calls_forget(&calls.places[i]);
	calls = (struct calls){ .served_max = 2 };
	last_pid = 100;
}

static void test_order(void)
{
	char served[CALLS_MAX + 2];

	clear();
	for (int i = 0; i < 4; i++)
		add(&alice, 0);
	add(&loopback, 0);
	add(&bob, 0);
	tap_is_text(serve(served, sizeof served), "aalb",
		"two of a caller, and the others are not delayed");
	tap_is_number((int64_t)calls_count_served(&calls), 4, "so many");
	tap_ok(calls_is_anybody_waiting(&calls), "two wait");
	calls_end(&calls, 999);
	tap_is_text(serve(served, sizeof served), "",
		"a stranger's end changes nothing");
	calls_end(&calls, 101);
	tap_is_text(serve(served, sizeof served), "a", "one ends, one begins");
	calls_end(&calls, 104);
	tap_is_text(serve(served, sizeof served), "",
		"the end of another's is no help");
	calls_end(&calls, 102);
	calls_end(&calls, 105);
	tap_is_text(serve(served, sizeof served), "a", "the last");
	tap_ok(!calls_is_anybody_waiting(&calls), "nobody waits");
}

static void test_patience(void)
{
	char served[CALLS_MAX + 2];
	struct call *call;

	clear();
	for (int i = 0; i < 3; i++)
		add(&alice, 1000);
	serve(served, sizeof served);
	tap_ok(!calls_late(&calls, 1000 + CALLS_WAIT_MS - 1), "not yet late");
	call = calls_late(&calls, 1000 + CALLS_WAIT_MS);
	tap_ok(call && !call->pid, "late, and it is the one that waits");
	if (call)
		calls_forget(call);
	tap_ok(!calls_late(&calls, 1000 + CALLS_WAIT_MS), "no other is");
}

static bool add_new(uid_t uid)
{
	const struct listen_peer peer = { .has_uid = true, .uid = uid };

	return add(&peer, 0);
}

static void test_crowd(void)
{
	int added = 0;

	clear();
	while (added < 2 * CALLS_MAX && add(&alice, 0))
		added++;
	tap_is_number(added, CALLS_PER_CALLER_MAX, "a caller's places");
	added = 0;
	while (added < 2 * CALLS_MAX && add(&bob, 0))
		added++;
	tap_is_number(added,
		CALLS_MAX - CALLS_PER_CALLER_MAX - CALLS_KEPT_NEW -
			CALLS_KEPT_ROOT,
		"another has what is not kept");
	added = 0;
	while (added < 2 * CALLS_MAX && add_new(2000 + (uid_t)added))
		added++;
	tap_is_number(added, CALLS_KEPT_NEW, "one each, who had none");
	added = 0;
	while (added < 2 * CALLS_MAX && add_new(0))
		added++;
	tap_is_number(added, CALLS_KEPT_ROOT, "root, after all of them");
	calls_close_waiting(&calls);
	tap_ok(!calls_is_anybody_waiting(&calls) && add(&bob, 0),
		"closed, and free again");
	clear();
}

static void test_callers(void)
{
	const struct listen_peer most = { .has_uid = true, .uid = (uid_t)-1 };

	tap_is_number((int64_t)calls_caller(&loopback), 0, "all of loopback");
	tap_ok(calls_caller(&alice) != calls_caller(&bob), "two users");
	tap_ok(calls_caller(&most) < CALLERS_MAX, "the last user");
}

int main(void)
{
	test_order();
	test_patience();
	test_crowd();
	test_callers();
	return tap_done();
}
