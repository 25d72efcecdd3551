/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory: running out in children of our own, and arenas. */
#include <config.h>

#include "base/mem.h"
#include "tap.h"

#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

static void run_away(void)
{
	_exit(42);
}

static void exhaust_array(void)
{
	/* The product wraps to 0. */
	mem_array(NULL, SIZE_MAX / 2 + 1, 2);
}

static void exhaust_strndup(void)
{
	mem_strndup("", SIZE_MAX);
}

static void exhaust_arena(void)
{
	struct arena *arena = arena_new();

	arena_alloc(arena, SIZE_MAX - 3);
	arena_free(arena);
}

static void exhaust_arena_strndup(void)
{
	struct arena *arena = arena_new();

	arena_strndup(arena, "", SIZE_MAX);
	arena_free(arena);
}

/* The exit code of a child that runs out, and what it says. */
static int child(void (*exhaust)(void), void (*handler)(void), char *said)
{
	int ends[2], status = 0;
	pid_t pid;
	ssize_t length;

	if (pipe(ends) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		dup2(ends[1], STDERR_FILENO);
		close(ends[1]);
		mem_on_exhaustion(handler);
		exhaust();
		_exit(0);
	}
	close(ends[1]);
	length = read(ends[0], said, 99);
	said[length < 0 ? 0 : length] = '\0';
	close(ends[0]);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void check_exhaustion(void)
{
	static const struct {
		const char *name;
		void (*exhaust)(void);
	} ways[] = {
		{ "an array whose size overflows", exhaust_array },
		{ "a string", exhaust_strndup },
		{ "an arena", exhaust_arena },
		{ "an arena's string", exhaust_arena_strndup },
	};
	char said[100];

	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		tap_is_number(child(ways[i].exhaust, NULL, said), EX_TEMPFAIL,
			ways[i].name);
		tap_is_text(said, "mailchute: out of memory\n", "and says so");
		tap_is_number(child(ways[i].exhaust, run_away, said), 42,
			"the handler decides");
		tap_is_text(said, "", "and says what it likes");
	}
}

static void check_heap(void)
{
	char *text = mem_strdup("text"), *part = mem_strndup("a\0bc", 3);
	unsigned char *zeroed = mem_zalloc(100);
	int *numbers = mem_array(NULL, 2, sizeof *numbers);
	bool is_zero = true;

	for (size_t i = 0; i < 100; i++)
		is_zero &= zeroed[i] == 0;
	tap_ok(is_zero, "zeroed");
	tap_is_text(text, "text", "a copy of a string");
	tap_ok(memcmp(part, "a\0b", 4) == 0, "a copy of bytes, terminated");
	numbers[1] = 7;
	numbers = mem_array(numbers, 1000, sizeof *numbers);
	tap_is_number(numbers[1], 7, "an array keeps its content");
	mem_free(text);
	mem_free(part);
	mem_free(zeroed);
	mem_free(numbers);
	text = mem_alloc(0);
	numbers = mem_array(NULL, 0, sizeof *numbers);
	tap_ok(text && numbers, "nothing is something, too");
	mem_free(text);
	mem_free(numbers);
	mem_free(NULL);
}

static void check_arena(void)
{
	struct arena *arena = arena_new();
	bool is_aligned = true, is_zero = true, is_kept = true;
	char *kept[500];

	for (size_t i = 0; i < 500; i++) {
		char *bytes = arena_alloc(arena, i * 7 % 301);

		is_aligned &= (uintptr_t)bytes % alignof(max_align_t) == 0;
		for (size_t k = 0; k < i * 7 % 301; k++)
			is_zero &= bytes[k] == 0;
		memset(bytes, 0xA5, i * 7 % 301);
		kept[i] = arena_printf(arena, "number %zu", i);
	}
	for (size_t i = 0; i < 500; i++) {
		char want[30];

		snprintf(want, sizeof want, "number %zu", i);
		is_kept &= strcmp(kept[i], want) == 0;
	}
	tap_ok(is_aligned, "aligned for any type");
	tap_ok(is_zero, "zeroed");
	tap_ok(is_kept, "nothing is given out twice");
	memset(arena_alloc(arena, 100000), 1, 100000);
	tap_is_text(arena_strdup(arena, "after"), "after",
		"more than a block at once");
	tap_is_text(arena_strndup(arena, "before", 3), "bef", "part of one");
	tap_ok(memcmp(arena_memdup(arena, "a\0b", 3), "a\0b", 3) == 0, "bytes");
	arena_free(arena);
	arena_free(NULL);
}

/* Blocks of the arena's own size and larger ones, then all of it again. */
static void check_reset(void)
{
	struct arena *arena = arena_new();
	bool is_zero = true;

	arena_reset(arena);
	for (size_t size = 1000; size < 20000; size += 6000) {
		for (size_t i = 0; i < 20; i++)
			memset(arena_alloc(arena, size), 0xA5, size);
		arena_reset(arena);
		for (size_t i = 0; i < 20; i++) {
			char *bytes = arena_alloc(arena, 300);

			for (size_t k = 0; k < 300; k++)
				is_zero &= bytes[k] == 0;
		}
	}
	tap_ok(is_zero, "zeroed again");
	arena_free(arena);
}

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define IS_WATCHED
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define IS_WATCHED
#endif

/* Whether a child that touches the byte at OFFSET of 5 bytes, between two
 * others, is ended. */
static bool is_caught(long offset)
{
	struct arena *arena = arena_new();
	volatile char *bytes;
	pid_t child;
	int status = 0;

	arena_strdup(arena, "before");
	bytes = arena_alloc(arena, 5);
	arena_strdup(arena, "after");
	child = fork();
	if (child == 0) {
		close(STDERR_FILENO);
		bytes[offset] = 1;
		_exit(0);
	}
	waitpid(child, &status, 0);
	arena_free(arena);
	return !WIFEXITED(status) || WEXITSTATUS(status);
}

static void check_watched(void)
{
#ifdef IS_WATCHED
	tap_ok(!is_caught(0) && !is_caught(4), "what was given out");
	tap_ok(is_caught(5), "a byte behind it is nobody's");
	tap_ok(is_caught(16), "nor is the gap to the next");
	tap_ok(is_caught(-1), "nor a byte before it");
#else
	tap_ok(is_caught(0) == false, "what was given out");
#endif
}

int main(void)
{
	check_exhaustion();
	check_heap();
	check_arena();
	check_reset();
	check_watched();
	return tap_done();
}
