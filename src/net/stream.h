/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A connection as five operations; TLS wraps any stream and is one.  Nothing
 * here blocks but wait(), and wait() has a deadline: so every deadline holds
 * under TLS too.
 */
#ifndef NET_STREAM_H
#define NET_STREAM_H

#include "base/diag.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum stream_result {
	STREAM_OK,    /* at least one byte moved */
	STREAM_AGAIN, /* nothing now: wait() */
	STREAM_END,   /* the peer has closed, in order */
	STREAM_FAILED /* *why */
};

enum stream_events { STREAM_READABLE = 1, STREAM_WRITABLE = 2 };

struct stream;

struct stream_ops {
	enum stream_result (*read)(struct stream *stream, char *into,
		size_t capacity, size_t *got, struct diag *why);
	/* After STREAM_AGAIN the next write() must begin with the same bytes
	 * (TLS has sealed them already). */
	enum stream_result (*write)(struct stream *stream, const char *from,
		size_t length, size_t *sent, struct diag *why);
	/* Waits for one of EVENTS; what is ready goes to *READY (0 once
	 * DEADLINE_MS of clock_now_ms() has passed: no failure).  TLS may wait
	 * for the other direction meanwhile.  With a deadline of 0 it only
	 * looks. */
	bool (*wait)(struct stream *stream, unsigned events,
		int64_t deadline_ms, unsigned *ready, struct diag *why);
	/* Bytes that read() could give without the network. */
	size_t (*buffered)(struct stream *stream);
	/* Ends and frees the stream and what it wraps; never blocks. */
	void (*close)(struct stream *stream);
};

struct stream {
	const struct stream_ops *ops;
};

/* NULL is allowed. */
static inline void stream_close(struct stream *stream)
{
	if (stream)
		stream->ops->close(stream);
}

#endif
