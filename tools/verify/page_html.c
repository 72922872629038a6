/* SPDX-License-Identifier: BSD-2-Clause */
/* HTML piece by piece; see page_html.h. */
#include "page_html.h"

void
html_text(struct buf *out, const char *text)
{
	for (; *text != '\0'; text++)
		switch (*text) {
		case '&': buf_puts(out, "&amp;"); break;
		case '<': buf_puts(out, "&lt;"); break;
		case '>': buf_puts(out, "&gt;"); break;
		case '"': buf_puts(out, "&quot;"); break;
		case '\'': buf_puts(out, "&#39;"); break;
		default: buf_byte(out, (unsigned char)*text); break;
		}
}

void
html_tag(struct buf *out, const char *class, const char *words)
{
	buf_printf(out, "<span class=\"tag %s\">", class);
	html_text(out, words);
	buf_puts(out, "</span>");
}

void
html_table(struct buf *out, const char *const *heads)
{
	buf_puts(out, "<table><thead><tr>");
	for (; *heads != NULL; heads++) {
		bool is_number = (*heads)[0] == '#';

		buf_puts(out, is_number ? "<th scope=\"col\" class=\"n\">" :
		    "<th scope=\"col\">");
		html_text(out, *heads + is_number);
		buf_puts(out, "</th>");
	}
	buf_puts(out, "</tr></thead>\n<tbody>\n");
}

void
html_cell(struct buf *out, const char *head, bool is_number)
{
	buf_printf(out, "<td%s data-l=\"", is_number ? " class=\"n\"" : "");
	html_text(out, head);
	buf_puts(out, "\">");
}

void
html_next(struct buf *out, const char *head, bool is_number)
{
	buf_puts(out, "</td>");
	html_cell(out, head, is_number);
}
