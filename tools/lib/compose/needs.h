/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a project needs on its host before it can start: its own files, what
 * it mounts, volumes, networks and images; and whether that is there.  The
 * same list is what a snapshot of the project must take.
 *
 *	struct needs needs = NEEDS_EMPTY;
 *	needs_of_project(project, false, &host, &needs);
 *	... needs.list ...
 *	needs_release(&needs);
 *
 * Paths are looked at where this program runs; nothing is opened or changed.
 * What only an engine or its data-root knows is asked through struct
 * needs_host.
 */
#ifndef COMPOSE_NEEDS_H
#define COMPOSE_NEEDS_H

#include <stdbool.h>
#include <stddef.h>

struct compose_project;

enum need_kind {
	NEED_PROJECT_FILE,
	NEED_ENV_FILE,		/* of the project or of a service */
	NEED_LABEL_FILE,
	NEED_SECRET,		/* a file */
	NEED_CONFIG,		/* a file */
	NEED_CREDENTIAL_SPEC,	/* a file */
	NEED_VARIABLE,		/* of the environment: a secret's or config's */
	NEED_BIND,		/* anything */
	NEED_VOLUME_DIR,	/* bound by a volume's driver options */
	NEED_DEVICE,
	NEED_BUILD,		/* a directory */
	NEED_DOCKERFILE,
	NEED_VOLUME,		/* made by Compose, empty, when missing */
	NEED_EXTERNAL_VOLUME,
	NEED_EXTERNAL_NETWORK,
	NEED_EXTERNAL_SECRET,	/* or config: swarm's, never on this host */
	NEED_IMAGE
};

enum need_state {
	NEED_UNKNOWN,		/* nobody to ask */
	NEED_PRESENT,
	NEED_MISSING,
	NEED_WRONG_KIND		/* a directory for a file, and so on */
};

struct need {
	enum need_kind kind;
	char *what;		/* path, name, or image; owned, not escaped */
	char **services;	/* whose; sorted; empty for the project's */
	size_t service_count;
	bool is_required;	/* false: the project starts without it */
	enum need_state state;
	/* A bind whose missing source Docker replaces by an empty folder. */
	bool is_made_silently;
	const char *note;	/* a sentence, or ""; static */
};

struct needs {
	struct need *list;	/* by kind, then by what */
	size_t count;
};
#define NEEDS_EMPTY { NULL, 0 }

/* Who knows what is on the engine; each may be NULL: not known. */
struct needs_host {
	void *ctx;
	enum need_state (*volume)(void *ctx, const char *name);
	enum need_state (*network)(void *ctx, const char *name);
	enum need_state (*image)(void *ctx, const char *reference);
};

/*
 * All that the enabled services need, or with all_services those that a
 * profile keeps out, too, and what no service uses.  Looked at and sorted.
 */
void needs_of_project(const struct compose_project *project,
    bool all_services, const struct needs_host *host, struct needs *needs);

/* The two steps for a list from elsewhere.  service may be NULL. */
void needs_add(struct needs *needs, enum need_kind kind, const char *what,
    const char *service, bool is_required);
/* Merges what is named twice, sorts, and looks. */
void needs_look(struct needs *needs, const struct needs_host *host);

void needs_release(struct needs *needs);

/* "bind source", "image" ...; "present" ...; never NULL. */
const char *need_kind_name(enum need_kind kind);
const char *need_state_name(enum need_state state);

#endif
