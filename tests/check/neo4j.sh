#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Stores of Neo4j, by their names (there is no package of the server): what is
# there, and what a start would lack.
. tests/check/lib.sh

data=$tmp/data
for db in system neo4j; do
	mkdir -p "$data/databases/$db" "$data/transactions/$db"
	for file in neostore neostore.nodestore.db neostore.counts.db; do
		head -c 8192 /dev/urandom >"$data/databases/$db/$file"
	done
	: >"$data/databases/$db/database_lock"
	: >"$data/databases/$db/neostore.labeltokenstore.db"
	echo log >"$data/transactions/$db/neostore.transaction.db.0"
	echo log >"$data/transactions/$db/checkpoint.0"
done
: >"$data/databases/store_lock"
mkdir "$data/dbms"
echo id >"$data/server_id"
fresh() { rm -rf "$tmp/case"; cp -a "$data" "$tmp/case"; }
case_is() {
	look "$tmp/case"
	judged neo4j "$1" "$2: $1"
}

fresh
case_is UNCHECKED "two databases with their logs"
covered "2 databases: which files are there" "what was looked at is said"
found "stores have no checksums" "and what was not"
fresh
rm -r "$tmp/case/transactions/neo4j"
case_is DAMAGED "the logs of one missing"
found "transactions/neo4j: no transaction logs" "which is named"
fresh
rm "$tmp/case/transactions/neo4j/"neostore*
case_is DAMAGED "a log missing, its checkpoint there"
fresh
rm "$tmp/case/transactions/neo4j/"checkpoint*
case_is UNCHECKED "a checkpoint missing"
found "transactions/neo4j: no file of checkpoints" "which is named"
fresh
rm -r "$tmp/case/transactions"
case_is UNCHECKED "no logs in this volume"
found "transactions: not here: .*another volume" "is said"
fresh
rm -r "$tmp/case/databases/system"
case_is SUSPECT "no database 'system'"
fresh
rm -r "$tmp/case/databases/neo4j"
case_is SUSPECT "only 'system'"
fresh
rm "$tmp/case/databases/neo4j/"*
case_is DAMAGED "an empty database"
fresh
: >"$tmp/case/databases/neo4j/neostore"
case_is DAMAGED "an emptied store"
fresh
mv "$tmp/case/databases/neo4j/neostore" "$tmp/case/databases/neo4j/block.x1.db"
case_is UNCHECKED "block format"
rm -rf "$tmp/case"
mkdir -p "$tmp/case/databases/notes"
echo x >"$tmp/case/databases/notes/file"
look "$tmp/case"
judged neo4j "" "another folder of that name is none"
finish
