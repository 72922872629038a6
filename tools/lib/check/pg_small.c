/* SPDX-License-Identifier: BSD-2-Clause */
/* The small files of a PostgreSQL cluster. */
#include "check/pg_small.h"

#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/num.h"
#include "check/pg_name.h"
#include "codec/crc.h"

#define SLOT_MAGIC 0x1051CA1U
#define SLOT_HEADER 16U		/* magic, checksum, version, length */
#define SLOT_CRC_FROM 8U
#define SLOT_USED 104U		/* up to the position it holds back */

int
pg_slot_parse(const uint8_t *data, size_t len, struct pg_slot *slot,
    struct err *err)
{
	if (len < SLOT_USED)
		return err_set(err, ERR_DAMAGED, 0, "is cut short");
	if (get_le32(data) != SLOT_MAGIC)
		return err_set(err, ERR_DAMAGED, 0, "is no replication slot");
	if (get_le32(data + 12) != len - SLOT_HEADER)
		return err_set(err, ERR_DAMAGED, 0,
		    "is not as long as it says");
	if (crc_32c(0, data + SLOT_CRC_FROM, len - SLOT_CRC_FROM) !=
	    get_le32(data + 4))
		return err_set(err, ERR_DAMAGED, 0,
		    "its checksum does not match");
	memcpy(slot->name, data + SLOT_HEADER, PG_NAME_MAX - 1);
	slot->name[PG_NAME_MAX - 1] = '\0';
	slot->is_persistent = get_le32(data + 84) == 0;
	slot->restart = get_le64(data + 96);
	return 0;
}

/* What follows a word at the start of a line; NULL: no such line. */
static const char *
line_after(const char *text, const char *word)
{
	size_t len = strlen(word);

	while (strncmp(text, word, len) != 0) {
		text = strchr(text, '\n');
		if (text == NULL)
			return NULL;
		text++;
	}
	return text + len;
}

int
pg_label_parse(const char *text, uint64_t *start, uint64_t *checkpoint,
    struct err *err)
{
	const char *from = line_after(text, "START WAL LOCATION: ");
	const char *point = line_after(text, "CHECKPOINT LOCATION: ");

	if (from == NULL || point == NULL || !pg_lsn_parse(from, start) ||
	    !pg_lsn_parse(point, checkpoint))
		return err_set(err, ERR_DAMAGED, 0,
		    "does not say where the backup starts");
	return 0;
}

bool
pg_pid_parse(const char *text, uint64_t *pid)
{
	size_t len = strcspn(text, "\n");

	/* A stand-alone server writes its number with a minus. */
	if (*text == '-') {
		text++;
		len--;
	}
	return num_parse(text, len, 10, INT32_MAX, pid) && *pid > 0;
}

unsigned
pg_version_parse(const char *text)
{
	size_t len = strspn(text, "0123456789");
	uint64_t major;

	if (!num_parse(text, len, 10, 1000, &major))
		return 0;
	text += len;
	if (major == 9 ? strncmp(text, ".6", 2) != 0 :
	    *text != '\n' && *text != '\0')
		return 0;
	return (unsigned)major;
}
