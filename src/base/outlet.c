/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looks at sockets and at /proc; sends nothing. */
#include <config.h>

#include "base/outlet.h"

#include "base/buf.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

enum { VIEW_LIMIT = 1024 * 1024 };

static bool may_have_socket(int family)
{
	int fd = socket(family, SOCK_STREAM, 0);

	if (fd < 0)
		return errno == EMFILE || errno == ENFILE || errno == ENOMEM ||
		       errno == ENOBUFS;
	close(fd);
	return true;
}

/* ---- what /proc/net says ------------------------------------------------- */

/* "  eth0: 12 …" */
static struct span device_name(struct span line)
{
	return line.length ? span_trim(span_cut(&line, ':')) : line;
}

static bool is_title(struct span line)
{
	for (size_t i = 0; i < line.length; i++)
		if (line.at[i] == '|')
			return true;
	return false;
}

static bool has_device(struct span devices, struct span name)
{
	while (devices.length) {
		struct span line = span_cut(&devices, '\n');

		if (!is_title(line) && span_equal(device_name(line), name))
			return true;
	}
	return false;
}

/* Whether OTHER has all of DEVICES, or, without OTHER, there is the loopback
 * alone. */
static bool are_known(struct span devices, const struct span *other)
{
	while (devices.length) {
		struct span line = span_cut(&devices, '\n');
		struct span name = device_name(line);

		if (is_title(line) || !name.length)
			continue;
		if (other ? !has_device(*other, name)
			  : !span_equal(name, SPAN("lo")))
			return false;
	}
	return true;
}

static bool is_route(struct span line)
{
	struct span device = span_cut_word(&line);

	return device.length && !span_equal(device, SPAN("lo")) &&
	       !span_equal(device, SPAN("Iface"));
}

/* Every link has fe80::/10 and ff00::/8. */
static bool is_route6(struct span line)
{
	struct span word, last = SPAN("");
	bool is_own = span_starts_with(line, SPAN("fe8")) ||
		      span_starts_with(line, SPAN("ff"));

	while ((word = span_cut_word(&line)).length)
		last = word;
	return last.length && !is_own && !span_equal(last, SPAN("lo"));
}

bool outlet_has_route(const struct outlet_view *view)
{
	struct span rest = view->routes, rest6 = view->routes6;

	while (rest.length)
		if (is_route(span_cut(&rest, '\n')))
			return true;
	while (rest6.length)
		if (is_route6(span_cut(&rest6, '\n')))
			return true;
	return false;
}

bool outlet_is_apart(
	const struct outlet_view *ours, const struct outlet_view *first)
{
	if (!first)
		return are_known(ours->devices, NULL);
	return outlet_has_route(ours) != outlet_has_route(first) ||
	       !are_known(ours->devices, &first->devices) ||
	       !are_known(first->devices, &ours->devices);
}

/* ---- this process -------------------------------------------------------- */

struct pages {
	struct buf devices, routes, routes6;
};

static bool read_pages(
	const char *process, struct pages *pages, struct outlet_view *view)
{
	struct arena *arena = arena_new();
	struct diag why;
	bool is_read;

	*pages = (struct pages){ BUF_INIT(VIEW_LIMIT), BUF_INIT(VIEW_LIMIT),
		BUF_INIT(VIEW_LIMIT) };
	is_read = file_read(arena_printf(arena, "/proc/%s/net/dev", process),
			  &pages->devices, NULL, &why) == FILE_READ &&
		  file_read(arena_printf(arena, "/proc/%s/net/route", process),
			  &pages->routes, NULL, &why) == FILE_READ;
	/* Not there without IPv6. */
	(void)file_read(arena_printf(arena, "/proc/%s/net/ipv6_route", process),
		&pages->routes6, NULL, &why);
	*view = (struct outlet_view){ buf_span(&pages->devices),
		buf_span(&pages->routes), buf_span(&pages->routes6) };
	arena_free(arena);
	return is_read;
}

static void free_pages(struct pages *pages)
{
	buf_free(&pages->devices);
	buf_free(&pages->routes);
	buf_free(&pages->routes6);
}

static bool is_locked_in(void)
{
	struct pages our_pages, first_pages;
	struct outlet_view ours, first;
	bool has_ours = read_pages("self", &our_pages, &ours);
	bool has_first = read_pages("1", &first_pages, &first);
	bool is_in = has_ours && !outlet_has_route(&ours) &&
		     outlet_is_apart(&ours, has_first ? &first : NULL);

	free_pages(&our_pages);
	free_pages(&first_pages);
	return is_in;
}

const char *outlet_obstacle(void)
{
	if (!may_have_socket(AF_INET) && !may_have_socket(AF_INET6))
		return DIAG_WORDS N_("a process that may not use the network");
	if (is_locked_in())
		return DIAG_WORDS N_("a network namespace without a route");
	return NULL;
}
