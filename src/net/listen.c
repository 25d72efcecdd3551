/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sockets to be called on.  Knows nothing of what is said there. */
#include <config.h>

#include "net/listen.h"

#include "base/span.h"
#include "net/endpoint.h"
#include "net/owner.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 128, ADDRESS_BYTES = 64 };

/* Closes FD, if there is one. */
static int fail(const char *name, int fd, struct diag *why)
{
	int error = errno;

	if (fd >= 0)
		close(fd);
	diag_set(why, DIAG_NET_LISTEN, name);
	diag_add_errno(why, error);
	return -1;
}

static int open_socket(int family)
{
	int fd = socket(family, SOCK_STREAM, 0);

	if (fd >= 0)
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	return fd;
}

static bool make_local(const char *path, struct sockaddr_un *out)
{
	*out = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof out->sun_path) {
		errno = ENAMETOOLONG;
		return false;
	}
	memcpy(out->sun_path, path, strlen(path) + 1);
	return true;
}

/* Left over from a process that is no more: a socket that refuses. */
static bool is_abandoned(const char *path, const struct sockaddr_un *address)
{
	struct stat status;
	int fd = open_socket(AF_UNIX);
	bool is_refused = lstat(path, &status) == 0 &&
			  S_ISSOCK(status.st_mode) && fd >= 0 &&
			  connect(fd, (const struct sockaddr *)address,
				  sizeof *address) < 0 &&
			  errno == ECONNREFUSED;

	if (fd >= 0)
		close(fd);
	return is_refused;
}

/* The folder's owner is whom callers trust, so it is ours and closed to
 * writing, whatever the umask.  What is wrong with it, bind() says. */
static void make_folder(const char *path)
{
	char folder[sizeof((struct sockaddr_un *)NULL)->sun_path];
	const char *slash = strrchr(path, '/');

	if (!slash || slash == path)
		return;
	memcpy(folder, path, (size_t)(slash - path));
	folder[slash - path] = '\0';
	if (mkdir(folder, S_IRWXU) == 0)
		(void)chmod(folder,
			S_IRWXU | S_IRGRP | S_IXGRP | S_IROTH | S_IXOTH);
}

int listen_unix(const char *path, struct diag *why)
{
	struct sockaddr_un address;
	int fd = -1;

	if (!make_local(path, &address))
		return fail(path, fd, why);
	make_folder(path);
	if (is_abandoned(path, &address))
		(void)unlink(path);
	fd = open_socket(AF_UNIX);
	if (fd < 0 ||
		bind(fd, (const struct sockaddr *)&address, sizeof address) <
			0 ||
		chmod(path, S_IRUSR | S_IWUSR | S_IRGRP | S_IWGRP | S_IROTH |
				    S_IWOTH) < 0 ||
		listen(fd, BACKLOG) < 0)
		return fail(path, fd, why);
	return fd;
}

/* ---- loopback ------------------------------------------------------------ */

/* Cuts "ADDRESS:PORT", "[ADDRESS]:PORT". */
static bool split(const char *text, char address[static ADDRESS_BYTES],
	unsigned long *port)
{
	const char *colon = strrchr(text, ':');
	struct span name;

	if (!colon || !span_number(span_of(colon + 1), 65535, port))
		return false;
	name = span_make(text, (size_t)(colon - text));
	if (name.length > 2 && name.at[0] == '[' &&
		name.at[name.length - 1] == ']')
		name = span_make(name.at + 1, name.length - 2);
	if (name.length >= ADDRESS_BYTES)
		return false;
	memcpy(address, name.at, name.length);
	address[name.length] = '\0';
	return true;
}

static socklen_t make_loopback(
	const char *address, unsigned long port, union endpoint *out)
{
	memset(out, 0, sizeof *out);
	if (inet_pton(AF_INET, address, &out->v4.sin_addr) == 1 &&
		ntohl(out->v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET) {
		out->v4.sin_family = AF_INET;
		out->v4.sin_port = htons((in_port_t)port);
		return sizeof out->v4;
	}
	if (inet_pton(AF_INET6, address, &out->v6.sin6_addr) == 1 &&
		IN6_IS_ADDR_LOOPBACK(&out->v6.sin6_addr)) {
		out->v6.sin6_family = AF_INET6;
		out->v6.sin6_port = htons((in_port_t)port);
		return sizeof out->v6;
	}
	return 0;
}

int listen_loopback(const char *address, struct diag *why)
{
	char name[ADDRESS_BYTES];
	union endpoint endpoint;
	unsigned long port;
	socklen_t length = 0;
	int fd, on = 1;

	if (split(address, name, &port))
		length = make_loopback(name, port, &endpoint);
	if (!length) {
		diag_set(why, DIAG_NET_NOT_LOOPBACK, address);
		return -1;
	}
	fd = open_socket(endpoint.any.sa_family);
	if (fd >= 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (fd < 0 || bind(fd, &endpoint.any, length) < 0 ||
		listen(fd, BACKLOG) < 0)
		return fail(address, fd, why);
	return fd;
}

/* ---- inherited ----------------------------------------------------------- */

static bool has_option(int fd, int option, int wanted)
{
	int value = 0;
	socklen_t length = sizeof value;

	return getsockopt(fd, SOL_SOCKET, option, &value, &length) == 0 &&
	       value == wanted;
}

static void put_endpoint(const union endpoint *endpoint, char *out, size_t size)
{
	char address[INET6_ADDRSTRLEN] = "";
	bool is_v6 = endpoint->any.sa_family == AF_INET6;

	if (is_v6)
		(void)inet_ntop(AF_INET6, &endpoint->v6.sin6_addr, address,
			sizeof address);
	else
		(void)inet_ntop(AF_INET, &endpoint->v4.sin_addr, address,
			sizeof address);
	snprintf(out, size, is_v6 ? "[%s]:%u" : "%s:%u", address,
		(unsigned)ntohs(is_v6 ? endpoint->v6.sin6_port
				      : endpoint->v4.sin_port));
}

bool listen_check(int fd, struct diag *why)
{
	union {
		struct sockaddr_storage room;
		union endpoint endpoint;
	} own;
	socklen_t length = sizeof own;
	char name[ADDRESS_BYTES];
	int family;

	snprintf(name, sizeof name, "%d", fd);
	if (!has_option(fd, SO_TYPE, SOCK_STREAM) ||
		!has_option(fd, SO_ACCEPTCONN, 1) ||
		getsockname(fd, &own.endpoint.any, &length) < 0)
		return diag_set(why, DIAG_NET_NOT_A_LISTENER, name);
	family = own.endpoint.any.sa_family;
	if (family == AF_UNIX || endpoint_is_loopback(&own.endpoint))
		return true;
	if (family != AF_INET && family != AF_INET6)
		return diag_set(why, DIAG_NET_NOT_A_LISTENER, name);
	put_endpoint(&own.endpoint, name, sizeof name);
	return diag_set(why, DIAG_NET_NOT_LOOPBACK, name);
}

/* ---- who calls ----------------------------------------------------------- */

static bool is_unix_socket(int fd)
{
	struct sockaddr_storage own;
	socklen_t length = sizeof own;

	return getsockname(fd, (struct sockaddr *)&own, &length) == 0 &&
	       own.ss_family == AF_UNIX;
}

void listen_identify(int fd, struct listen_peer *out)
{
	*out = (struct listen_peer){ .has_uid = false };
	if (!is_unix_socket(fd)) {
		out->has_uid = owner_of_peer(fd, &out->uid);
		return;
	}
#ifdef SO_PEERCRED
	struct ucred credentials;
	socklen_t length = sizeof credentials;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &length) ==
		0) {
		out->has_uid = true;
		out->uid = credentials.uid;
		out->pid = credentials.pid;
	}
#elif defined(HAVE_GETPEEREID)
	gid_t group;

	out->has_uid = getpeereid(fd, &out->uid, &group) == 0;
#endif
}

bool listen_is_trusted(int fd, const char *path)
{
	char folder[PATH_MAX];
	const char *slash = strrchr(path, '/');
	struct listen_peer peer;
	struct stat status;

	listen_identify(fd, &peer);
	/* A system that cannot tell: the folder's permissions must do. */
	if (!peer.has_uid || peer.uid == 0 || peer.uid == geteuid())
		return true;
	snprintf(folder, sizeof folder, "%.*s",
		slash && slash > path ? (int)(slash - path) : 1,
		slash ? path : ".");
	return stat(folder, &status) == 0 && status.st_uid == peer.uid;
}
