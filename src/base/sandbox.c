/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The sandbox: Landlock and seccomp, by the kernel's numbers, since its headers
 * may be older than the kernel or, with musl, not there.  Does not know who is
 * confined, or why.
 */
#include <config.h>

#include "base/sandbox.h"

#ifdef __linux__
#include <sys/syscall.h>
#endif

/* Whose numbers are written down here. */
#if defined(__linux__) && defined(HAVE_SYS_PRCTL_H) &&                         \
	__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ &&                           \
	((defined(__x86_64__) && !defined(__ILP32__)) || defined(__aarch64__))
#define HAS_SANDBOX
#endif

#ifdef HAS_SANDBOX

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

enum { NONE, NAMED };

enum {
	SANDBOX_COMPUTE = 1 << 0,
	SANDBOX_CONVERSE = 1 << 1,
	SANDBOX_CONNECT = 1 << 2,
	SANDBOX_THREAD = 1 << 3,
	SANDBOX_OPEN = 1 << 4,
	SANDBOX_WRITE = 1 << 5,
	SANDBOX_SIGNAL = 1 << 6,
	SANDBOX_LIBRARY = 1 << 7
};

static const struct {
	int files, ports;
	unsigned calls;
} profiles[] = {
#define PROFILE(id, what, files, ports, calls)                                 \
	[SANDBOX_##id] = { files, ports, SANDBOX_COMPUTE | (calls) },
#define PUBLIC(path)
#include "base/sandbox.def"
#undef PROFILE
#undef PUBLIC
};

static const char *const public_files[] = {
#define PROFILE(id, what, files, ports, calls)
#define PUBLIC(path) path,
#include "base/sandbox.def"
#undef PROFILE
#undef PUBLIC
};

/* ---- files and ports ------------------------------------------------------
 */

enum {
	CALL_CREATE_RULESET = 444,
	CALL_ADD_RULE = 445,
	CALL_RESTRICT_SELF = 446,
	ASK_VERSION = 1,
	RULE_PATH = 1,
	RULE_PORT = 2,
	/* Before, no file could be renamed into another folder, and every queue
	 * does that. */
	VERSION_MIN = 2,
	VERSION_TRUNCATE = 3,
	VERSION_PORTS = 4,
	VERSION_DEVICES = 5,
	VERSION_SCOPES = 6
};

enum {
	FILE_EXECUTE = 1 << 0,
	FILE_WRITE = 1 << 1,
	FILE_READ = 1 << 2,
	FILE_LIST = 1 << 3,
	FILE_ALL = (1 << 14) - 1, /* of VERSION_MIN */
	FILE_TRUNCATE = 1 << 14,
	FILE_DEVICE = 1 << 15,
	/* What a file has, and not a folder alone. */
	FILE_OF_FILE = FILE_EXECUTE | FILE_WRITE | FILE_READ | FILE_TRUNCATE,
	PORT_BIND = 1 << 0,
	PORT_CONNECT = 1 << 1,
	SCOPE_SOCKETS = 1 << 0, /* unix sockets without a file */
	SCOPE_SIGNALS = 1 << 1
};

struct ruleset {
	uint64_t files, ports, scopes;
};

struct path_rule {
	uint64_t allowed;
	int32_t fd;
} __attribute__((packed));

struct port_rule {
	uint64_t allowed, port;
};

static int landlock_version(void)
{
	long version =
		syscall(CALL_CREATE_RULESET, NULL, (size_t)0, ASK_VERSION);

	return version < 0 ? 0 : (int)version;
}

static void add_path(int rules, uint64_t handled, const char *path, bool change)
{
	uint64_t allowed = change ? handled & ~(uint64_t)FILE_EXECUTE
				  : FILE_READ | FILE_LIST;
	struct path_rule rule = { .fd = open(path, O_PATH | O_CLOEXEC) };
	struct stat status;

	if (rule.fd < 0)
		return;
	if (fstat(rule.fd, &status) == 0) {
		rule.allowed = S_ISDIR(status.st_mode) ? allowed
						       : allowed & FILE_OF_FILE;
		(void)syscall(CALL_ADD_RULE, rules, RULE_PATH, &rule, 0);
	}
	close(rule.fd);
}

static void add_paths(
	int rules, uint64_t handled, const struct sandbox_params *params)
{
	if (profiles[params->profile].files == NONE)
		return;
	add_path(rules, handled, "/dev/null", true);
	add_path(rules, handled, "/dev/urandom", false);
	for (size_t i = 0; i < sizeof public_files / sizeof *public_files; i++)
		add_path(rules, handled, public_files[i], false);
	for (size_t i = 0; i < params->path_count; i++)
		add_path(rules, handled, params->paths[i].path,
			params->paths[i].may_change);
}

static void add_port(int rules, unsigned port, uint64_t allowed)
{
	const struct port_rule rule = { allowed, port };

	(void)syscall(CALL_ADD_RULE, rules, RULE_PORT, &rule, 0);
}

/* Those asked for; a name server's, whose answer was too long; any of our own
 * to come from. */
static void add_ports(int rules, const struct sandbox_params *params)
{
	if (profiles[params->profile].ports == NONE)
		return;
	add_port(rules, 0, PORT_BIND);
	add_port(rules, 53, PORT_CONNECT);
	for (size_t i = 0; i < params->port_count; i++)
		add_port(rules, params->ports[i], PORT_CONNECT);
}

static struct ruleset handled_by(
	int version, const struct sandbox_params *params)
{
	struct ruleset handled = { .files = FILE_ALL };

	if (version >= VERSION_TRUNCATE)
		handled.files |= FILE_TRUNCATE;
	if (version >= VERSION_DEVICES)
		handled.files |= FILE_DEVICE;
	if (params->any_file)
		handled.files = 0;
	if (version >= VERSION_PORTS && !params->any_port)
		handled.ports = PORT_BIND | PORT_CONNECT;
	if (version >= VERSION_SCOPES && !params->any_file)
		handled.scopes = SCOPE_SOCKETS;
	if (handled.scopes &&
		!(profiles[params->profile].calls & SANDBOX_SIGNAL))
		handled.scopes |= SCOPE_SIGNALS;
	return handled;
}

/* An older kernel takes the fields that it knows. */
static size_t ruleset_bytes(int version)
{
	return sizeof(uint64_t) * (version >= VERSION_SCOPES         ? 3
					  : version >= VERSION_PORTS ? 2
								     : 1);
}

static void confine_files(
	const struct sandbox_params *params, struct sandbox_state *state)
{
	int version = landlock_version();
	struct ruleset handled;
	int rules;

	if (version < VERSION_MIN)
		return;
	handled = handled_by(version, params);
	rules = (int)syscall(
		CALL_CREATE_RULESET, &handled, ruleset_bytes(version), 0);
	if (rules < 0)
		return;
	if (handled.files)
		add_paths(rules, handled.files, params);
	if (handled.ports)
		add_ports(rules, params);
	if (syscall(CALL_RESTRICT_SELF, rules, 0) == 0) {
		state->files = handled.files != 0;
		state->ports = handled.ports != 0;
	}
	close(rules);
}

/* ---- calls --------------------------------------------------------------- */

enum {
#ifdef __x86_64__
	MACHINE = (int)0xC000003E,
#else
	MACHINE = (int)0xC00000B7,
#endif
	/* Offsets of struct seccomp_data, and of the low half of an argument.
	 */
	AT_CALL = 0,
	AT_MACHINE = 4,
	AT_ARGUMENTS = 16,
	/* Instructions. */
	LOAD = 0x20,
	AND = 0x54,
	IF_EQUAL = 0x15,
	IF_AT_LEAST = 0x35,
	RETURN = 0x06,
	ALLOW = 0x7fff0000,
	FAIL_WITH = 0x00050000,

	MODE_FILTER = 2,
	CALLS_MAX = 512,
	PROGRAM_MAX = 600,
	THREAD_FLAG = 0x10000, /* CLONE_THREAD */
	SOCKET_TYPES = 0xf,
	FAMILY_NETLINK = 16
};

/* As the kernel reads it. */
struct instruction {
	uint16_t code;
	uint8_t if_true, if_false;
	uint32_t value;
};

/* Invariant: there is room for all that is ever put. */
struct filter {
	struct instruction program[PROGRAM_MAX];
	unsigned short length;
};

static const struct {
	unsigned part;
	int call;
} calls[] = {
#define CALL(part, call)        { SANDBOX_##part, SYS_##call },
#define NEW(part, call, number) { SANDBOX_##part, number },
#ifdef __x86_64__
#define OLD(part, call) { SANDBOX_##part, SYS_##call },
#else
#define OLD(part, call)
#endif
#include "base/sandbox_calls.def"
#undef CALL
#undef NEW
#undef OLD
};

static void put(struct filter *filter, unsigned code, unsigned if_true,
	unsigned if_false, uint32_t value)
{
	if (filter->length < PROGRAM_MAX)
		filter->program[filter->length++] =
			(struct instruction){ (uint16_t)code, (uint8_t)if_true,
				(uint8_t)if_false, value };
}

static void put_fail(struct filter *filter, int error)
{
	put(filter, RETURN, 0, 0, FAIL_WITH | (uint32_t)error);
}

static void load_argument(struct filter *filter, unsigned index)
{
	put(filter, LOAD, 0, 0, AT_ARGUMENTS + 8 * index);
}

/* Goes on behind it with any other value. */
static void allow_value(struct filter *filter, uint32_t value)
{
	put(filter, IF_EQUAL, 0, 1, value);
	put(filter, RETURN, 0, 0, ALLOW);
}

/* The instructions from here to end_case() are for CALL alone. */
static unsigned short begin_case(struct filter *filter, int call)
{
	put(filter, IF_EQUAL, 0, 0, (uint32_t)call);
	return filter->length;
}

/* With another call it goes on behind them, with its number at hand. */
static void end_case(struct filter *filter, unsigned short begin, int error)
{
	put_fail(filter, error);
	filter->program[begin - 1].if_false = (uint8_t)(filter->length - begin);
}

/* What stdio and base/terminal ask; none that types for somebody. */
static void put_ioctl(struct filter *filter)
{
	static const unsigned long requests[] = { TCGETS, TIOCGWINSZ, FIONREAD,
		FIONBIO };
	unsigned short begin = begin_case(filter, SYS_ioctl);

	load_argument(filter, 1);
	for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
		allow_value(filter, (uint32_t)requests[i]);
	end_case(filter, begin, ENOTTY);
}

static void put_own_process(struct filter *filter, int call, int pid)
{
	unsigned short begin = begin_case(filter, call);

	load_argument(filter, 0);
	allow_value(filter, (uint32_t)pid);
	end_case(filter, begin, EPERM);
}

static void put_clone(struct filter *filter)
{
	unsigned short begin = begin_case(filter, SYS_clone);

	load_argument(filter, 0);
	put(filter, AND, 0, 0, THREAD_FLAG);
	allow_value(filter, THREAD_FLAG);
	end_case(filter, begin, ENOSYS);
}

/* The network, its interfaces, and the system's log. */
static void put_socket(struct filter *filter, bool unix_sockets)
{
	unsigned short begin = begin_case(filter, SYS_socket);

	load_argument(filter, 0);
	allow_value(filter, AF_INET);
	allow_value(filter, AF_INET6);
	allow_value(filter, FAMILY_NETLINK);
	if (unix_sockets)
		allow_value(filter, AF_UNIX);
	put(filter, IF_EQUAL, 1, 0, AF_UNIX);
	put_fail(filter, EAFNOSUPPORT);
	load_argument(filter, 1);
	put(filter, AND, 0, 0, SOCKET_TYPES);
	allow_value(filter, SOCK_DGRAM);
	end_case(filter, begin, EAFNOSUPPORT);
}

/* Numbers in order, each step deciding all below it. */
static void put_list(struct filter *filter, unsigned parts)
{
	bool is_allowed[CALLS_MAX + 1] = { false };

	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
		if (calls[i].part & parts && calls[i].call < CALLS_MAX)
			is_allowed[calls[i].call] = true;
	for (unsigned i = 1; i <= CALLS_MAX; i++) {
		if (is_allowed[i] == is_allowed[i - 1])
			continue;
		put(filter, IF_AT_LEAST, 1, 0, i);
		put(filter, RETURN, 0, 0,
			is_allowed[i - 1] ? ALLOW : FAIL_WITH | ENOSYS);
	}
	put_fail(filter, ENOSYS);
}

static void confine_calls(
	const struct sandbox_params *params, struct sandbox_state *state)
{
	unsigned parts = profiles[params->profile].calls;
	struct filter filter = { .length = 0 };
	struct {
		unsigned short length;
		struct instruction *program;
	} handed = { 0, filter.program };

	if (params->any_file)
		parts |= SANDBOX_OPEN | SANDBOX_WRITE | SANDBOX_LIBRARY;
	put(&filter, LOAD, 0, 0, AT_MACHINE);
	put(&filter, IF_EQUAL, 1, 0, (uint32_t)MACHINE);
	put_fail(&filter, ENOSYS);
	put(&filter, LOAD, 0, 0, AT_CALL);
	put_ioctl(&filter);
	put_own_process(&filter, SYS_tgkill, getpid());
	put_own_process(&filter, SYS_prlimit64, 0);
	if (parts & SANDBOX_THREAD)
		put_clone(&filter);
	if (parts & SANDBOX_CONNECT)
		put_socket(&filter, params->unix_sockets || params->any_file);
	put_list(&filter, parts);
	handed.length = filter.length;
	state->calls = filter.length < PROGRAM_MAX &&
		       prctl(PR_SET_SECCOMP, MODE_FILTER, &handed) == 0;
}

void sandbox_enter(
	const struct sandbox_params *params, struct sandbox_state *state)
{
	int kept = errno;

	*state = (struct sandbox_state){ .files = false };
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0) {
		confine_files(params, state);
		confine_calls(params, state);
	}
	errno = kept;
}

void sandbox_ask(struct sandbox_state *state)
{
	int version = landlock_version(), kept = errno;

	*state = (struct sandbox_state){ .files = version >= VERSION_MIN,
		.ports = version >= VERSION_PORTS };
	/* A filter that is nowhere: whoever has the mode looks for it. */
	state->calls =
		prctl(PR_SET_SECCOMP, MODE_FILTER, NULL) < 0 && errno == EFAULT;
	errno = kept;
}

#else

void sandbox_enter(
	const struct sandbox_params *params, struct sandbox_state *state)
{
	(void)params;
	*state = (struct sandbox_state){ .files = false };
}

void sandbox_ask(struct sandbox_state *state)
{
	*state = (struct sandbox_state){ .files = false };
}

#endif

void sandbox_put(const struct sandbox_state *state, struct buf *out)
{
	const struct {
		bool is_there;
		const char *name;
	} parts[] = {
		{ state->files, "files" },
		{ state->ports, "TCP ports" },
		{ state->calls, "calls" },
	};

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		buf_printf(out, "%s%s %s", i ? ", " : "", parts[i].name,
			parts[i].is_there ? "confined" : "free");
}
