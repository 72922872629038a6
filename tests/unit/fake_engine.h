/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An engine that does what a script says, on a unix socket: a process of its
 * own that knows containers, starts and stops them, counts their health, and
 * fails in the ways that a real engine does not on demand.  What was asked
 * of it is in fake->log, a line each: "start db", "stop db", "wait db"; and
 * what became so: "healthy db", "ended db".
 *
 * Its moments ("StartedAt", "Start" of a probe) go backwards on purpose: a
 * clock that is set back must not matter to anybody.
 */
#ifndef DRYDOCK_TESTS_FAKE_ENGINE_H
#define DRYDOCK_TESTS_FAKE_ENGINE_H

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "harness.h"
#include "io/io.h"

#define FAKE_MAX 16
#define FAKE_LOG_MAX 16384
#define FAKE_CALLS_MAX 64
#define FAKE_PROBE_MS 20	/* one probe each */
#define FAKE_DOWN_MS 30		/* between an end and a restart */

enum fake_fault {
	FAKE_WELL,
	FAKE_LOOK_HALF,		/* looks are cut short, .faults of them */
	FAKE_LOOK_HANG,		/* looks after the start are never answered */
	FAKE_LOOK_GONE,		/* 404 to looks after the start */
	FAKE_LOOK_ERROR,	/* 500, .faults of them */
	FAKE_LOOK_BABBLE,	/* no container at all */
	FAKE_START_HALF,	/* it starts; the answer is cut short */
	FAKE_START_CUT,		/* it does not start, no answer either */
	FAKE_START_LIES,	/* it starts; the answer is an error */
	FAKE_START_HANG,	/* accepted, never answered, never started */
	FAKE_WAIT_CUT,		/* no wait is ever answered */
	FAKE_DIES,		/* the engine, after it was started */
	FAKE_STOP_ERROR,	/* 500, and it runs on */
	FAKE_STOP_CUT		/* it stops; the answer is lost */
};

struct fake_script {
	const char *service;
	const char *at_first;	/* NULL: exited, killed with its engine;
				 * "ended": it had ended with 0 */
	bool has_check;
	int healthy_ms;		/* after its start; 0: never */
	int unhealthy_ms;	/* after its start; 0: never */
	int flap_ms;		/* healthy and unhealthy in turn, after that */
	int exit_ms;		/* after its start; 0: it stays */
	int exit_code;
	bool was_oom;
	bool restarts;		/* always */
	bool removes_itself;	/* when it ends */
	int start_ms;		/* the start takes so long */
	int refuses;		/* status; 0: it starts */
	const char *message;	/* with that */
	enum fake_fault fault;
	int faults;
};

struct fake_live {
	bool is_up;
	bool is_paused;
	bool is_gone;
	bool was_up;
	bool said_healthy;
	uint64_t started_ms;
	int exit_code;
	int starts;
	int stops;
	int faults;
};

/* Shared with the engine's process. */
struct fake {
	struct fake_live live[FAKE_MAX];
	char log[FAKE_LOG_MAX];
	size_t logged;
	bool refuses_version;	/* of paths that have one */
};

/* A connection whose answer comes later: a wait, or a slow start. */
struct fake_call {
	int fd;			/* -1: free */
	int unit;
	bool is_start;
	uint64_t due_ms;
	int starts;		/* of the unit, when the wait was opened */
};

struct fake_server {
	const struct fake_script *scripts;
	int count;
	struct fake *fake;
	struct fake_call calls[FAKE_CALLS_MAX];
};

static inline void
fake_note(struct fake *f, const char *what, const char *service)
{
	int n = snprintf(f->log + f->logged, FAKE_LOG_MAX - f->logged,
	    "%s %s\n", what, service);

	if (n > 0 && f->logged + (size_t)n < FAKE_LOG_MAX)
		f->logged += (size_t)n;
}

/* ------------------------------------------------------------- what is so */

static inline void
fake_end(struct fake_server *s, int i, int exit_code)
{
	struct fake_live *l = &s->fake->live[i];

	l->is_up = false;
	l->exit_code = exit_code;
	l->is_gone = s->scripts[i].removes_itself;
	fake_note(s->fake, "ended", s->scripts[i].service);
}

static inline void
fake_tick(struct fake_server *s)
{
	uint64_t now = io_ticks_ms();
	int i;

	for (i = 0; i < s->count; i++) {
		const struct fake_script *c = &s->scripts[i];
		struct fake_live *l = &s->fake->live[i];

		if (l->is_up && c->exit_ms > 0 && !c->restarts &&
		    now - l->started_ms >= (uint64_t)c->exit_ms)
			fake_end(s, i, c->exit_code);
	}
}

/* Runs again and again: how often, and is it down just now? */
static inline uint64_t
fake_restarts(const struct fake_script *c, const struct fake_live *l,
    bool *is_down)
{
	uint64_t period = (uint64_t)c->exit_ms + FAKE_DOWN_MS;
	uint64_t age = io_ticks_ms() - l->started_ms;

	*is_down = false;
	if (!c->restarts || c->exit_ms == 0 || !l->is_up)
		return 0;
	*is_down = age % period >= (uint64_t)c->exit_ms;
	return age / period;
}

static inline const char *
fake_health(const struct fake_script *c, const struct fake_live *l)
{
	uint64_t age = io_ticks_ms() - l->started_ms;

	if (!l->is_up)
		return "unhealthy";	/* as Docker says of what is down */
	if (c->flap_ms > 0 && age >= (uint64_t)c->healthy_ms)
		return (age - (uint64_t)c->healthy_ms) / (uint64_t)c->flap_ms %
		    2 == 0 ? "healthy" : "unhealthy";
	if (c->unhealthy_ms > 0 && age >= (uint64_t)c->unhealthy_ms)
		return "unhealthy";
	return c->healthy_ms > 0 && age >= (uint64_t)c->healthy_ms ?
	    "healthy" : "starting";
}

static inline void
fake_put_health(struct buf *b, struct fake_server *s, int i)
{
	const struct fake_script *c = &s->scripts[i];
	struct fake_live *l = &s->fake->live[i];
	uint64_t age = io_ticks_ms() - l->started_ms;
	uint64_t probes = l->is_up ? age / FAKE_PROBE_MS : 0, k;
	const char *health = fake_health(c, l);

	if (strcmp(health, "healthy") == 0 && !l->said_healthy) {
		l->said_healthy = true;
		fake_note(s->fake, "healthy", c->service);
	}
	buf_printf(b, ",\"Health\":{\"Status\":\"%s\",\"Log\":[", health);
	/* What is left of the time before the last start. */
	buf_printf(b, "{\"Start\":\"2031 %d\",\"ExitCode\":1,"
	    "\"Output\":\"an old word\"}", l->starts == 0 ? 0 : 1);
	for (k = probes > 4 ? probes - 3 : 1; k <= probes; k++)
		buf_printf(b, ",{\"Start\":\"1970 %d %llu\",\"ExitCode\":%d,"
		    "\"Output\":\"line\\nsaid %s\\n\"}", l->starts,
		    (unsigned long long)(9999 - k),
		    strcmp(health, "healthy") == 0 ? 0 : 1, health);
	buf_puts(b, "]}");
}

static inline void
fake_inspect(struct buf *b, struct fake_server *s, int i)
{
	const struct fake_script *c = &s->scripts[i];
	struct fake_live *l = &s->fake->live[i];
	bool is_down;
	uint64_t restarts = fake_restarts(c, l, &is_down);
	const char *status = l->is_paused ? "paused" : is_down ?
	    "restarting" : l->is_up ? "running" :
	    l->was_up ? "exited" : "created";

	buf_printf(b, "{\"Id\":\"id-%s\",\"RestartCount\":%llu,\"State\":{"
	    "\"Status\":\"%s\",\"ExitCode\":%d,\"OOMKilled\":%s,"
	    "\"Error\":\"\",\"StartedAt\":\"%04d-01-01T00:00:0%lluZ\"",
	    c->service, (unsigned long long)restarts, status,
	    is_down ? c->exit_code : l->is_up ? 0 : l->exit_code,
	    c->was_oom && !l->is_up && l->starts > 0 ? "true" : "false",
	    l->was_up ? 2030 - l->starts : 1,
	    (unsigned long long)(9 - restarts % 10));
	if (c->has_check)
		fake_put_health(b, s, i);
	buf_puts(b, "},\"Config\":{\"StopTimeout\":null");
	if (c->has_check)
		buf_printf(b, ",\"Healthcheck\":{\"Test\":[\"CMD\",\"x\"],"
		    "\"Interval\":%d000000,\"Timeout\":50000000,"
		    "\"Retries\":10}", FAKE_PROBE_MS);
	buf_printf(b, "},\"HostConfig\":{\"RestartPolicy\":{\"Name\":\"%s\","
	    "\"MaximumRetryCount\":0}}}", c->restarts ? "always" : "no");
}

static inline void
fake_list(struct buf *b, struct fake_server *s)
{
	int i;

	buf_byte(b, '[');
	for (i = 0; i < s->count; i++)
		buf_printf(b, "%s{\"Id\":\"id-%s\",\"Names\":[\"/p-%s-1\"],"
		    "\"State\":\"x\",\"Labels\":{"
		    "\"com.docker.compose.service\":\"%s\","
		    "\"com.docker.compose.oneoff\":\"False\","
		    "\"com.docker.compose.container-number\":\"1\"}}",
		    i > 0 ? "," : "", s->scripts[i].service,
		    s->scripts[i].service, s->scripts[i].service);
	/* A one-off run of the first service: nobody's business. */
	buf_printf(b, ",{\"Id\":\"id-odd\",\"Names\":[\"/odd\"],\"Labels\":{"
	    "\"com.docker.compose.service\":\"%s\","
	    "\"com.docker.compose.oneoff\":\"True\"}}]",
	    s->scripts[0].service);
}

/* ---------------------------------------------------------------- answers */

static inline void
fake_send(int fd, const char *status, const char *body)
{
	struct buf b = BUF_EMPTY;

	buf_printf(&b, "HTTP/1.0 %s\r\nContent-Length: %zu\r\n"
	    "Api-Version: 1.41\r\n\r\n%s", status, strlen(body), body);
	(void)!write(fd, b.data, b.len);
	buf_release(&b);
}

static inline void
fake_send_half(int fd)
{
	static const char half[] =
	    "HTTP/1.0 200 OK\r\nContent-Length: 4000\r\n\r\n{\"State\":{";

	(void)!write(fd, half, sizeof half - 1);
}

/* Keep the connection for later, or for ever (due UINT64_MAX). */
static inline void
fake_hold(struct fake_server *s, int fd, int unit, bool is_start,
    uint64_t due_ms)
{
	int i;

	for (i = 0; i < FAKE_CALLS_MAX; i++)
		if (s->calls[i].fd == -1) {
			s->calls[i] = (struct fake_call){ fd, unit, is_start,
			    due_ms, s->fake->live[unit].starts };
			return;
		}
	(void)close(fd);
}

static inline void
fake_do_start(struct fake_server *s, int i)
{
	struct fake_live *l = &s->fake->live[i];

	l->is_up = l->was_up = true;
	l->said_healthy = false;
	l->started_ms = io_ticks_ms();
	l->starts++;
	fake_note(s->fake, "started", s->scripts[i].service);
}

/* True when fd is kept. */
static inline bool
fake_start(struct fake_server *s, int fd, int i)
{
	const struct fake_script *c = &s->scripts[i];
	struct buf body = BUF_EMPTY;
	char status[16];

	fake_note(s->fake, "start", c->service);
	if (s->fake->live[i].is_up) {
		fake_send(fd, "304 x", "");
	} else if (c->refuses != 0) {
		(void)snprintf(status, sizeof status, "%d x", c->refuses);
		buf_printf(&body, "{\"message\":\"%s\"}", c->message);
		if (c->fault == FAKE_START_LIES)
			fake_do_start(s, i);
		fake_send(fd, status, buf_text(&body));
		buf_release(&body);
	} else if (c->fault == FAKE_START_HANG) {
		fake_hold(s, fd, i, true, UINT64_MAX);
		return true;
	} else if (c->start_ms > 0) {
		fake_hold(s, fd, i, true, io_ticks_ms() +
		    (uint64_t)c->start_ms);
		return true;
	} else if (c->fault != FAKE_START_CUT) {
		fake_do_start(s, i);
		if (c->fault == FAKE_DIES)
			_exit(0);
		if (c->fault == FAKE_START_HALF)
			fake_send_half(fd);
		else
			fake_send(fd, "204 x", "");
	}
	return false;
}

static inline void
fake_stop(struct fake_server *s, int fd, int i)
{
	const struct fake_script *c = &s->scripts[i];
	struct fake_live *l = &s->fake->live[i];

	fake_note(s->fake, "stop", c->service);
	if (c->fault == FAKE_STOP_ERROR) {
		fake_send(fd, "500 x", "{\"message\":\"cannot be killed\"}");
		return;
	}
	if (!l->is_up) {
		fake_send(fd, "304 x", "");
		return;
	}
	l->stops++;
	l->is_paused = false;
	fake_end(s, i, 143);
	if (c->fault != FAKE_STOP_CUT)
		fake_send(fd, "204 x", "");
}

static inline bool
fake_look(struct fake_server *s, int fd, int i)
{
	const struct fake_script *c = &s->scripts[i];
	struct fake_live *l = &s->fake->live[i];
	struct buf b = BUF_EMPTY;

	if (l->is_gone || (c->fault == FAKE_LOOK_GONE && l->starts > 0)) {
		fake_send(fd, "404 x", "{\"message\":\"No such container\"}");
	} else if (l->starts > 0 && c->fault == FAKE_LOOK_HANG) {
		fake_hold(s, fd, i, false, UINT64_MAX);
		return true;
	} else if (l->starts > 0 && l->faults < c->faults) {
		l->faults++;
		if (c->fault == FAKE_LOOK_ERROR)
			fake_send(fd, "500 x", "{\"message\":\"no\"}");
		else if (c->fault == FAKE_LOOK_BABBLE)
			fake_send(fd, "200 x", "{\"State\":[7]}");
		else
			fake_send_half(fd);
	} else {
		fake_inspect(&b, s, i);
		fake_send(fd, "200 x", buf_text(&b));
		buf_release(&b);
	}
	return false;
}

static inline bool
fake_wait(struct fake_server *s, int fd, int i)
{
	static const char head[] = "HTTP/1.0 200 OK\r\n\r\n";

	fake_note(s->fake, "wait", s->scripts[i].service);
	if (s->scripts[i].fault == FAKE_WAIT_CUT)
		return false;
	(void)!write(fd, head, sizeof head - 1);
	fake_hold(s, fd, i, false, 0);
	return true;
}

static inline void
fake_pause(struct fake_server *s, int fd, int i, bool on)
{
	fake_note(s->fake, on ? "pause" : "unpause", s->scripts[i].service);
	s->fake->live[i].is_paused = on;
	if (!on)	/* probes begin anew */
		s->fake->live[i].started_ms = io_ticks_ms();
	s->fake->live[i].starts += !on;
	fake_send(fd, "204 x", "");
}

/* True when fd is kept. */
static inline bool
fake_serve(struct fake_server *s, int fd, const char *request)
{
	const char *at = strstr(request, "/containers/id-");
	struct buf b = BUF_EMPTY;
	int i;

	if (s->fake->refuses_version && strstr(request, " /v1.") != NULL) {
		fake_send(fd, "400 x", "{\"message\":\"client version 1.41 "
		    "is too old. Minimum supported API version is 1.99\"}");
		return false;
	}
	if (at == NULL) {
		if (strstr(request, "/containers/json") != NULL)
			fake_list(&b, s);
		else
			buf_puts(&b, "{\"Version\":\"1\"}");
		fake_send(fd, "200 OK", buf_text(&b));
		buf_release(&b);
		return false;
	}
	at += strlen("/containers/id-");
	for (i = 0; i < s->count; i++) {
		size_t len = strlen(s->scripts[i].service);

		if (strncmp(at, s->scripts[i].service, len) != 0 ||
		    at[len] != '/')
			continue;
		at += len + 1;
		if (strncmp(at, "json", 4) == 0)
			return fake_look(s, fd, i);
		if (strncmp(at, "start", 5) == 0)
			return fake_start(s, fd, i);
		if (strncmp(at, "wait?condition=next-exit ", 25) == 0)
			return fake_wait(s, fd, i);
		if (strncmp(at, "stop", 4) == 0)
			fake_stop(s, fd, i);
		else
			fake_pause(s, fd, i, strncmp(at, "pause", 5) == 0);
		return false;
	}
	fake_send(fd, "404 x", "{\"message\":\"No such container\"}");
	return false;
}

/* ------------------------------------------------------------- the process */

static inline void
fake_release_calls(struct fake_server *s)
{
	char body[64];
	int i;

	for (i = 0; i < FAKE_CALLS_MAX; i++) {
		struct fake_call *c = &s->calls[i];
		struct fake_live *l = &s->fake->live[c->unit];

		if (c->fd == -1 || c->due_ms > io_ticks_ms())
			continue;
		if (c->is_start) {
			fake_do_start(s, c->unit);
			fake_send(c->fd, "204 x", "");
		} else {
			if (l->is_up || l->starts == c->starts)
				continue;
			(void)snprintf(body, sizeof body,
			    "{\"Error\":null,\"StatusCode\":%d}",
			    l->exit_code);
			(void)!write(c->fd, body, strlen(body));
		}
		(void)close(c->fd);
		c->fd = -1;
	}
}

static inline void
fake_accept(struct fake_server *s, int listener)
{
	char request[4096];
	size_t len = 0;
	ssize_t n;
	int fd = accept(listener, NULL, NULL);

	if (fd == -1)
		return;
	do {
		n = read(fd, request + len, sizeof request - 1 - len);
		len += n > 0 ? (size_t)n : 0;
		request[len] = '\0';
	} while (n > 0 && strstr(request, "\r\n\r\n") == NULL);
	fake_tick(s);
	if (!fake_serve(s, fd, request))
		(void)close(fd);
}

static inline void
fake_init_live(struct fake_server *s)
{
	int i;

	for (i = 0; i < s->count; i++) {
		const char *at = s->scripts[i].at_first;
		struct fake_live *l = &s->fake->live[i];

		l->was_up = at == NULL || strcmp(at, "created") != 0;
		l->is_up = at != NULL && (strcmp(at, "running") == 0 ||
		    strcmp(at, "paused") == 0);
		l->is_paused = at != NULL && strcmp(at, "paused") == 0;
		l->exit_code = at == NULL ? 137 : 0;
		l->started_ms = io_ticks_ms();
	}
	for (i = 0; i < FAKE_CALLS_MAX; i++)
		s->calls[i].fd = -1;
}

static inline int
fake_listen(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof addr.sun_path)
		return -1;
	memcpy(addr.sun_path, path, strlen(path));
	(void)unlink(path);
	if (bind(fd, (struct sockaddr *)&addr, sizeof addr) == -1 ||
	    listen(fd, 64) == -1)
		return -1;
	return fd;
}

/*
 * Begin one at path.  *fake is shared memory, to be given to fake_stop_all()
 * with the pid.
 */
static inline pid_t
fake_begin(const char *path, const struct fake_script *scripts, int count,
    struct fake **fake)
{
	struct fake_server s = { .scripts = scripts, .count = count };
	int fd = fake_listen(path);
	pid_t pid;

	s.fake = mmap(NULL, sizeof *s.fake, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	*fake = s.fake;
	fake_init_live(&s);
	pid = fork();
	if (pid != 0) {
		(void)close(fd);
		return pid;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	alarm(60);	/* not longer than the test, whatever happens to it */
	for (;;) {
		struct pollfd p = { fd, POLLIN, 0 };

		if (poll(&p, 1, 2) == 1)
			fake_accept(&s, fd);
		fake_tick(&s);
		fake_release_calls(&s);
	}
}

static inline void
fake_finish(pid_t pid, struct fake *fake)
{
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	(void)munmap(fake, sizeof *fake);
}

#endif
