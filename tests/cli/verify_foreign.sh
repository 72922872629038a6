#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# verify and the checksum lists of other tools: the same verdicts as theirs on
# the same lists, but for what verify(1) says is different.
. tests/tap.sh

d=$tmp/d
mkdir -p "$d/sub/deep"
newline=$(printf 'new\nline')
return=$(printf 'car\rriage')
echo one >"$d/plain"
echo two >"$d/with space "
echo three >"$d/back\\slash"
echo four >"$d/$newline"
echo five >"$d/$return"
echo six >"$d/-dash"
echo seven >"$d/*star"
echo eight >"$d/ space first"
echo nine >"$d/sub/deep/file"
echo ten >"$d/(paren) = x"
: >"$d/empty"
head -c 9000000 /dev/urandom >"$d/large"
names() { (cd "$d" && find . -type f ! -name '*SUMS' ! -name '.*' -print0); }
list() { (cd "$d" && names | xargs -0 "$@"); }

# ---- what each tool writes is taken whole

for tool in md5sum sha1sum sha224sum sha256sum sha384sum sha512sum; do
	list $tool >"$tmp/$tool.SUMS"
	cp "$tmp/$tool.SUMS" "$d/X-SHA256SUMS"
	run "$bin/verify" "$d/X-SHA256SUMS"
	exits 0 "$tool: every name"
	says 'files +all 12 OK' "all 12 of them"
	list $tool --tag >"$d/X-SHA256SUMS"
	run "$bin/verify" "$d/X-SHA256SUMS"
	exits 0 "$tool --tag"
	says 'files +all 12 OK' "all 12 of them"
done
list sha256sum -b | sed 's/$/\r/' >"$d/X-SHA256SUMS"
run "$bin/verify" "$d/X-SHA256SUMS"
exits 0 "lines that end as in DOS"
for threads in 0 1 4; do
	run "$bin/verify" --threads $threads "$d/X-SHA256SUMS"
	exits 0 "--threads $threads"
done
if command -v openssl >/dev/null; then
	(cd "$d" && openssl dgst -sha256 plain large sub/deep/file) \
		>"$d/X-SHA256SUMS"
	run "$bin/verify" "$d/X-SHA256SUMS"
	exits 0 "openssl dgst"
	says 'all 3 OK' "its three"
else
	skip "openssl dgst" "no openssl"
fi
if command -v shasum >/dev/null; then
	(cd "$d" && shasum -a 512 plain large) >"$d/X-SHA256SUMS"
	run "$bin/verify" "$d/X-SHA256SUMS"
	exits 0 "shasum"
else
	skip "shasum" "no perl"
fi
cat "$tmp"/*.SUMS >"$d/X-SHA256SUMS"
run "$bin/verify" "$d/X-SHA256SUMS"
says 'files +all 72 OK' "six kinds in one list"
run "$bin/verify" --threads 0 --json -v "$d/X-SHA256SUMS"
is "$(grep -c '"verdict":"OK"' "$tmp/out")" 72 "a line of JSON for each"

# ---- each verdict

cp "$tmp/sha256sum.SUMS" "$d/X-SHA256SUMS"
echo x >>"$d/plain"
: >"$d/sub/deep/file"
rm "$d/-dash"
echo "no list" >>"$d/X-SHA256SUMS"
cp -a "$d" "$tmp/bad"
run "$bin/verify" "$d/X-SHA256SUMS"
exits 5 "damage"
says 'DAMAGED +plain: SHA-256 differs' "a changed file"
says 'DAMAGED +sub/deep/file: is empty' "an emptied file"
says 'MISSING +-dash' "a missing one"
says 'MALFORMED +X-SHA256SUMS, line 13' "a malformed line, by its number"
says 'files +4 of 13 BAD' "and the sum of it"
(cd "$d" && sha256sum -c X-SHA256SUMS 2>/dev/null | grep -v ': OK$' |
	sed 's/:.*//' | sort) >"$tmp/theirs"
sed -n 's/^  \(DAMAGED\|MISSING\) *\([^:]*\):.*/\2/p' "$tmp/out" | sort |
	sed 's/^/.\//' >"$tmp/ours"
diff "$tmp/theirs" "$tmp/ours" >"$tmp/err"
ok $? "sha256sum -c finds the same files"

# ---- nothing outside the folder

d=$tmp/out2
mkdir -p "$d/in"
echo in >"$d/in/file"
echo secret >"$tmp/secret"
ln -s file "$d/in/inside"
ln -s ../../secret "$d/in/outside"
ln -s "$tmp" "$d/in/up"
mkfifo "$d/in/fifo"
sum=$(sha256sum <"$tmp/secret" | cut -c 1-64)
good=$(sha256sum <"$d/in/file" | cut -c 1-64)
{
	echo "$good  in/file"
	echo "$good  ./in//inside"
	echo "$sum  in/outside"
	echo "$sum  in/up/secret"
	echo "$sum  ../secret"
	echo "$sum  $tmp/secret"
	echo "$sum  in/fifo"
	echo "$sum  in"
} >"$d/SHA256SUMS"
run "$bin/verify" "$d"
exits 5 "a list that reaches out"
for name in in/outside in/up/secret ../secret in/fifo 'in:' /; do
	says "REFUSED +.*$name" "refused: $name"
done
says 'files +6 of 8 BAD' "and nothing else is bad: a link inside is followed"
echo "$sum  $tmp/secret" >"$d/SHA256SUMS"
run "$bin/verify" --base / "$d/SHA256SUMS"
exits 0 "an absolute name below --base /"
run "$bin/verify" --base "$tmp/none" "$d/SHA256SUMS"
exits 10 "--base that is not there"

# ---- side files

d=$tmp/side
mkdir "$d"
echo a >"$d/a.tar"
sha256sum <"$d/a.tar" >"$d/a.tar.sha256"
run "$bin/verify" "$d/a.tar.sha256"
exits 0 "a side file made from a pipe"
sha512sum <"$d/a.tar" | cut -c 1-128 >"$d/a.tar.sha512"
(cd "$d" && md5sum a.tar >a.tar.md5)
echo "$(sha1sum <"$d/a.tar" | cut -c 1-40)  /backups/daily/a.tar" \
	>"$d/a.tar.sha1"
run "$bin/verify" "$d"
exits 0 "four side files, by their folder"
says 'checked 4 lists: 4 files' "are used, all of them"
echo "$(sha1sum <"$d/a.tar" | cut -c 1-40)  /backups/daily/b.tar" \
	>"$d/a.tar.sha1"
run "$bin/verify" "$d"
exits 5 "a side file that names another file elsewhere"
rm "$d/a.tar.sha1"

# ---- files that no line covers

run "$bin/verify" --new "$d"
exits 0 "--new: nothing new"
echo b >"$d/b.tar"
mkdir "$d/sub"
echo c >"$d/sub/c.tar"
echo s >"$d/a.tar.md5.sig"
run "$bin/verify" "$d"
exits 0 "new files do not matter by themselves"
run "$bin/verify" --new "$d"
exits 3 "--new: two new files"
says 'NEW +b.tar' "one beside the lists"
says 'NEW +sub/c.tar' "one below"
says 'new +2 that' "and no more: lists and their signatures are none"

# ---- nothing checked is a failure

mkdir "$tmp/nothing"
run "$bin/verify" "$tmp/nothing"
exits 10 "a folder with neither medium nor list"
says 'no list of checksums' "told so"
echo '# nothing' >"$tmp/nothing/SHA256SUMS"
run "$bin/verify" "$tmp/nothing"
exits 5 "a list that names no file"
says 'MALFORMED.*names no file' "told so"
run "$bin/verify" "$tmp/nothing/none"
exits 10 "a list that is not there"
mkfifo "$tmp/nothing/fifo"
run "$bin/verify" "$tmp/nothing/fifo"
exits 10 "a list that is a fifo"
run "$bin/verify" --snapshot 1 "$d/a.tar.md5"
exits 2 "--snapshot with a list: usage"
run "$bin/verify" --deep "$d/a.tar.md5"
exits 3 "--deep with a list: a warning"

# ---- cut anywhere: as sha256sum -c --strict judges it

d=$tmp/cut
mkdir "$d"
for name in a ab abc; do
	echo $name >"$d/$name"
done
same=0
lines() { (cd "$d" && sha256sum a ab "$@" abc); }
for form in '' --tag; do
	lines $form >"$tmp/full"
	size=$(stat -c %s "$tmp/full")
	for n in $(seq 1 "$size"); do
		head -c "$n" "$tmp/full" >"$d/SUMS"
		(cd "$d" && sha256sum -c --strict SUMS) >/dev/null 2>&1
		theirs=$?
		"$bin/verify" -q "$d/SUMS" >/dev/null 2>&1
		ours=$?
		case $theirs,$ours in 0,0 | 1,5) same=$((same + 1)) ;;
		*) echo "# cut at $n: theirs $theirs, ours $ours" ;;
		esac
	done
	is "$same" "$size" "cut at each of $size bytes${form:+, $form}"
	same=0
done

# ---- lists by another name, and options that hold for media only

d=$tmp/linked
mkdir -p "$d/old" "$d/checksums.txt"
for name in a b c; do echo $name >"$d/$name"; done
(cd "$d" && sha256sum a b >old/sums && md5sum c >MD5SUMS)
ln -s old/sums "$d/SHA256SUMS"
echo more >>"$d/a"
run "$bin/verify" "$d"
exits 5 "a list that is a link is read as well"
says 'DAMAGED +a' "and what it names"
says 'checked 2 lists: 3 files' "beside the other; folders are none"
ln -s MD5SUMS "$d/md5sums.txt"
run "$bin/verify" "$d"
says 'checked 2 lists: 3 files' "a second name of a list is no second list"
rm "$d/SHA256SUMS" "$d/md5sums.txt"
ln -s "$tmp/md5sum.SUMS" "$d/SHA256SUMS"
run "$bin/verify" "$d"
exits 5 "a link that leads out of the folder"
says 'REFUSED +SHA256SUMS, the list itself' "is refused"
says '1 of 2 BAD' "and the others are read"
rm "$d/SHA256SUMS" "$d/MD5SUMS"
ln -s gone "$d/SHA256SUMS"
run "$bin/verify" "$d"
exits 5 "a link to nothing"
says 'MISSING +SHA256SUMS, the list itself' "is told"
rm "$d/SHA256SUMS"
(cd "$d" && sha256sum b c >SHA256SUMS)
run "$bin/verify" --with "$tmp" --repair --salvage "$tmp/saved" \
	--record-on-medium "$d"
exits 3 "options that only hold for media"
says 'nothing of this is mended' "are not passed over"
says 'nothing of this is salvaged' "none of them"
says 'nothing of this is recorded' "not one"
run "$bin/verify" --snapshot 1 "$d"
exits 2 "a snapshot of a list"

head -c 3000 /dev/zero >"$d/archive"
run "$bin/verify" "$d/archive"
exits 10 "a file that is no text"
says 'no list of checksums' "is none, and has no malformed lines"
cp "$d/archive" "$d/SHA256SUMS"
run "$bin/verify" "$d/SHA256SUMS"
exits 5 "but for one that is called a list"

# ---- many lines, in little memory

d=$tmp/many
mkdir "$d"
# Empty ones: a million times the same block would be read from the device.
for name in a b c; do : >"$d/$name"; done
(cd "$d" && sha256sum a b c) >"$tmp/three"
yes "$(cat "$tmp/three")" | head -n 1000000 >"$d/SHA256SUMS"
if [ -x /usr/bin/time ]; then
	run /usr/bin/time -f 'peak %M kB, %e s' "$bin/verify" -q "$d/SHA256SUMS"
	exits 0 "a million lines"
	says 'all 1000000 OK' "every one of them"
	sed -n 's/^peak/# peak/p' "$tmp/err"
	peak=$(sed -n 's/^peak \([0-9]*\) kB.*/\1/p' "$tmp/err")
	[ "$peak" -gt 0 ] && [ "$peak" -lt 65536 ]
	ok $? "in less than 64 MiB"
else
	skip "a million lines in little memory" "no /usr/bin/time"
fi
rm -rf "$d"
mkdir "$d"
head -c 50000000 /dev/urandom | (cd "$d" && split -a 5 -d -b 1000 - f)
(cd "$d" && find . -type f -print0 | xargs -0 sha256sum) >"$tmp/SHA256SUMS"
rm "$d/f00007"
echo x >>"$d/f49999"
echo new >"$d/new"
run "$bin/verify" --new --base "$d" "$tmp/SHA256SUMS"
exits 5 "50,000 small files, one missing, one longer"
says 'MISSING +f00007' "the missing one"
says 'DAMAGED +f49999' "the longer one"
says 'files +2 of 50000 BAD' "and only these"
says 'new +1 that no line' "and one that is new"
finish
