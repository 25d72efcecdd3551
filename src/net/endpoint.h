/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses of the socket calls, of either family. */
#ifndef NET_ENDPOINT_H
#define NET_ENDPOINT_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>

/* any.sa_family says which of the others it is. */
union endpoint {
	struct sockaddr_storage storage;
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un local;
};

/* 127.0.0.0/8 or ::1; no other family has one. */
bool endpoint_is_loopback(const union endpoint *endpoint);

#endif
