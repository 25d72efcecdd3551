/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Unpredictable bytes.  Knows nothing of what they are for. */
#include <config.h>

#include "base/random.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <unistd.h>
#ifdef HAVE_SYS_RANDOM_H
#include <sys/random.h>
#endif

/* How much of the request the kernel's call could give. */
static size_t from_kernel(unsigned char *into, size_t length)
{
	size_t done = 0;

#ifdef HAVE_GETRANDOM
	while (done < length) {
		ssize_t got = getrandom(into + done, length - done, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		done += (size_t)got;
	}
#elif defined(HAVE_GETENTROPY)
	while (done < length) {
		size_t part = length - done < 256 ? length - done : 256;

		if (getentropy(into + done, part) < 0)
			break;
		done += part;
	}
#else
	(void)into;
	(void)length;
#endif
	return done;
}

static size_t from_device(unsigned char *into, size_t length)
{
	int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC | O_NOCTTY);
	size_t done = 0;

	if (fd < 0)
		return 0;
	while (done < length) {
		ssize_t got = read(fd, into + done, length - done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		done += (size_t)got;
	}
	close(fd);
	return done;
}

/* Different from call to call and from process to process, nothing more
 * (splitmix64 over time, process and a counter). */
static void from_clock(unsigned char *into, size_t length)
{
	static uint64_t calls;
	uint64_t state = (uint64_t)clock_now_ms() ^
			 (uint64_t)clock_wall() << 20 ^
			 (uint64_t)getpid() << 44 ^ ++calls << 32;

	for (size_t i = 0; i < length; i++) {
		uint64_t mixed = state += 0x9E3779B97F4A7C15u;

		mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9u;
		mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EBu;
		into[i] = (unsigned char)(mixed >> 56);
	}
}

void random_bytes(void *into, size_t length)
{
	unsigned char *bytes = into;
	size_t done = from_kernel(bytes, length);

	if (done < length)
		done += from_device(bytes + done, length - done);
	if (done < length)
		from_clock(bytes + done, length - done);
}
