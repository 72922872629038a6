/* SPDX-License-Identifier: BSD-2-Clause */
/* Who holds on to a folder, by /proc; see proc.h. */
#include "docker/proc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/num.h"
#include "docker/mounts.h"
#include "io/io.h"

/* PROC_PID_INIT_INO of the kernel: the PID namespace of the machine. */
#define INIT_PID_NS "pid:[4026531836]"

#define PID_TEXT 24
#define NS_TEXT 48
#define NAME_MAX_PROC 64
#define SMALL_FILE 4096
#define MAPS_STEP 65536
#define PLACES_MAX 2
#define DEEP_STEPS 100000	/* folders to climb for a name */

/* The folder, and what may be mounted on its _data. */
struct spot {
	uint32_t major;
	uint32_t minor;
	char *path;		/* on that file system */
};

/* Paths below which a namespace sees the folder. */
struct view {
	char ns[NS_TEXT];	/* "mnt:[...]"; "" is never kept */
	char **paths;
	size_t count;
	bool is_user;		/* mounts it itself: files need no look */
	bool is_partial;	/* read through a chroot */
};

struct scan {
	int proc_fd;
	const char *folder;
	const struct proc_sink *sink;
	struct proc_coverage *coverage;
	struct spot spots[PLACES_MAX];
	size_t spot_count;
	struct mounts own;
	struct mounts host;	/* of process 1; empty when hidden */
	char self[PID_TEXT];
	struct view *views;
	size_t view_count;
	size_t view_cap;
};

/* One process that is looked at. */
struct process {
	const char *pid;	/* its folder's name */
	char ns[NS_TEXT];
	bool is_chrooted;
};

/* ------------------------------------------------------- reading of /proc */

/* False, with text "", when the link cannot be read. */
static bool
read_link(int dir_fd, const char *name, char *text, size_t size)
{
	ssize_t len = readlinkat(dir_fd, name, text, size - 1);

	text[len < 0 ? 0 : len] = '\0';
	return len >= 0;
}

static bool
read_link_of(const struct scan *scan, const char *pid, const char *what,
    char *text, size_t size)
{
	char name[NAME_MAX_PROC];

	(void)snprintf(name, sizeof name, "%s/%s", pid, what);
	return read_link(scan->proc_fd, name, text, size);
}

/* The start of a small file; "" when it cannot be read. */
static void
read_small(const struct scan *scan, const char *pid, const char *what,
    char text[SMALL_FILE])
{
	char name[NAME_MAX_PROC];
	size_t got = 0;
	int fd;

	(void)snprintf(name, sizeof name, "%s/%s", pid, what);
	fd = io_open(scan->proc_fd, name, O_RDONLY, 0);
	if (fd != -1) {
		if (io_read(fd, text, SMALL_FILE - 1, &got) == -1)
			got = 0;
		(void)io_close(fd);	/* read-only: nothing to lose */
	}
	text[got] = '\0';
}

bool
proc_container_id(const char *cgroup, char id[PROC_ID_LEN + 1])
{
	while (*cgroup != '\0') {
		size_t len = strspn(cgroup, "0123456789abcdef");

		if (len == PROC_ID_LEN) {
			memcpy(id, cgroup, PROC_ID_LEN);
			id[PROC_ID_LEN] = '\0';
			return true;
		}
		cgroup += len == 0 ? 1 : len;
	}
	id[0] = '\0';
	return false;
}

static void
report(const struct scan *scan, enum proc_kind kind, const char *pid,
    const char *path, bool is_read_only)
{
	char comm[SMALL_FILE], cgroup[SMALL_FILE], id[PROC_ID_LEN + 1];
	struct proc_finding finding;
	uint64_t number = 0;

	read_small(scan, pid, "comm", comm);
	comm[strcspn(comm, "\n")] = '\0';
	read_small(scan, pid, "cgroup", cgroup);
	(void)proc_container_id(cgroup, id);
	(void)num_parse(pid, strlen(pid), 10, INT_MAX, &number);
	finding.kind = kind;
	finding.pid = (pid_t)number;
	finding.comm = comm;
	finding.container_id = id;
	finding.path = path;
	finding.is_read_only = is_read_only;
	scan->sink->found(scan->sink->ctx, &finding);
}

/* ------------------------------------------------------------------ views */

static char *
join(const char *folder, const char *rest)
{
	if (strcmp(folder, "/") == 0 && *rest == '/')
		return mem_text(rest);
	return mem_format("%s%s", folder, rest);
}

static void
add_path(struct view *view, char *path)
{
	view->paths = mem_resize(view->paths, view->count + 1,
	    sizeof *view->paths);
	view->paths[view->count++] = path;
}

static bool
is_in_view(const struct view *view, const char *path)
{
	size_t i;

	for (i = 0; i < view->count; i++)
		if (mounts_below(path, view->paths[i]) != NULL)
			return true;
	return false;
}

static bool
is_on(const struct mount *m, const struct spot *spot)
{
	return m->major == spot->major && m->minor == spot->minor;
}

/* A mount of something above the spot shows it at a path. */
static void
see_through(const struct scan *scan, const struct mounts *mounts,
    struct view *view)
{
	size_t i, k;

	for (i = 0; i < mounts->count; i++) {
		const struct mount *m = &mounts->list[i];

		for (k = 0; k < scan->spot_count; k++) {
			const char *rest;

			if (!is_on(m, &scan->spots[k]))
				continue;
			rest = mounts_below(scan->spots[k].path, m->root);
			if (rest != NULL && *rest != '\0')
				add_path(view, join(m->point, rest));
		}
	}
}

/* Does the mount show the folder, or something below it? */
static bool
is_direct(const struct scan *scan, const struct mount *m)
{
	size_t k;

	for (k = 0; k < scan->spot_count; k++)
		if (is_on(m, &scan->spots[k]) &&
		    mounts_below(m->root, scan->spots[k].path) != NULL)
			return true;
	return false;
}

/*
 * A mount that the namespace did not make for itself: it lies where the host
 * has it too (copied when a service got its own namespace), or is the
 * folder's own mount point.
 */
static bool
is_inherited(const struct scan *scan, const struct mount *m, bool is_host)
{
	size_t i;

	if (strcmp(m->point, scan->folder) == 0)
		return true;
	if (is_host)
		return false;
	for (i = 0; i < scan->host.count; i++) {
		const struct mount *h = &scan->host.list[i];

		if (h->major == m->major && h->minor == m->minor &&
		    strcmp(h->root, m->root) == 0 &&
		    strcmp(h->point, m->point) == 0)
			return true;
	}
	return false;
}

/*
 * Mount ids are the kernel's, not the namespace's: one in common is proof of
 * the same namespace, also where its name must not be read.
 */
static bool
is_same_namespace(const struct mounts *a, const struct mounts *b)
{
	return a->count > 0 && mounts_by_id(b, a->list[0].id) != NULL;
}

static void
find_direct(const struct scan *scan, const struct mounts *mounts,
    const struct process *p, struct view *view)
{
	bool is_host = is_same_namespace(mounts, &scan->host);
	bool is_own = is_same_namespace(mounts, &scan->own);
	size_t i;

	for (i = 0; i < mounts->count; i++) {
		const struct mount *m = &mounts->list[i];

		if (!is_direct(scan, m) || is_in_view(view, m->point))
			continue;
		if (is_host || is_own || is_inherited(scan, m, is_host))
			add_path(view, mem_text(m->point));
		else
			view->is_user = true;
		if (is_inherited(scan, m, is_host) || (is_own && !is_host))
			continue;
		report(scan, is_host ? PROC_HOST_MOUNT : PROC_MOUNT, p->pid,
		    m->point, m->is_read_only);
	}
}

static void
view_release(struct view *view)
{
	size_t i;

	for (i = 0; i < view->count; i++)
		free(view->paths[i]);
	free(view->paths);
	memset(view, 0, sizeof *view);
}

/* -1: the process is gone, or its mounts are hidden. */
static int
view_make(struct scan *scan, const struct process *p, struct view *view)
{
	struct mounts mounts;
	struct err why;

	memset(view, 0, sizeof *view);
	if (mounts_read(scan->proc_fd, p->pid, &mounts, &why) == -1) {
		/* ENOENT, ESRCH: it ended.  EINVAL: it is ending. */
		if (why.sys != ENOENT && why.sys != ESRCH &&
		    why.sys != EINVAL)
			scan->coverage->hidden++;
		return -1;
	}
	memcpy(view->ns, p->ns, sizeof view->ns);
	view->is_partial = p->is_chrooted;
	see_through(scan, &mounts, view);
	find_direct(scan, &mounts, p, view);
	mounts_release(&mounts);
	return 0;
}

/* The view kept for its namespace, or NULL. */
static struct view *
view_known(const struct scan *scan, const struct process *p)
{
	size_t i;

	for (i = 0; i < scan->view_count; i++)
		if (strcmp(scan->views[i].ns, p->ns) == 0)
			return &scan->views[i];
	return NULL;
}

/*
 * The view of p's namespace, made when there is none yet, or only one from
 * inside a chroot.  Where the namespace has no name (no permission), the view
 * goes to spare, and the caller releases that.
 */
static struct view *
view_of(struct scan *scan, const struct process *p, struct view *spare)
{
	struct view *known = NULL;
	struct view made;

	if (p->ns[0] == '\0')
		return view_make(scan, p, spare) == -1 ? NULL : spare;
	known = view_known(scan, p);
	if (known != NULL && (!known->is_partial || p->is_chrooted))
		return known;
	if (view_make(scan, p, &made) == -1)
		return known;
	if (known != NULL) {
		made.is_user = made.is_user || known->is_user;
		view_release(known);
		*known = made;
		return known;
	}
	if (scan->view_count == scan->view_cap) {
		scan->view_cap = scan->view_cap == 0 ? 16 : scan->view_cap * 2;
		scan->views = mem_resize(scan->views, scan->view_cap,
		    sizeof *scan->views);
	}
	scan->views[scan->view_count] = made;
	return &scan->views[scan->view_count++];
}

/* ------------------------------------------------------------- open files */

enum look { LOOK_NOTHING, LOOK_FOUND, LOOK_HIDDEN };

static enum look
hidden_or_gone(void)
{
	return errno == ENOENT || errno == ESRCH ? LOOK_NOTHING : LOOK_HIDDEN;
}

/*
 * The kernel names no path over PATH_MAX, where a folder can well be open:
 * the first one above it that can be named is in the volume as well.
 */
static bool
read_deep_link(int dir_fd, const char *name, char path[PATH_MAX])
{
	int fd = openat(dir_fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	bool is_read = false;
	int steps;

	for (steps = 0; fd != -1 && !is_read && steps < DEEP_STEPS; steps++) {
		int up = openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
		char self[32];

		(void)io_close(fd);	/* nothing to lose */
		fd = up;
		(void)snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
		is_read = fd != -1 &&
		    read_link(AT_FDCWD, self, path, PATH_MAX);
	}
	if (fd != -1)
		(void)io_close(fd);	/* nothing to lose */
	errno = ENAMETOOLONG;
	return is_read;
}

/* One link; what it points to goes to path. */
static enum look
look_at_link(int dir_fd, const char *name, const struct view *view,
    char path[PATH_MAX])
{
	if (!read_link(dir_fd, name, path, PATH_MAX) &&
	    (errno != ENAMETOOLONG || !read_deep_link(dir_fd, name, path)))
		return hidden_or_gone();
	return is_in_view(view, path) ? LOOK_FOUND : LOOK_NOTHING;
}

static enum look
look_at_fds(int pid_fd, const struct view *view, char path[PATH_MAX])
{
	int fd = io_open(pid_fd, "fd", O_RDONLY | O_DIRECTORY, 0);
	DIR *dir = fd == -1 ? NULL : fdopendir(fd);
	enum look seen = LOOK_NOTHING;
	struct dirent *d;

	if (dir == NULL) {
		seen = hidden_or_gone();
		if (fd != -1)
			(void)io_close(fd);	/* nothing to lose */
		return seen;
	}
	while (seen == LOOK_NOTHING && (d = readdir(dir)) != NULL)
		if (d->d_name[0] != '.')
			seen = look_at_link(dirfd(dir), d->d_name, view, path);
	(void)closedir(dir);
	return seen;
}

/* Lines of maps: the path, if any, is the last word and starts with '/'. */
static bool
find_in_maps(char *text, const struct view *view, char path[PATH_MAX])
{
	char *line, *next = text;

	while ((line = next) != NULL && *line != '\0') {
		char *end = strchr(line, '\n');
		char *slash;

		next = end == NULL ? NULL : end + 1;
		if (end != NULL)
			*end = '\0';
		slash = strchr(line, '/');
		if (slash != NULL && is_in_view(view, slash)) {
			(void)snprintf(path, PATH_MAX, "%s", slash);
			return true;
		}
	}
	return false;
}

static enum look
look_at_maps(int pid_fd, const struct view *view, char path[PATH_MAX])
{
	int fd = io_open(pid_fd, "maps", O_RDONLY, 0);
	struct buf text = BUF_EMPTY;
	enum look seen = LOOK_NOTHING;
	size_t got = 0;

	if (fd == -1)
		return hidden_or_gone();
	do {
		char *last;
		size_t whole;

		if (io_read(fd, buf_reserve(&text, MAPS_STEP), MAPS_STEP,
		    &got) == -1) {
			seen = hidden_or_gone();
			break;
		}
		text.len += got;
		text.data[text.len] = '\0';
		/* Keep the last line's beginning for the next round. */
		last = memrchr(text.data, '\n', text.len);
		whole = last == NULL ? text.len :
		    (size_t)(last - text.data) + 1;
		if (last != NULL) {
			*last = '\0';
			if (find_in_maps(text.data, view, path))
				seen = LOOK_FOUND;
		}
		memmove(text.data, text.data + whole, text.len - whole);
		buf_cut(&text, text.len - whole);
	} while (got == MAPS_STEP && seen == LOOK_NOTHING);
	(void)io_close(fd);	/* read-only: nothing to lose */
	buf_release(&text);
	return seen;
}

/* Everything that a process may hold; the first find is enough. */
static enum look
look_at_process(int pid_fd, const struct view *view, char path[PATH_MAX])
{
	static const char *const links[] = { "cwd", "root", "exe" };
	bool is_hidden = false;
	enum look seen;
	size_t i;

	for (i = 0; i < sizeof links / sizeof links[0]; i++) {
		seen = look_at_link(pid_fd, links[i], view, path);
		if (seen == LOOK_FOUND)
			return seen;
		is_hidden = is_hidden || seen == LOOK_HIDDEN;
	}
	seen = look_at_fds(pid_fd, view, path);
	if (seen == LOOK_FOUND)
		return seen;
	is_hidden = is_hidden || seen == LOOK_HIDDEN;
	seen = look_at_maps(pid_fd, view, path);
	if (seen == LOOK_FOUND)
		return seen;
	return is_hidden ? LOOK_HIDDEN : seen;
}

static void
look_for_files(struct scan *scan, const char *pid, const struct view *view)
{
	char path[PATH_MAX];
	enum look seen;
	int pid_fd;

	pid_fd = io_open(scan->proc_fd, pid, O_RDONLY | O_DIRECTORY, 0);
	if (pid_fd == -1) {
		seen = hidden_or_gone();
	} else {
		seen = look_at_process(pid_fd, view, path);
		(void)io_close(pid_fd);	/* read-only: nothing to lose */
	}
	if (seen == LOOK_FOUND)
		report(scan, PROC_OPEN_FILE, pid, path, false);
	/*
	 * An init that guards its files even from root (a sandbox's, a
	 * hardened one) keeps none in volumes, and must not block a restore.
	 */
	else if (seen == LOOK_HIDDEN && strcmp(pid, "1") != 0)
		scan->coverage->unseen++;
}

/* ------------------------------------------------------------ the process */

static void
look_at(struct scan *scan, const char *pid)
{
	struct view spare = { .count = 0 };
	struct process p = { .pid = pid };
	const struct view *view;
	char root[PATH_MAX];

	(void)read_link_of(scan, pid, "ns/mnt", p.ns, sizeof p.ns);
	p.is_chrooted = read_link_of(scan, pid, "root", root, sizeof root) &&
	    strcmp(root, "/") != 0;
	view = view_of(scan, &p, &spare);
	/* A container that mounts it is a user, whatever it has open. */
	if (view != NULL && view->count > 0 && !view->is_user)
		look_for_files(scan, pid, view);
	view_release(&spare);
}

struct pids {
	uint64_t *list;
	size_t count;
	size_t cap;
};

static int
compare_pids(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* In order: a container's first process is the one to name. */
static int
collect_pids(DIR *dir, struct pids *pids, struct err *err)
{
	struct dirent *d;
	uint64_t pid;

	while (errno = 0, (d = readdir(dir)) != NULL) {
		if (!num_parse(d->d_name, strlen(d->d_name), 10, INT_MAX,
		    &pid))
			continue;
		if (pids->count == pids->cap) {
			pids->cap = pids->cap == 0 ? 256 : pids->cap * 2;
			pids->list = mem_resize(pids->list, pids->cap,
			    sizeof *pids->list);
		}
		pids->list[pids->count++] = pid;
	}
	if (errno != 0)
		return err_set(err, ERR_IO, errno, "cannot read /proc");
	if (pids->count > 1)
		qsort(pids->list, pids->count, sizeof *pids->list,
		    compare_pids);
	return 0;
}

static int
look_at_all(struct scan *scan, struct err *err)
{
	int fd = io_open(scan->proc_fd, ".", O_RDONLY | O_DIRECTORY, 0);
	DIR *dir = fd == -1 ? NULL : fdopendir(fd);
	struct pids pids = { NULL, 0, 0 };
	size_t i;
	int ret;

	if (dir == NULL) {
		err_set(err, ERR_IO, errno, "cannot read /proc");
		if (fd != -1)
			(void)io_close(fd);	/* nothing to lose */
		return -1;
	}
	ret = collect_pids(dir, &pids, err);
	(void)closedir(dir);
	for (i = 0; ret == 0 && i < pids.count; i++) {
		char pid[PID_TEXT];

		(void)snprintf(pid, sizeof pid, "%llu",
		    (unsigned long long)pids.list[i]);
		if (strcmp(pid, scan->self) != 0)
			look_at(scan, pid);
	}
	free(pids.list);
	return ret;
}

/* --------------------------------------------------------------- together */

static void
add_spot(struct scan *scan, const struct mount *m, const char *path)
{
	struct spot *spot = &scan->spots[scan->spot_count++];

	spot->major = m->major;
	spot->minor = m->minor;
	spot->path = join(m->root, mounts_below(path, m->point));
}

static int
find_spots(struct scan *scan, struct err *err)
{
	const struct mount *m = mounts_of_path(&scan->own, scan->folder);
	char *data;

	if (m == NULL)
		return err_set(err, ERR_IO, 0, "our own mountinfo does not "
		    "show where the folder is mounted");
	add_spot(scan, m, scan->folder);
	data = join(scan->folder, "/_data");
	m = mounts_at(&scan->own, data);
	if (m != NULL)
		add_spot(scan, m, data);
	free(data);
	return 0;
}

/* Do we see the machine's processes, or a container's? */
static void
find_coverage(struct scan *scan)
{
	char pid_ns[NS_TEXT], me[PID_TEXT];
	struct err ignored;

	(void)snprintf(me, sizeof me, "%ld", (long)getpid());
	(void)read_link_of(scan, "self", "ns/pid", pid_ns, sizeof pid_ns);
	scan->coverage->unseen = 0;
	scan->coverage->hidden = 0;
	scan->coverage->sees_processes = strcmp(me, scan->self) == 0 &&
	    strcmp(pid_ns, INIT_PID_NS) == 0 &&
	    mounts_read(scan->proc_fd, "1", &scan->host, &ignored) == 0;
}

static void
scan_release(struct scan *scan)
{
	size_t i;

	for (i = 0; i < scan->spot_count; i++)
		free(scan->spots[i].path);
	for (i = 0; i < scan->view_count; i++)
		view_release(&scan->views[i]);
	free(scan->views);
	mounts_release(&scan->own);
	mounts_release(&scan->host);
}

int
proc_scan(int proc_fd, const char *folder, const struct proc_sink *sink,
    struct proc_coverage *coverage, struct err *err)
{
	struct scan scan = { .proc_fd = proc_fd, .folder = folder,
	    .sink = sink, .coverage = coverage };
	int ret = -1;

	(void)read_link(proc_fd, "self", scan.self, sizeof scan.self);
	if (mounts_read(proc_fd, "self", &scan.own, err) == -1)
		goto out;
	find_coverage(&scan);
	if (find_spots(&scan, err) == -1)
		goto out;
	ret = look_at_all(&scan, err);
out:
	scan_release(&scan);
	return ret;
}
