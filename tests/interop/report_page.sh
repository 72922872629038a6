#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The report of verify --html in a real browser: nothing on its console,
# nothing asked for from elsewhere, no sideways scrolling at 360 and 1280
# pixels, readable contrast in the light and in the dark, on paper too.
. tests/tap.sh

browser=$(command -v chromium || command -v chromium-browser ||
	command -v google-chrome || :)
[ -n "$browser" ] && command -v python3 >/dev/null || {
	echo "1..0 # SKIP no chromium or python3 on this machine"
	exit 0
}

# Two media, one of them rotten, with names that would like to be HTML.
mkdir "$tmp/src" "$tmp/blue" "$tmp/red"
head -c 3000000 /dev/urandom >"$tmp/src/<img src=x onerror=alert(1)>"
head -c 9000000 /dev/urandom >"$tmp/src/a-file-with-a-name-that-is-$(
	printf 'very-%.0s' 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18)long"
take() {
	"$bin/snapshot" -q --any-directory --to "$tmp/$1" --label "$2" \
		--path uploads="$tmp/src" >/dev/null 2>&1
}
take blue 'Blue <b>stick</b> & "co"'
take red "$(printf '%064d' 7)"
"$bin/verify" --quiet "$tmp/blue" "$tmp/red" >/dev/null
a=$(ls "$tmp"/red/drydock/snapshots/*/uploads.tar.zst)
printf '\377\377' | dd of="$a" bs=1 seek=1000000 conv=notrunc 2>/dev/null
run "$bin/verify" --deep --html "$tmp/report.html" "$tmp/red"
exits 5 "a run that finds damage writes the report all the same"
[ -s "$tmp/report.html" ]
ok $? "there it is"
! grep -qE '<script|https?://|<img|<b>' "$tmp/report.html"
ok $? "no script, no address, and names are text"

cat >"$tmp/browse.py" <<'END'
# The browser over the DevTools protocol, on a pair of pipes.
import json, os, subprocess, sys
browser, page, tmp = sys.argv[1:4]
to_r, to_w = os.pipe()
from_r, from_w = os.pipe()
def child():
    os.dup2(to_r, 13); os.dup2(from_w, 14)
    os.dup2(13, 3); os.dup2(14, 4)
process = subprocess.Popen([browser, "--headless", "--no-sandbox",
    "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--remote-debugging-pipe",
    "--user-data-dir=" + tmp + "/profile", "about:blank"],
    preexec_fn=child, close_fds=False, stdout=subprocess.DEVNULL,
    stderr=subprocess.DEVNULL)
events, number, rest = [], 0, b""
def message():
    global rest
    while b"\0" not in rest:
        piece = os.read(from_r, 65536)
        if not piece: sys.exit("the browser is gone")
        rest += piece
    one, rest = rest.split(b"\0", 1)
    return json.loads(one)
def call(method, session=None, **params):
    global number
    number += 1
    out = {"id": number, "method": method, "params": params}
    if session: out["sessionId"] = session
    os.write(to_w, json.dumps(out).encode() + b"\0")
    while True:
        m = message()
        if m.get("id") == number:
            if "error" in m: sys.exit(method + ": " + str(m["error"]))
            return m["result"]
        events.append(m)
target = call("Target.createTarget", url="about:blank")["targetId"]
s = call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
for domain in ("Page", "Runtime", "Log", "Network"):
    call(domain + ".enable", s)
def load():
    events.clear()
    call("Page.navigate", s, url="file://" + page)
    while not any(e["method"] == "Page.loadEventFired" for e in events):
        events.append(message())
def evaluate(text):
    r = call("Runtime.evaluate", s, expression=text, returnByValue=True)
    return r["result"].get("value")
CONTRAST = """(() => {
 const rgb = c => c.match(/[0-9.]+/g).map(Number);
 const lum = c => { const v = c.slice(0, 3).map(x => { x /= 255;
  return x <= .03928 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4; });
  return .2126 * v[0] + .7152 * v[1] + .0722 * v[2]; };
 const ground = e => { for (; e; e = e.parentElement) {
  const c = rgb(getComputedStyle(e).backgroundColor);
  if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
 let least = 99;
 for (const e of document.querySelectorAll("body *")) {
  if (![...e.childNodes].some(n => n.nodeType == 3 && n.data.trim()) ||
   e.closest("svg")) continue;
  const a = lum(rgb(getComputedStyle(e).color)), b = lum(ground(e));
  least = Math.min(least, (Math.max(a, b) + .05) / (Math.min(a, b) + .05)); }
 return least; })()"""
def tell(held, name):
    print(("ok" if held else "bad"), name)
for scheme in ("light", "dark"):
    call("Emulation.setEmulatedMedia", s, features=[
        {"name": "prefers-color-scheme", "value": scheme}])
    for width in (360, 1280):
        call("Emulation.setDeviceMetricsOverride", s, width=width,
            height=900, deviceScaleFactor=1, mobile=width < 500)
        load()
        what = "%s, %d pixels: " % (scheme, width)
        noise = [e for e in events if e["method"] in
            ("Runtime.consoleAPICalled", "Runtime.exceptionThrown",
            "Log.entryAdded")]
        tell(not noise, what + "nothing on the console")
        asked = [e["params"]["request"]["url"] for e in events
            if e["method"] == "Network.requestWillBeSent"]
        asked = [u for u in asked if not u.startswith("data:") and
            u != "file://" + page]
        tell(not asked, what + "nothing is asked for")
        tell(evaluate("document.documentElement.scrollWidth <= innerWidth"),
            what + "no sideways scrolling")
        least = evaluate(CONTRAST)
        tell(least >= 4.5, what + "contrast of all text is 4.5 or more")
        if least < 4.5: print("#", least)
dark = evaluate("getComputedStyle(document.body).backgroundColor")
tell(dark != "rgb(255, 255, 255)", "the dark is dark")
tell(evaluate("document.querySelectorAll('section').length") == 5,
    "five sections: to do, media, volumes, losses, history")
tell(evaluate("document.querySelector('.box.bad') !== null"),
    "the damage is the first thing said")
tell(evaluate("document.querySelectorAll('svg rect.bad').length") == 1,
    "one bad run in the chart")
tell(evaluate("document.body.innerText.includes('<img src=x')"),
    "a hostile name stands there as text")
pdf = call("Page.printToPDF", s, printBackground=False)
tell(len(pdf["data"]) > 10000, "it prints")
call("Browser.close")
process.wait()
END
timeout 120 python3 "$tmp/browse.py" "$browser" "$tmp/report.html" "$tmp" \
	>"$tmp/told" 2>"$tmp/err"
is $? 0 "the browser was driven to the end"
while read -r word name; do
	[ "$word" = ok ]
	ok $? "$name"
done <"$tmp/told"
is "$(grep -c . "$tmp/told")" 22 "every check was made"
finish
