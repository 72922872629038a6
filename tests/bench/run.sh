#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# make bench: our tools side by side with what a person would run instead, on
# the same bytes, in one run.  Medians of BENCH_RUNS runs (3), flushes included
# on both sides; ratios over 1 mean that ours is faster.  Nothing is asserted:
# a table (build/bench/bench.md) and a chart (build/bench/bench.svg) come out.
#
#   BENCH_DIR    where the data goes (default build/bench/work; 8 GB)
#   BENCH_SCALE  pgbench scale of the PostgreSQL set (100: about 1.5 GB)
#   BENCH_FILES  number of small files (100000)
#   BENCH_ONLY   some of: postgres small one parts lists (default: all)
set -eu
cd "$(dirname "$0")/../.."
bin=$PWD/build/musl/bin
out=$PWD/build/bench
work=${BENCH_DIR:-$out/work}
runs=${BENCH_RUNS:-3}
scale=${BENCH_SCALE:-100}
files=${BENCH_FILES:-100000}
only=${BENCH_ONLY:-postgres small one parts lists}
mkdir -p "$out" "$work"
results=$out/results.tsv
: >"$results"
export DRYDOCK_CATALOG=$work/catalog.db
export RESTIC_PASSWORD=bench BORG_BASE_DIR=$work/borg-home
export BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=yes
export RESTIC_CACHE_DIR=$work/restic-cache LC_ALL=C

say() { printf 'bench: %s\n' "$*" >&2; }

# ---- data

# A real cluster, filled by pgbench and stopped cleanly.
make_pg() {
	[ -f "$work/pg/done" ] && return
	pgbin=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)
	say "making a PostgreSQL cluster of scale $scale"
	rm -rf "$work/pg"
	mkdir -p "$work/pg/data" "$work/pg/run"
	chown -R postgres "$work/pg"
	# The server refuses root, and must reach its folder.
	as() { setpriv --reuid postgres --regid postgres --clear-groups "$@"; }
	for d in "$work" "$out" "$PWD" "$(dirname "$PWD")"; do
		chmod o+x "$d" 2>/dev/null || :
	done
	as "$pgbin/initdb" -D "$work/pg/data" --no-sync >/dev/null
	as "$pgbin/pg_ctl" -D "$work/pg/data" -w -l "$work/pg/log" \
		-o "-k $work/pg/run -h ''" start >/dev/null
	as "$pgbin/pgbench" -h "$work/pg/run" -i -q -s "$scale" postgres \
		>/dev/null 2>&1
	as "$pgbin/pg_ctl" -D "$work/pg/data" -w stop >/dev/null
	touch "$work/pg/done"
}

# Small files of real text and binaries, 5.7 kB each.
make_small() {
	[ -f "$work/small.done" ] && return
	say "making $files small files"
	rm -rf "$work/small"
	mkdir -p "$work/small"
	tar -cf - -C /usr share/doc lib include 2>/dev/null |
		for i in $(seq 0 99); do
			mkdir "$work/small/d$i"
			head -c $((files / 100 * 5700)) |
				(cd "$work/small/d$i" && split -a 4 -d -b 5700 - f)
		done
	touch "$work/small.done"
}

# ---- measuring

# timed COMMAND: seconds and peak kB of the whole shell line.
timed() {
	sync
	/usr/bin/time -f '%e %M' -o "$work/time" sh -c "$1" \
		>"$work/log" 2>&1 || {
		say "failed: $1"
		tail -n 5 "$work/log" >&2
		printf 'nan 0\n'
		return
	}
	tail -n 1 "$work/time"
}

# measure SET WHAT WHO PREPARE COMMAND: the median goes to the results.
measure() {
	: >"$work/samples"
	for _ in $(seq "$runs"); do
		sh -c "$4" >/dev/null 2>&1
		timed "$5" >>"$work/samples"
	done
	sort -n "$work/samples" | awk -v n="$runs" -v s="$1" -v w="$2" \
		-v who="$3" 'NR == int((n + 1) / 2) {
		printf "%s\t%s\t%s\t%s\t%s\n", s, w, who, $1, $2 }' |
		tee -a "$results" >&2
}

# all SET DIRECTORY: taking, verifying, giving back.
all() {
	set=$1 src=$2 m=$work/medium d=$work/out
	rm -rf "$m" "$d"
	fresh="rm -rf $m; mkdir -p $m"
	clean="rm -rf $d; mkdir -p $d"

	# The data is in the cache on every side.
	tar -cf - -C "$src" . | cat >/dev/null
	measure "$set" snapshot drydock "$fresh" \
		"$bin/snapshot -q --to $m --any-directory --path data=$src"
	measure "$set" snapshot "tar to zstd -3 -T0, sha256sum" "$clean" \
		"tar -cf - -C $src . | zstd -q -3 -T0 >$d/x.tar.zst; sync -f $d; sha256sum $d/x.tar.zst >$d/sums"
	measure "$set" snapshot restic \
		"rm -rf $work/restic $work/restic-cache; restic -q init -r $work/restic" \
		"restic -q backup -r $work/restic $src; sync -f $work"
	measure "$set" snapshot borg \
		"rm -rf $work/borg $work/borg-home; borg init -e none $work/borg" \
		"borg create --compression zstd,3 $work/borg::a $src; sync -f $work"

	tar -cf - -C "$src" . | zstd -q -3 -T0 >"$work/x.tar.zst"
	measure "$set" restore drydock "$clean" \
		"$bin/restore-volume -q --from $m latest --to $d/x data"
	measure "$set" restore "zstd -d to tar x, sync -f" "$clean" \
		"zstd -q -d <$work/x.tar.zst | tar -x -p -C $d; sync -f $d"
	measure "$set" restore restic "$clean" \
		"restic -q restore latest -r $work/restic --target $d; sync -f $d"
	measure "$set" restore borg "$clean" \
		"cd $d && borg extract $work/borg::a; sync -f $d"

	folder=$(ls -d "$m"/drydock/snapshots/*)
	measure "$set" verify drydock : "$bin/verify -q $m"
	measure "$set" verify "sha256sum -c" "cat $folder/* >/dev/null" \
		"cd $folder && sha256sum -c --quiet SHA256SUMS"
	measure "$set" verify-deep drydock : "$bin/verify -q --deep $m"
	measure "$set" verify-deep "restic check --read-data" : \
		"restic -q check --read-data -r $work/restic"
}

# One large file alone: what hashing costs.
one_file() {
	m=$work/medium-one
	rm -rf "$m" "$work/one"
	mkdir -p "$m" "$work/one"
	openssl enc -aes-128-ctr -pass pass:bench -nosalt -pbkdf2 </dev/zero \
		2>/dev/null | head -c 2000000000 >"$work/one/file"
	"$bin/snapshot" -q --to "$m" --any-directory --path "data=$work/one"
	folder=$(ls -d "$m"/drydock/snapshots/*)
	measure one-2GB verify drydock : "$bin/verify -q $m"
	measure one-2GB verify "sha256sum -c" "cat $folder/* >/dev/null" \
		"cd $folder && sha256sum -c --quiet SHA256SUMS"
	measure one-2GB verify "dd iflag=direct (the device)" : \
		"dd if=$folder/data.tar.zst of=/dev/null bs=4M iflag=direct"
	rm -rf "$m" "$work/one"
}

# One archive in parts on a medium: whether both processors work.
parts() {
	m=$work/medium-parts
	make_four
	rm -rf "$m"
	mkdir -p "$m"
	"$bin/snapshot" -q --to "$m" --any-directory --part-size 250M \
		--path "data=$work/four"
	folder=$(ls -d "$m"/drydock/snapshots/*)
	for state in warm cold; do
		prepare="cat $folder/* >/dev/null"
		if [ $state = cold ]; then
			[ -w /proc/sys/vm/drop_caches ] || continue
			prepare="sync; echo 3 >/proc/sys/vm/drop_caches"
		fi
		measure parts-2GB "verify, $state" drydock "$prepare" \
			"$bin/verify -q $m"
		measure parts-2GB "verify, $state" "drydock --threads 1" \
			"$prepare" "$bin/verify -q --threads 1 $m"
		measure parts-2GB "verify, $state" "sha256sum -c" "$prepare" \
			"cd $folder && sha256sum -c --quiet SHA256SUMS"
		measure parts-2GB "verify, $state" \
			"dd iflag=direct (the device)" "$prepare" \
			"for f in $folder/data.tar.zst.*; do dd if=\$f of=/dev/null bs=4M iflag=direct; done"
	done
	rm -rf "$m"
}

# lists SET DIRECTORY: a list of SHA-256 that any tool can check.  Ours reads
# from the device in both states; the others from the cache when it is warm.
lists() {
	set=$1 d=$2
	(cd "$d" && find . -type f ! -name SHA256SUMS -print0 | sort -z |
		xargs -0 sha256sum) >"$work/SHA256SUMS"
	mv "$work/SHA256SUMS" "$d/SHA256SUMS"
	rm -rf "$work/restic" "$work/restic-cache"
	restic -q init -r "$work/restic"
	restic -q backup -r "$work/restic" "$d"
	for state in warm cold; do
		prepare="tar -cf - -C $d . | cat >/dev/null; tar -cf - -C $work restic | cat >/dev/null"
		if [ $state = cold ]; then
			[ -w /proc/sys/vm/drop_caches ] || continue
			prepare="sync; echo 3 >/proc/sys/vm/drop_caches"
		fi
		job="sums, $state"
		measure "$set" "$job" drydock "$prepare" \
			"$bin/verify -q $d/SHA256SUMS"
		measure "$set" "$job" "sha256sum -c" "$prepare" \
			"cd $d && sha256sum -c --quiet SHA256SUMS"
		measure "$set" "$job" "rhash -c" "$prepare" \
			"cd $d && rhash -c --skip-ok SHA256SUMS"
		measure "$set" "$job" "openssl dgst, no comparison" "$prepare" \
			"cd $d && find . -type f -print0 | xargs -0 openssl dgst -sha256 >/dev/null"
		measure "$set" "$job" "restic check --read-data" "$prepare" \
			"restic -q check --read-data -r $work/restic"
	done
	rm "$d/SHA256SUMS"
}

make_four() {
	[ -f "$work/four.done" ] && return
	say "making four files of 500 MB"
	rm -rf "$work/four"
	mkdir -p "$work/four"
	for i in 1 2 3 4; do
		openssl enc -aes-128-ctr -pass "pass:bench$i" -nosalt -pbkdf2 \
			</dev/zero 2>/dev/null | head -c 500000000 >"$work/four/f$i"
	done
	touch "$work/four.done"
}

# ---- the report

table() {
	printf '# Drydock beside what one would run instead\n\n'
	printf '%s cores, %s, median of %s runs, seconds; flushes included.\n\n' \
		"$(nproc)" "$(sed -n 's/^model name.*: //p' /proc/cpuinfo |
		head -n 1)" "$runs"
	printf '| data | job | tool | seconds | ours is faster by | peak MB |\n'
	printf '|---|---|---|---:|---:|---:|\n'
	awk -F '\t' '
	{ key = $1 SUBSEP $2; if ($3 == "drydock") ours[key] = $4 }
	{ line[NR] = $0 }
	END {
		for (i = 1; i <= NR; i++) {
			split(line[i], f, "\t"); key = f[1] SUBSEP f[2]
			if (f[3] == "drydock") ratio = ""
			else if (f[4] == "nan") ratio = "failed"
			else ratio = sprintf("%.2f x",
			    f[4] / (ours[key] > 0 ? ours[key] : 0.01))
			printf "| %s | %s | %s | %s | %s | %.0f |\n", f[1], f[2], f[3],
			    f[4], ratio, f[5] / 1024
		}
	}' "$results"
	printf '\nPeak memory of a pipeline is that of its largest process.\n'
}

chart() {
	awk -F '\t' '
	{ n++; label[n] = $1 " " $2 ": " $3; v[n] = $4 == "nan" ? 0 : $4
	  own[n] = $3 == "drydock"; key = $1 SUBSEP $2
	  k[n] = key; if (v[n] > max[key]) max[key] = v[n] }
	END {
		h = n * 22 + 20
		printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"760\" height=\"%d\" font-family=\"sans-serif\" font-size=\"12\">\n", h
		printf "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n"
		for (i = 1; i <= n; i++) {
			y = 10 + (i - 1) * 22; t = label[i]
			gsub(/&/, "\\&amp;", t); gsub(/</, "\\&lt;", t)
			w = max[k[i]] > 0 ? v[i] / max[k[i]] * 330 : 0
			printf "<text x=\"330\" y=\"%d\" text-anchor=\"end\">%s</text>\n", y + 13, t
			printf "<rect x=\"340\" y=\"%d\" width=\"%.1f\" height=\"16\" fill=\"%s\"/>\n", y, w, own[i] ? "#0b6e4f" : "#9aa5b1"
			printf "<text x=\"%.1f\" y=\"%d\">%.2f s</text>\n", 346 + w, y + 13, v[i]
		}
		print "</svg>"
	}' "$results"
}

for part in $only; do
	case $part in
	postgres)
		make_pg
		all "postgres $(du -sh "$work/pg/data" | cut -f 1)" \
			"$work/pg/data" ;;
	small)
		make_small
		all "small $files" "$work/small" ;;
	one)
		one_file ;;
	parts)
		parts ;;
	lists)
		make_small
		lists "small $files" "$work/small"
		make_four
		lists "four-2GB" "$work/four" ;;
	*)
		say "no set called '$part'"
		exit 2 ;;
	esac
done
table | tee "$out/bench.md"
chart >"$out/bench.svg"
say "written: build/bench/bench.md, build/bench/bench.svg"
