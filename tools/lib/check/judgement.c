/* SPDX-License-Identifier: BSD-2-Clause */
/* Verdicts and what stands behind them; see judgement.h. */
#include "check/judgement.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/mem.h"

#define FINDING_TEXT_MAX 1024

const char *
verdict_name(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_CLEAN: return "CLEAN";
	case VERDICT_RECOVERABLE: return "RECOVERABLE";
	case VERDICT_UNCHECKED: return "UNCHECKED";
	case VERDICT_SUSPECT: return "SUSPECT";
	case VERDICT_DAMAGED: return "DAMAGED";
	}
	return "UNKNOWN";
}

static char *
escaped(const char *path)
{
	struct buf text = BUF_EMPTY;
	char *copy;

	escape_text(&text, path, strlen(path));
	copy = mem_text(buf_text(&text));
	buf_release(&text);
	return copy;
}

void
judgement_init(struct judgement *j, const char *checker, const char *root)
{
	memset(j, 0, sizeof *j);
	j->checker = checker;
	j->root = escaped(root[0] == '\0' ? "." : root);
}

void
judgement_close(struct judgement *j)
{
	if (j->verdict == VERDICT_CLEAN && j->covered.len == 0)
		judge_find(j, VERDICT_UNCHECKED, NULL,
		    "nothing of it could be checked");
}

void
judgement_release(struct judgement *j)
{
	uint64_t i;

	for (i = 0; i < j->finding_count && i < JUDGEMENT_FINDINGS_MAX; i++) {
		free(j->findings[i].path);
		free(j->findings[i].text);
	}
	free(j->findings);
	free(j->root);
	buf_release(&j->said);
	buf_release(&j->covered);
	memset(j, 0, sizeof *j);
}

void
judge_find(struct judgement *j, enum verdict verdict, const char *path,
    const char *fmt, ...)
{
	char text[FINDING_TEXT_MAX];
	struct finding *f;
	va_list args;

	if (verdict > j->verdict)
		j->verdict = verdict;
	if (j->finding_count++ >= JUDGEMENT_FINDINGS_MAX)
		return;
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	j->findings = mem_resize(j->findings, (size_t)j->finding_count,
	    sizeof *j->findings);
	f = &j->findings[j->finding_count - 1];
	f->verdict = verdict;
	f->path = escaped(path == NULL ? "" : path);
	f->text = mem_text(text);
}

int
judge_failure(struct judgement *j, const char *path, struct err *err)
{
	if (err->class == ERR_INTERRUPTED)
		return -1;
	judge_find(j, err->class == ERR_LIMIT ? VERDICT_UNCHECKED :
	    VERDICT_DAMAGED, path, "%s", err->text);
	err_clear(err);
	return 0;
}

void
judgement_lines(const struct judgement *j,
    void (*line)(void *ctx, const char *text), void *ctx)
{
	uint64_t i, kept = j->finding_count < JUDGEMENT_FINDINGS_MAX ?
	    j->finding_count : JUDGEMENT_FINDINGS_MAX;
	struct buf text = BUF_EMPTY;

	if (j->said.len > 0)
		line(ctx, buf_text(&j->said));
	for (i = 0; i < kept; i++) {
		const struct finding *f = &j->findings[i];

		buf_cut(&text, 0);
		if (f->verdict != VERDICT_CLEAN)
			buf_printf(&text, "%s ", verdict_name(f->verdict));
		buf_printf(&text, "%s%s%s", f->path,
		    f->path[0] != '\0' ? ": " : "", f->text);
		line(ctx, buf_text(&text));
	}
	buf_cut(&text, 0);
	if (j->finding_count > kept) {
		buf_printf(&text, "and %llu more",
		    (unsigned long long)(j->finding_count - kept));
		line(ctx, buf_text(&text));
		buf_cut(&text, 0);
	}
	buf_printf(&text, "checked: %s", j->covered.len == 0 ? "nothing" :
	    buf_text(&j->covered));
	line(ctx, buf_text(&text));
	buf_release(&text);
}

__attribute__((format(printf, 2, 0))) static void
join(struct buf *to, const char *fmt, va_list args)
{
	char text[FINDING_TEXT_MAX];

	(void)vsnprintf(text, sizeof text, fmt, args);
	if (to->len + strlen(text) + 2 > JUDGEMENT_TEXT_MAX)
		return;
	if (to->len > 0)
		buf_puts(to, "; ");
	buf_puts(to, text);
}

void
judge_say(struct judgement *j, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	join(&j->said, fmt, args);
	va_end(args);
}

void
judge_cover(struct judgement *j, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	join(&j->covered, fmt, args);
	va_end(args);
}
