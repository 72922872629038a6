/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The library's docker/ modules as commands, for test_engine.sh:
 *
 *	docker_driver root DIR
 *	docker_driver lock DIR [COMMAND...]	run while the lock is held
 *	docker_driver list DIR
 *	docker_driver record DIR VOLUME [label.K=V | opt.K=V | keep-hash]...
 *	docker_driver record-many DIR COUNT	volumes many-<i>, label n=<i>
 *	docker_driver discard DIR
 *	docker_driver containers DIR
 *	docker_driver users DIR VOLUME [SOCKET]
 *	docker_driver engine SOCKET
 *	docker_driver inspect SOCKET VOLUME
 *	docker_driver create SOCKET VOLUME [label.K=V | opt.K=V]...
 *	docker_driver remove SOCKET VOLUME
 *
 * Results are lines on stdout; an error is one line on stderr, status 1.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "docker/container.h"
#include "docker/engine.h"
#include "docker/root.h"
#include "docker/users.h"
#include "docker/volume.h"

static int
open_root(const char *dir, struct docker_root *root, struct err *err)
{
	const struct docker_places places = { .given = dir };

	return docker_root_open(&places, root, err);
}

static const char *
lock_name(enum docker_lock_state state)
{
	switch (state) {
	case DOCKER_LOCK_NONE: return "none";
	case DOCKER_LOCK_HELD: return "held";
	case DOCKER_LOCK_DAEMON: return "daemon";
	case DOCKER_LOCK_NO_DB: return "no-db";
	}
	return "?";
}

static void
print_pairs(const char *what, const struct pairs *pairs)
{
	size_t i;

	for (i = 0; i < pairs->count; i++)
		printf(" %s.%s=%s", what, pairs->items[i].key,
		    pairs->items[i].value);
}

/* "label.K=V" and "opt.K=V" into identity. */
static void
parse_words(char **words, struct volume_identity *identity)
{
	for (; *words != NULL; words++) {
		struct pairs *pairs = strncmp(*words, "label.", 6) == 0 ?
		    &identity->labels : &identity->options;
		char *key = strchr(*words, '.'), *value = strchr(*words, '=');

		if (key == NULL || value == NULL)
			continue;
		*value = '\0';
		pairs_put(pairs, key + 1, value + 1);
	}
}

static int
do_root(char **argv, struct err *err)
{
	struct docker_root root;

	if (open_root(argv[0], &root, err) == -1)
		return -1;
	printf("%s\n%s\n%s\n", docker_layout_name(root.layout), root.path,
	    root.volumes_path);
	docker_root_close(&root);
	return 0;
}

static int
run(char **argv, struct err *err)
{
	pid_t pid;
	int status;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		execvp(argv[0], argv);
		_exit(127);
	}
	if (pid == -1 || waitpid(pid, &status, 0) != pid ||
	    !WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return err_set(err, ERR_IO, 0, "the command failed");
	return 0;
}

static int
do_lock(char **argv, struct err *err)
{
	struct docker_root root;
	struct docker_lock lock;
	int ret;

	if (open_root(argv[0], &root, err) == -1)
		return -1;
	ret = docker_root_lock(&root, &lock, err);
	if (ret == 0)
		printf("%s\n", lock_name(lock.state));
	if (ret == 0 && argv[1] != NULL)
		ret = run(argv + 1, err);
	docker_root_unlock(&lock);
	docker_root_close(&root);
	return ret;
}

static int
print_volume(const struct volume_set *set, size_t i, struct err *err)
{
	struct volume v;

	if (volume_read(set, volume_set_name(set, i), &v, err) == -1) {
		printf("%s ERROR %s\n", volume_set_name(set, i), err->text);
		return 0;
	}
	printf("%s data=%d recorded=%d anonymous=%d mounted=%d driver=%s",
	    v.name, v.has_data, v.is_recorded, v.is_anonymous, v.is_mounted,
	    v.identity.driver);
	print_pairs("label", &v.identity.labels);
	print_pairs("opt", &v.identity.options);
	if (v.data_elsewhere != NULL)
		printf(" elsewhere=%s", v.data_elsewhere);
	printf("\n");
	volume_release(&v);
	return 0;
}

static int
do_list(char **argv, struct err *err)
{
	struct docker_root root;
	struct volume_set *set;
	size_t i;

	if (open_root(argv[0], &root, err) == -1)
		return -1;
	set = volume_set_open(&root, err);
	if (set == NULL)
		return -1;
	if (volume_set_problem(set) != NULL)
		printf("PROBLEM %s\n", volume_set_problem(set));
	for (i = 0; i < volume_set_count(set); i++)
		(void)print_volume(set, i, err);
	volume_set_free(set);
	docker_root_close(&root);
	return 0;
}

static int
record(const char *dir, const struct volume_entry *entries, size_t count,
    struct err *err)
{
	struct docker_root root;
	struct docker_lock lock;
	int ret;

	if (open_root(dir, &root, err) == -1)
		return -1;
	ret = docker_root_lock(&root, &lock, err);
	if (ret == 0)
		ret = volume_identity_write(&root, &lock, entries, count, err);
	docker_root_unlock(&lock);
	docker_root_close(&root);
	return ret;
}

static int
do_record(char **argv, struct err *err)
{
	struct volume_identity identity;
	const struct volume_entry entry = { argv[1], &identity };
	char **word;
	bool keeps = false;
	int ret;

	volume_identity_init(&identity);
	for (word = argv + 2; *word != NULL; word++)
		keeps = keeps || strcmp(*word, "keep-hash") == 0;
	parse_words(argv + 2, &identity);
	if (!keeps)
		(void)volume_identity_drop_hash(&identity);
	ret = volume_identity_from_options(&identity, err);
	if (ret == 0)
		ret = record(argv[0], &entry, 1, err);
	volume_identity_release(&identity);
	return ret;
}

static int
do_record_many(char **argv, struct err *err)
{
	size_t count = (size_t)atoi(argv[1]), i;
	struct volume_identity *ids = mem_zero(count, sizeof *ids);
	struct volume_entry *entries = mem_zero(count, sizeof *entries);
	int ret;

	for (i = 0; i < count; i++) {
		char *text = mem_format("%zu", i);

		volume_identity_init(&ids[i]);
		pairs_put(&ids[i].labels, "n", text);
		free(text);
		entries[i].name = mem_format("many-%zu", i);
		entries[i].identity = &ids[i];
	}
	ret = record(argv[0], entries, count, err);
	for (i = 0; i < count; i++) {
		volume_identity_release(&ids[i]);
		free((void *)(uintptr_t)entries[i].name);
	}
	free(ids);
	free(entries);
	return ret;
}

static int
do_discard(char **argv, struct err *err)
{
	struct docker_root root;
	struct docker_lock lock;
	int ret;

	if (open_root(argv[0], &root, err) == -1)
		return -1;
	ret = docker_root_lock(&root, &lock, err);
	if (ret == 0)
		ret = volume_db_discard(&root, &lock, err);
	docker_root_unlock(&lock);
	docker_root_close(&root);
	return ret;
}

static int
print_container(void *ctx, const struct container *c, struct err *err)
{
	size_t i;

	(void)ctx;
	(void)err;
	printf("%.12s %s image=%s running=%d paused=%d rm=%d", c->id, c->name,
	    c->image, c->is_running, c->is_paused, c->auto_remove);
	for (i = 0; i < c->mount_count; i++)
		printf(" %s:%s:%s:%s", c->mounts[i].type, c->mounts[i].name,
		    c->mounts[i].destination,
		    c->mounts[i].is_writable ? "rw" : "ro");
	printf("\n");
	return 0;
}

static int
do_containers(char **argv, struct err *err)
{
	const struct container_visitor visitor = { NULL, print_container,
	    NULL };
	struct docker_root root;
	int ret;

	if (open_root(argv[0], &root, err) == -1)
		return -1;
	ret = container_each(root.containers_fd, &visitor, err);
	docker_root_close(&root);
	return ret;
}

static void
print_users(const struct volume_users *users)
{
	static const char *const verdicts[] = { "FREE", "IN_USE", "UNKNOWN" };
	size_t i;

	printf("%s %s\n", verdicts[users->verdict], users->why);
	for (i = 0; i < users->count; i++) {
		const struct volume_user *u = &users->list[i];

		printf("%s: pid=%ld comm=%s id=%.12s name=%s path=%s%s\n",
		    volume_user_kind_name(u->kind), (long)u->pid, u->comm,
		    u->container_id, u->container_name, u->path,
		    u->is_read_only ? " ro" : "");
	}
}

static int
do_users(char **argv, struct err *err)
{
	struct engine *engine = NULL;
	enum engine_presence presence;
	struct volume_users users;
	struct docker_root root;
	int ret;

	if (open_root(argv[0], &root, err) == -1)
		return -1;
	if (argv[2] != NULL &&
	    engine_open(argv[2], &engine, &presence, err) == -1)
		return -1;
	ret = volume_users_find(&root, argv[1], engine, &users, err);
	if (ret == 0) {
		print_users(&users);
		volume_users_release(&users);
	}
	engine_close(engine);
	docker_root_close(&root);
	return ret;
}

static int
open_engine(const char *where, struct engine **engine, struct err *err)
{
	static const char *const names[] = { "absent", "refused", "answers" };
	enum engine_presence presence;
	int ret = engine_open(where, engine, &presence, err);

	printf("%s\n", names[presence]);
	return ret;
}

static int
do_engine(char **argv, struct err *err)
{
	char *version = NULL, *data_root = NULL;
	struct engine *engine;
	int ret;

	if (open_engine(argv[0], &engine, err) == -1)
		return -1;
	ret = engine_version(engine, &version, err);
	if (ret == 0)
		ret = engine_data_root(engine, &data_root, err);
	if (ret == 0)
		printf("%s\n%s\n%s\n", engine_api(engine), version, data_root);
	free(version);
	free(data_root);
	engine_close(engine);
	return ret;
}

static int
do_inspect(char **argv, struct err *err)
{
	struct engine_volume v;
	struct engine *engine;
	int ret;

	if (open_engine(argv[0], &engine, err) == -1)
		return -1;
	ret = engine_volume_inspect(engine, argv[1], &v, err);
	if (ret == 0) {
		printf("driver=%s", v.driver);
		print_pairs("label", &v.labels);
		print_pairs("opt", &v.options);
		printf("\n");
		engine_volume_release(&v);
	}
	engine_close(engine);
	return ret;
}

static int
do_create(char **argv, struct err *err)
{
	static const char *const names[] = { "created", "existed", "differs" };
	struct volume_identity identity;
	enum engine_created how;
	struct engine *engine;
	int ret;

	if (open_engine(argv[0], &engine, err) == -1)
		return -1;
	volume_identity_init(&identity);
	parse_words(argv + 2, &identity);
	ret = engine_volume_create(engine, argv[1], identity.driver,
	    &identity.labels, &identity.options, &how, err);
	if (ret == 0)
		printf("%s\n", names[how]);
	volume_identity_release(&identity);
	engine_close(engine);
	return ret;
}

static int
do_remove(char **argv, struct err *err)
{
	struct engine *engine;
	int ret;

	if (open_engine(argv[0], &engine, err) == -1)
		return -1;
	ret = engine_volume_remove(engine, argv[1], err);
	engine_close(engine);
	return ret;
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int words;
		int (*run)(char **argv, struct err *err);
	} verbs[] = {
		{ "root", 1, do_root },
		{ "lock", 1, do_lock },
		{ "list", 1, do_list },
		{ "record", 2, do_record },
		{ "record-many", 2, do_record_many },
		{ "discard", 1, do_discard },
		{ "containers", 1, do_containers },
		{ "users", 2, do_users },
		{ "engine", 1, do_engine },
		{ "inspect", 2, do_inspect },
		{ "create", 2, do_create },
		{ "remove", 2, do_remove },
	};
	struct err err;
	size_t i;

	err_clear(&err);
	for (i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
		if (argc >= 2 && strcmp(argv[1], verbs[i].name) == 0 &&
		    argc - 2 >= verbs[i].words) {
			if (verbs[i].run(argv + 2, &err) == 0)
				return fflush(stdout) == 0 ? 0 : 1;
			fflush(stdout);
			fprintf(stderr, "%s: %s\n",
			    err_class_name(err.class), err.text);
			return 1;
		}
	fprintf(stderr, "docker_driver: see the top of its source\n");
	return 2;
}
