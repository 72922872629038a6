/* SPDX-License-Identifier: BSD-2-Clause */
/* Until when; see deadline.h. */
#include "net/deadline.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>

#include "io/io.h"

struct deadline
deadline_in(uint64_t ms, int stop_fd)
{
	uint64_t now = io_ticks_ms();
	struct deadline d = {
		.at_ms = ms < UINT64_MAX - now ? now + ms : UINT64_MAX,
		.stop_fd = stop_fd,
	};

	return d;
}

struct deadline
deadline_sooner(const struct deadline *d, uint64_t ms)
{
	struct deadline made = deadline_in(ms, d->stop_fd);

	if (made.at_ms > d->at_ms)
		made.at_ms = d->at_ms;
	return made;
}

uint64_t
deadline_left_ms(const struct deadline *d)
{
	uint64_t now = io_ticks_ms();

	return now < d->at_ms ? d->at_ms - now : 0;
}

int
deadline_wait(const struct deadline *d, int fd, short events)
{
	struct pollfd p[2] = {
		{ d->stop_fd, POLLIN, 0 },
		{ fd, events, 0 },
	};

	for (;;) {
		uint64_t left = deadline_left_ms(d);
		int n = poll(p, 2, left < INT_MAX ? (int)left : INT_MAX);

		if (n == -1 && errno != EINTR)
			return -1;
		if (n > 0 && p[0].revents != 0) {
			errno = ECANCELED;
			return -1;
		}
		if (left == 0) {
			errno = ETIMEDOUT;
			return -1;
		}
		if (n > 0)
			return 0;
	}
}

int
deadline_pause(const struct deadline *d, uint64_t ms)
{
	struct deadline until = deadline_sooner(d, ms);

	(void)deadline_wait(&until, -1, 0);
	if (errno != ETIMEDOUT)
		return -1;
	return deadline_left_ms(d) > 0 ? 0 : -1;
}
