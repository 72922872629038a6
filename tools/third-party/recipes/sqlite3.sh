# SPDX-License-Identifier: BSD-2-Clause
# SQLite: the catalogue, and reading SQLite volumes back.  The amalgamation is
# made with the tree's own little Tcl.
#
# The options are those its authors recommend for a program that owns its
# database handles, plus defensive defaults, because a volume's database is a
# stranger's file: memory is counted so that it can be limited, and the
# progress callback stays in so that a check of hours can be ended.
BUILDCC=gcc
./configure --prefix="$PREFIX" --disable-tcl --disable-shared \
	CC="$BUILDCC" CFLAGS=-O1
make sqlite3.c CC="$BUILDCC"
static_library libsqlite3.a -DSQLITE_DQS=0 -DSQLITE_THREADSAFE=1 \
	-DSQLITE_LIKE_DOESNT_MATCH_BLOBS \
	-DSQLITE_MAX_EXPR_DEPTH=100 -DSQLITE_OMIT_DEPRECATED \
	-DSQLITE_OMIT_SHARED_CACHE -DSQLITE_OMIT_LOAD_EXTENSION \
	-DSQLITE_TRUSTED_SCHEMA=0 \
	-DHAVE_USLEEP=1 -DHAVE_FDATASYNC=1 \
	-- sqlite3.c
install -m 644 sqlite3.h "$PREFIX/include/"
