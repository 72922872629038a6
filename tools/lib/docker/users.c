/* SPDX-License-Identifier: BSD-2-Clause */
/* Who uses a volume; see users.h. */
#include "docker/users.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "docker/container.h"
#include "docker/engine.h"
#include "docker/proc.h"
#include "docker/root.h"
#include "io/io.h"

struct search {
	const struct docker_root *root;	/* NULL for a plain folder */
	const char *volume;
	struct volume_users *users;
	bool is_used;
	char *trouble;		/* who could not be asked, and why; or NULL */
};

const char *
volume_user_kind_name(enum volume_user_kind kind)
{
	switch (kind) {
	case VOLUME_USER_MOUNT: return "mounted by a container";
	case VOLUME_USER_HOST_MOUNT: return "mounted elsewhere on the host";
	case VOLUME_USER_OPEN_FILE: return "open in a process";
	case VOLUME_USER_ENGINE: return "used by a running container";
	case VOLUME_USER_RECORDED_RUNNING:
		return "used by a container that ran when last recorded";
	case VOLUME_USER_STOPPED: return "used by a stopped container";
	}
	return "unknown";
}

/* --------------------------------------------------------------- the list */

static bool
is_use(enum volume_user_kind kind)
{
	return kind <= VOLUME_USER_ENGINE;
}

/* The sources are asked in the order of what they know: the first counts. */
static bool
is_listed(const struct volume_users *users, const char *id)
{
	size_t i;

	for (i = 0; i < users->count; i++)
		if (strcmp(users->list[i].container_id, id) == 0)
			return true;
	return false;
}

/* The place for one more, with empty texts; NULL when the list is full. */
static struct volume_user *
add(struct search *s, enum volume_user_kind kind)
{
	struct volume_users *users = s->users;
	struct volume_user *user;

	s->is_used = s->is_used || is_use(kind);
	if (users->count == VOLUME_USERS_MAX)
		return NULL;
	users->list = mem_resize(users->list, users->count + 1,
	    sizeof *users->list);
	user = &users->list[users->count++];
	memset(user, 0, sizeof *user);
	user->kind = kind;
	return user;
}

static void
take_finding(void *ctx, const struct proc_finding *finding)
{
	static const enum volume_user_kind kinds[] = {
		[PROC_MOUNT] = VOLUME_USER_MOUNT,
		[PROC_HOST_MOUNT] = VOLUME_USER_HOST_MOUNT,
		[PROC_OPEN_FILE] = VOLUME_USER_OPEN_FILE,
	};
	struct search *s = ctx;
	struct volume_user *user = add(s, kinds[finding->kind]);

	if (user == NULL)
		return;
	user->pid = finding->pid;
	user->comm = mem_text(finding->comm);
	user->container_id = mem_text(finding->container_id);
	user->container_name = mem_text("");
	user->path = mem_text(finding->path);
	user->is_read_only = finding->is_read_only;
}

static void
add_container(struct search *s, enum volume_user_kind kind, const char *id,
    const char *name)
{
	struct volume_user *user;

	if (is_listed(s->users, id))
		return;
	user = add(s, kind);
	if (user == NULL)
		return;
	user->comm = mem_text("");
	user->container_id = mem_text(id);
	user->container_name = mem_text(name);
	user->path = mem_text("");
}

/* ---------------------------------------------------------------- sources */

static void
note_trouble(struct search *s, const char *whom, const struct err *why)
{
	char *before = s->trouble;

	s->trouble = mem_format("%s%s%s could not be asked: %s",
	    before == NULL ? "" : before, before == NULL ? "" : "; ", whom,
	    why->text);
	free(before);
}

static int
ask_kernel(struct search *s, const char *folder, struct err *err)
{
	const struct proc_sink sink = { s, take_finding };
	struct proc_coverage coverage = { false, 0, 0 };
	int proc_fd = io_open_typed("/proc", O_RDONLY | O_DIRECTORY, 0);
	int ret;

	if (proc_fd == -1)
		return err_set(err, ERR_IO, io_error(), "cannot open /proc "
		    "(mount it: mount -t proc proc /proc)");
	ret = proc_scan(proc_fd, folder, &sink, &coverage, err);
	(void)io_close(proc_fd);	/* read-only: nothing to lose */
	s->users->sees_processes = coverage.sees_processes;
	s->users->unseen = coverage.unseen;
	s->users->hidden = coverage.hidden;
	return ret;
}

static int
take_container(void *ctx, const struct container *c, struct err *err)
{
	struct search *s = ctx;
	bool runs = c->is_running || c->is_paused || c->is_restarting;

	(void)err;
	if (container_uses_volume(c, s->volume))
		add_container(s, runs ? VOLUME_USER_RECORDED_RUNNING :
		    VOLUME_USER_STOPPED, c->id, c->name);
	return 0;
}

/* Broken records are skipped: whether a container runs, the kernel knows. */
static void
ask_records(struct search *s)
{
	const struct container_visitor visitor = { s, take_container, NULL };
	struct err why;

	if (s->root->containers_fd != -1 &&
	    container_each(s->root->containers_fd, &visitor, &why) == -1)
		note_trouble(s, "container records", &why);
}

static void
ask_engine(struct search *s, struct engine *engine)
{
	struct engine_containers containers;
	struct err why;
	size_t i;

	if (engine == NULL)
		return;
	if (engine_containers_using(engine, s->volume, &containers,
	    &why) == -1) {
		note_trouble(s, "the engine", &why);
		return;
	}
	for (i = 0; i < containers.count; i++)
		add_container(s, containers.list[i].is_active ?
		    VOLUME_USER_ENGINE : VOLUME_USER_STOPPED,
		    containers.list[i].id, containers.list[i].name);
	engine_containers_release(&containers);
}

/* Names for containers that were found by their processes. */
static void
find_names(struct search *s)
{
	size_t i;

	for (i = 0; i < s->users->count; i++) {
		struct volume_user *user = &s->users->list[i];
		struct container c;
		struct err ignored;

		if (*user->container_name != '\0' ||
		    *user->container_id == '\0' || s->root == NULL ||
		    s->root->containers_fd == -1 ||
		    container_read(s->root->containers_fd, user->container_id,
		    &c, &ignored) == -1)
			continue;
		free(user->container_name);
		user->container_name = mem_text(c.name);
		container_release(&c);
	}
}

/* ---------------------------------------------------------------- verdict */

static void
describe(struct buf *out, const struct volume_user *user)
{
	char shown[ESCAPE_NAME_MAX];

	if (*user->container_name != '\0')
		buf_printf(out, "container %s",
		    escape_name(user->container_name, shown));
	else if (*user->container_id != '\0')
		buf_printf(out, "container %.12s", user->container_id);
	if (user->pid != 0)
		buf_printf(out, "%sprocess %ld (%s)", out->len > 0 ? ", " : "",
		    (long)user->pid, escape_name(user->comm, shown));
	if (user->kind == VOLUME_USER_OPEN_FILE)
		buf_printf(out, " has %s open", escape_name(user->path, shown));
	else if (user->kind == VOLUME_USER_ENGINE)
		buf_puts(out, " runs with it, says the engine");
	else
		buf_printf(out, " has it mounted at %s%s",
		    escape_name(user->path, shown),
		    user->is_read_only ? ", read-only" : "");
}

static char *
say_in_use(const struct volume_users *users)
{
	struct buf text = BUF_EMPTY;
	size_t i, more = 0;
	char *copy;

	for (i = 0; i < users->count; i++) {
		if (!is_use(users->list[i].kind))
			continue;
		if (text.len == 0)
			describe(&text, &users->list[i]);
		else
			more++;
	}
	if (more > 0)
		buf_printf(&text, ", and %zu more", more);
	copy = mem_text(buf_text(&text));
	buf_release(&text);
	return copy;
}

static char *
say_unknown(const struct volume_users *users)
{
	if (!users->sees_processes)
		return mem_text("other processes cannot be seen from here: "
		    "start the rescue container with --pid host, or make sure "
		    "yourself that nothing uses it");
	return mem_format("the %s of %zu processes cannot be read: run as "
	    "root, in a container with --cap-add SYS_PTRACE, or make sure "
	    "yourself that nothing uses it",
	    users->hidden > 0 ? "mounts" : "open files",
	    users->hidden > 0 ? users->hidden : users->unseen);
}

static void
decide(struct search *s)
{
	struct volume_users *users = s->users;
	char *why;

	if (s->is_used) {
		users->verdict = VOLUME_IN_USE;
		why = say_in_use(users);
	} else if (!users->sees_processes || users->hidden > 0 ||
	    users->unseen > 0) {
		users->verdict = VOLUME_UNKNOWN;
		why = say_unknown(users);
	} else {
		users->verdict = VOLUME_FREE;
		why = mem_text("no container mounts it and no process has "
		    "files open in it");
	}
	users->why = s->trouble == NULL ? mem_text(why) :
	    mem_format("%s (%s)", why, s->trouble);
	free(why);
}

/* --------------------------------------------------------------- together */

static void
users_init(struct volume_users *users)
{
	memset(users, 0, sizeof *users);
	users->verdict = VOLUME_UNKNOWN;
}

int
volume_users_find(const struct docker_root *root, const char *volume,
    struct engine *engine, struct volume_users *users, struct err *err)
{
	char shown[ESCAPE_NAME_MAX];
	struct volume_users found;
	struct search s = { root, volume, &found, false, NULL };
	char *folder = mem_format("%s/%s", root->volumes_path, volume);
	int ret = -1, fd;

	users_init(&found);
	fd = io_open(root->volumes_fd, volume, O_RDONLY | O_DIRECTORY, 0);
	if (fd == -1) {
		err_set(err, io_error() == ENOENT ? ERR_NOT_FOUND : ERR_IO,
		    io_error(), "cannot open its folder");
		goto out;
	}
	(void)io_close(fd);	/* only to see that it is there */
	if (ask_kernel(&s, folder, err) == -1)
		goto out;
	ask_engine(&s, engine);
	ask_records(&s);
	find_names(&s);
	decide(&s);
	*users = found;
	ret = 0;
out:
	if (ret == -1) {
		err_context(err, "who uses volume '%s'",
		    escape_name(volume, shown));
		volume_users_release(&found);
	}
	free(s.trouble);
	free(folder);
	return ret;
}

int
volume_users_of_folder(const char *path, struct volume_users *users,
    struct err *err)
{
	char shown[ESCAPE_NAME_MAX];
	struct volume_users found;
	struct search s = { NULL, "", &found, false, NULL };
	char *folder = realpath(path, NULL);
	int ret = -1;

	users_init(&found);
	if (folder == NULL)
		err_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, errno,
		    "cannot find it");
	else if (ask_kernel(&s, folder, err) == 0) {
		decide(&s);
		*users = found;
		ret = 0;
	}
	if (ret == -1) {
		err_context(err, "who uses '%s'", escape_name(path, shown));
		volume_users_release(&found);
	}
	free(folder);
	return ret;
}

void
volume_users_release(struct volume_users *users)
{
	size_t i;

	for (i = 0; i < users->count; i++) {
		free(users->list[i].comm);
		free(users->list[i].container_id);
		free(users->list[i].container_name);
		free(users->list[i].path);
	}
	free(users->list);
	free(users->why);
	memset(users, 0, sizeof *users);
}
