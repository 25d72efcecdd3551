/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random bytes: all of them and no others, also where the kernel's call or the
 * device is missing.  getrandom(2) is the test's own. */
#include <config.h>

#include "base/random.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

enum { MANY = 100000 };

static unsigned char bytes[MANY + 2];

/* How many bytes the kernel gives before it fails; interrupted at first. */
static size_t kernel_gives;
static bool is_interrupted;

ssize_t getrandom(void *into, size_t length, unsigned flags);
ssize_t getrandom(void *into, size_t length, unsigned flags)
{
	int fd;
	ssize_t got;

	(void)flags;
	if (is_interrupted) {
		is_interrupted = false;
		errno = EINTR;
		return -1;
	}
	if (!kernel_gives) {
		errno = ENOSYS;
		return -1;
	}
	if (length > kernel_gives)
		length = kernel_gives;
	fd = open("/dev/urandom", O_RDONLY);
	got = read(fd, into, length);
	close(fd);
	kernel_gives -= (size_t)got;
	return got;
}

static void check_bytes(const char *name)
{
	size_t seen[256] = { 0 };
	bool has_all = true;

	memset(bytes, 0xA5, sizeof bytes);
	random_bytes(bytes + 1, MANY);
	for (size_t i = 1; i <= MANY; i++)
		seen[bytes[i]]++;
	/* Each value is expected 390 times. */
	for (size_t i = 0; i < 256; i++)
		has_all &= seen[i] > 200 && seen[i] < 600;
	tap_ok(has_all, "%s: every value, about as often as any other", name);
	tap_ok(bytes[0] == 0xA5 && bytes[MANY + 1] == 0xA5,
		"nothing beside the request is touched");
}

static void check_requests(void)
{
	unsigned char first[16], second[16];

	random_bytes(first, sizeof first);
	random_bytes(second, sizeof second);
	tap_ok(memcmp(first, second, sizeof first) != 0, "two requests differ");
	random_bytes(NULL, 0);
	tap_ok(true, "nothing can be asked for");
}

/* Without a free descriptor no device can be opened. */
static void check_last_resort(void)
{
	struct rlimit before, none = { .rlim_cur = 0 };

	getrlimit(RLIMIT_NOFILE, &before);
	none.rlim_max = before.rlim_max;
	setrlimit(RLIMIT_NOFILE, &none);
	check_bytes("clock and pid");
	check_requests();
	setrlimit(RLIMIT_NOFILE, &before);
}

int main(void)
{
	kernel_gives = 2 * MANY;
	is_interrupted = true;
	check_bytes("the kernel");
	check_requests();
	kernel_gives = 1000;
	check_bytes("the kernel, then the device");
	check_bytes("the device");
	check_requests();
	check_last_resort();
	return tap_done();
}
