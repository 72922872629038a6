/* SPDX-License-Identifier: BSD-2-Clause */
/* Images by name in the classic store; see images.h. */
#include "images.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"
#include "docker/json.h"
#include "io/io.h"

static int
read_store(int image_fd, const char *driver, struct images *images,
    struct err *err)
{
	char *name = mem_format("%s/repositories.json", driver);
	struct buf bytes = BUF_EMPTY;
	json_t *store = NULL;
	int ret = -1;

	if (io_read_file(image_fd, name, IMAGES_FILE_MAX, &bytes, err) == -1) {
		if (err->class == ERR_NOT_FOUND)
			ret = 0;
		goto out;
	}
	store = docker_json_object(buf_text(&bytes), bytes.len, err);
	if (store == NULL)
		goto out;
	images->stores[images->count++] = store;
	ret = 0;
out:
	if (ret == -1)
		err_context(err, "%s", name);
	buf_release(&bytes);
	free(name);
	return ret;
}

int
images_read(const char *data_root, struct images *images, struct err *err)
{
	char *path = mem_format("%s/image", data_root);
	int fd = io_open_typed(path, O_RDONLY | O_DIRECTORY, 0);
	/* A descriptor of its own: fdopendir() takes it over. */
	int list_fd = fd == -1 ? -1 : io_open(fd, ".", O_RDONLY, 0);
	DIR *dir = list_fd == -1 ? NULL : fdopendir(list_fd);
	const struct dirent *d;
	char shown[ESCAPE_NAME_MAX];
	int ret = 0;

	while (dir != NULL && ret == 0 && images->count < IMAGES_STORES_MAX &&
	    (d = readdir(dir)) != NULL)
		if (d->d_name[0] != '.')
			ret = read_store(fd, d->d_name, images, err);
	if (ret == -1) {
		err_context(err, "%s", escape_name(path, shown));
		images_release(images);
	}
	if (dir != NULL)
		(void)closedir(dir);
	else if (list_fd != -1)
		(void)io_close(list_fd);
	if (fd != -1)
		(void)io_close(fd);	/* read-only: nothing to lose */
	free(path);
	return ret;
}

void
images_release(struct images *images)
{
	while (images->count > 0)
		json_decref(images->stores[--images->count]);
}

/* As the store writes it: without the usual host, with a tag. */
static char *
usual_form(const char *reference)
{
	const char *name = reference, *slash;

	if (strncmp(name, "docker.io/", 10) == 0)
		name += 10;
	if (strncmp(name, "library/", 8) == 0)
		name += 8;
	slash = strrchr(name, '/');
	if (strchr(name, '@') != NULL ||
	    strchr(slash != NULL ? slash : name, ':') != NULL)
		return mem_text(name);
	return mem_format("%s:latest", name);
}

/* With a tag and a digest the digest decides, so the tag is left out. */
static void
drop_tag(char *name)
{
	char *digest = strchr(name, '@');
	char *slash, *colon;

	if (digest == NULL)
		return;
	*digest = '\0';
	slash = strrchr(name, '/');
	colon = strrchr(slash != NULL ? slash : name, ':');
	*digest = '@';
	if (colon != NULL)
		memmove(colon, digest, strlen(digest) + 1);
}

/* Whether the store has it, under a name or as the id behind one. */
static bool
store_has(json_t *store, const char *name)
{
	json_t *repository, *id;
	const char *key, *reference;

	json_object_foreach(json_object_get(store, "Repositories"), key,
	    repository)
		json_object_foreach(repository, reference, id)
			if (strcmp(reference, name) == 0 ||
			    (json_is_string(id) &&
			    strcmp(json_string_value(id), name) == 0))
				return true;
	return false;
}

bool
images_have(const struct images *images, const char *reference)
{
	bool is_id = strncmp(reference, "sha256:", 7) == 0;
	char *name = is_id ? mem_text(reference) : usual_form(reference);
	bool found = false;
	size_t i;

	if (!is_id)
		drop_tag(name);
	for (i = 0; i < images->count && !found; i++)
		found = store_has(images->stores[i], name);
	free(name);
	return found;
}
