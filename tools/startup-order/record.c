/* SPDX-License-Identifier: BSD-2-Clause */
/* One object a run; see record.h. */
#include "record.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/utc.h"
#include "catalog/catalog.h"
#include "catalog/events.h"
#include "compose/graph.h"
#include "io/io.h"
#include "up.h"

static void
put_text(struct buf *out, const char *key, const char *value)
{
	buf_printf(out, ",\"%s\":\"", key);
	escape_json(out, value, strlen(value));
	buf_byte(out, '"');
}

static void
put_number(struct buf *out, const char *key, uint64_t value)
{
	buf_printf(out, ",\"%s\":%llu", key, (unsigned long long)value);
}

static void
put_service(struct buf *out, const struct up_service *s)
{
	buf_puts(out, "{\"name\":\"");
	escape_json(out, s->name, strlen(s->name));
	buf_byte(out, '"');
	put_text(out, "state", up_state_name(s->state));
	buf_printf(out, ",\"started\":%s,\"failed\":%s",
	    s->was_started ? "true" : "false",
	    s->has_failed ? "true" : "false");
	put_number(out, "at_ms", s->started_ms);
	put_number(out, "took_ms", s->took_ms);
	put_text(out, "text", s->text);
	buf_byte(out, '}');
}

void
record_format(struct buf *out, const struct graph *g, const struct record *record,
    const struct up_result *result)
{
	char when[UTC_TEXT_MAX];
	struct utsname host;
	size_t i;

	if (uname(&host) == -1)
		host.nodename[0] = '\0';
	buf_puts(out, "{\"format\":1,\"tool\":\"startup-order\"");
	put_text(out, "operation", record->operation);
	put_text(out, "project", g->project);
	put_text(out, "outcome", record->outcome);
	buf_printf(out, ",\"rolled_back\":%s,\"exit_code\":%d",
	    result->is_rolled_back ? "true" : "false", record->exit_code);
	put_text(out, "error", record->error);
	put_text(out, "began", utc_rfc3339(record->began, when));
	put_number(out, "took_ms", result->ms);
	put_number(out, "uid", (uint64_t)getuid());
	put_text(out, "host", host.nodename);
	put_text(out, "engine", record->engine);
	buf_puts(out, ",\"services\":[");
	for (i = 0; i < result->count; i++) {
		if (i > 0)
			buf_byte(out, ',');
		put_service(out, &result->services[i]);
	}
	buf_puts(out, "]}");
}

/* The last byte of a file that a crash may have cut. */
static int
ends_open(int fd, bool *is_open, struct err *err)
{
	struct stat st;
	char last = '\n';
	size_t got;

	if (fstat(fd, &st) == -1 || (st.st_size > 0 && io_pread(fd, &last, 1,
	    (uint64_t)st.st_size - 1, &got) == -1))
		return err_set(err, ERR_IO, errno, "cannot read its end");
	*is_open = last != '\n';
	return 0;
}

static int
append(int fd, const struct buf *object, struct err *err)
{
	struct buf all = BUF_EMPTY;
	bool is_open = false;
	int ret = -1;

	/* Two runs at a time do not mix their lines. */
	if (flock(fd, LOCK_EX) == -1)
		return err_set(err, ERR_IO, errno, "cannot lock");
	if (ends_open(fd, &is_open, err) == -1)
		return -1;
	if (is_open)
		buf_byte(&all, '\n');
	buf_append(&all, object->data, object->len);
	buf_byte(&all, '\n');
	if (io_write(fd, all.data, all.len) == -1 || io_sync(fd) == -1)
		err_set(err, ERR_IO, errno, "cannot write");
	else
		ret = 0;
	buf_release(&all);
	return ret;
}

int
record_append(const char *path, const struct buf *object, struct err *err)
{
	char shown[ESCAPE_NAME_MAX];
	int ret = -1;
	int fd = io_open_typed(path, O_RDWR | O_APPEND | O_CREAT, 0644);

	if (fd == -1)
		err_set(err, ERR_IO, errno, "cannot open");
	else
		ret = append(fd, object, err);
	if (ret == -1)
		err_context(err, "record %s", escape_name(path, shown));
	if (fd != -1)
		(void)close(fd);	/* synced already */
	return ret;
}

int
record_keep(const char *path, const struct record *record,
    const struct buf *object, struct err *err)
{
	const struct catalog_tool_run run = {
		.tool = "startup-order", .kind = record->operation,
		.started = record->began, .ended = io_now(),
		.status = record->exit_code, .json = buf_text(object),
		.json_len = object->len,
	};
	struct catalog *c = NULL;
	int ret = catalog_open(&c, path, CATALOG_WRITE, err);

	if (ret == 0)
		ret = catalog_tool_run_put(c, &run, err);
	catalog_close(c);
	return ret;
}
