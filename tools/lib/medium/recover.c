/* SPDX-License-Identifier: BSD-2-Clause */
/* The page that every medium carries; see recover.h. */
#include "medium/recover.h"

#include <string.h>

#include "medium/medium.h"
#include "medium/put.h"

static const char page[] =
"HOW TO GET THE DATA BACK FROM THIS MEDIUM\n"
"\n"
"This medium holds snapshots of Docker volumes made by Drydock.  With the\n"
"Drydock tools (look in the folder bin/ here) it is one command:\n"
"\n"
"    restore-volume --from THIS-MEDIUM latest VOLUME\n"
"\n"
"Without them, these three programs are enough: tar, zstd, sha256sum.\n"
"\n"
"1. Choose a folder below snapshots/.  The number in front counts up; the\n"
"   newest is the highest.  A folder without a file COMPLETE was interrupted:\n"
"   do not use it.\n"
"\n"
"2. Check it (every line must say OK):\n"
"\n"
"    cd snapshots/NUMBER-DATE\n"
"    sha256sum -c SHA256SUMS\n"
"\n"
"   If there is a file SHA256SUMS.sig and you have the public key:\n"
"\n"
"    openssl dgst -sha256 -verify KEY.pub -signature SHA256SUMS.sig SHA256SUMS\n"
"\n"
"3. Stop every container that uses the volume, then, as root:\n"
"\n"
"    mkdir -p /var/lib/docker/volumes/VOLUME/_data\n"
"    cat VOLUME.tar.zst* | zstd -d | tar -x -p --numeric-owner \\\n"
"        --xattrs --xattrs-include='*' --acls \\\n"
"        -C /var/lib/docker/volumes/VOLUME/_data\n"
"\n"
"   (An archive may be in parts: .tar.zst.000, .001 and so on; cat joins\n"
"   them in order.)\n"
"\n"
"   File names are in lower case, with odd letters replaced; snapshot.json\n"
"   says which archive is which volume.\n"
"\n"
"4. Start Docker.  If it was running while you made the folder, restart it:\n"
"   it does not see new folders otherwise.  The labels of each volume are in\n"
"   snapshot.json; Docker Compose warns when they are missing, and uses the\n"
"   volume all the same.\n"
"\n"
"The .mtree file beside each archive lists every file with its owner, mode,\n"
"time and SHA-256 (NetBSD mtree reads it).  Sockets and chattr flags are\n"
"listed there only: tar cannot carry them.\n";

int
recover_write(int dir_fd, struct err *err)
{
	return put_file(dir_fd, MEDIUM_RECOVER, page, strlen(page), NULL, err);
}
