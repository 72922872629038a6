/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A Compose project as data: what Docker Compose would make of the same
 * files, profiles and environment.
 *
 *	compose_load(&options, &project, err);
 *	compose_select(project, names, count, err);	(only with names)
 *	compose_check(project, err);			(as Compose would)
 *	... read the struct ...
 *	compose_free(project);
 *
 * The struct is filled by the loader and read by everybody else.  Texts are
 * never NULL unless the field says so; every text, list and path belongs to
 * the project and lives until compose_free().  Lists of services, networks,
 * volumes, secrets and configs are sorted by name or key (bytes); lists inside
 * a service keep the order of the files.  Host paths are absolute and clean
 * (no "." or ".."), but nothing is looked up: whether a source exists is the
 * caller's question.
 *
 * Texts come from files that anybody may have written: escape them before
 * they reach a terminal.
 *
 * What it refuses to do: fetch remote includes (git, oci), read env_file and
 * label_file contents into services, start anything, and judge keys that have
 * no bearing on order or on what the project needs (no schema check beyond
 * the types of what is read).
 */
#ifndef COMPOSE_PROJECT_H
#define COMPOSE_PROJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pairs.h"

struct err;
struct yaml_node;
struct yaml_tree;

#define COMPOSE_FILES_MAX 1000		/* -f, include and extends together */
#define COMPOSE_FILE_BYTES_MAX 16777216	/* one file */
#define COMPOSE_ENV_BYTES_MAX 4194304	/* one .env file */
#define COMPOSE_SERVICES_MAX 20000
#define COMPOSE_EDGES_MAX 1000000	/* of all services together */

/* What a dependent waits for. */
enum compose_condition {
	COMPOSE_STARTED,	/* service_started */
	COMPOSE_HEALTHY,	/* service_healthy */
	COMPOSE_COMPLETED	/* service_completed_successfully */
};

/* The key an edge was read from. */
enum compose_why {
	COMPOSE_DEPENDS_ON,
	COMPOSE_LINKS,
	COMPOSE_NETWORK_MODE,
	COMPOSE_IPC,
	COMPOSE_PID,
	COMPOSE_UTS,
	COMPOSE_CGROUP,
	COMPOSE_VOLUMES_FROM
};

/*
 * One service needs another.  A service has at most one edge to each name: an
 * explicit depends_on wins over what the other keys imply, and the first
 * implied one over later ones.
 */
struct compose_edge {
	char *service;		/* the one depended on; may not exist */
	enum compose_condition condition;
	enum compose_why why;
	bool is_required;
	bool restarts;		/* restarted together with the dependency */
};

struct compose_healthcheck {
	bool is_present;	/* the file has a healthcheck with a test */
	bool is_disabled;	/* disable: true, or test NONE */
	char **test;		/* CMD, CMD-SHELL ...; a string has become
				 * { "CMD-SHELL", string } */
	size_t test_count;
	/* 0: not given, the engine's or the image's own holds */
	uint64_t interval_ns;
	uint64_t timeout_ns;
	uint64_t start_period_ns;
	uint64_t start_interval_ns;
	uint64_t retries;
};

enum compose_mount_type {
	COMPOSE_MOUNT_BIND,
	COMPOSE_MOUNT_VOLUME,	/* source is a key of volumes, "" anonymous */
	COMPOSE_MOUNT_TMPFS,
	COMPOSE_MOUNT_OTHER	/* npipe, cluster, image */
};

struct compose_mount {
	enum compose_mount_type type;
	char *type_name;	/* as written: "bind", "image" ... */
	char *source;		/* bind: absolute host path */
	char *target;
	bool is_read_only;
	bool creates_host_path;	/* bind: the engine makes a missing source */
};

/* A file that the service names: env_file. */
struct compose_file_need {
	char *path;		/* absolute */
	bool is_required;
};

/* A service's use of a secret or config. */
struct compose_grant {
	char *source;		/* key in the project's secrets or configs */
	char *target;		/* "" when not given */
};

struct compose_port {
	char *host_ip;		/* "" when not given */
	char *published;	/* number or range; "" when not given */
	char *target;		/* number or range */
	char *protocol;		/* "tcp" when not given */
};

/* The networks a service joins: key and its fixed addresses stay in model. */
struct compose_service {
	char *name;
	char *container_name;	/* NULL: <project>-<name>-<number> */
	char *image;		/* NULL: only build */
	char *pull_policy;	/* "" when not given */
	char *platform;		/* "" when not given */
	bool has_build;
	char *build_context;	/* absolute path or URL; NULL without build */
	char *dockerfile;	/* as written; NULL when not given */
	bool has_provider;	/* "provider": no container at all */
	bool is_enabled;	/* false: its profiles are not active, or it
				 * was not selected */
	bool is_profiled_out;	/* is_enabled is false because of profiles */
	char **profiles;
	size_t profile_count;
	uint64_t replicas;	/* scale or deploy.replicas, else 1 */

	struct compose_edge *edges;	/* sorted by service */
	size_t edge_count;

	struct compose_healthcheck health;
	char *restart;		/* "" when not given; "no", "always",
				 * "on-failure[:N]", "unless-stopped" */
	uint64_t stop_grace_ns;	/* 0: not given, ten seconds */
	bool has_hooks;		/* post_start or pre_stop: Compose runs these
				 * itself, the engine does not */
	bool has_init_steps;	/* pre_start */

	struct compose_mount *mounts;
	size_t mount_count;
	struct compose_file_need *env_files;
	size_t env_file_count;
	char **label_files;	/* absolute */
	size_t label_file_count;
	struct compose_grant *secrets;
	size_t secret_count;
	struct compose_grant *configs;
	size_t config_count;
	struct compose_port *ports;
	size_t port_count;
	char **networks;	/* keys; "default" when none is named */
	size_t network_count;
	char **devices;		/* host paths */
	size_t device_count;
	char *credential_spec;	/* absolute path of its file, or NULL */

	const struct yaml_node *model;	/* all of its keys; see model below */
};

struct compose_network {
	char *key;
	char *name;		/* on the engine */
	char *driver;		/* "" when not given */
	bool is_external;
};

struct compose_volume {
	char *key;
	char *name;		/* on the engine */
	char *driver;		/* "" when not given */
	bool is_external;
	char *device_path;	/* absolute host directory when the local
				 * driver binds one (o=bind), else NULL */
	struct pairs options;	/* driver_opts */
	struct pairs labels;
};

/* A secret or a config. */
struct compose_secret {
	char *key;
	char *name;		/* on the engine, for external ones */
	char *file;		/* absolute, or NULL */
	char *environment;	/* name of a host variable, or NULL */
	bool has_content;	/* the text itself is in the file */
	bool is_external;
};

struct compose_project {
	char *name;
	char *working_dir;	/* absolute; what relative paths start from */
	char **files;		/* absolute: -f, overrides, include, extends */
	size_t file_count;
	size_t main_file_count;	/* the first of them that were asked for or
				 * found; labels name these */
	struct compose_file_need *env_files;	/* .env or --env-file, and
				 * those of includes; is_required: was named */
	size_t env_file_count;

	struct compose_service *services;
	size_t service_count;
	struct compose_network *networks;
	size_t network_count;
	struct compose_volume *volumes;
	size_t volume_count;
	struct compose_secret *secrets;
	size_t secret_count;
	struct compose_secret *configs;
	size_t config_count;

	struct pairs environment;	/* what interpolation saw */
	/*
	 * The merged tree, after defaults and with absolute paths, for keys
	 * that have no field above; see the yaml module.
	 */
	const struct yaml_node *model;
	struct yaml_tree *tree;		/* private: owns model */
};

/*
 * A warning in Compose's words where it has them, escaped, one line.  Called
 * during compose_load(); the text is the caller's for the call only.
 */
typedef void compose_warn_fn(void *context, const char *text);

struct compose_options {
	/*
	 * -f: in order, later ones are merged over earlier ones.  With none,
	 * COMPOSE_FILE of the environment holds, and without it the default
	 * names are looked for in project_directory (or the current
	 * directory) and its parents, with their override files.
	 */
	const char *const *files;
	size_t file_count;
	const char *project_name;	/* -p, or NULL */
	const char *project_directory;	/* or NULL: where the first file is */
	/* --profile; with none, COMPOSE_PROFILES.  "*" is all. */
	const char *const *profiles;
	size_t profile_count;
	/* The process environment: wins over every .env file. */
	const struct pairs *environment;	/* or NULL: empty */
	/* --env-file in order; with none, .env of the project directory. */
	const char *const *env_files;
	size_t env_file_count;
	compose_warn_fn *warn;		/* or NULL */
	void *warn_context;
};

/*
 * Read, interpolate, merge and normalise.  *project is the caller's to free.
 * Edges to services that do not exist, cycles and missing host files are not
 * errors here, so that a tool can name all of them; compose_check() is
 * Compose's own answer to the first.
 *
 * ERR_NOT_FOUND: a Compose, include, extends or named env file is not there.
 * ERR_DAMAGED: a file is not what Compose accepts; the text has file and line
 * where they are known.  ERR_LIMIT: a named limit above or in the yaml module.
 * ERR_USAGE: an invalid project name was asked for.  ERR_IO: reading failed.
 */
int compose_load(const struct compose_options *options,
    struct compose_project **project, struct err *err);

/*
 * As naming services after "up" does: these (their profiles are enabled too)
 * and what they depend on stay enabled, the rest is disabled.  count 0
 * changes nothing.  ERR_NOT_FOUND: no such service; "no such service: x".
 */
int compose_select(struct compose_project *project, const char *const *names,
    size_t count, struct err *err);

/*
 * Compose's consistency rules for enabled services, first fault only, in its
 * words: image or build missing, a dependency undefined or disabled, an
 * undefined volume, network, secret or config, a secret with no source, a
 * required env_file that is not there.  Cycles are the graph module's.
 * ERR_DAMAGED.
 */
int compose_check(const struct compose_project *project, struct err *err);

/* The service of that name, or NULL. */
struct compose_service *compose_service(const struct compose_project *project,
    const char *name);

/* "service_healthy" ...; and "network_mode" ... as in the files. */
const char *compose_condition_name(enum compose_condition condition);
const char *compose_why_name(enum compose_why why);

/* NULL is allowed. */
void compose_free(struct compose_project *project);

#endif
