/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Memory that never comes back NULL, and arenas for the three lifetimes of a
 * run: the run itself, one message, one attempt.
 *
 *	struct arena *arena = arena_new();
 *	char *name = arena_strdup(arena, "work");
 *	arena_free(arena);                      (name is gone with it)
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

struct arena;

/* Called once when memory runs out; must not return.  Whoever knows the state
 * of the run decides there whether that means "try again" or "possible
 * duplicate".  NULL restores the default: a sentence and exit code 75. */
void mem_on_exhaustion(void (*handler)(void));

/* Never NULL.  The caller frees with mem_free().  Zero-sized requests are
 * rounded up to one byte. */
void *mem_alloc(size_t size_bytes);
void *mem_zalloc(size_t size_bytes);
/* Room for COUNT elements of SIZE bytes; an overflow of the product counts as
 * running out of memory. */
void *mem_array(void *old, size_t count, size_t size_bytes);
char *mem_strdup(const char *text);
/* A NUL-terminated copy of LENGTH bytes. */
char *mem_strndup(const char *text, size_t length);
void mem_free(void *memory);

/* An arena owns everything allocated from it until arena_free(). */
struct arena *arena_new(void);
/* Zeroed, aligned for any type. */
void *arena_alloc(struct arena *arena, size_t size_bytes);
void *arena_memdup(struct arena *arena, const void *from, size_t size_bytes);
char *arena_strdup(struct arena *arena, const char *text);
char *arena_strndup(struct arena *arena, const char *text, size_t length);
char *arena_printf(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* NULL is allowed. */
void arena_free(struct arena *arena);
/* All that was allocated is gone; the memory of one block stays for what comes
 * next.  Not for secrets. */
void arena_reset(struct arena *arena);

#endif
