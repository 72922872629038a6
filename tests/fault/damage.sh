#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Damage a signed snapshot in parts in every way: verify must name the file, in
# words of its own for each kind, with the right status, and restore-volume
# must refuse it and leave its target as it was.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/fault/lib.sh
needs openssl python3
sandbox
. tests/fault/jobs.sh

# Change one byte.  $1: file, $2: offset
flip() {
	python3 -c '
import sys
with open(sys.argv[1], "r+b") as f:
    f.seek(int(sys.argv[2]))
    byte = f.read(1)[0]
    f.seek(int(sys.argv[2]))
    f.write(bytes([byte ^ 0x41]))' "$1" "$2"
}

fresh() {
	rm -rf "$medium"
	cp -a "$work/whole" "$medium"
	snap=$(echo "$medium"/drydock/snapshots/0001-*)
}

# SHA256SUMS as if the files had always been what they are now.
sum_again() {
	(cd "$snap" && sha256sum $(cut -c67- SHA256SUMS) >"$work/sums" &&
	cat "$work/sums" >SHA256SUMS)
}

# COMPLETE to match SHA256SUMS: what somebody with a text editor can do.
commit_again() {
	(cd "$snap" || exit
	{ sed -n 1,3p COMPLETE
	echo "sums $(sha256sum <SHA256SUMS | cut -c1-64)"; } >"$work/record"
	echo "self $(sha256sum <"$work/record" | cut -c1-64)" >>"$work/record"
	cat "$work/record" >COMPLETE)
}

# What verify says, and with which status.  $1: what was done, $2: statuses that
# are right, $3: what its report must match, rest: options
verify_says() {
	did=$1 right=$2 pattern=$3
	shift 3
	run "$verify" "$@" --key "$work/key.pub" "$medium"
	case " $right " in
	*" $status "*) ;;
	*) fault="$fault
$did: verify: status $status, not $right: $(grep -v '^snapshot' "$work/said" | head -n 6)"
		return ;;
	esac
	grep -qE "$pattern" "$work/said" || fault="$fault
$did: verify does not say '$pattern': $(head -n 8 "$work/said")"
}

# restore-volume refuses.  $1: what was done, rest: more options
restore_refuses() {
	did=$1
	shift
	rm -rf "$work/dir"
	cp -a "$work/dir.start" "$work/dir"
	run "$restore" "$@" --from "$medium" --assume-unused --to "$target" 1 vol
	case $status in
	0|2|3) fault="$fault
$did: restore-volume: status $status" ;;
	esac
	[ "$(digest "$target")" = "$old" ] &&
		[ "$(ls -A "$work/dir")" = target ] || fault="$fault
$did: restore-volume changed its target"
}

conclude() {
	tried=$2
	if [ -z "$fault" ] && [ "$tried" -gt 0 ]; then
		ok "$1 ($tried tried)"
	else
		not_ok "$1 ($tried tried)" "$fault"
	fi
	fault=
}

# ---------------------------------------------------------------- the start

make_tree "$work/new" new
# Three parts of at most 8 MiB.
head -c 18000000 /dev/urandom >"$work/new/big"
head -c 1000000 /dev/urandom >"$work/new/zz-last"
"$snapshot" --new-key "$work/key" >/dev/null
"$snapshot" --new-key "$work/other" >/dev/null
mkdir -p "$work/whole" "$work/dir.start" "$work/first/volumes/vol"
cp -a "$work/new" "$work/first/volumes/vol/_data"
make_tree "$work/dir.start/target" old
run "$snapshot" --to "$work/whole" --any-directory --part-size 8M \
	--key "$work/key" --data-root "$work/first" vol
[ "$status" -eq 0 ] || { said; echo "Bail out! snapshot: $status"; exit 1; }
old=$(digest "$work/dir.start/target")
fault=
fresh
files=$(ls "$snap")
parts=$(cd "$snap" && ls *.tar.zst.*)
note "files: $(echo $files)"
[ "$(echo "$parts" | wc -l)" -eq 3 ] || { echo "Bail out! not 3 parts"; exit 1; }

verify_says whole 0 'no damage found' --deep
conclude "whole, it verifies" 1

# ---------------------------------------------------------------- one byte

tried=0
for file in $files; do
	size=$(stat -c %s "$snap/$file")
	for at in 0 1 $((size / 4)) $((size / 2)) $((size * 3 / 4)) \
		$((size - 2)) $((size - 1)); do
		fresh
		flip "$snap/$file" "$at"
		tried=$((tried + 1))
		did="byte $at of $file"
		case $file in
		SHA256SUMS.sig)
			verify_says "$did" 6 'signature  BAD: SHA256SUMS.sig' ;;
		SHA256SUMS)
			verify_says "$did" "5" 'DAMAGED +SHA256SUMS' ;;
		*)
			verify_says "$did" 5 "DAMAGED +$file" ;;
		esac
		case $file in
		SHA256SUMS.sig) restore_refuses "$did" --key "$work/key.pub" ;;
		*) restore_refuses "$did" ;;
		esac
	done
done
conclude "one byte changed, in each file at seven places" "$tried"

# A changed commit record may belong to a good snapshot: it is never swept.
tried=0
for at in 0 1 20 40 120 180; do
	fresh
	flip "$snap/COMPLETE" "$at"
	run "$snapshot" --to "$medium" --any-directory --path "more=$work/dir.start"
	tried=$((tried + 1))
	[ "$status" -eq 3 ] && grep -q 'COMPLETE is damaged' "$work/said" ||
		fault="$fault
byte $at: next snapshot: $status: $(said)"
	[ "$(ls "$snap" | wc -l)" -eq "$(echo "$files" | wc -l)" ] ||
		fault="$fault
byte $at: swept"
done
conclude "a damaged COMPLETE is named, and not swept" "$tried"

# ---------------------------------------------------------------- members

# Of the three parts, the middle one holds nothing but "big".
fresh
second=$(echo "$parts" | sed -n 2p)
flip "$snap/$second" 4000000
verify_says "deep, $second" 5 'lost +vol: big' --deep
! grep -q 'lost .*zz-last' "$work/said" || fault="$fault
deep: too much is lost: $(cat "$work/said")"
conclude "--deep names the member that is lost, and no other" 1

# ---------------------------------------------------------------- files

tried=0
for part in $parts; do
	size=$(stat -c %s "$snap/$part")
	for cut in 0 1 $((size / 2)) $((size - 1)); do
		fresh
		truncate -s "$cut" "$snap/$part"
		tried=$((tried + 1))
		verify_says "$part cut to $cut" 5 \
			"DAMAGED +$part: has $cut bytes instead of $size"
		restore_refuses "$part cut to $cut"
	done
done
conclude "a part cut short" "$tried"

tried=0
for file in $files; do
	fresh
	rm "$snap/$file"
	tried=$((tried + 1))
	case $file in
	COMPLETE) verify_says "no $file" "3 10" 'was interrupted' ;;
	SHA256SUMS) verify_says "no $file" 5 'DAMAGED +SHA256SUMS' ;;
	SHA256SUMS.sig)
		verify_says "no $file" 6 'signature  MISSING' ;;
	*) verify_says "no $file" 5 "MISSING +$file" ;;
	esac
	case $file in
	SHA256SUMS.sig) restore_refuses "no $file" --key "$work/key.pub" ;;
	*) restore_refuses "no $file" ;;
	esac
done
conclude "each file missing" "$tried"

fresh
first=$(echo "$parts" | sed -n 1p)
mv "$snap/$first" "$work/moved"
mv "$snap/$second" "$snap/$first"
mv "$work/moved" "$snap/$second"
verify_says "swapped" 5 "DAMAGED +$first: holds what $second should hold"
verify_says "swapped" 5 "DAMAGED +$second: holds what $first should hold"
restore_refuses "swapped"
conclude "two parts swapped" 2

fresh
echo surprise >"$snap/autorun.inf"
verify_says "foreign file" 5 'FOREIGN +autorun.inf: no line of SHA256SUMS'
conclude "a foreign file is named" 1

# ---------------------------------------------------------------- tampering

# Somebody takes a member's line out of the manifest, and covers the traces
# ever better.
manifest=$(cd "$snap" && ls *.mtree)
without_a_member() {
	fresh
	python3 - "$snap/$manifest" >"$work/m" <<-'END'
	import re, sys
	text = open(sys.argv[1]).read()
	text, n = re.subn(r'#@[^\n]*\n\./sub/noise [^\n]*\n', '', text)
	assert n == 1
	print(re.sub(r'#@ end entries=(\d+) bytes=(\d+)', lambda m:
	    '#@ end entries=%d bytes=%d' % (int(m[1]) - 1, int(m[2]) - 70000),
	    text), end='')
	END
	cmp -s "$work/m" "$snap/$manifest" && fault="$fault
no such line in the manifest"
	cat "$work/m" >"$snap/$manifest"
}
without_a_member
verify_says "line out of the manifest" 5 "DAMAGED +$manifest"
restore_refuses "line out of the manifest"
sum_again
verify_says "and the sums made anew" "5 6" 'DAMAGED +SHA256SUMS'
verify_says "and the sums made anew" "5 6" 'signature  BAD'
restore_refuses "and the sums made anew"
commit_again
verify_says "and COMPLETE too" 6 'signature  BAD'
restore_refuses "and COMPLETE too" --key "$work/key.pub"
# Without a key all sums fit; but the archive holds more than the manifest.
run "$verify" --deep "$medium"
[ "$status" -eq 5 ] && grep -q 'vol: sub/noise' "$work/said" &&
	! grep -q 'no damage' "$work/said" || fault="$fault
deep without the key: $status: $(cat "$work/said")"
restore_refuses "and COMPLETE too, without the key"
conclude "a line taken out of the manifest" 5

tried=0
for file in $(cut -c67- "$work/whole"/drydock/snapshots/0001-*/SHA256SUMS); do
	fresh
	grep -v "  $file\$" "$snap/SHA256SUMS" >"$work/sums"
	cat "$work/sums" >"$snap/SHA256SUMS"
	tried=$((tried + 1))
	verify_says "no sum for $file" 5 'DAMAGED +SHA256SUMS'
	verify_says "no sum for $file" 5 "FOREIGN +$file"
	restore_refuses "no sum for $file"
	commit_again
	verify_says "no sum for $file, COMPLETE anew" "5 6" 'signature  BAD'
	restore_refuses "no sum for $file, COMPLETE anew" --key "$work/key.pub"
	restore_refuses "no sum for $file, COMPLETE anew, no key"
done
conclude "a line taken out of SHA256SUMS" "$tried"

tried=0
for file in $parts snapshot.json; do
	fresh
	flip "$snap/$file" 100
	sum_again
	verify_says "$file, sums anew" "5 6" 'DAMAGED +SHA256SUMS'
	restore_refuses "$file, sums anew"
	commit_again
	verify_says "$file, sums and COMPLETE anew" "5 6" 'signature  BAD'
	restore_refuses "$file, sums and COMPLETE anew" --key "$work/key.pub"
	tried=$((tried + 1))
done
conclude "a changed file with sums and COMPLETE to match" "$tried"

fresh
openssl pkey -in "$work/other" -noout 2>/dev/null ||
	note "openssl does not read our key"
openssl dgst -sha256 -sign "$work/other" -out "$snap/SHA256SUMS.sig" \
	"$snap/SHA256SUMS"
verify_says "signed with another key" 6 'signature  BAD'
restore_refuses "signed with another key" --key "$work/key.pub"
run "$verify" --key "$work/other.pub" "$medium"
[ "$status" -eq 0 ] || fault="$fault
openssl's signature by the right key: $status: $(said)"
conclude "signed with another key" 1

fresh
run "$verify" --key "$work/no-such.pub" "$medium"
[ "$status" -ne 0 ] && [ "$status" -ne 3 ] && grep -q no-such "$work/said" ||
	fault="verify with no key file: $status: $(said)"
restore_refuses "no key file" --key "$work/no-such.pub"
conclude "the key file missing" 1

# ---------------------------------------------------------------- interrupted

fresh
rm "$snap/COMPLETE"
run "$snapshot" --to "$medium" --any-directory --path "more=$work/dir.start"
[ "$status" -eq 0 ] && grep -q 'removed the interrupted snapshot 0001' "$work/said" ||
	fault="next snapshot: $status: $(said)"
[ ! -e "$snap" ] || fault="$fault
not swept"
conclude "without COMPLETE it is swept by the next snapshot" 1
plan
