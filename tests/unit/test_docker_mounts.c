/* SPDX-License-Identifier: BSD-2-Clause */
/* docker/mounts: tables as the kernel writes them, and as nobody should. */
#include "docker/mounts.h"
#include "harness.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/err.h"
#include "io/io.h"

static const char table[] =
    "22 27 0:21 / /proc rw,relatime - proc proc rw\n"
    "27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n"
    "30 27 8:17 /@ /var/lib/docker ro,noatime master:2 shared:9 - btrfs x rw\n"
    "31 30 0:50 / /var/lib/docker/volumes/a\\040b/_data rw - tmpfs t rw\n"
    "33 27 254:0 /v/\\134old//deleted /mnt\\011x rw - ext4 /dev/vda rw\n"
    "34 27 254:0 / /over rw - ext4 /dev/vda rw\n"
    "35 34 0:51 / /over rw - tmpfs t rw\n";

static void
test_parse(void)
{
	struct mounts m;
	struct err err;

	if (!ok(mounts_parse(table, strlen(table), &m, &err) == 0, "parsed"))
		return;
	is_u64(m.count, 7, "every line");
	ok(m.list[2].id == 30 && m.list[2].parent == 27 &&
	    m.list[2].major == 8 && m.list[2].minor == 17, "numbers");
	is_str(m.list[2].root, "/@", "root");
	is_str(m.list[2].type, "btrfs", "type after two optional fields");
	ok(m.list[2].is_read_only && !m.list[1].is_read_only, "ro and rw");
	is_str(m.list[3].point, "/var/lib/docker/volumes/a b/_data",
	    "a space in the mount point");
	is_str(m.list[4].point, "/mnt\tx", "a tab");
	is_str(m.list[4].root, "/v/\\old//deleted", "a backslash in the root");
	mounts_release(&m);
}

static void
test_find(void)
{
	struct mounts m;
	struct err err;

	if (mounts_parse(table, strlen(table), &m, &err) == -1)
		return;
	is_u64(mounts_of_path(&m, "/var/lib/docker/volumes/x")->id, 30,
	    "the longest mount point counts");
	is_u64(mounts_of_path(&m, "/var/lib/dockerish")->id, 27,
	    "but only whole names");
	is_u64(mounts_of_path(&m, "/")->id, 27, "the root itself");
	is_u64(mounts_of_path(&m, "/over/x")->id, 35, "the last one covers");
	is_u64(mounts_at(&m, "/over")->id, 35, "also by its point");
	ok(mounts_at(&m, "/var/lib/docker/volumes") == NULL, "no mount point");
	ok(mounts_by_id(&m, 33) == &m.list[4] && mounts_by_id(&m, 5) == NULL,
	    "by id");
	mounts_release(&m);
}

static void
test_below(void)
{
	is_str(mounts_below("/a/b", "/a"), "/b", "below");
	is_str(mounts_below("/a", "/a"), "", "the folder itself");
	is_str(mounts_below("/a/b", "/"), "/a/b", "below the root");
	is_str(mounts_below("/", "/"), "", "the root itself");
	ok(mounts_below("/ab", "/a") == NULL, "half a name is none");
	ok(mounts_below("/", "/a") == NULL, "above is not below");
	is_str(mounts_below("/a//deleted", "/a"), "//deleted",
	    "what the kernel says of a removed folder");
}

static void
refused(const char *text, const char *name)
{
	struct mounts m;
	struct err err;

	ok(mounts_parse(text, strlen(text), &m, &err) == -1 &&
	    err.class == ERR_DAMAGED, "refused: %s", name);
}

static void
test_refuse(void)
{
	struct mounts m;
	struct err err;

	refused("27 1 254:0 / / rw - ext4 /dev/vda rw", "no end of line");
	refused("27 1 254:0 / / rw -\n", "no type");
	refused("27 1 254:0 / / rw shared:1 ext4 x rw\n", "no dash");
	refused("27 1 254 / / rw - ext4 x rw\n", "no minor number");
	refused("27 -1 254:0 / / rw - ext4 x rw\n", "a negative parent");
	refused("99999999999999999999 1 2:0 / / rw - e x rw\n", "a huge id");
	refused("\n", "an empty line");
	ok(mounts_parse("", 0, &m, &err) == 0 && m.count == 0,
	    "an empty table is one");
	mounts_release(&m);
}

static void
test_read_our_own(void)
{
	int proc_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct mounts m;
	struct err err;

	err_clear(&err);
	ok(mounts_read(proc_fd, "self", &m, &err) == 0 && m.count > 0 &&
	    mounts_of_path(&m, "/proc/self") != NULL, "our own table %s",
	    err.text);
	mounts_release(&m);
	ok(mounts_read(proc_fd, "0", &m, &err) == -1 &&
	    strstr(err.text, "/proc/0/mountinfo") != NULL,
	    "of a process that is not there: %s", err.text);
	(void)close(proc_fd);
}

int
main(void)
{
	test_parse();
	test_find();
	test_below();
	test_refuse();
	test_read_our_own();
	return done();
}
