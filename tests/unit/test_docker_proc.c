/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * docker/proc on a /proc made by hand: process 1 and 2 in the host's
 * namespace, others in containers.  The folder is /lib/volumes/v, on the file
 * system 8:1 that the host has at /.
 */
#include "docker/proc.h"
#include "harness.h"
#include "scratch.h"

#include "base/buf.h"

#define FOLDER "/lib/volumes/v"
#define HOST "10 1 8:1 / / rw - ext4 x rw\n11 10 0:5 / /proc rw - proc p rw\n"
#define ID \
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define DOCKER_CGROUP "12:pids:/docker/" ID "\n"

struct world {
	char dir[SCRATCH_MAX];
	char self[32];
};

static void
put_link(const struct world *w, const char *pid, const char *name,
    const char *target)
{
	char *path = mem_format("%s/%s/%s", w->dir, pid, name);

	(void)unlink(path);
	(void)!symlink(target, path);
	free(path);
}

static void
put_file(const struct world *w, const char *pid, const char *name,
    const char *text)
{
	char *path = mem_format("%s/%s", pid, name);

	(void)scratch_put(w->dir, path, text);
	free(path);
}

static void
put_process(const struct world *w, const char *pid, const char *ns,
    const char *mountinfo)
{
	put_file(w, pid, "mountinfo", mountinfo);
	put_file(w, pid, "comm", "prog\n");
	put_file(w, pid, "cgroup", "0::/\n");
	put_file(w, pid, "maps", "");
	put_file(w, pid, "fd", NULL);
	put_file(w, pid, "ns", NULL);
	put_link(w, pid, "ns/mnt", ns);
	put_link(w, pid, "ns/pid", "pid:[4026531836]");
	put_link(w, pid, "cwd", "/");
	put_link(w, pid, "root", "/");
	put_link(w, pid, "exe", "/bin/prog");
}

/* We are in the host's namespace, like 1 and 2. */
static bool
make_world(struct world *w)
{
	if (!scratch_make(w->dir))
		return false;
	(void)snprintf(w->self, sizeof w->self, "%ld", (long)getpid());
	put_process(w, w->self, "mnt:[1]", HOST);
	put_process(w, "1", "mnt:[1]", HOST);
	put_process(w, "2", "mnt:[1]", HOST);
	put_link(w, ".", "self", w->self);
	return true;
}

static void
take(void *ctx, const struct proc_finding *f)
{
	static const char *const kinds[] = { "mount", "host-mount", "open" };
	struct buf *out = ctx;

	buf_printf(out, "%s %ld %s%s%s%s;", kinds[f->kind], (long)f->pid,
	    f->path, f->is_read_only ? " ro" : "",
	    *f->container_id == '\0' ? "" : " ", f->container_id);
}

/* What is found, "" for nobody; then the world is removed. */
static void
finds(struct world *w, const char *want, const char *name)
{
	struct buf out = BUF_EMPTY;
	const struct proc_sink sink = { &out, take };
	struct proc_coverage coverage;
	int fd = open(w->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct err err;

	if (ok(proc_scan(fd, FOLDER, &sink, &coverage, &err) == 0, "%s: runs",
	    name)) {
		is_str(buf_text(&out), want, "%s", name);
		ok(coverage.sees_processes && coverage.unseen == 0 &&
		    coverage.hidden == 0, "%s: all was seen", name);
	}
	buf_release(&out);
	(void)close(fd);
	ok(scratch_remove(w->dir), "%s: cleaned up", name);
}

static void
test_nobody(void)
{
	struct world w;

	make_world(&w);
	finds(&w, "", "nobody");
}

/* A container that mounts something else, the folder, or a part of it. */
static void
test_containers(void)
{
	struct world w;

	make_world(&w);
	put_process(&w, "50", "mnt:[50]", "90 1 0:9 / / rw - overlay o rw\n"
	    "91 90 8:1 /lib/volumes/vv/_data /d rw - ext4 x rw\n"
	    "92 90 8:2 /lib/volumes/v/_data /e rw - ext4 y rw\n");
	finds(&w, "", "another volume, another file system");

	make_world(&w);
	put_process(&w, "50", "mnt:[50]", "90 1 0:9 / / rw - overlay o rw\n"
	    "91 90 8:1 /lib/volumes/v/_data /d ro - ext4 x rw\n");
	put_file(&w, "50", "cgroup", DOCKER_CGROUP);
	put_process(&w, "51", "mnt:[50]", "90 1 0:9 / / rw - overlay o rw\n"
	    "91 90 8:1 /lib/volumes/v/_data /d ro - ext4 x rw\n");
	finds(&w, "mount 50 /d ro " ID ";",
	    "a container, once for all its processes");

	make_world(&w);
	put_process(&w, "50", "mnt:[50]", "90 1 0:9 / / rw - overlay o rw\n"
	    "91 90 8:1 /lib/volumes/v/_data/sub /d rw - ext4 x rw\n");
	put_process(&w, "60", "mnt:[60]", "95 1 0:9 / / rw - overlay o rw\n"
	    "96 95 8:1 /lib/volumes/v/.old//deleted /d rw - ext4 x rw\n");
	finds(&w, "mount 50 /d;mount 60 /d;",
	    "a part of it, and one that was swapped away");

	make_world(&w);
	put_process(&w, "50", "mnt:[50]", "90 1 0:9 / / rw - overlay o rw\n"
	    "91 90 8:1 /lib/volumes/v/_data /d rw - ext4 x rw\n");
	put_link(&w, "50", "ns/mnt", "");
	finds(&w, "mount 50 /d;", "a namespace whose name is hidden");
}

/* cadvisor, the rescue container: they see it, and that is no use. */
static void
test_above(void)
{
	struct world w;
	static const char above[] = "90 1 0:9 / / rw - overlay o rw\n"
	    "91 90 8:1 / /rootfs ro - ext4 x rw\n";

	make_world(&w);
	put_process(&w, "50", "mnt:[50]", above);
	finds(&w, "", "a mount of something above");

	make_world(&w);
	put_process(&w, "50", "mnt:[50]", above);
	put_link(&w, "50", "fd/3", "/rootfs" FOLDER "/_data/file");
	finds(&w, "open 50 /rootfs" FOLDER "/_data/file;",
	    "and a file that it opened through it");

	make_world(&w);
	put_process(&w, "50", "mnt:[50]", above);
	put_link(&w, "50", "fd/3", FOLDER "/_data/file");
	finds(&w, "", "the same name in another namespace is another file");
}

static void
test_files_of_the_host(void)
{
	struct world w;

	make_world(&w);
	put_link(&w, "2", "fd/0", "/dev/null");
	put_link(&w, "2", "fd/7", FOLDER "/_data/x (deleted)");
	finds(&w, "open 2 " FOLDER "/_data/x (deleted);", "an open file");
	make_world(&w);
	put_link(&w, "2", "cwd", FOLDER);
	finds(&w, "open 2 " FOLDER ";", "a working folder");
	make_world(&w);
	put_link(&w, "2", "exe", FOLDER "/_data/prog");
	finds(&w, "open 2 " FOLDER "/_data/prog;", "a program");
	make_world(&w);
	put_link(&w, "2", "root", FOLDER "/_data");
	finds(&w, "open 2 " FOLDER "/_data;", "a root");
	make_world(&w);
	put_file(&w, "2", "maps", "7f00-7f01 r-xp 00000000 08:01 9 /lib/a.so\n"
	    "7f02-7f03 r--s 00000000 08:01 7     " FOLDER "/_data/map\n"
	    "7f04-7f05 rw-p 00000000 00:00 0\n");
	finds(&w, "open 2 " FOLDER "/_data/map;", "a mapping");
	make_world(&w);
	put_link(&w, "2", "fd/7", "/lib/volumes/vv/_data/x");
	finds(&w, "", "half a name is another volume");
	make_world(&w);
	put_link(&w, w.self, "cwd", FOLDER);
	finds(&w, "", "we ourselves are left out");
}

static void
test_host_mounts(void)
{
	static const char bound[] = HOST
	    "15 10 8:1 /lib/volumes/v/_data /srv/ftp rw - ext4 x rw\n";
	struct world w;

	make_world(&w);
	put_file(&w, "1", "mountinfo", bound);
	put_file(&w, "2", "mountinfo", bound);
	put_file(&w, w.self, "mountinfo", bound);
	/* A service with a namespace of its own got a copy. */
	put_process(&w, "70", "mnt:[70]", "80 1 8:1 / / rw - ext4 x rw\n"
	    "85 80 8:1 /lib/volumes/v/_data /srv/ftp rw - ext4 x rw\n");
	finds(&w, "host-mount 1 /srv/ftp;",
	    "a bind on the host, once, and no service");
}

/* Driver options: a tmpfs on _data, seen in every copy of the host. */
static void
test_mounted_data(void)
{
	static const char mounted[] = HOST
	    "16 10 0:77 / " FOLDER "/_data rw - tmpfs t rw\n";
	struct world w;

	make_world(&w);
	put_file(&w, "1", "mountinfo", mounted);
	put_file(&w, "2", "mountinfo", mounted);
	put_file(&w, w.self, "mountinfo", mounted);
	put_process(&w, "70", "mnt:[70]", "80 1 8:1 / / rw - ext4 x rw\n"
	    "86 80 0:77 / " FOLDER "/_data rw - tmpfs t rw\n");
	put_process(&w, "50", "mnt:[50]", "90 1 0:9 / / rw - overlay o rw\n"
	    "91 90 0:77 / /m rw - tmpfs t rw\n");
	finds(&w, "mount 50 /m;", "the container that uses it, nobody else");
}

/* ---------------------------------------------------------------- coverage */

static void
scan_coverage(struct world *w, struct proc_coverage *coverage)
{
	struct buf out = BUF_EMPTY;
	const struct proc_sink sink = { &out, take };
	int fd = open(w->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct err err;

	err_clear(&err);
	ok(proc_scan(fd, FOLDER, &sink, coverage, &err) == 0, "runs %s",
	    err.text);
	buf_release(&out);
	(void)close(fd);
	(void)scratch_remove(w->dir);
}

static void
test_coverage(void)
{
	struct proc_coverage coverage;
	struct world w;

	make_world(&w);
	put_link(&w, w.self, "ns/pid", "pid:[4026532999]");
	scan_coverage(&w, &coverage);
	ok(!coverage.sees_processes, "another PID namespace sees nobody");
	make_world(&w);
	put_link(&w, ".", "self", "2");
	scan_coverage(&w, &coverage);
	ok(!coverage.sees_processes, "another namespace's /proc");
	make_world(&w);
	put_file(&w, "1", "mountinfo", "nonsense\n");
	scan_coverage(&w, &coverage);
	ok(!coverage.sees_processes, "process 1 is hidden");
	make_world(&w);
	put_file(&w, "50", "comm", "p\n");
	put_file(&w, "50", "mountinfo", "nonsense\n");
	scan_coverage(&w, &coverage);
	is_u64(coverage.hidden, 1, "mounts that cannot be read are counted");
	make_world(&w);
	put_file(&w, "2", "cwd2", "");
	(void)put_link(&w, "2", "cwd", "/");
	{
		char *path = mem_format("%s/2/exe", w.dir);

		(void)unlink(path);
		free(path);
		put_file(&w, "2", "exe", "not a link");
	}
	scan_coverage(&w, &coverage);
	is_u64(coverage.unseen, 1, "links that cannot be read are counted");
}

static void
test_container_id(void)
{
	char id[PROC_ID_LEN + 1];

	ok(proc_container_id("0::/system.slice/docker-" ID ".scope\n", id) &&
	    strcmp(id, ID) == 0, "systemd's way");
	ok(proc_container_id(DOCKER_CGROUP, id) && strcmp(id, ID) == 0,
	    "cgroupfs's way");
	ok(!proc_container_id("0::/" ID "0/x\n", id) && *id == '\0',
	    "65 digits are none");
	ok(!proc_container_id("0::/init.scope\n", id), "none");
	ok(!proc_container_id("", id), "nothing");
}

int
main(void)
{
	test_nobody();
	test_containers();
	test_above();
	test_files_of_the_host();
	test_host_mounts();
	test_mounted_data();
	test_coverage();
	test_container_id();
	return done();
}
