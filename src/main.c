/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The front door.  Knows the names we are called by, and nothing else. */
#include <config.h>

int main(void)
{
	return 0;
}
