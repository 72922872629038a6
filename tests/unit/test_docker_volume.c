/* SPDX-License-Identifier: BSD-2-Clause */
/* docker/volume: what a volume is, and writing it back. */
#include "docker/volume.h"
#include "harness.h"
#include "scratch.h"

#include "base/buf.h"
#include "docker/root.h"

static char base[SCRATCH_MAX];

static bool
open_root(const char *name, struct docker_root *root)
{
	char *path = mem_format("%s/%s", base, name);
	const struct docker_places places = { .given = path };
	struct err err;
	bool found = docker_root_open(&places, root, &err) == 0;

	free(path);
	return found;
}

static void
put_opts(const char *volume, const char *text)
{
	char *path = mem_format("r/volumes/%s/opts.json", volume);

	scratch_put(base, path, text);
	free(path);
}

static void
test_names(void)
{
	char longest[258];

	memset(longest, 'a', sizeof longest);
	longest[255] = '\0';
	ok(volume_name_is_valid("a1") && volume_name_is_valid("9_.-") &&
	    volume_name_is_valid(longest), "valid names");
	longest[255] = 'a';
	longest[256] = '\0';
	ok(!volume_name_is_valid(longest), "256 characters");
	ok(!volume_name_is_valid("a") && !volume_name_is_valid(""), "too short");
	ok(!volume_name_is_valid(".a") && !volume_name_is_valid("-a") &&
	    !volume_name_is_valid("..") && !volume_name_is_valid("a/b") &&
	    !volume_name_is_valid("a b") && !volume_name_is_valid("a\n"),
	    "wrong characters");
}

static void
test_set(void)
{
	struct docker_root root;
	struct volume_set *set;
	struct err err;

	scratch_put(base, "r/containers", NULL);
	scratch_put(base, "r/volumes/b/_data", NULL);
	scratch_put(base, "r/volumes/a/_data", NULL);
	scratch_put(base, "r/volumes/bad name!/_data", NULL);
	scratch_put(base, "r/volumes/lost+found", NULL);
	scratch_put(base, "r/volumes/file", "x");
	scratch_put(base, "r/volumes/opts-only", NULL);
	put_opts("opts-only", "{}");
	{
		char *link = mem_format("%s/r/volumes/link", base);

		(void)symlink("a", link);
		free(link);
	}
	if (!ok(open_root("r", &root), "a data-root"))
		return;
	set = volume_set_open(&root, &err);
	is_u64(volume_set_count(set), 4, "four volumes");
	is_str(volume_set_name(set, 0), "a", "sorted");
	is_str(volume_set_name(set, 2), "bad name!",
	    "also one that the API would refuse");
	ok(volume_set_has(set, "b") && !volume_set_has(set, "lost+found") &&
	    !volume_set_has(set, "file") && !volume_set_has(set, "link"),
	    "no files, links, or folders of nothing");
	ok(volume_set_problem(set) == NULL, "no metadata.db is no problem");
	volume_set_free(set);
	docker_root_close(&root);
}

/* What is said of where the data is, for an opts.json. */
static void
elsewhere(const char *opts, const char *want, const char *name)
{
	struct docker_root root;
	struct volume_set *set;
	struct volume v;
	struct err err;

	put_opts("a", opts);
	if (!open_root("r", &root))
		return;
	set = volume_set_open(&root, &err);
	err_clear(&err);
	if (ok(volume_read(set, "a", &v, &err) == 0, "%s: read %s", name,
	    err.text)) {
		is_str(v.data_elsewhere, want, "%s", name);
		ok(v.has_data && !v.is_mounted && v.identity.has_opts_json,
		    "%s: facts", name);
		volume_release(&v);
	}
	volume_set_free(set);
	docker_root_close(&root);
}

static void
test_elsewhere(void)
{
	elsewhere("{}", NULL, "no options");
	elsewhere("{\"MountType\":\"\",\"MountOpts\":\"\",\"MountDevice\":\"\","
	    "\"Quota\":{\"Size\":1048576}}", NULL, "a quota only");
	elsewhere("{\"MountType\":\"nfs\",\"MountOpts\":"
	    "\"addr=10.0.0.9,rw\",\"MountDevice\":\":/export\"}",
	    "on NFS server 10.0.0.9, export :/export", "nfs");
	elsewhere("{\"MountType\":\"nfs4\",\"MountOpts\":\"xaddr=1\","
	    "\"MountDevice\":\":/e\"}",
	    "on NFS server (no address), export :/e", "nfs without address");
	elsewhere("{\"MountType\":\"cifs\",\"MountOpts\":"
	    "\"username=u,password=secret\",\"MountDevice\":\"//s/share\"}",
	    "on the SMB share //s/share", "cifs, no password shown");
	elsewhere("{\"MountType\":\"tmpfs\",\"MountDevice\":\"tmpfs\"}",
	    "in memory only (tmpfs)", "tmpfs");
	elsewhere("{\"MountType\":\"none\",\"MountOpts\":\"bind\","
	    "\"MountDevice\":\"/srv/\\u001bx\"}", "in the folder /srv/\\033x",
	    "bind, escaped");
	elsewhere("{\"MountType\":\"ext4\",\"MountDevice\":\"/dev/sdb1\"}",
	    "on the block device /dev/sdb1 (ext4)", "a block device");
	elsewhere("{\"MountType\":\"overlay\",\"MountDevice\":\"o\"}",
	    "in a mount of o (overlay)", "anything else");
}

static void
broken(const char *opts, const char *name)
{
	struct docker_root root;
	struct volume_set *set;
	struct volume v;
	struct err err;

	put_opts("a", opts);
	if (!open_root("r", &root))
		return;
	set = volume_set_open(&root, &err);
	ok(volume_read(set, "a", &v, &err) == -1 && err.class == ERR_DAMAGED &&
	    strstr(err.text, "volume 'a': opts.json: ") != NULL,
	    "broken, %s: %s", name, err.text);
	ok(volume_read(set, "../volumes/b", &v, &err) == -1 &&
	    err.class == ERR_USAGE, "no path is a name");
	ok(volume_read(set, "nobody", &v, &err) == -1 &&
	    err.class == ERR_NOT_FOUND, "not there: %s", err.text);
	volume_set_free(set);
	docker_root_close(&root);
}

static void
test_broken_opts(void)
{
	broken("", "empty");
	broken("[]", "an array");
	broken("{\"MountType\":1}", "a type that is a number");
	broken("{\"Quota\":{\"Size\":-1}}", "a negative quota");
	broken("{\"Quota\":{\"Size\":\"1\"}}", "a quota that is text");
	put_opts("a", "{}");
}

static void
test_from_options(void)
{
	struct volume_identity id;
	struct err err;

	volume_identity_init(&id);
	ok(volume_identity_from_options(&id, &err) == 0 && !id.has_opts_json,
	    "no options, no opts.json");
	pairs_put(&id.options, "type", "nfs");
	pairs_put(&id.options, "o", "addr=1.2.3.4");
	pairs_put(&id.options, "device", ":/x");
	pairs_put(&id.options, "size", "10m");
	ok(volume_identity_from_options(&id, &err) == 0 && id.has_opts_json,
	    "options");
	ok(strcmp(id.mount_type, "nfs") == 0 &&
	    strcmp(id.mount_opts, "addr=1.2.3.4") == 0 &&
	    strcmp(id.mount_device, ":/x") == 0, "each at its place");
	is_u64(id.quota, 10 << 20, "size");
	pairs_put(&id.options, "size", "many");
	ok(volume_identity_from_options(&id, &err) == -1 &&
	    err.class == ERR_USAGE && id.quota == 10 << 20,
	    "a size that is none: %s", err.text);
	pairs_put(&id.labels, VOLUME_CONFIG_HASH, "x");
	pairs_put(&id.labels, "com.docker.compose.project", "p");
	ok(volume_identity_drop_hash(&id) && id.labels.count == 1 &&
	    !volume_identity_drop_hash(&id), "config-hash is dropped");
	volume_identity_release(&id);
}

/* ---------------------------------------------------------------- writing */

static bool
write_one(const char *volume, const struct volume_identity *id,
    struct err *err)
{
	const struct volume_entry entry = { volume, id };
	struct docker_root root;
	struct docker_lock lock;
	bool done;

	if (!open_root("r", &root))
		return false;
	done = docker_root_lock(&root, &lock, err) == 0 &&
	    volume_identity_write(&root, &lock, &entry, 1, err) == 0;
	/* The linger is tested elsewhere; the folder is ours alone. */
	lock.replaced_ms = 0;
	docker_root_unlock(&lock);
	docker_root_close(&root);
	return done;
}

static bool
read_one(const char *volume, struct volume *v)
{
	struct docker_root root;
	struct volume_set *set;
	struct err err;
	bool done;

	if (!open_root("r", &root))
		return false;
	set = volume_set_open(&root, &err);
	done = set != NULL && volume_read(set, volume, v, &err) == 0;
	volume_set_free(set);
	docker_root_close(&root);
	return done;
}

static mode_t
mode_of(const char *name)
{
	char *path = mem_format("%s/r/volumes/%s", base, name);
	struct stat st;
	mode_t mode = stat(path, &st) == 0 ? st.st_mode & 07777 : 0;

	free(path);
	return mode;
}

static void
test_write(void)
{
	struct volume_identity id;
	struct volume v;
	struct err err;

	volume_identity_init(&id);
	pairs_put(&id.labels, "quote\"", "\\ \n ü");
	pairs_put(&id.options, "type", "tmpfs");
	pairs_put(&id.options, "device", "tmpfs");
	(void)volume_identity_from_options(&id, &err);
	err_clear(&err);
	ok(write_one("b", &id, &err), "a new metadata.db %s", err.text);
	ok(mode_of("metadata.db") == 0600 && mode_of("b/opts.json") == 0600,
	    "both for root alone");
	if (ok(read_one("b", &v), "read back")) {
		ok(v.is_recorded && pairs_equal(&v.identity.labels,
		    &id.labels) && pairs_equal(&v.identity.options,
		    &id.options), "labels and options");
		is_str(v.identity.mount_type, "tmpfs", "opts.json");
		volume_release(&v);
	}
	volume_identity_release(&id);
	volume_identity_init(&id);
	pairs_put(&id.labels, "com.docker.volume.anonymous", "");
	ok(write_one("bad name!", &id, &err), "another one");
	ok(read_one("b", &v) && v.is_recorded, "the first is kept");
	volume_release(&v);
	ok(read_one("bad name!", &v) && v.is_anonymous, "anonymous");
	volume_release(&v);
	ok(write_one("b", &id, &err) && mode_of("b/opts.json") == 0,
	    "without options, opts.json goes");
	volume_identity_release(&id);
}

static void
test_write_refuses(void)
{
	struct volume_identity id;
	struct docker_root root;
	struct docker_lock lock;
	struct err err;
	char *db = mem_format("%s/r/volumes/metadata.db", base);
	const struct volume_entry entry = { "a", &id };

	volume_identity_init(&id);
	ok(!write_one("nobody", &id, &err) && err.class == ERR_NOT_FOUND,
	    "a volume that is not on disk: %s", err.text);
	ok(!write_one("../x", &id, &err) && err.class == ERR_USAGE,
	    "a path: %s", err.text);
	pairs_put(&id.labels, "k", "\xff");
	ok(!write_one("a", &id, &err) && err.class == ERR_USAGE,
	    "a label that is no text: %s", err.text);
	(void)pairs_remove(&id.labels, "k");

	(void)open_root("r", &root);
	(void)docker_root_lock(&root, &lock, &err);
	ok(!write_one("a", &id, &err) && err.class == ERR_BUSY,
	    "when somebody has the lock: %s", err.text);
	root.layout = DOCKER_LAYOUT_PODMAN;
	ok(volume_identity_write(&root, &lock, &entry, 1, &err) == -1 &&
	    err.class == ERR_PREFLIGHT, "Podman: %s", err.text);
	docker_root_unlock(&lock);
	docker_root_close(&root);

	scratch_put(base, "r/volumes/metadata.db", "broken");
	ok(!write_one("a", &id, &err) && err.class == ERR_DAMAGED,
	    "over a broken metadata.db: %s", err.text);
	(void)open_root("r", &root);
	(void)docker_root_lock(&root, &lock, &err);
	ok(volume_db_discard(&root, &lock, &err) == 0 &&
	    lock.state == DOCKER_LOCK_NO_DB && access(db, F_OK) == -1,
	    "it can be put aside");
	ok(volume_identity_write(&root, &lock, &entry, 1, &err) == 0 &&
	    lock.state == DOCKER_LOCK_HELD, "and begun anew");
	lock.replaced_ms = 0;
	docker_root_unlock(&lock);
	docker_root_close(&root);
	volume_identity_release(&id);
	free(db);
}

static void
test_broken_db_is_no_obstacle(void)
{
	struct docker_root root;
	struct volume_set *set;
	struct volume v;
	struct err err;

	scratch_put(base, "r/volumes/metadata.db", "broken");
	(void)open_root("r", &root);
	set = volume_set_open(&root, &err);
	ok(set != NULL && volume_set_problem(set) != NULL,
	    "a broken metadata.db is told: %s", volume_set_problem(set));
	ok(volume_read(set, "a", &v, &err) == 0 && !v.is_recorded &&
	    strcmp(v.identity.driver, "local") == 0, "volumes are read");
	volume_release(&v);
	volume_set_free(set);
	docker_root_close(&root);
}

int
main(void)
{
	test_names();
	if (!scratch_make(base)) {
		skip("no temporary folder");
		return done();
	}
	test_set();
	test_elsewhere();
	test_broken_opts();
	test_from_options();
	test_write();
	test_write_refuses();
	test_broken_db_is_no_obstacle();
	ok(scratch_remove(base), "cleaned up");
	return done();
}
