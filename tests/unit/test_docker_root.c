/* SPDX-License-Identifier: BSD-2-Clause */
/* docker/root: every layout that is recognised, and the lock. */
#include "docker/root.h"
#include "harness.h"
#include "scratch.h"

#include <sys/file.h>
#include <sys/wait.h>

static char base[SCRATCH_MAX];

/* What belongs to a user is taken for a rootless engine's. */
static enum docker_layout
plain(void)
{
	return geteuid() == 0 ? DOCKER_LAYOUT_PLAIN : DOCKER_LAYOUT_ROOTLESS;
}

/* base/name, for the caller to free. */
static char *
at(const char *name)
{
	return mem_format("%s/%s", base, name);
}

/* Open base/name as --data-root; the part of the path after base, or why. */
static const char *
opens(const char *name, struct docker_root *root, struct err *err)
{
	char *path = at(name);
	const struct docker_places places = { .given = path };
	int ret;

	memset(root, 0, sizeof *root);
	root->volumes_fd = root->containers_fd = -1;
	ret = docker_root_open(&places, root, err);
	free(path);
	return ret == -1 ? err->text : root->path + strlen(base) + 1;
}

static void
test_layouts(void)
{
	struct docker_root r;
	struct err err;

	scratch_put(base, "plain/volumes/v/_data", NULL);
	scratch_put(base, "plain/containers", NULL);
	is_str(opens("plain", &r, &err), "plain", "a data-root");
	ok(r.layout == plain() && r.containers_fd != -1 &&
	    !r.is_volumes_only && r.note == NULL, "plain, with containers");
	docker_root_close(&r);
	ok(r.volumes_fd == -1 && r.path == NULL, "closed");
	is_str(opens("plain/volumes", &r, &err), "plain",
	    "its volumes folder stands for it");
	docker_root_close(&r);
	is_str(opens("plain/../plain/", &r, &err), "plain", "a path with dots");
	docker_root_close(&r);

	scratch_put(base, "moved/v/_data", NULL);
	is_str(opens("moved", &r, &err), "moved", "a volumes folder, renamed");
	ok(r.is_volumes_only && r.containers_fd == -1, "and nothing else");
	docker_root_close(&r);
	scratch_put(base, "db-only/metadata.db", "");
	is_str(opens("db-only", &r, &err), "db-only",
	    "a volumes folder without volumes");
	docker_root_close(&r);

	scratch_put(base, "p/volumes/v/_data", NULL);
	scratch_put(base, "p/libpod", NULL);
	scratch_put(base, "p/containers", NULL);
	(void)opens("p", &r, &err);
	ok(r.layout == DOCKER_LAYOUT_PODMAN && r.containers_fd == -1,
	    "Podman's graphroot");
	docker_root_close(&r);
	(void)opens("p/volumes", &r, &err);
	ok(r.layout == DOCKER_LAYOUT_PODMAN, "also by its volumes");
	docker_root_close(&r);
	scratch_put(base, "home/.local/share/docker/volumes", NULL);
	(void)opens("home/.local/share/docker", &r, &err);
	ok(r.layout == DOCKER_LAYOUT_ROOTLESS, "rootless");
	docker_root_close(&r);
	scratch_put(base, "var/snap/docker/common/var-lib-docker/volumes",
	    NULL);
	(void)opens("var/snap/docker/common/var-lib-docker", &r, &err);
	ok(r.layout == DOCKER_LAYOUT_SNAP, "snap");
	docker_root_close(&r);
}

static void
test_userns_trees(void)
{
	struct docker_root r;
	struct err err;

	scratch_put(base, "u/100000.100000/volumes/v/_data", NULL);
	scratch_put(base, "u/volumes", NULL);
	is_str(opens("u", &r, &err), "u/100000.100000",
	    "the tree of userns-remap, when the plain one is empty");
	ok(r.layout == DOCKER_LAYOUT_USERNS && r.note != NULL, "and it is said");
	docker_root_close(&r);
	scratch_put(base, "u/volumes/w/_data", NULL);
	is_str(opens("u", &r, &err), "u", "the plain one, when it has volumes");
	ok(r.layout == plain() && r.note != NULL &&
	    strstr(r.note, "100000.100000") != NULL, "with a note: %s",
	    r.note);
	docker_root_close(&r);
	is_str(opens("u/100000.100000", &r, &err), "u/100000.100000",
	    "or the one that is named");
	docker_root_close(&r);
	scratch_put(base, "two/1.1/volumes/v/_data", NULL);
	scratch_put(base, "two/2.2/volumes/v/_data", NULL);
	(void)opens("two", &r, &err);
	ok(r.path == NULL && err.class == ERR_USAGE, "two: which? %s",
	    err.text);
}

static void
test_no_data_root(void)
{
	struct docker_root r;
	struct err err;

	(void)opens("nowhere", &r, &err);
	ok(err.class == ERR_NOT_FOUND, "a path that is not there: %s",
	    err.text);
	scratch_put(base, "other/stuff", "x");
	(void)opens("other", &r, &err);
	ok(err.class == ERR_NOT_FOUND && strstr(err.text, "--data-root"),
	    "a folder of something else: %s", err.text);
	(void)opens("other/stuff", &r, &err);
	ok(r.path == NULL, "a file: %s", err.text);
}

/* daemon.json with text, and nothing else asked for. */
static const char *
configured(const char *text, struct docker_root *root, struct err *err)
{
	char *json = at("daemon.json"), *usual = at("plain");
	const struct docker_places places = { .daemon_json = json,
	    .usual = usual };
	int ret;

	if (text != NULL)
		scratch_put(base, "daemon.json", text);
	else
		(void)unlink(json);
	memset(root, 0, sizeof *root);
	root->volumes_fd = root->containers_fd = -1;
	ret = docker_root_open(&places, root, err);
	free(json);
	free(usual);
	return ret == -1 ? err->text : root->path + strlen(base) + 1;
}

static void
test_daemon_json(void)
{
	struct docker_root r;
	struct err err;
	char *text;

	is_str(configured(NULL, &r, &err), "plain", "no daemon.json");
	docker_root_close(&r);
	is_str(configured("{\"debug\":true}", &r, &err), "plain",
	    "one that names nothing");
	docker_root_close(&r);
	text = mem_format("{\"data-root\":\"%s/u\"}", base);
	is_str(configured(text, &r, &err), "u", "data-root");
	docker_root_close(&r);
	free(text);
	text = mem_format("{\"graph\":\"%s/u\",\"userns-remap\":\"default\"}",
	    base);
	is_str(configured(text, &r, &err), "u/100000.100000",
	    "the old word, with userns-remap");
	docker_root_close(&r);
	free(text);
	(void)configured("{\"data-root\":\"/does/not/exist\"}", &r, &err);
	ok(err.class == ERR_NOT_FOUND && strstr(err.text, "daemon.json"),
	    "names what is not there: %s", err.text);
	(void)configured("{\"data-root\":", &r, &err);
	ok(err.class == ERR_DAMAGED && strstr(err.text, "--data-root"),
	    "broken: %s", err.text);
	(void)configured("{\"data-root\":7}", &r, &err);
	ok(err.class == ERR_DAMAGED, "a number: %s", err.text);
}

static void
test_order_of_places(void)
{
	char *plain = at("plain"), *moved = at("moved"), *none = at("none");
	struct docker_places places = { .given = plain, .env = moved,
	    .usual = none };
	struct docker_root r;
	struct err err;

	ok(docker_root_open(&places, &r, &err) == 0 &&
	    strcmp(r.path, plain) == 0, "what is given wins");
	docker_root_close(&r);
	places.given = NULL;
	ok(docker_root_open(&places, &r, &err) == 0 &&
	    strcmp(r.path, moved) == 0, "then the environment");
	docker_root_close(&r);
	places.env = none;
	places.usual = plain;
	ok(docker_root_open(&places, &r, &err) == -1,
	    "what was asked for and is wrong is an error: %s", err.text);
	places.env = NULL;
	places.mounted = moved;
	ok(docker_root_open(&places, &r, &err) == 0 &&
	    strcmp(r.path, plain) == 0, "no mount point: not taken");
	docker_root_close(&r);
	free(plain);
	free(moved);
	free(none);
}

/* ---------------------------------------------------------------- the lock */

static void
test_lock(void)
{
	char *db = at("locked/volumes/metadata.db");
	struct docker_lock lock, second;
	struct docker_root r;
	struct err err;
	int fd;

	scratch_put(base, "locked/volumes/v/_data", NULL);
	(void)opens("locked", &r, &err);
	ok(docker_root_lock(&r, &lock, &err) == 0 &&
	    lock.state == DOCKER_LOCK_NO_DB, "no metadata.db");
	ok(access(db, F_OK) == -1, "and none is made");
	docker_root_unlock(&lock);
	scratch_put(base, "locked/volumes/metadata.db", "x");
	ok(docker_root_lock(&r, &lock, &err) == 0 &&
	    lock.state == DOCKER_LOCK_HELD, "free: held");
	ok(docker_root_lock(&r, &second, &err) == 0 &&
	    second.state == DOCKER_LOCK_DAEMON, "not twice");
	docker_root_unlock(&second);
	fd = open(db, O_RDONLY | O_CLOEXEC);
	ok(flock(fd, LOCK_EX | LOCK_NB) == -1, "a daemon would not get it");
	docker_root_unlock(&lock);
	ok(lock.state == DOCKER_LOCK_NONE && flock(fd, LOCK_EX | LOCK_NB) == 0,
	    "let go, it does");
	ok(docker_root_lock(&r, &lock, &err) == 0 &&
	    lock.state == DOCKER_LOCK_DAEMON, "and we see that it has it");
	docker_root_unlock(&lock);
	(void)close(fd);
	(void)unlink(db);
	(void)symlink("/etc/passwd", db);
	ok(docker_root_lock(&r, &lock, &err) == -1 &&
	    lock.state == DOCKER_LOCK_NONE, "a link is not locked: %s",
	    err.text);
	docker_root_unlock(&lock);
	docker_root_close(&r);
	free(db);
}

/* A daemon that opened the old file waits for it up to a second. */
static void
test_lock_lingers_after_replacing(void)
{
	char *db = at("locked/volumes/metadata.db");
	struct docker_lock lock;
	struct docker_root r;
	struct err err;
	uint64_t before;
	int fd, old;

	(void)unlink(db);
	scratch_put(base, "locked/volumes/metadata.db", "old");
	(void)opens("locked", &r, &err);
	(void)docker_root_lock(&r, &lock, &err);
	old = open(db, O_RDONLY | O_CLOEXEC);
	(void)unlink(db);
	scratch_put(base, "locked/volumes/metadata.db", "new");
	fd = open(db, O_RDONLY | O_CLOEXEC);
	(void)flock(fd, LOCK_EX | LOCK_NB);
	before = io_ticks_ms();
	docker_lock_replaced(&lock, fd);
	ok(lock.state == DOCKER_LOCK_HELD &&
	    flock(old, LOCK_EX | LOCK_NB) == -1, "the old file stays locked");
	docker_root_unlock(&lock);
	ok(io_ticks_ms() - before >= DOCKER_LOCK_LINGER_MS,
	    "until nobody can be waiting for it");
	ok(flock(old, LOCK_EX | LOCK_NB) == 0, "and is free then");
	(void)close(old);
	docker_root_close(&r);
	free(db);
}

int
main(void)
{
	if (!scratch_make(base)) {
		skip("no temporary folder");
		return done();
	}
	test_layouts();
	test_userns_trees();
	test_no_data_root();
	test_daemon_json();
	test_order_of_places();
	test_lock();
	test_lock_lingers_after_replacing();
	ok(scratch_remove(base), "cleaned up");
	return done();
}
