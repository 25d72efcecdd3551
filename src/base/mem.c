/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Allocation that cannot fail, and arenas.  Knows nothing of what is stored. */
#include <config.h>

#include "base/mem.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MEM_IS_WATCHED
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define MEM_IS_WATCHED
#endif

/* What is not given out of a block nobody may touch; a gap keeps neighbours
 * apart.  Only the address sanitizer sees it. */
#ifdef MEM_IS_WATCHED
#include <sanitizer/asan_interface.h>
enum { ARENA_GAP_BYTES = alignof(max_align_t) };
#else
#define ASAN_POISON_MEMORY_REGION(address, bytes)                              \
	((void)(address), (void)(bytes))
#define ASAN_UNPOISON_MEMORY_REGION(address, bytes)                            \
	((void)(address), (void)(bytes))
enum { ARENA_GAP_BYTES = 0 };
#endif

enum { ARENA_BLOCK_BYTES = 4096 };

struct arena_block {
	struct arena_block *older;
	size_t used, capacity;
	alignas(max_align_t) char bytes[];
};

struct arena {
	struct arena_block *newest;
};

static void (*exhaustion_handler)(void);

void mem_on_exhaustion(void (*handler)(void))
{
	exhaustion_handler = handler;
}

static _Noreturn void exhausted(void)
{
	static const char sentence[] = "mailchute: out of memory\n";

	if (exhaustion_handler)
		exhaustion_handler();
	/* Nothing can be done about a failing write here. */
	if (write(STDERR_FILENO, sentence, sizeof sentence - 1) < 0)
		_exit(EX_TEMPFAIL);
	_exit(EX_TEMPFAIL);
}

void *mem_alloc(size_t size_bytes)
{
	void *memory = malloc(size_bytes ? size_bytes : 1);

	if (!memory)
		exhausted();
	return memory;
}

void *mem_zalloc(size_t size_bytes)
{
	void *memory = calloc(1, size_bytes ? size_bytes : 1);

	if (!memory)
		exhausted();
	return memory;
}

void *mem_array(void *old, size_t count, size_t size_bytes)
{
	void *memory;

	if (size_bytes && count > SIZE_MAX / size_bytes)
		exhausted();
	size_bytes *= count;
	memory = realloc(old, size_bytes ? size_bytes : 1);
	if (!memory)
		exhausted();
	return memory;
}

char *mem_strdup(const char *text)
{
	return mem_strndup(text, strlen(text));
}

char *mem_strndup(const char *text, size_t length)
{
	char *copy;

	if (length == SIZE_MAX)
		exhausted();
	copy = mem_alloc(length + 1);
	if (length)
		memcpy(copy, text, length);
	copy[length] = '\0';
	return copy;
}

void mem_free(void *memory)
{
	free(memory);
}

struct arena *arena_new(void)
{
	return mem_zalloc(sizeof(struct arena));
}

static struct arena_block *block_new(struct arena_block *older, size_t bytes)
{
	struct arena_block *block;

	if (bytes > SIZE_MAX - sizeof *block)
		exhausted();
	block = mem_alloc(sizeof *block + bytes);
	block->older = older;
	block->used = 0;
	block->capacity = bytes;
	ASAN_POISON_MEMORY_REGION(block->bytes, bytes);
	return block;
}

/* What is given out is not cleared: most of it is written at once, and most of
 * a block never given out. */
static void *take(struct arena *arena, size_t size_bytes)
{
	struct arena_block *block = arena->newest;
	const size_t align = alignof(max_align_t), asked_bytes = size_bytes;
	void *memory;

	if (size_bytes > SIZE_MAX - align - ARENA_GAP_BYTES)
		exhausted();
	size_bytes = (size_bytes + align - 1) / align * align + ARENA_GAP_BYTES;
	if (!block || block->capacity - block->used < size_bytes) {
		block = block_new(block, size_bytes > ARENA_BLOCK_BYTES
						 ? size_bytes
						 : ARENA_BLOCK_BYTES);
		arena->newest = block;
	}
	memory = block->bytes + block->used;
	block->used += size_bytes;
	ASAN_UNPOISON_MEMORY_REGION(memory, asked_bytes);
	return memory;
}

void *arena_alloc(struct arena *arena, size_t size_bytes)
{
	return memset(take(arena, size_bytes), 0, size_bytes);
}

void *arena_memdup(struct arena *arena, const void *from, size_t size_bytes)
{
	void *copy = take(arena, size_bytes);

	if (size_bytes)
		memcpy(copy, from, size_bytes);
	return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
	return arena_memdup(arena, text, strlen(text) + 1);
}

char *arena_strndup(struct arena *arena, const char *text, size_t length)
{
	char *copy;

	if (length == SIZE_MAX)
		exhausted();
	copy = take(arena, length + 1);
	if (length)
		memcpy(copy, text, length);
	copy[length] = '\0';
	return copy;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args, again;
	char *text;
	int length;

	va_start(args, format);
	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	text = take(arena, length < 0 ? 1 : (size_t)length + 1);
	text[0] = '\0';
	if (length >= 0)
		vsnprintf(text, (size_t)length + 1, format, again);
	va_end(again);
	return text;
}

void arena_free(struct arena *arena)
{
	struct arena_block *block, *older;

	if (!arena)
		return;
	for (block = arena->newest; block; block = older) {
		older = block->older;
		free(block);
	}
	free(arena);
}

void arena_reset(struct arena *arena)
{
	struct arena_block *kept = arena->newest;

	if (kept && kept->capacity == ARENA_BLOCK_BYTES) {
		arena->newest = kept->older;
		kept->older = NULL;
		ASAN_POISON_MEMORY_REGION(kept->bytes, kept->capacity);
		kept->used = 0;
	} else {
		kept = NULL;
	}
	for (struct arena_block *block = arena->newest, *older; block;
		block = older) {
		older = block->older;
		free(block);
	}
	arena->newest = kept;
}
