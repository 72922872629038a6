/* SPDX-License-Identifier: BSD-2-Clause */
/* Reports in files; see publish.h. */
#include "publish.h"

#include <unistd.h>

#include "base/err.h"
#include "base/escape.h"
#include "cli/cli.h"
#include "io/io.h"
#include "io/output.h"
#include "page.h"
#include "textfile.h"

static void
host_name(char safe[ESCAPE_NAME_MAX])
{
	char host[256];

	if (gethostname(host, sizeof host) == -1)
		host[0] = '\0';
	host[sizeof host - 1] = '\0';
	(void)escape_name(host, safe);
}

static int
write_page(const struct outlook *o, const char *path, struct err *err)
{
	char host[ESCAPE_NAME_MAX];
	struct buf page = BUF_EMPTY;
	int ret;

	host_name(host);
	page_format(o, host, &page);
	ret = output_write(path, &page, err);
	buf_release(&page);
	return ret;
}

static int
write_metrics(const struct outlook *o, const char *path, struct err *err)
{
	struct buf text = BUF_EMPTY;
	int ret;

	textfile_format(o, &text);
	ret = output_write(path, &text, err);
	buf_release(&text);
	return ret;
}

int
publish(struct cli *cli, const struct publish_options *options,
    struct err *err)
{
	const struct outlook_terms terms = { options->catalog, io_now(),
	    (int64_t)options->every, (int64_t)options->objective };
	char safe[ESCAPE_NAME_MAX];
	struct outlook o;
	int ret = 0;

	if (options->html == NULL && options->prometheus == NULL)
		return 0;
	if (outlook_read(&o, &terms, err) == -1)
		return err_context(err, "no report was written");
	if (options->html != NULL)
		ret = write_page(&o, options->html, err);
	if (ret == 0 && options->html != NULL)
		cli_say(cli, "report: %s", escape_name(options->html, safe));
	if (ret == 0 && options->prometheus != NULL)
		ret = write_metrics(&o, options->prometheus, err);
	outlook_release(&o);
	return ret;
}
