/* SPDX-License-Identifier: BSD-2-Clause */
/* Append-only files of Redis and Valkey; see resp.h. */
#include "check/resp.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/num.h"
#include "check/scan.h"

#define ARGS_MAX 1048576	/* of one command: a server's own limit */
#define ARG_MAX ((uint64_t)512 << 20)	/* likewise */

/*
 * What servers write into such files: Redis up to 8, Valkey up to 9.  Sorted.
 * Commands of modules have a dot in their names.
 */
static const char *const commands[] = {
	"append", "bitfield", "bitop", "blmove", "blmpop", "blpop", "brpop",
	"brpoplpush", "bzmpop", "bzpopmax", "bzpopmin", "client", "copy",
	"debug", "decr", "decrby", "del", "delex", "delifeq", "discard", "eval",
	"evalsha", "exec", "expire", "expireat", "fcall", "flushall", "flushdb",
	"function", "geoadd", "georadius", "georadiusbymember",
	"geosearchstore", "getdel", "getex", "getset", "hdel", "hexpire",
	"hexpireat", "hgetdel", "hgetex", "hincrby", "hincrbyfloat", "hmset",
	"hpersist", "hpexpire", "hpexpireat", "hset", "hsetex", "hsetnx",
	"incr", "incrby", "incrbyfloat", "linsert", "lmove", "lmpop", "lpop",
	"lpush", "lpushx", "lrem", "lset", "ltrim", "migrate", "move", "mset",
	"msetex", "msetnx", "multi", "persist", "pexpire", "pexpireat", "pfadd",
	"pfdebug", "pfmerge", "ping", "psetex", "publish", "rename", "renamenx",
	"restore", "restore-asking", "rpop", "rpoplpush", "rpush", "rpushx",
	"sadd", "script", "sdiffstore", "select", "set", "setbit", "setex",
	"setnx", "setrange", "sinterstore", "smove", "sort", "spop", "spublish",
	"srem", "sunionstore", "swapdb", "unlink", "vadd", "vrem", "vsetattr",
	"xack", "xackdel", "xadd", "xautoclaim", "xcfgset", "xclaim", "xdel",
	"xdelex", "xgroup", "xreadgroup", "xsetid", "xtrim", "zadd",
	"zdiffstore", "zincrby", "zinterstore", "zmpop", "zpopmax", "zpopmin",
	"zrangestore", "zrem", "zremrangebylex", "zremrangebyrank",
	"zremrangebyscore", "zunionstore",
};

enum step { GO_ON, ENDS_HERE };

struct walk {
	struct scan *s;
	struct resp_facts *f;
	bool in_multi;
	uint64_t multi_at;
	char name[RESP_NAME_MAX + 1];	/* of the command at work */
};

static enum step
bad(struct walk *w, uint64_t at, const char *why)
{
	w->f->end = RESP_BAD;
	w->f->bad_at = at;
	w->f->why = why;
	return ENDS_HERE;
}

static enum step
cut(struct walk *w)
{
	w->f->end = RESP_CUT;
	return ENDS_HERE;
}

static void
note_odd(struct walk *w, uint64_t at)
{
	if (w->f->odd++ == 0)
		w->f->odd_at = at;
}

/*
 * A line without its end into line.  ends_file: there was no line end before
 * the end of the file.  A line that is too long keeps its first bytes.
 */
struct line {
	char text[RESP_LINE_MAX + 1];
	size_t len;
	bool has_cr;
	bool is_too_long;
	bool ends_file;
};

static int
read_line(struct walk *w, struct line *l, struct err *err)
{
	uint64_t left = scan_left(w->s);
	size_t most = left < RESP_LINE_MAX ? (size_t)left : RESP_LINE_MAX;
	const uint8_t *p = scan_peek(w->s, most, err), *end;

	if (p == NULL)
		return -1;
	end = memchr(p, '\n', most);
	l->len = end != NULL ? (size_t)(end - p) : most;
	memcpy(l->text, p, l->len);
	l->ends_file = end == NULL && most == left;
	l->is_too_long = end == NULL && most < left;
	if (scan_skip(w->s, l->len + (end != NULL), err) == -1)
		return -1;
	l->has_cr = l->len > 0 && l->text[l->len - 1] == '\r';
	l->len -= l->has_cr;
	l->text[l->len] = '\0';
	return 0;
}

/* The digits at the start of text; what follows does not matter to servers. */
static bool
leading_number(struct walk *w, const struct line *l, uint64_t at,
    uint64_t max, uint64_t *value)
{
	size_t n = strspn(l->text + 1, "0123456789");

	if (!num_parse(l->text + 1, n, 10, max, value))
		return false;
	if (n + 1 != l->len || !l->has_cr)
		note_odd(w, at + n + 1);
	return true;
}

/* Keep a command's name; false when none has such bytes. */
static int
take_name(struct walk *w, uint64_t len, bool *is_name, struct err *err)
{
	const uint8_t *p;
	size_t i;

	*is_name = len > 0 && len <= RESP_NAME_MAX;
	if (!*is_name)
		return 0;
	p = scan_peek(w->s, (size_t)len, err);
	if (p == NULL)
		return -1;
	for (i = 0; i < len; i++)
		*is_name = *is_name && p[i] > ' ' && p[i] < 127;
	memcpy(w->name, p, (size_t)len);
	w->name[len] = '\0';
	return 0;
}

static int
read_arg_bytes(struct walk *w, uint64_t len, enum step *step, struct err *err)
{
	const uint8_t *p;

	if (scan_left(w->s) < len + 2) {
		*step = cut(w);
		return 0;
	}
	if (scan_skip(w->s, len, err) == -1)
		return -1;
	p = scan_peek(w->s, 2, err);
	if (p == NULL)
		return -1;
	if (p[0] != '\r' || p[1] != '\n')
		note_odd(w, w->s->at);
	return scan_skip(w->s, 2, err);
}

static int
read_arg(struct walk *w, bool is_first, enum step *step, struct err *err)
{
	uint64_t at = w->s->at, len;
	bool is_name = true;
	struct line l;

	*step = GO_ON;
	if (scan_left(w->s) == 0) {
		*step = cut(w);
		return 0;
	}
	if (read_line(w, &l, err) == -1)
		return -1;
	if (l.text[0] != '$') {
		*step = bad(w, at, "not the '$' of a command's part");
		return 0;
	}
	if (l.ends_file) {
		*step = cut(w);
		return 0;
	}
	if (l.is_too_long || !leading_number(w, &l, at, ARG_MAX, &len)) {
		*step = bad(w, at, "no length of a command's part");
		return 0;
	}
	if (is_first && scan_left(w->s) >= len &&
	    take_name(w, len, &is_name, err) == -1)
		return -1;
	if (!is_name) {
		*step = bad(w, at, "no command has such a name");
		return 0;
	}
	return read_arg_bytes(w, len, step, err);
}

static int
compare_names(const void *name, const void *command)
{
	return strcasecmp(name, *(const char *const *)command);
}

static bool
is_known(const char *name)
{
	return strchr(name, '.') != NULL ||
	    bsearch(name, commands, sizeof commands / sizeof commands[0],
	    sizeof commands[0], compare_names) != NULL;
}

static void
take_remark(struct walk *w, const struct line *l)
{
	uint64_t seconds;

	if (l->len > 4 && memcmp(l->text, "#TS:", 4) == 0 &&
	    num_parse(l->text + 4, l->len - 4, 10, INT64_MAX, &seconds))
		w->f->last_remark = (int64_t)seconds;
}

static void
end_command(struct walk *w, uint64_t began)
{
	w->f->commands++;
	if (!is_known(w->name) && w->f->strange++ == 0) {
		w->f->strange_at = began;
		memcpy(w->f->strange_name, w->name, sizeof w->name);
	}
	if (strcasecmp(w->name, "MULTI") == 0 && !w->in_multi) {
		w->in_multi = true;
		w->multi_at = began;
	} else if (strcasecmp(w->name, "EXEC") == 0 ||
	    strcasecmp(w->name, "DISCARD") == 0) {
		w->in_multi = false;
	}
	w->f->good_to = w->in_multi ? w->multi_at : w->s->at;
}

/* One command or remark. */
static int
read_command(struct walk *w, enum step *step, struct err *err)
{
	uint64_t at = w->s->at, args, i;
	struct line l;

	*step = GO_ON;
	if (read_line(w, &l, err) == -1)
		return -1;
	if (l.text[0] == '#') {
		take_remark(w, &l);
		if (!w->in_multi)
			w->f->good_to = w->s->at;
		return 0;
	}
	if (l.text[0] != '*') {
		*step = bad(w, at, "not the '*' of a command");
		return 0;
	}
	if (l.ends_file) {
		*step = cut(w);
		return 0;
	}
	if (l.is_too_long || !leading_number(w, &l, at, ARGS_MAX, &args) ||
	    args == 0) {
		*step = bad(w, at, "no number of a command's parts");
		return 0;
	}
	for (i = 0; i < args && *step == GO_ON; i++)
		if (read_arg(w, i == 0, step, err) == -1)
			return -1;
	if (*step == GO_ON)
		end_command(w, at);
	return 0;
}

/* Whether nothing but zeros follows bad_at. */
static int
look_for_zeros(struct walk *w, struct err *err)
{
	struct scan tail;
	bool zeros = true;
	int ret = 0;

	scan_init(&tail, w->s->source, w->f->bad_at, w->s->end);
	while (ret == 0 && zeros && scan_left(&tail) > 0) {
		size_t len, i;
		const uint8_t *p = scan_window(&tail, &len, err);

		for (i = 0; p != NULL && i < len; i++)
			zeros = zeros && p[i] == 0;
		ret = p == NULL ? -1 : scan_skip(&tail, len, err);
	}
	scan_release(&tail);
	w->f->has_zero_tail = zeros;
	return ret;
}

int
resp_read(struct scan *s, struct resp_facts *facts, struct err *err)
{
	struct walk w = { .s = s, .f = facts };
	enum step step = GO_ON;

	memset(facts, 0, sizeof *facts);
	facts->good_to = s->at;
	while (step == GO_ON && scan_left(s) > 0)
		if (read_command(&w, &step, err) == -1)
			return -1;
	if (step == GO_ON && w.in_multi)
		facts->end = RESP_OPEN;
	return facts->end == RESP_BAD ? look_for_zeros(&w, err) : 0;
}
