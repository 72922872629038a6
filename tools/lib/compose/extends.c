/* SPDX-License-Identifier: BSD-2-Clause */
/* "extends": a service on top of another one, of this file or another. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "compose/merge.h"
#include "compose/model.h"

/* The services on the way, innermost first; on the stack. */
struct chain {
	const struct model_source *source;
	const char *name;
	const struct chain *outer;
	unsigned depth;
};

static int resolve(struct model *m, struct model_source *source,
    const char *name, const struct chain *outer);

static void
add_link(struct buf *text, const struct chain *link)
{
	escape_text(text, link->name, strlen(link->name));
	buf_puts(text, " in ");
	escape_text(text, link->source->file, strlen(link->source->file));
}

/* Outermost first, as Compose lists them. */
static void
add_links(struct buf *text, const struct chain *link)
{
	if (link->outer != NULL) {
		add_links(text, link->outer);
		buf_puts(text, " extends ");
	}
	add_link(text, link);
}

static int
refuse_cycle(struct model *m, const struct chain *link)
{
	struct buf text = BUF_EMPTY;
	const struct chain *at;

	for (at = link->outer; at != NULL; at = at->outer)
		if (strcmp(at->name, link->name) == 0 &&
		    strcmp(at->source->file, link->source->file) == 0)
			break;
	if (at == NULL)
		return 0;
	add_links(&text, link);
	err_set(m->err, ERR_DAMAGED, 0, "Circular reference: %s",
	    buf_text(&text));
	buf_release(&text);
	return -1;
}

static int
not_found(struct model *m, const struct chain *link, const char *ref,
    const char *file)
{
	char name[ESCAPE_NAME_MAX];
	char base[ESCAPE_NAME_MAX];
	struct buf where = BUF_EMPTY;
	struct buf other = BUF_EMPTY;

	escape_text(&where, link->source->file, strlen(link->source->file));
	if (file != NULL) {
		buf_puts(&other, " in ");
		escape_text(&other, file, strlen(file));
	}
	err_set(m->err, ERR_DAMAGED, 0, "cannot extend service \"%s\" in %s: "
	    "service \"%s\" not found%s", escape_name(link->name, name),
	    buf_text(&where), escape_name(ref, base), buf_text(&other));
	buf_release(&where);
	buf_release(&other);
	return -1;
}

/* ---- other files */

static struct model_source *
find_source(struct model *m, const char *file, const struct pairs *env)
{
	size_t i;

	for (i = 0; i < m->source_count; i++)
		if (m->sources[i]->env == env &&
		    strcmp(m->sources[i]->file, file) == 0)
			return m->sources[i];
	return NULL;
}

/* The documents of a file that is only extended from: no includes. */
static int
read_services(struct model *m, struct model_source *source)
{
	struct yaml_node *merged = yaml_map(m->tree);
	char shown[ESCAPE_NAME_MAX];
	struct yaml_node *documents;
	struct yaml_node *document;
	uint32_t i;

	if (model_read(m, source->file, &documents) == -1)
		return -1;
	for (i = 0; i < documents->count; i++) {
		document = documents->items[i].value;
		if (document->kind == YAML_NULL)
			continue;
		if (!yaml_is_map(document))
			return err_set(m->err, ERR_DAMAGED, 0,
			    "%s: top-level object must be a mapping",
			    escape_name(source->file, shown));
		if (model_prepare(m, source->env, source->dir,
		    document) == -1 ||
		    merge_documents(m->tree, merged, document, m->err) == -1)
			return err_context(m->err, "%s",
			    escape_name(source->file, shown));
	}
	source->services = yaml_some(merged, "services");
	return 0;
}

static struct model_source *
open_source(struct model *m, const char *file, const struct pairs *env)
{
	struct model_source *source = find_source(m, file, env);

	if (source != NULL)
		return source;
	source = mem_zero(1, sizeof(*source));
	source->file = mem_text(file);
	source->dir = model_dir(file);
	source->env = env;
	m->sources = mem_resize(m->sources, m->source_count + 1,
	    sizeof(*m->sources));
	m->sources[m->source_count++] = source;
	return read_services(m, source) == -1 ? NULL : source;
}

/* ---- services */

/* The source that extends.file names, or the service's own. */
static struct model_source *
source_of(struct model *m, const struct chain *link,
    struct model_source *own, const struct yaml_node *extends)
{
	const char *file = yaml_scalar(yaml_get(extends, "file"));
	const char *ref = yaml_scalar(yaml_get(extends, "service"));
	char shown[ESCAPE_NAME_MAX];
	char name[ESCAPE_NAME_MAX];
	struct model_source *source;
	char *path;

	if (file == NULL) {
		if (yaml_get(own->services, ref) != NULL)
			return own;
		not_found(m, link, ref, NULL);
		return NULL;
	}
	path = model_path(own->dir, own->env, file);
	source = open_source(m, path, own->env);
	free(path);
	if (source == NULL)
		return NULL;
	if (source->services == NULL) {
		err_set(m->err, ERR_DAMAGED, 0, "cannot extend service \"%s\" "
		    "in %s: no services section", escape_name(link->name,
		    name), escape_name(source->file, shown));
		return NULL;
	}
	if (yaml_get(source->services, ref) != NULL)
		return source;
	not_found(m, link, ref, file);
	return NULL;
}

static int
check_chain(struct model *m, const struct chain *link)
{
	char name[ESCAPE_NAME_MAX];

	if (yaml_count(m->tree) > YAML_NODES_MAX)
		return err_set(m->err, ERR_LIMIT, 0,
		    "extended services hold more than %d values",
		    YAML_NODES_MAX);
	if (link->depth > MODEL_EXTENDS_DEPTH_MAX)
		return err_set(m->err, ERR_LIMIT, 0,
		    "service \"%s\": extends is nested deeper than %d",
		    escape_name(link->name, name), MODEL_EXTENDS_DEPTH_MAX);
	return refuse_cycle(m, link);
}

/* Replace the service by what it is with its base below it. */
static int
extend(struct model *m, struct model_source *own, const struct chain *link,
    struct yaml_node *service, const struct yaml_node *extends)
{
	const char *ref = yaml_scalar(yaml_get(extends, "service"));
	char name[ESCAPE_NAME_MAX];
	struct model_source *source;
	struct yaml_node *base;

	if (ref == NULL)
		return err_set(m->err, ERR_DAMAGED, 0,
		    "extends.%s.service is required",
		    escape_name(link->name, name));
	source = source_of(m, link, own, extends);
	if (source == NULL || resolve(m, source, ref, link) == -1)
		return -1;
	base = yaml_get(source->services, ref);
	base = yaml_is_map(base) ? yaml_settle(yaml_copy(m->tree, base)) :
	    NULL;
	if (base == NULL)
		base = yaml_map(m->tree);
	if (merge_services(m->tree, link->name, base, service, m->err) == -1)
		return -1;
	base->mark = service->mark;
	base->line = service->line;
	base->file = service->file;
	(void)yaml_remove(base, "extends");
	yaml_put(m->tree, own->services, link->name, base);
	return 0;
}

static int
resolve(struct model *m, struct model_source *source, const char *name,
    const struct chain *outer)
{
	const struct chain link = { source, name, outer,
	    outer == NULL ? 1 : outer->depth + 1 };
	struct yaml_node *service = yaml_get(source->services, name);
	const struct yaml_node *extends = yaml_some(service, "extends");

	if (extends == NULL || extends->mark == YAML_RESET)
		return 0;
	if (check_chain(m, &link) == -1)
		return -1;
	return extend(m, source, &link, service, extends);
}

int
model_extend(struct model *m, const struct model_scope *scope,
    const char *path, struct yaml_node *document)
{
	struct model_source local = { .env = scope->env,
	    .services = yaml_some(document, "services") };
	uint32_t i;
	int ret = 0;

	if (!yaml_is_map(local.services))
		return 0;
	local.file = mem_text(path);
	local.dir = mem_text(scope->dir);
	for (i = 0; i < local.services->count && ret == 0; i++)
		ret = resolve(m, &local, local.services->items[i].key, NULL);
	free(local.file);
	free(local.dir);
	return ret;
}
