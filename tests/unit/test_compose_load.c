/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Loading whole projects: which files, which variables, which name, what
 * merges how, and what is refused with which words.
 */
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/pairs.h"
#include "compose/project.h"
#include "compose/yaml.h"
#include "harness.h"
#include "scratch.h"

/* A folder of files and what came of loading it. */
struct trial {
	char dir[SCRATCH_MAX];
	struct pairs env;
	struct buf warnings;
	struct compose_project *project;
	struct err err;
};

static void
begin(struct trial *t)
{
	*t = (struct trial){ .project = NULL };
	ok(scratch_make(t->dir), "a folder");
}

static void
put(struct trial *t, const char *name, const char *text)
{
	if (!scratch_put(t->dir, name, text))
		ok(false, "cannot write %s", name);
}

static void
note(void *context, const char *text)
{
	struct trial *t = context;

	buf_printf(&t->warnings, "%s\n", text);
}

static int
load_with(struct trial *t, struct compose_options *options)
{
	options->environment = &t->env;
	options->warn = note;
	options->warn_context = t;
	err_clear(&t->err);
	buf_cut(&t->warnings, 0);
	compose_free(t->project);
	t->project = NULL;
	return compose_load(options, &t->project, &t->err);
}

/* The named files, up to two, or what is found in the folder. */
static int
load(struct trial *t, const char *first, const char *second)
{
	struct compose_options options = { .project_directory = t->dir };
	const char *files[2];
	char *paths[2] = { NULL, NULL };
	int ret;

	if (first != NULL)
		files[options.file_count++] = paths[0] = mem_format("%s/%s",
		    t->dir, first);
	if (second != NULL)
		files[options.file_count++] = paths[1] = mem_format("%s/%s",
		    t->dir, second);
	options.files = files;
	ret = load_with(t, &options);
	free(paths[0]);
	free(paths[1]);
	return ret;
}

static void
end(struct trial *t)
{
	compose_free(t->project);
	pairs_release(&t->env);
	buf_release(&t->warnings);
	ok(scratch_remove(t->dir), "the folder goes");
}

/* Load text as compose.yaml. */
static bool
loads(struct trial *t, const char *text, const char *what)
{
	put(t, "compose.yaml", text);
	if (ok(load(t, "compose.yaml", NULL) == 0, "%s: loads", what))
		return true;
	printf("# %s\n", t->err.text);
	return false;
}

/* The text without this folder's path. */
static const char *
error_of(struct trial *t, char out[ERR_TEXT_MAX])
{
	const char *from = t->err.text;
	size_t len = strlen(t->dir);
	size_t at = 0;

	while (*from != '\0' && at + 1 < ERR_TEXT_MAX) {
		if (strncmp(from, t->dir, len) == 0 && from[len] == '/')
			from += len + 1;
		else
			out[at++] = *from++;
	}
	out[at] = '\0';
	return out;
}

static void
refuses(const char *text, enum err_class class, const char *want)
{
	char got[ERR_TEXT_MAX];
	struct trial t;

	begin(&t);
	put(&t, "f", text);
	ok(load(&t, "f", NULL) == -1 && t.err.class == class,
	    "refused as %s", err_class_name(class));
	is_str(error_of(&t, got), want, "and why");
	end(&t);
}

/* What compose_check() says, or "" . */
static void
check_says(const char *text, const char *want)
{
	char got[ERR_TEXT_MAX];
	struct trial t;

	begin(&t);
	if (loads(&t, text, want))
		is_str(compose_check(t.project, &t.err) == 0 ? "" :
		    error_of(&t, got), want, "the check");
	end(&t);
}

static const struct yaml_node *
at(struct trial *t, const char *service, const char *key)
{
	const struct compose_service *s = compose_service(t->project, service);

	return s == NULL ? NULL : yaml_get(s->model, key);
}

static void
is_path(struct trial *t, const char *got, const char *below, const char *what)
{
	char *want = mem_format("%s/%s", t->dir, below);

	is_str(got, want, "%s", what);
	free(want);
}

#define ONE "services: {a: {image: x}}\n"

/* ---- names */

static void
test_project_name(void)
{
	static const char text[] = "name: from-${WHAT:-file}\n" ONE;
	struct compose_options options = { .project_name = "given" };
	char *path;
	struct trial t;

	begin(&t);
	if (loads(&t, text, "name in the file"))
		is_str(t.project->name, "from-file", "is interpolated");
	pairs_put(&t.env, "COMPOSE_PROJECT_NAME", "env");
	if (loads(&t, text, "name in the environment"))
		is_str(t.project->name, "env", "wins over the file");
	path = mem_format("%s/compose.yaml", t.dir);
	options.files = (const char *const[]){ path };
	options.file_count = 1;
	if (ok(load_with(&t, &options) == 0, "a name given"))
		is_str(t.project->name, "given", "wins over both");
	options.project_name = "No_Capitals";
	ok(load_with(&t, &options) == -1 && t.err.class == ERR_USAGE,
	    "a wrong name given");
	is_str(t.err.text, "invalid project name \"No_Capitals\": must consist "
	    "only of lowercase alphanumeric characters, hyphens, and "
	    "underscores as well as start with a letter or number", "why");
	free(path);
	end(&t);
}

static void
test_project_name_of_folder(void)
{
	struct compose_options options = { .file_count = 1 };
	char *path;
	struct trial t;

	begin(&t);
	put(&t, "_My.App (2)/compose.yaml", ONE);
	path = mem_format("%s/_My.App (2)/compose.yaml", t.dir);
	options.files = (const char *const[]){ path };
	if (ok(load_with(&t, &options) == 0, "loads"))
		is_str(t.project->name, "myapp2",
		    "the folder's name, without what Compose minds");
	free(path);
	end(&t);
}

static void
test_project_name_is_a_variable(void)
{
	struct trial t;

	begin(&t);
	if (loads(&t, "name: shop\nservices: {a: {image: "
	    "'${COMPOSE_PROJECT_NAME}/x'}}\n", "COMPOSE_PROJECT_NAME"))
		is_str(compose_service(t.project, "a")->image, "shop/x",
		    "is known in the files");
	end(&t);
}

/* ---- files */

static void
test_default_files(void)
{
	struct compose_options options = { 0 };
	char *path;
	struct trial t;

	begin(&t);
	put(&t, "compose.yml", "services: {a: {image: yml}}\n");
	put(&t, "docker-compose.yml", "services: {a: {image: old}}\n");
	put(&t, "compose.override.yaml", "services: {a: {user: u}}\n");
	put(&t, "sub/dir", NULL);
	path = mem_format("%s/sub/dir", t.dir);
	options.project_directory = path;
	if (ok(load_with(&t, &options) == 0, "found two folders up")) {
		is_str(compose_service(t.project, "a")->image, "yml",
		    "compose.yml before docker-compose.yml");
		is_str(yaml_scalar(at(&t, "a", "user")), "u",
		    "with its override");
		ok(strncmp(buf_text(&t.warnings),
		    "Found multiple config files, using ", 35) == 0,
		    "several are worth a warning");
		is_u64(t.project->main_file_count, 2, "two files");
		is_path(&t, t.project->files[0], "compose.yml", "the first");
	}
	free(path);
	end(&t);
}

static void
test_no_file(void)
{
	struct trial t;

	begin(&t);
	ok(load(&t, "absent.yaml", NULL) == -1 &&
	    t.err.class == ERR_NOT_FOUND, "a file that is not there");
	put(&t, "folder", NULL);
	ok(load(&t, "folder", NULL) == -1 && t.err.class == ERR_DAMAGED &&
	    strstr(t.err.text, "is not a file") != NULL, "a folder");
	end(&t);
	refuses("", ERR_DAMAGED, "empty compose file");
	refuses("--- ~\n---\n", ERR_DAMAGED, "empty compose file");
	refuses("[a]\n", ERR_DAMAGED,
	    "f: line 1: top-level object must be a mapping");
}

static void
test_linked_file(void)
{
	struct trial t;
	char *link;

	begin(&t);
	put(&t, "real.yaml", ONE);
	link = mem_format("%s/compose.yaml", t.dir);
	ok(symlink("real.yaml", link) == 0 && load(&t, NULL, NULL) == 0,
	    "a link to a file is followed");
	free(link);
	end(&t);
}

static void
test_compose_file_variable(void)
{
	struct compose_options options = { 0 };
	struct trial t;

	begin(&t);
	put(&t, "one.yaml", ONE);
	put(&t, "two.yaml", "services: {a: {user: u}, b: {image: y}}\n");
	put(&t, ".env", "COMPOSE_FILE=two.yaml;one.yaml\n"
	    "COMPOSE_PATH_SEPARATOR=;\n");
	options.project_directory = t.dir;
	/* Relative to where we stand, as in Compose. */
	if (ok(chdir(t.dir) == 0 && load_with(&t, &options) == 0,
	    "COMPOSE_FILE from .env")) {
		is_u64(t.project->service_count, 2, "both files");
		is_path(&t, t.project->files[0], "two.yaml", "in its order");
	}
	ok(chdir("/") == 0, "back");
	end(&t);
}

static void
test_file_size_limit(void)
{
	struct buf text = BUF_EMPTY;
	struct trial t;

	begin(&t);
	buf_puts(&text, ONE);
	while (text.len < COMPOSE_FILE_BYTES_MAX)
		buf_byte(&text, '#');
	put(&t, "f", buf_text(&text));
	ok(load(&t, "f", NULL) == 0, "a file of the limit");
	buf_byte(&text, '#');
	put(&t, "f", buf_text(&text));
	ok(load(&t, "f", NULL) == -1 && t.err.class == ERR_LIMIT,
	    "one byte more");
	buf_release(&text);
	end(&t);
}

/* ---- variables */

static void
test_env_files(void)
{
	struct compose_options options = { .file_count = 1,
	    .env_file_count = 2 };
	const char *env_files[2];
	struct trial t;
	char *paths[3];

	begin(&t);
	put(&t, "compose.yaml", "services: {a: {image: '$A-$B-$C'}}\n");
	put(&t, ".env", "A=1\nB=1\nC=1\n");
	put(&t, "one.env", "A=2\nB=2\n");
	put(&t, "two.env", "B=3\n");
	pairs_put(&t.env, "A", "os");
	ok(load(&t, "compose.yaml", NULL) == 0, ".env");
	is_str(compose_service(t.project, "a")->image, "os-1-1",
	    "the environment wins over .env");
	is_u64(t.project->env_file_count, 1, "one file is noted");
	ok(!t.project->env_files[0].is_required, "that nobody named");
	paths[0] = mem_format("%s/compose.yaml", t.dir);
	env_files[0] = paths[1] = mem_format("%s/one.env", t.dir);
	env_files[1] = paths[2] = mem_format("%s/two.env", t.dir);
	options.files = (const char *const *)paths;
	options.env_files = env_files;
	ok(load_with(&t, &options) == 0, "--env-file");
	is_str(compose_service(t.project, "a")->image, "os-3-",
	    "the later one wins; .env is not read");
	is_str(buf_text(&t.warnings), "The \"C\" variable is not set. "
	    "Defaulting to a blank string.\n", "and a warning");
	is_u64(t.project->env_file_count, 2, "both are noted");
	env_files[1] = "/nowhere/at.all";
	ok(load_with(&t, &options) == -1 && t.err.class == ERR_NOT_FOUND,
	    "a named file has to be there");
	free(paths[0]);
	free(paths[1]);
	free(paths[2]);
	end(&t);
}

static void
test_bad_variables(void)
{
	refuses("services:\n  a:\n    image: ${X\n", ERR_DAMAGED, "f: line 3: "
	    "invalid interpolation format for services.a.image. You may need "
	    "to escape any $ with another $. ${X");
	refuses("services:\n  a:\n    command: [x, '${X:?set X}']\n",
	    ERR_DAMAGED, "f: line 3: error while interpolating "
	    "services.a.command[1]: required variable X is missing a value: "
	    "set X");
}

static void
test_values_not_keys_are_interpolated(void)
{
	struct trial t;

	begin(&t);
	pairs_put(&t.env, "K", "v");
	if (loads(&t, "services: {a: {image: x, environment: {$K: $K, "
	    "D: $$K, N: 0440, T: yes}}}\n", "keys")) {
		const struct yaml_node *env = at(&t, "a", "environment");

		is_str(yaml_scalar(yaml_get(env, "$K")), "v", "the value");
		is_str(yaml_scalar(yaml_get(env, "D")), "$K", "an escape");
		is_str(yaml_scalar(yaml_get(env, "N")), "288", "octal");
		is_str(yaml_scalar(yaml_get(env, "T")), "yes", "yes");
	}
	end(&t);
}

/* ---- forms */

static void
is_mount(const struct compose_mount *m, int type, const char *source,
    const char *target)
{
	is_u64(m->type, (uint64_t)type, "type of the mount at %s", target);
	is_str(m->source, source, "source of it");
	is_str(m->target, target, "target of it");
}

static void
test_mounts(void)
{
	static const char text[] =
	    "services: {a: {image: x, volumes: [data:/d, './b/../c:/c:ro,z', "
	    "/abs/./p:/p, ~/h:/h, /anon, a:/drive, "
	    "{type: bind, source: rel, target: /rel}, "
	    "{type: bind, source: /x, target: /x, bind: {propagation: r}}, "
	    "{type: tmpfs, target: /t}, {type: image, source: i, target: /i}]}}"
	    "\nvolumes: {data: }\n";
	const struct compose_mount *m;
	struct trial t;
	char *path;

	begin(&t);
	pairs_put(&t.env, "HOME", "/home/me");
	if (!loads(&t, text, "mounts"))
		goto out;
	m = compose_service(t.project, "a")->mounts;
	is_u64(compose_service(t.project, "a")->mount_count, 10, "ten");
	is_mount(&m[0], COMPOSE_MOUNT_VOLUME, "data", "/d");
	path = mem_format("%s/c", t.dir);
	is_mount(&m[1], COMPOSE_MOUNT_BIND, path, "/c");
	free(path);
	ok(m[1].is_read_only && m[1].creates_host_path, "ro, short form");
	is_mount(&m[2], COMPOSE_MOUNT_BIND, "/abs/p", "/p");
	is_mount(&m[3], COMPOSE_MOUNT_BIND, "/home/me/h", "/h");
	is_mount(&m[4], COMPOSE_MOUNT_VOLUME, "", "/anon");
	is_mount(&m[5], COMPOSE_MOUNT_VOLUME, "", "a:/drive");
	path = mem_format("%s/rel", t.dir);
	is_mount(&m[6], COMPOSE_MOUNT_BIND, path, "/rel");
	free(path);
	ok(!m[6].creates_host_path, "the long form makes no source");
	ok(m[7].creates_host_path, "unless there is a bind section");
	is_mount(&m[8], COMPOSE_MOUNT_TMPFS, "", "/t");
	is_mount(&m[9], COMPOSE_MOUNT_OTHER, "i", "/i");
out:
	end(&t);
}

static void
test_ports(void)
{
	static const struct {
		const char *ip, *published, *target, *protocol;
	} want[] = {
		{ "", "", "80", "tcp" }, { "", "8080", "80", "tcp" },
		{ "127.0.0.1", "53", "53", "udp" },
		{ "::1", "", "90-91", "tcp" },
		{ "", "22", "22", "tcp" }, { "", "7", "6", "udp" },
	};
	const struct compose_port *p;
	struct trial t;
	size_t i;

	begin(&t);
	if (loads(&t, "services: {a: {image: x, ports: [80, '8080:80', "
	    "'127.0.0.1:53:53/udp', '[::1]::90-91', 22:22, "
	    "{target: 6, published: '7', protocol: udp}]}}\n", "ports")) {
		p = compose_service(t.project, "a")->ports;
		is_u64(compose_service(t.project, "a")->port_count, 6, "six");
		for (i = 0; i < 6; i++) {
			is_str(p[i].host_ip, want[i].ip, "ip %zu", i);
			is_str(p[i].published, want[i].published,
			    "published %zu", i);
			is_str(p[i].target, want[i].target, "target %zu", i);
			is_str(p[i].protocol, want[i].protocol,
			    "protocol %zu", i);
		}
	}
	end(&t);
}

static void
test_health(void)
{
	static const char text[] = "services:\n"
	    "  a: {image: x, healthcheck: {test: curl x, interval: 1m30s, "
	    "timeout: 1.5s, start_period: 1h, start_interval: 500ms, "
	    "retries: 7}, stop_grace_period: 1d}\n"
	    "  b: {image: x, healthcheck: {test: [NONE]}}\n"
	    "  c: {image: x, healthcheck: {disable: yes}}\n"
	    "  d: {image: x, healthcheck: {interval: 5s}}\n";
	const struct compose_healthcheck *h;
	struct trial t;

	begin(&t);
	if (!loads(&t, text, "health"))
		goto out;
	h = &compose_service(t.project, "a")->health;
	ok(h->is_present && !h->is_disabled && h->test_count == 2, "a test");
	is_str(h->test[0], "CMD-SHELL", "of a text");
	is_u64(h->interval_ns, UINT64_C(90000000000), "1m30s");
	is_u64(h->timeout_ns, 1500000000, "1.5s");
	is_u64(h->start_period_ns, UINT64_C(3600000000000), "1h");
	is_u64(h->start_interval_ns, 500000000, "500ms");
	is_u64(h->retries, 7, "retries");
	is_u64(compose_service(t.project, "a")->stop_grace_ns,
	    UINT64_C(86400000000000), "1d");
	ok(compose_service(t.project, "b")->health.is_disabled, "NONE");
	ok(compose_service(t.project, "c")->health.is_disabled, "disable");
	h = &compose_service(t.project, "d")->health;
	ok(!h->is_present && !h->is_disabled, "bounds of the image's own");
out:
	end(&t);
	refuses("services: {a: {healthcheck: {interval: 10}}}\n", ERR_DAMAGED,
	    "f: line 1: services.a: healthcheck: interval: invalid duration: \"10\"");
	refuses("services: {a: {healthcheck: {interval: 999999999h}}}\n",
	    ERR_DAMAGED, "f: line 1: services.a: healthcheck: interval: invalid "
	    "duration: \"999999999h\"");
	refuses("services: {a: {healthcheck: {disable: perhaps}}}\n",
	    ERR_DAMAGED,
	    "f: line 1: services.a: healthcheck: disable: invalid boolean: perhaps");
}

static void
test_files_of_services(void)
{
	static const char text[] = "services: {a: {image: x, "
	    "env_file: [e, {path: ../f, required: false}], "
	    "label_file: l, credential_spec: {file: c}, "
	    "build: {context: ./ctx, additional_contexts: [o=./other, "
	    "i=docker-image://x, s=service:b]}, secrets: [s, {source: t, target: u}], "
	    "configs: [c], devices: ['/dev/x:/dev/y:r', 'v.com/c=d']}}\n"
	    "secrets: {s: {file: ./s}, t: {environment: T}, "
	    "x: {external: {name: really}}}\n"
	    "configs: {c: {content: text}}\n";
	const struct compose_service *a;
	const struct yaml_node *more;
	struct trial t;

	begin(&t);
	if (!loads(&t, text, "files"))
		goto out;
	a = compose_service(t.project, "a");
	is_path(&t, a->env_files[0].path, "e", "an env file");
	ok(a->env_files[0].is_required && !a->env_files[1].is_required,
	    "which of them has to be there");
	ok(strstr(a->env_files[1].path, "..") == NULL, "a clean path");
	is_path(&t, a->label_files[0], "l", "a label file");
	is_path(&t, a->credential_spec, "c", "a credential");
	is_path(&t, a->build_context, "ctx", "a build context");
	more = yaml_get(at(&t, "a", "build"), "additional_contexts");
	is_path(&t, yaml_scalar(yaml_get(more, "o")), "other",
	    "another context");
	is_str(yaml_scalar(yaml_get(more, "i")), "docker-image://x",
	    "an image is none of ours");
	is_str(yaml_scalar(yaml_get(more, "s")), "service:b",
	    "nor a service");
	is_str(a->secrets[1].source, "t", "a secret");
	is_str(a->secrets[1].target, "u", "its target");
	is_u64(a->device_count, 1, "a device; the other is no path");
	is_str(a->devices[0], "/dev/x", "its path");
	is_path(&t, t.project->secrets[0].file, "s", "a secret's file");
	is_str(t.project->secrets[1].environment, "T", "or variable");
	ok(t.project->secrets[2].is_external, "or external");
	is_str(t.project->secrets[2].name, "really", "with its old name");
	ok(t.project->configs[0].has_content, "a config's content");
out:
	end(&t);
}

static void
test_volumes_and_networks(void)
{
	static const char text[] = "name: shop\n"
	    "services: {a: {image: x, networks: [n]}, b: {image: x}}\n"
	    "networks: {n: {external: true}, m: {name: real, driver: d}}\n"
	    "volumes:\n  v:\n  w: {driver: local, driver_opts: "
	    "{type: none, o: bind, device: ./dev}, labels: [a=b]}\n"
	    "  x: {external: true, name: y}\n  z: {driver: nfs}\n";
	const struct compose_volume *v;
	struct trial t;

	begin(&t);
	if (!loads(&t, text, "volumes"))
		goto out;
	v = t.project->volumes;
	is_u64(t.project->volume_count, 4, "four volumes");
	is_str(v[0].name, "shop_v", "a name from the project's");
	is_path(&t, v[1].device_path, "dev", "a folder as a volume");
	is_str(pairs_get(&v[1].labels, "a"), "b", "a label");
	is_str(pairs_get(&v[1].options, "type"), "none", "an option");
	ok(v[2].is_external, "an external one");
	is_str(v[2].name, "y", "its name");
	is_str(v[3].driver, "nfs", "a driver");
	is_u64(t.project->network_count, 3, "with the default network");
	is_str(t.project->networks[0].name, "shop_default", "its name");
	is_str(t.project->networks[1].name, "real", "a name given");
	is_str(t.project->networks[2].name, "n", "an external one's");
out:
	end(&t);
}

/* ---- merging */

static void
test_merge(void)
{
	static const char base[] = "services: {a: {image: x, "
	    "command: [one, two], environment: [A=1, B=1], labels: {l: '1'}, "
	    "ports: ['80:80', '81:81'], volumes: [vv:/d, ww:/e], "
	    "logging: {driver: j, options: {o: '1'}}, "
	    "ulimits: {n: {soft: 1, hard: 2}}, dns: 1.1.1.1, "
	    "depends_on: [b], env_file: e, x-mine: {k: 1}}, "
	    "b: {image: x}}\nvolumes: {vv: , ww: , zz: }\n";
	static const char over[] = "services: {a: {build: ., "
	    "command: [three], environment: {B: 2, C: 3}, labels: [m=2], "
	    "ports: ['80:80', '82:82'], volumes: [zz:/d/:ro], "
	    "logging: {driver: k, options: {p: '2'}}, ulimits: {n: 5}, "
	    "dns: [1.1.1.1, 2.2.2.2], "
	    "depends_on: {b: {condition: service_healthy}}, "
	    "env_file: [f, {path: e, required: false}], x-mine: {j: 1}}}\n";
	const struct compose_service *a;
	struct trial t;

	begin(&t);
	put(&t, "base", base);
	put(&t, "over", over);
	if (!ok(load(&t, "base", "over") == 0, "loads")) {
		printf("# %s\n", t.err.text);
		goto out;
	}
	a = compose_service(t.project, "a");
	ok(a->image != NULL && a->has_build, "both");
	is_u64(at(&t, "a", "command")->count, 1, "a command is replaced");
	is_str(yaml_scalar(yaml_get(at(&t, "a", "environment"), "B")), "2",
	    "a variable is");
	is_u64(at(&t, "a", "environment")->count, 3, "the others stay");
	is_u64(at(&t, "a", "labels")->count, 2, "labels add up");
	is_u64(a->port_count, 3, "a port once");
	is_u64(a->mount_count, 2, "a target once");
	is_str(a->mounts[0].source, "zz", "the last one, in the first place");
	is_u64(yaml_get(at(&t, "a", "logging"), "options")->count, 1,
	    "options of another driver go");
	is_str(yaml_scalar(yaml_get(at(&t, "a", "ulimits"), "n")), "5",
	    "a limit is replaced");
	is_u64(at(&t, "a", "dns")->count, 2, "a server once");
	is_u64(a->edges[0].condition, COMPOSE_HEALTHY, "a condition");
	ok(a->edges[0].is_required, "the rest of the edge stays");
	is_u64(a->env_file_count, 2, "an env file once");
	ok(!a->env_files[0].is_required, "with the last word");
	is_u64(at(&t, "a", "x-mine")->count, 1, "extensions are replaced");
out:
	end(&t);
}

static void
test_merge_refuses(void)
{
	char got[ERR_TEXT_MAX];
	struct trial t;

	begin(&t);
	put(&t, "base", "services: {a: {image: x, sysctls: {a: 1}, "
	    "tmpfs: [a], foo: [1]}}\n");
	put(&t, "over", "services: {a: {foo: {b: 1}}}\n");
	ok(load(&t, "base", "over") == -1 && t.err.class == ERR_DAMAGED,
	    "a map over a list");
	is_str(error_of(&t, got), "over: line 1: cannot override "
	    "services.a.foo",
	    "why");
	put(&t, "over", "services: {a: {foo: , sysctls: , image: y}}\n");
	ok(load(&t, "base", "over") == 0 && at(&t, "a", "foo")->count == 1,
	    "nothing over something leaves it");
	put(&t, "over", "services: {a: {foo: !override {b: 1}}}\n");
	ok(load(&t, "base", "over") == 0 && yaml_is_map(at(&t, "a", "foo")),
	    "an override replaces anything");
	end(&t);
}

/* ---- include and extends */

static void
test_include(void)
{
	struct trial t;

	begin(&t);
	put(&t, "compose.yaml", "include: [mod/compose.yaml, "
	    "{path: [mod/two.yaml, mod/over.yaml], project_directory: pd}]\n"
	    "services: {a: {image: x, depends_on: [b]}}\n");
	put(&t, "mod/compose.yaml", "name: ignored\nservices: {b: "
	    "{image: 'b:$TAG', volumes: [./d:/d]}}\nnetworks: {n: }\n");
	put(&t, "mod/.env", "TAG=mod\nOUT=mod\n");
	put(&t, "mod/two.yaml", "services: {c: {image: '$OUT', "
	    "volumes: [./d:/d]}}\n");
	put(&t, "mod/over.yaml", "services: {c: {user: u}}\n");
	put(&t, ".env", "OUT=outer\n");
	if (!ok(load(&t, "compose.yaml", NULL) == 0, "loads")) {
		printf("# %s\n", t.err.text);
		goto out;
	}
	is_str(compose_service(t.project, "b")->image, "b:mod",
	    "its own .env");
	is_path(&t, compose_service(t.project, "b")->mounts[0].source,
	    "mod/d", "its own folder");
	is_str(compose_service(t.project, "c")->image, "outer",
	    "the outer variables");
	is_path(&t, compose_service(t.project, "c")->mounts[0].source,
	    "pd/d", "the folder it was given");
	is_str(yaml_scalar(at(&t, "c", "user")), "u", "its override");
	is_u64(t.project->file_count, 4, "all files are known");
	is_u64(t.project->main_file_count, 1, "one of them was asked for");
	is_u64(t.project->env_file_count, 2, "and the .env files");
out:
	end(&t);
	refuses("include: x\n", ERR_DAMAGED,
	    "f: line 1: include must be a list");
	refuses("include: [{env_file: x}]\n", ERR_DAMAGED,
	    "f: line 1: include: path is missing");
	refuses("include:\n- https://example.org/x.git\n", ERR_DAMAGED,
	    "f: line 2: include of https://example.org/x.git: only local "
	    "files can be included");
}

static void
test_include_cycle(void)
{
	char got[ERR_TEXT_MAX];
	struct trial t;

	begin(&t);
	put(&t, "a.yaml", "include: [b.yaml]\n");
	put(&t, "b.yaml", "include: [c.yaml]\n");
	put(&t, "c.yaml", "include: [a.yaml]\n");
	ok(load(&t, "a.yaml", NULL) == -1, "a cycle over three files");
	is_str(error_of(&t, got), "a.yaml: b.yaml: c.yaml: include cycle "
	    "detected: a.yaml include b.yaml include c.yaml include a.yaml",
	    "all of it is named");
	end(&t);
}

/* Each file includes the next one twice: 2^60 without a bound. */
static void
test_include_flood(void)
{
	struct trial t;
	char *name;
	char *text;
	int i;

	begin(&t);
	for (i = 0; i < 40; i++) {
		name = mem_format("f%d", i);
		text = mem_format("include: [f%d, f%d]\n", i + 1, i + 1);
		put(&t, name, text);
		free(name);
		free(text);
	}
	put(&t, "f40", ONE);
	ok(load(&t, "f0", NULL) == -1 && t.err.class == ERR_LIMIT,
	    "ends at the limit of files");
	end(&t);
}

static void
test_extends(void)
{
	struct trial t;

	begin(&t);
	put(&t, "compose.yaml", "services:\n"
	    "  a: {extends: {file: sub/base.yaml, service: m}, image: x}\n"
	    "  b: {extends: a, environment: [B=2]}\n"
	    "  c: {extends: {service: b}, environment: !override [C=3]}\n"
	    "  d: {extends: c, environment: !reset }\n");
	put(&t, "sub/base.yaml", "services:\n"
	    "  m: {extends: {file: ../root.yaml, service: r}, "
	    "volumes: [./m:/m], environment: [B=1]}\n");
	put(&t, "root.yaml", "services: {r: {volumes: [./r:/r], "
	    "environment: [A=1], healthcheck: {test: t}}}\n");
	if (!ok(load(&t, "compose.yaml", NULL) == 0, "loads")) {
		printf("# %s\n", t.err.text);
		goto out;
	}
	is_path(&t, compose_service(t.project, "d")->mounts[0].source, "r",
	    "paths of the outermost base");
	is_path(&t, compose_service(t.project, "d")->mounts[1].source,
	    "sub/m", "and of the one between");
	is_u64(at(&t, "b", "environment")->count, 2, "variables add up");
	is_u64(at(&t, "c", "environment")->count, 1, "or are replaced");
	ok(at(&t, "d", "environment") == NULL, "or taken away");
	is_u64(at(&t, "a", "environment")->count, 2,
	    "a base is not changed by who extends it");
	ok(at(&t, "b", "extends") == NULL, "nothing of it stays");
	is_u64(t.project->file_count, 3, "all files are known");
out:
	end(&t);
}

static void
test_extends_refuses(void)
{
	refuses("services: {a: {extends: b}, b: {extends: {service: c}}, "
	    "c: {extends: a}}\n", ERR_DAMAGED, "f: Circular reference: a in f "
	    "extends b in f extends c in f extends a in f");
	refuses("services: {a: {extends: {file: f, service: a}}}\n",
	    ERR_DAMAGED,
	    "f: Circular reference: a in f extends a in f");
	refuses("services: {a: {extends: b}}\n", ERR_DAMAGED, "f: cannot "
	    "extend service \"a\" in f: service \"b\" not found");
	refuses("services: {a: {extends: {file: ./f, service: b}}}\n",
	    ERR_DAMAGED, "f: cannot extend service \"a\" in f: service \"b\" "
	    "not found in ./f");
	refuses("services: {a: {extends: {file: none, service: b}}}\n",
	    ERR_NOT_FOUND, "f: open none: No such file or directory");
	refuses("services: {a: {extends: [b]}}\n", ERR_DAMAGED, "f: line 1: "
	    "services.a.extends must be a string or a mapping");
}

static void
test_extends_depth(void)
{
	struct buf text = BUF_EMPTY;
	struct trial t;
	int depth;
	int i;

	begin(&t);
	for (depth = 99; depth <= 101; depth++) {
		buf_cut(&text, 0);
		buf_puts(&text, "services:\n");
		/* Named so that the longest chain is met first. */
		for (i = depth; i > 0; i--)
			buf_printf(&text, "  s%d: {extends: s%d}\n", i, i - 1);
		buf_puts(&text, "  s0: {image: x}\n");
		put(&t, "f", buf_text(&text));
		ok((load(&t, "f", NULL) == 0) == (depth <= 100),
		    "a chain of %d", depth);
	}
	is_u64(t.err.class, ERR_LIMIT, "a limit");
	buf_release(&text);
	end(&t);
}

/* ---- edges, profiles, the check */

static void
test_edges(void)
{
	static const char text[] = "services:\n"
	    "  a: {image: x, depends_on: {d: {condition: "
	    "service_completed_successfully, required: false}}, "
	    "links: [b, 'c:alias', 'e:f:g'], network_mode: 'service:d', "
	    "pid: 'container:x', volumes_from: ['b:ro', 'z:rw']}\n";
	static const struct {
		const char *name;
		enum compose_why why;
		bool restarts;
	} want[] = {
		{ "b", COMPOSE_LINKS, true }, { "c", COMPOSE_LINKS, true },
		{ "d", COMPOSE_DEPENDS_ON, false },
		{ "e:f:g", COMPOSE_LINKS, true },
		{ "z", COMPOSE_VOLUMES_FROM, false },
	};
	const struct compose_service *a;
	struct trial t;
	size_t i;

	begin(&t);
	if (!loads(&t, text, "edges"))
		goto out;
	a = compose_service(t.project, "a");
	is_u64(a->edge_count, 5, "five");
	for (i = 0; i < 5 && i < a->edge_count; i++) {
		is_str(a->edges[i].service, want[i].name, "edge %zu", i);
		ok(a->edges[i].why == want[i].why &&
		    a->edges[i].restarts == want[i].restarts,
		    "edge %zu: why, and restart", i);
	}
	ok(!a->edges[2].is_required &&
	    a->edges[2].condition == COMPOSE_COMPLETED, "as written");
out:
	end(&t);
	refuses("services: {a: {depends_on: {b: {condition: healthy}}}}\n",
	    ERR_DAMAGED, "f: line 1: services.a: depends_on.b: condition: "
	    "healthy is none of service_started, service_healthy, "
	    "service_completed_successfully");
}

static void
test_profiles(void)
{
	static const char text[] = "services:\n"
	    "  a: {image: x}\n  b: {image: x, profiles: [p]}\n"
	    "  c: {image: x, profiles: [q, p], depends_on: [d]}\n"
	    "  d: {image: x, profiles: [q]}\n";
	const char *name = "c";
	const char *none = "z";
	struct trial t;

	begin(&t);
	pairs_put(&t.env, "COMPOSE_PROFILES", "p,r");
	if (loads(&t, text, "profiles")) {
		ok(compose_service(t.project, "b")->is_enabled &&
		    compose_service(t.project, "c")->is_enabled,
		    "COMPOSE_PROFILES");
		ok(compose_service(t.project, "d")->is_profiled_out,
		    "another profile");
		ok(compose_check(t.project, &t.err) == -1, "is needed");
		is_str(t.err.text, "service \"d\" is required by \"c\" but is "
		    "disabled. Can be enabled by profiles [q]", "and named");
	}
	pairs_put(&t.env, "COMPOSE_PROFILES", "*");
	if (loads(&t, text, "all profiles"))
		ok(compose_service(t.project, "d")->is_enabled, "all");
	pairs_put(&t.env, "COMPOSE_PROFILES", "");
	if (loads(&t, text, "no profile")) {
		ok(compose_select(t.project, &name, 1, &t.err) == 0,
		    "a named service");
		ok(compose_service(t.project, "c")->is_enabled &&
		    compose_service(t.project, "d")->is_enabled &&
		    !compose_service(t.project, "a")->is_enabled &&
		    !compose_service(t.project, "b")->is_enabled,
		    "brings its profiles for what it needs");
		ok(compose_select(t.project, &none, 1, &t.err) == -1 &&
		    t.err.class == ERR_NOT_FOUND, "an unknown one");
		is_str(t.err.text, "no such service: z", "is named");
	}
	end(&t);
}

static void
test_check(void)
{
	check_says(ONE, "");
	check_says("services: {a: {}}\n", "service \"a\" has neither an image "
	    "nor a build context specified: invalid compose project");
	check_says("services: {a: {provider: {type: t}}}\n", "");
	check_says("services: {a: {image: x, depends_on: {b: {condition: "
	    "service_started, required: false}}}}\n", "service \"a\" depends "
	    "on undefined service \"b\": invalid compose project");
	check_says("services: {a: {image: x, volumes: [vol:/v]}}\n", "service "
	    "\"a\" refers to undefined volume vol: invalid compose project");
	check_says("services: {a: {image: x, networks: [n]}}\n", "service "
	    "\"a\" refers to undefined network n: invalid compose project");
	check_says("services: {a: {image: x, secrets: [s]}}\n", "service "
	    "\"a\" refers to undefined secret s: invalid compose project");
	check_says("services: {a: {image: x, configs: [c]}}\n", "service "
	    "\"a\" refers to undefined config c: invalid compose project");
	check_says("services: {a: {image: x}}\nsecrets: {s: {}}\n", "secret "
	    "\"s\" must declare either `file` or `environment`: invalid "
	    "compose project");
	check_says("services: {a: {image: x, env_file: none}}\n",
	    "env file none not found");
	check_says("services: {a: {image: x, env_file: "
	    "[{path: none, required: false}]}}\n", "");
	check_says("services: {a: {image: x, network_mode: host, "
	    "networks: [default]}}\nnetworks: {default: }\n", "service a "
	    "declares mutually exclusive `network_mode` and `networks`: "
	    "invalid compose project");
}

static void
test_kinds(void)
{
	refuses("services: [a]\n", ERR_DAMAGED,
	    "f: line 1: services: must be a mapping");
	refuses("services:\n  a: x\n", ERR_DAMAGED,
	    "f: line 2: services.a: must be a mapping");
	refuses("services:\n  a:\n    ports: x\n", ERR_DAMAGED,
	    "f: line 3: services.a.ports must be a list");
	refuses("services:\n  a:\n    ports:\n    - '80:'\n", ERR_DAMAGED,
	    "f: line 4: services.a.ports: no port specified: 80:");
	refuses("services:\n  a:\n    volumes: ['vol:/b:ro:dd']\n", ERR_DAMAGED,
	    "f: line 3: services.a.volumes: invalid spec: vol:/b:ro:dd: too "
	    "many colons");
	refuses("services: {a: {volumes: ['vol::/y']}}\n", ERR_DAMAGED,
	    "f: line 1: services.a.volumes: invalid spec: vol::/y: empty "
	    "section between colons");
	refuses("services: {a: {image: [x]}}\n", ERR_DAMAGED,
	    "f: line 1: services.a.image must be a string");
	refuses("services: {'a b': {image: x}}\n", ERR_DAMAGED,
	    "line 1: services additional properties 'a b' not allowed");
	refuses("services: {\"a\\e[31m\": {image: [x]}}\n", ERR_DAMAGED,
	    "f: line 1: services.a\\033[31m.image must be a string");
}

static void
test_unknown_keys(void)
{
	struct trial t;

	begin(&t);
	if (loads(&t, "version: '3'\nsrvices: {}\nx-mine: 1\nservices:\n"
	    "  a: {image: x, depend_on: [b], x-y: 1, working_dir: /, "
	    "annotations: {}, depends_on: {b: {requierd: false}}}\n"
	    "  b: {image: x}\n", "unknown keys"))
		is_str(buf_text(&t.warnings), "the attribute `version` is "
		    "obsolete, it will be ignored, please remove it to avoid "
		    "potential confusion\n"
		    "additional properties 'srvices' not allowed; ignored\n"
		    "services.a additional properties 'depend_on' not "
		    "allowed; ignored\n"
		    "services.a.depends_on.b additional properties 'requierd' "
		    "not allowed; ignored\n", "are told");
	end(&t);
}

int
main(void)
{
	test_project_name();
	test_project_name_of_folder();
	test_project_name_is_a_variable();
	test_default_files();
	test_no_file();
	test_linked_file();
	test_compose_file_variable();
	test_file_size_limit();
	test_env_files();
	test_bad_variables();
	test_values_not_keys_are_interpolated();
	test_mounts();
	test_ports();
	test_health();
	test_files_of_services();
	test_volumes_and_networks();
	test_merge();
	test_merge_refuses();
	test_include();
	test_include_cycle();
	test_include_flood();
	test_extends();
	test_extends_refuses();
	test_extends_depth();
	test_edges();
	test_profiles();
	test_check();
	test_kinds();
	test_unknown_keys();
	return done();
}
