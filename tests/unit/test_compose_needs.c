/* SPDX-License-Identifier: BSD-2-Clause */
/* What a project needs: merged, sorted, looked at, and asked about. */
#include "compose/needs.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "compose/project.h"
#include "harness.h"

static char scratch[] = "/tmp/drydock-needs-XXXXXX";

static const struct need *
find(const struct needs *needs, enum need_kind kind, const char *what)
{
	size_t i;

	for (i = 0; i < needs->count; i++)
		if (needs->list[i].kind == kind &&
		    strcmp(needs->list[i].what, what) == 0)
			return &needs->list[i];
	return NULL;
}

static void
test_merging(void)
{
	static const struct needs_host nobody = { NULL, NULL, NULL, NULL };
	struct needs needs = NEEDS_EMPTY;
	const struct need *n;
	char name[16];
	int i;

	/* Past several doublings, added backwards, all of them twice. */
	for (i = 99; i >= 0; i--) {
		snprintf(name, sizeof name, "img%02d", i);
		needs_add(&needs, NEED_IMAGE, name, "web", false);
		needs_add(&needs, NEED_IMAGE, name, i % 2 ? "web" : "api",
		    i == 42);
	}
	needs_add(&needs, NEED_VOLUME, "img00", NULL, true);
	needs_look(&needs, &nobody);
	is_u64(needs.count, 101, "the same thing is needed once");
	ok(needs.list[0].kind == NEED_VOLUME, "sorted by kind");
	is_str(needs.list[1].what, "img00", "then by name");
	n = find(&needs, NEED_IMAGE, "img42");
	ok(n != NULL && n->is_required, "required by one is required");
	ok(n != NULL && n->service_count == 2 &&
	    strcmp(n->services[0], "api") == 0, "by two services, sorted");
	n = find(&needs, NEED_IMAGE, "img43");
	ok(n != NULL && n->service_count == 1, "not twice by the same");
	ok(n != NULL && n->state == NEED_UNKNOWN, "nobody to ask: unknown");
	/* And more can be added to a list that was looked at. */
	for (i = 0; i < 40; i++)
		needs_add(&needs, NEED_IMAGE, "again", NULL, false);
	needs_look(&needs, &nobody);
	is_u64(needs.count, 102, "a list can grow later");
	needs_release(&needs);
	needs_release(&needs);
	ok(needs.count == 0, "released, twice");
}

static char *
at(const char *name)
{
	return mem_format("%s/%s", scratch, name);
}

static void
state_is(enum need_kind kind, const char *name, bool silently,
    enum need_state want)
{
	static const struct needs_host nobody = { NULL, NULL, NULL, NULL };
	struct needs needs = NEEDS_EMPTY;
	char *path = at(name);

	needs_add(&needs, kind, path, NULL, true);
	needs.list[0].is_made_silently = silently;
	needs_look(&needs, &nobody);
	is_str(need_state_name(needs.list[0].state), need_state_name(want),
	    "%s %s", need_kind_name(kind), name);
	if (silently && want == NEED_MISSING)
		ok(strstr(needs.list[0].note, "Docker would") != NULL,
		    "%s: and what Docker would do", name);
	needs_release(&needs);
	free(path);
}

static void
make_file(const char *name)
{
	char *path = at(name);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	ok(fd != -1 && close(fd) == 0, "made %s", name);
	free(path);
}

static void
make_dir(const char *name)
{
	char *path = at(name);

	ok(mkdir(path, 0700) == 0, "made %s", name);
	free(path);
}

static void
test_paths(void)
{
	make_file("file");
	make_dir("dir");
	make_dir("empty.conf");
	make_dir("conf.d");
	make_dir("v1.2");
	make_dir(".ssh");
	make_dir("full.yml");
	make_file("full.yml/x");
	state_is(NEED_BIND, "file", true, NEED_PRESENT);
	state_is(NEED_BIND, "dir", true, NEED_PRESENT);
	state_is(NEED_BIND, "none", true, NEED_MISSING);
	state_is(NEED_BIND, "none.conf", true, NEED_MISSING);
	state_is(NEED_BIND, "none", false, NEED_MISSING);
	state_is(NEED_BIND, "empty.conf", true, NEED_WRONG_KIND);
	state_is(NEED_BIND, "conf.d", true, NEED_PRESENT);
	state_is(NEED_BIND, "v1.2", true, NEED_PRESENT);
	state_is(NEED_BIND, ".ssh", true, NEED_PRESENT);
	state_is(NEED_BIND, "full.yml", true, NEED_PRESENT);
	state_is(NEED_BIND, "file/below", true, NEED_MISSING);
	state_is(NEED_ENV_FILE, "file", false, NEED_PRESENT);
	state_is(NEED_ENV_FILE, "dir", false, NEED_WRONG_KIND);
	state_is(NEED_SECRET, "dir", false, NEED_WRONG_KIND);
	state_is(NEED_CONFIG, "none", false, NEED_MISSING);
	state_is(NEED_BUILD, "dir", false, NEED_PRESENT);
	state_is(NEED_BUILD, "file", false, NEED_WRONG_KIND);
	state_is(NEED_VOLUME_DIR, "file", false, NEED_WRONG_KIND);
	state_is(NEED_DEVICE, "file", false, NEED_WRONG_KIND);
	state_is(NEED_DEVICE, "../../dev/null", false, NEED_PRESENT);
}

static const char *const project_text =
	"name: p\n"
	"services:\n"
	"  a:\n"
	"    build: {context: ., dockerfile_inline: FROM x}\n"
	"    volumes: [data:/d, cache:/c, './src:/s']\n"
	"  b: {image: 'b:1', build: ., profiles: [more], secrets: [s]}\n"
	"volumes:\n"
	"  data: {name: real}\n"
	"  cache: {driver: local, driver_opts: {type: none, o: bind,"
	" device: /nowhere/cache}}\n"
	"  unused: {}\n"
	"secrets: {s: {environment: DRYDOCK_NO_SUCH}}\n";

static enum need_state
know_real(void *ctx, const char *name)
{
	(void)ctx;
	return strcmp(name, "real") == 0 ? NEED_PRESENT : NEED_MISSING;
}

static struct compose_project *
load(const char *path)
{
	const char *const files[] = { path };
	const struct compose_options options = { .files = files,
	    .file_count = 1 };
	struct compose_project *project = NULL;
	struct err err;
	FILE *f = fopen(path, "w");

	if (f == NULL || fputs(project_text, f) == EOF || fclose(f) != 0)
		return NULL;
	if (compose_load(&options, &project, &err) == -1)
		printf("# %s\n", err.text);
	return project;
}

static void
test_project(void)
{
	const struct needs_host host = { .volume = know_real };
	char *path = at("compose.yaml"), *dockerfile = at("Dockerfile");
	struct compose_project *project = load(path);
	struct needs needs = NEEDS_EMPTY;
	const struct need *n;

	if (!ok(project != NULL, "a project"))
		goto out;
	needs_of_project(project, false, &host, &needs);
	n = find(&needs, NEED_PROJECT_FILE, path);
	ok(n != NULL && n->state == NEED_PRESENT, "its own file");
	n = find(&needs, NEED_VOLUME, "real");
	ok(n != NULL && n->state == NEED_PRESENT && !n->is_required,
	    "a volume by its real name");
	n = find(&needs, NEED_VOLUME, "p_cache");
	ok(n != NULL && n->state == NEED_MISSING, "one that is not there");
	n = find(&needs, NEED_VOLUME_DIR, "/nowhere/cache");
	ok(n != NULL && n->state == NEED_MISSING && n->is_required,
	    "and the folder that it binds");
	ok(find(&needs, NEED_DOCKERFILE, dockerfile) == NULL,
	    "no Dockerfile for one that stands in the file");
	n = find(&needs, NEED_BUILD, scratch);
	ok(n != NULL && n->is_required && n->service_count == 1,
	    "the build context of a");
	ok(find(&needs, NEED_VARIABLE, "DRYDOCK_NO_SUCH") == NULL &&
	    find(&needs, NEED_VOLUME, "p_unused") == NULL,
	    "nothing of what is not enabled");
	needs_release(&needs);

	needs_of_project(project, true, &host, &needs);
	n = find(&needs, NEED_VARIABLE, "DRYDOCK_NO_SUCH");
	ok(n != NULL && n->state == NEED_MISSING && n->service_count == 1,
	    "all services: the variable of b's secret");
	ok(find(&needs, NEED_VOLUME, "p_unused") != NULL,
	    "all services: what nobody uses");
	n = find(&needs, NEED_IMAGE, "b:1");
	ok(n != NULL && !n->is_required, "an image that can be built");
	n = find(&needs, NEED_DOCKERFILE, dockerfile);
	ok(n != NULL && !n->is_required && n->state == NEED_MISSING,
	    "its Dockerfile, unless it is at hand");
	needs_release(&needs);
out:
	compose_free(project);
	free(path);
	free(dockerfile);
}

static void
clean(void)
{
	char *command = mem_format("rm -rf %s", scratch);

	ok(system(command) == 0, "cleaned up");
	free(command);
}

int
main(void)
{
	if (!ok(mkdtemp(scratch) != NULL, "a folder"))
		return done();
	test_merging();
	test_paths();
	test_project();
	clean();
	return done();
}
