/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sandboxes, each from within: what works in it, and what does not. */
#include <config.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/sandbox.h"
#include "tap.h"
#include "unit/deeds.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATH_BYTES = 200 };

/* The world outside, made before anybody is confined. */
static char folder[PATH_BYTES] = "/tmp/sandbox_test.XXXXXX";
static char mine[PATH_BYTES], others[PATH_BYTES];
static int listener_fd = -1, other_fd = -1;
static unsigned port, other_port;

/* ---- deeds --------------------------------------------------------------- */

static bool read_mine(void)
{
	char path[2 * PATH_BYTES];

	snprintf(path, sizeof path, "%s/there", mine);
	return deed_opens(path, O_RDONLY);
}

static bool write_mine(void)
{
	char from[2 * PATH_BYTES], to[2 * PATH_BYTES];

	snprintf(from, sizeof from, "%s/below/made", mine);
	snprintf(to, sizeof to, "%s/moved", mine);
	return deed_opens(from, O_WRONLY | O_CREAT | O_EXCL) &&
	       rename(from, to) == 0 && unlink(to) == 0;
}

static bool write_outside(void)
{
	char path[2 * PATH_BYTES];

	snprintf(path, sizeof path, "%s/made", others);
	return deed_opens(path, O_WRONLY | O_CREAT);
}

static void *do_nothing(void *nothing)
{
	return nothing;
}

static bool make_thread(void)
{
	pthread_t thread;

	return pthread_create(&thread, NULL, do_nothing, NULL) == 0 &&
	       pthread_join(thread, NULL) == 0;
}

static bool connects(unsigned to)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)to),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return fd >= 0 &&
	       connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
}

static bool connect_named(void)
{
	return connects(port);
}

static bool connect_other(void)
{
	return connects(other_port);
}

static bool open_unix(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0) >= 0;
}

static bool open_log(void)
{
	return socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) >= 0;
}

static bool write_null(void)
{
	return deed_opens("/dev/null", O_WRONLY);
}

/* Where libraries are. */
static bool read_public(void)
{
	return deed_opens("/usr/lib", O_RDONLY | O_DIRECTORY);
}

/* Any port to come from, and no other. */
static bool binds(unsigned from)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)from),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return fd >= 0 &&
	       (bind(fd, (struct sockaddr *)&address, sizeof address) == 0 ||
		       errno == EADDRINUSE);
}

static bool come_from_any(void)
{
	return binds(0);
}

static bool take_port(void)
{
	return binds(other_port);
}

static bool signal_parent(void)
{
	return kill(getppid(), 0) == 0;
}

static bool compute(void)
{
	char *memory = malloc(1 << 20);
	struct rlimit limit;
	bool is_fine = memory && getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
		       clock_now_ms() > 0 && getpid() > 0;

	free(memory);
	return is_fine;
}

enum part { ALWAYS, FILES, PORTS, CALLS };

static const struct {
	const char *name;
	bool (*works)(void);
	enum part part;
	bool in[SANDBOX_PROFILES]; /* sender, lane, front, reader */
} deeds[] = {
	{ "compute", compute, ALWAYS, { true, true, true, true } },
	{ "read a file of its own", read_mine, FILES, { true, true } },
	{ "change files of its own", write_mine, FILES, { false, true } },
	{ "write outside", write_outside, FILES, { false } },
	{ "make a thread", make_thread, CALLS, { true, true } },
	{ "connect to the port", connect_named, CALLS, { true, true } },
	{ "connect to another port", connect_other, PORTS, { false } },
	{ "write /dev/null", write_null, FILES, { true, true } },
	{ "read what is public", read_public, FILES, { true, true } },
	{ "come from any port", come_from_any, CALLS, { true, true } },
	{ "take a port", take_port, PORTS, { false } },
	{ "a unix socket", open_unix, CALLS, { false } },
	{ "the system's log", open_log, CALLS, { true, true } },
	{ "signal the parent", signal_parent, CALLS, { false, true } },
};
enum { DEEDS = sizeof deeds / sizeof *deeds };

/* ---- the world ----------------------------------------------------------- */

static int listen_somewhere(unsigned *where)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 ||
		bind(fd, (struct sockaddr *)&address, sizeof address) < 0 ||
		listen(fd, DEEDS) < 0 ||
		getsockname(fd, (struct sockaddr *)&address, &length) < 0)
		return -1;
	*where = ntohs(address.sin_port);
	return fd;
}

static bool make_world(void)
{
	char path[2 * PATH_BYTES];

	if (!mkdtemp(folder))
		return false;
	snprintf(mine, sizeof mine, "%.100s/mine", folder);
	snprintf(others, sizeof others, "%.100s/others", folder);
	snprintf(path, sizeof path, "%s/below", mine);
	if (mkdir(mine, 0700) < 0 || mkdir(others, 0700) < 0 ||
		mkdir(path, 0700) < 0)
		return false;
	snprintf(path, sizeof path, "%s/there", mine);
	listener_fd = listen_somewhere(&port);
	other_fd = listen_somewhere(&other_port);
	return deed_opens(path, O_WRONLY | O_CREAT) && listener_fd >= 0 &&
	       other_fd >= 0;
}

static void remove_world(void)
{
	static const char *const names[] = { "mine/there", "mine/below/made",
		"mine/moved", "others/made" };
	static const char *const folders[] = { "mine/below", "mine", "others",
		"." };
	char path[2 * PATH_BYTES];

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		snprintf(path, sizeof path, "%s/%s", folder, names[i]);
		(void)unlink(path);
	}
	for (size_t i = 0; i + 1 < sizeof folders / sizeof *folders; i++) {
		snprintf(path, sizeof path, "%s/%s", folder, folders[i]);
		(void)rmdir(path);
	}
	(void)rmdir(folder);
}

/* ---- one profile --------------------------------------------------------- */

struct answers {
	struct sandbox_state state;
	bool works[DEEDS], forbidden[DEED_COUNT];
};

static _Noreturn void try_all(enum sandbox_profile profile, int out)
{
	const struct sandbox_path paths[] = {
		{ mine, profile == SANDBOX_LANE },
		{ "/nonexistent/folder", true },
	};
	const struct sandbox_params params = { .profile = profile,
		.paths = paths,
		.path_count = 2,
		.ports = &port,
		.port_count = 1 };
	struct answers answers;

	sandbox_enter(&params, &answers.state);
	for (size_t i = 0; i < DEEDS; i++)
		answers.works[i] = deeds[i].works();
	deeds_try(answers.forbidden);
	_exit(write(out, &answers, sizeof answers) == sizeof answers ? 0 : 1);
}

static bool is_confined(const struct sandbox_state *state, enum part part)
{
	return part == FILES   ? state->files
	       : part == PORTS ? state->ports
	       : part == CALLS ? state->calls
			       : true;
}

static void check(const char *name, enum sandbox_profile profile)
{
	struct answers answers = { .works = { false } };
	int ends[2], status = -1;
	pid_t child;

	if (!tap_ok(pipe(ends) == 0, "%s: a pipe", name))
		return;
	child = fork();
	if (child == 0)
		try_all(profile, ends[1]);
	close(ends[1]);
	tap_ok(read(ends[0], &answers, sizeof answers) == sizeof answers &&
			waitpid(child, &status, 0) == child && status == 0,
		"%s lives through all of it", name);
	close(ends[0]);
	for (size_t i = 0; i < DEEDS; i++)
		if (is_confined(&answers.state, deeds[i].part))
			tap_ok(answers.works[i] == deeds[i].in[profile],
				"%s: %s %s", name, deeds[i].name,
				deeds[i].in[profile] ? "works" : "fails");
		else
			tap_skip(deeds[i].name, "not by this kernel");
	deeds_check(name, answers.forbidden, answers.state.files,
		answers.state.calls);
}

static void check_words(void)
{
	struct sandbox_state state = { true, false, true };
	struct buf words = BUF_INIT(200);

	sandbox_put(&state, &words);
	tap_is_text(buf_text(&words),
		"files confined, TCP ports free, calls confined", "words");
	buf_free(&words);
	sandbox_ask(&state);
	sandbox_put(&state, &words);
	tap_note("%s", buf_text(&words));
	buf_free(&words);
}

int main(void)
{
	if (tap_ok(make_world(), "a world")) {
#define PROFILE(id, what, files, ports, calls) check(what, SANDBOX_##id);
#define PUBLIC(path)
#include "base/sandbox.def"
#undef PROFILE
#undef PUBLIC
	}
	remove_world();
	check_words();
	return tap_done();
}
