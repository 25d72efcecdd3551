/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A pipe.  Does not know who is at its ends. */
#include <config.h>

#include "base/pipe.h"

#include <fcntl.h>
#include <unistd.h>

void pipe_close(const int ends[2])
{
	close(ends[0]);
	close(ends[1]);
}

bool pipe_open(int ends[2], bool may_wait)
{
	if (pipe(ends) < 0)
		return false;
	for (int i = 0; i < 2; i++)
		if (fcntl(ends[i], F_SETFD, FD_CLOEXEC) < 0 ||
			(!may_wait &&
				fcntl(ends[i], F_SETFL, O_NONBLOCK) < 0)) {
			pipe_close(ends);
			ends[0] = ends[1] = -1;
			return false;
		}
	return true;
}
