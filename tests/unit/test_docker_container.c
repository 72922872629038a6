/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * docker/container: records by hand, and (where the machine has them) those
 * of real containers.
 */
#include "docker/container.h"
#include "harness.h"
#include "scratch.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"

#define ID \
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER_ID \
    "ff23456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const char config[] = "{\"ID\":\"" ID "\",\"Name\":\"/web\","
    "\"Created\":\"2026-11-21T04:29:17Z\",\"Image\":\"sha256:77\","
    "\"State\":{\"Running\":true,\"Paused\":false,\"Restarting\":null},"
    "\"Config\":{\"Image\":\"bb:1\",\"Labels\":{\"k\":\"v\"},"
    "\"Healthcheck\":{\"Test\":[\"CMD\",\"true\"]}},"
    "\"MountPoints\":{"
    "\"/z\":{\"Type\":\"volume\",\"Name\":\"db\",\"Driver\":\"local\","
    "\"Source\":\"\",\"Destination\":\"/z\",\"RW\":true},"
    "\"/b\":{\"Type\":\"bind\",\"Source\":\"/mnt/old/volumes/x/_data/sub\","
    "\"Destination\":\"/b\",\"RW\":false,\"Name\":\"\"}}}";
static const char host[] = "{\"AutoRemove\":true,"
    "\"RestartPolicy\":{\"Name\":\"always\",\"MaximumRetryCount\":0}}";

static void
test_parse(void)
{
	struct container c;
	struct err err;

	if (!ok(container_parse(config, strlen(config), host, strlen(host), &c,
	    &err) == 0, "parsed"))
		return;
	is_str(c.id, ID, "id");
	is_str(c.name, "web", "name, without its slash");
	is_str(c.image, "bb:1", "image as asked for");
	is_str(c.image_id, "sha256:77", "image id");
	is_str(pairs_get(&c.labels, "k"), "v", "label");
	ok(c.is_running && !c.is_paused && !c.is_restarting, "state");
	ok(c.has_healthcheck && c.auto_remove, "healthcheck and --rm");
	is_str(c.restart_policy, "always", "restart policy");
	is_u64(c.mount_count, 2, "mounts");
	is_str(c.mounts[0].destination, "/b", "sorted by destination");
	ok(!c.mounts[0].is_writable && c.mounts[1].is_writable, "ro and rw");
	ok(container_uses_volume(&c, "db"), "uses it by name");
	ok(container_uses_volume(&c, "x"), "uses it by path");
	ok(!container_uses_volume(&c, "xy") && !container_uses_volume(&c, "d"),
	    "not by half a name");
	container_release(&c);
	ok(container_parse(config, strlen(config), NULL, 0, &c, &err) == 0 &&
	    !c.auto_remove && strcmp(c.restart_policy, "") == 0,
	    "without hostconfig.json");
	container_release(&c);
}

static void
test_inspect(void)
{
	static const char text[] = "{\"Id\":\"" ID "\",\"Name\":\"/web\","
	    "\"State\":{\"Running\":true},\"Config\":{\"Image\":\"bb:1\"},"
	    "\"HostConfig\":{\"AutoRemove\":true},\"Mounts\":["
	    "{\"Type\":\"volume\",\"Name\":\"db\",\"Destination\":\"/z\","
	    "\"RW\":true},{\"Type\":\"bind\",\"Source\":\"/s\","
	    "\"Destination\":\"/b\"}]}";
	static const char *const bad[] = { "", "[]", "{}", "{\"Id\":7}",
	    "{\"Id\":\"x\",\"Mounts\":[7]}" };
	struct container c;
	struct err err;
	size_t i;

	if (!ok(container_inspect_parse(text, strlen(text), &c, &err) == 0,
	    "the engine's answer"))
		return;
	is_str(c.name, "web", "its name, without the slash");
	is_str(c.image, "bb:1", "its image");
	ok(c.is_running && c.auto_remove, "its state");
	is_u64(c.mount_count, 2, "its mounts");
	is_str(c.mounts[0].source, "/s", "sorted by destination");
	container_release(&c);
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ok(container_inspect_parse(bad[i], strlen(bad[i]), &c,
		    &err) == -1 && err.class == ERR_DAMAGED, "refused: %s",
		    bad[i]);
}

static void
refused(const char *text, const char *host_text, const char *name)
{
	struct container c;
	struct err err;

	ok(container_parse(text, strlen(text), host_text,
	    host_text == NULL ? 0 : strlen(host_text), &c, &err) == -1 &&
	    err.class == ERR_DAMAGED, "refused, %s: %s", name, err.text);
}

static void
test_refuse(void)
{
	refused("", NULL, "nothing");
	refused("[]", NULL, "an array");
	refused("{}", NULL, "no id");
	refused("{\"ID\":\"x\",\"ID\":\"y\"}", NULL, "an id twice");
	refused("{\"ID\":7}", NULL, "an id that is a number");
	refused("{\"ID\":\"x\"}\n{", NULL, "something behind it");
	refused("{\"ID\":\"x\",\"Name\":\"\xff\"}", NULL, "no UTF-8");
	refused("{\"ID\":\"x\",\"Name\":\"a\\u0000b\"}", NULL, "a NUL");
	refused("{\"ID\":\"x\",\"State\":[]}", NULL, "state is an array");
	refused("{\"ID\":\"x\",\"Config\":{\"Labels\":{\"a\":1}}}", NULL,
	    "a label that is a number");
	refused("{\"ID\":\"x\",\"MountPoints\":{\"/a\":null}}", NULL,
	    "a mount that is null");
	refused("{\"ID\":\"x\",\"MountPoints\":{\"/a\":{\"RW\":1}}}", NULL,
	    "RW is a number");
	refused("{\"ID\":\"x\"}", "{\"AutoRemove\":\"yes\"}",
	    "AutoRemove is text");
	refused("{\"ID\":\"x\"}", "", "an empty hostconfig.json");
}

/* ------------------------------------------------------------ on the disk */

struct seen {
	unsigned found;
	unsigned skipped;
	char name[64];
	char why[256];
};

static int
see(void *ctx, const struct container *c, struct err *err)
{
	struct seen *seen = ctx;

	(void)err;
	seen->found++;
	(void)snprintf(seen->name, sizeof seen->name, "%.63s", c->name);
	return 0;
}

static void
see_skipped(void *ctx, const char *id, const struct err *why)
{
	struct seen *seen = ctx;

	(void)id;
	seen->skipped++;
	(void)snprintf(seen->why, sizeof seen->why, "%.255s", why->text);
}

static void
test_each(void)
{
	char dir[SCRATCH_MAX];
	struct seen seen = { 0, 0, "", "" };
	const struct container_visitor visitor = { &seen, see, see_skipped };
	struct container c;
	struct err err;
	int fd;

	if (!scratch_make(dir)) {
		skip("no temporary folder");
		return;
	}
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	scratch_put(dir, ID "/config.v2.json", config);
	scratch_put(dir, OTHER_ID "/config.v2.json", config);
	scratch_put(dir, "stray/config.v2.json", config);
	ok(container_each(fd, &visitor, &err) == 0 && seen.found == 1 &&
	    strcmp(seen.name, "web") == 0, "one good record");
	ok(seen.skipped == 1 && strstr(seen.why, "another container's"),
	    "one that lies, skipped with a note: %s", seen.why);
	ok(container_read(fd, "nobody", &c, &err) == -1 &&
	    err.class == ERR_NOT_FOUND, "none of that id: %s", err.text);
	(void)close(fd);
	ok(scratch_remove(dir), "cleaned up");
}

/* --------------------------------------------------------- real containers */

static void
test_real(const char *which, unsigned running)
{
	const char *data = getenv("DRYDOCK_TEST_DATA");
	char *path = mem_format("%s/%s/containers",
	    data == NULL ? "../shared/data" : data, which);
	struct seen seen = { 0, 0, "", "" };
	const struct container_visitor visitor = { &seen, see, see_skipped };
	struct err err;
	unsigned runs = 0;
	struct dirent *d;
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = opendir(path);

	free(path);
	if (fd == -1 || dir == NULL) {
		skip("the records of real containers are not here "
		    "($DRYDOCK_TEST_DATA)");
		if (dir != NULL)
			closedir(dir);
		return;
	}
	ok(container_each(fd, &visitor, &err) == 0 && seen.found == 16 &&
	    seen.skipped == 0, "%s: 16 records, none skipped: %u, %s", which,
	    seen.found, seen.why);
	while ((d = readdir(dir)) != NULL) {
		struct container c;

		if (d->d_name[0] == '.' ||
		    container_read(fd, d->d_name, &c, &err) == -1)
			continue;
		runs += c.is_running;
		container_release(&c);
	}
	is_u64(runs, running, "%s: running when last recorded", which);
	closedir(dir);
	(void)close(fd);
}

int
main(void)
{
	test_parse();
	test_inspect();
	test_refuse();
	test_each();
	test_real("docker-root-20.10.24", 0);
	test_real("docker-root-20.10.24-crash", 4);
	return done();
}
