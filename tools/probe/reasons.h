/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every reason a check can give: one row each, and nowhere else.
 *
 * A code is for machines and stays for ever; the sentence is for people: what
 * is wrong and what most likely causes it, without evidence, which
 * outcome_reason() puts behind it.  A new row needs a test that produces it:
 * tests/lint/reasons.sh looks for "code CODE" in scripts and for
 * is_code(..., REASON_X, ...) in unit tests.
 */
#ifndef PROBE_REASONS_H
#define PROBE_REASONS_H

enum outcome_status {
	OUTCOME_OK,
	OUTCOME_WARN,		/* works, and somebody should look */
	OUTCOME_FAIL,
	OUTCOME_UNKNOWN,	/* could not be found out */
	OUTCOME_SKIP		/* something that it needs has failed */
};

/* name, code, status unless the check says otherwise, sentence */
#define REASONS(X) \
	X(OK, "ok", OK, "as it should be") \
	/* ------------------------------------------- of the run itself */ \
	X(NEED_FAILED, "need-failed", SKIP, "what it needs has failed") \
	X(TIME_LIMIT, "time-limit", FAIL, \
	    "no answer within the time limit of the check") \
	X(INTERRUPTED, "interrupted", UNKNOWN, "stopped before it had ended") \
	X(NOT_TRIED, "not-tried", UNKNOWN, "it was not even tried") \
	X(SLOW, "slow", WARN, "it answers, but slowly") \
	/* --------------------------------------------------- the engine */ \
	X(SOCKET_MISSING, "socket-missing", FAIL, \
	    "the engine's socket is not there: the engine does not run, or " \
	    "the socket is not mounted here") \
	X(ENGINE_DOWN, "engine-down", FAIL, \
	    "the engine's socket is there but nobody listens: the engine " \
	    "has died or was stopped") \
	X(NO_PERMISSION, "no-permission", UNKNOWN, \
	    "we may not look at it: run as root, or as its owner") \
	X(ENGINE_SILENT, "engine-silent", FAIL, \
	    "the engine takes the call and does not answer: it is " \
	    "overloaded, half dead, or waits for a disk") \
	X(ENGINE_ODD, "engine-odd", FAIL, \
	    "what answers on the socket is no engine, or refuses us") \
	/* --------------------------------------------------- containers */ \
	X(CONTAINER_MISSING, "container-missing", FAIL, \
	    "there is no such container: it was never created here, or was " \
	    "removed") \
	X(CONTAINER_CREATED, "container-created", FAIL, \
	    "the container was created and never started") \
	X(CONTAINER_EXITED, "container-exited", FAIL, \
	    "the container has ended") \
	X(STILL_RUNS, "still-runs", FAIL, \
	    "it is to end by itself, and still runs") \
	X(CONTAINER_PAUSED, "container-paused", FAIL, \
	    "the container is paused: something froze it and did not " \
	    "resume it") \
	X(CONTAINER_GONE, "container-gone", FAIL, \
	    "the container is being removed, or is dead") \
	X(RESTART_LOOP, "restart-loop", FAIL, \
	    "the container ends and is started again, over and over") \
	X(RESTARTED, "restarted", WARN, \
	    "the container runs, but the engine had to start it again") \
	X(OOM_KILLED, "oom-killed", FAIL, \
	    "the kernel killed it: it wanted more memory than it may have") \
	X(EXIT_126, "exit-126", FAIL, \
	    "its command may not be executed: no execute permission, or " \
	    "made for another machine") \
	X(EXIT_127, "exit-127", FAIL, \
	    "its command is not in the image") \
	X(UNHEALTHY, "unhealthy", FAIL, "its health check fails") \
	X(HEALTH_STARTING, "health-starting", FAIL, \
	    "its health check has not passed yet: it may still be starting") \
	X(HEALTH_BINARY_MISSING, "health-binary-missing", FAIL, \
	    "its health check names a program that is not in the image") \
	X(HEALTH_NO_HEALTHCHECK, "health-no-healthcheck", FAIL, \
	    "it is to be healthy, but has no health check") \
	X(MOUNT_MISSING, "mount-missing", FAIL, \
	    "a mount that it must have is not there") \
	X(SOCKET_NOT_MOUNTED, "socket-not-mounted", FAIL, \
	    "it needs the engine's socket, which is not mounted into it: it " \
	    "will find no container and report no error") \
	X(BIND_MISSING, "bind-missing", FAIL, \
	    "the host folder or file of a bind mount is not there: the " \
	    "engine would make an empty folder in its place") \
	X(BIND_BECAME_DIRECTORY, "bind-became-directory", FAIL, \
	    "a bind mount of a file finds an empty folder: the file was " \
	    "missing once, and the engine made a folder in its place") \
	X(RECORD_DAMAGED, "record-damaged", FAIL, \
	    "the container's record in the data-root cannot be read") \
	X(DATA_ROOT_MISSING, "data-root-missing", FAIL, \
	    "the data-root is not where it was looked for") \
	/* ------------------------------------------- volumes and paths */ \
	X(VOLUME_MISSING, "volume-missing", FAIL, \
	    "there is no such volume: not restored yet, or under another " \
	    "project's name") \
	X(VOLUME_EMPTY, "volume-empty", FAIL, \
	    "the volume holds nothing: not restored, or recreated empty") \
	X(VOLUME_ELSEWHERE, "volume-elsewhere", UNKNOWN, \
	    "its data is not on this host's disk") \
	X(MARKER_MISSING, "marker-missing", FAIL, \
	    "a file that the data must have is not there: empty, or the " \
	    "data of something else") \
	X(PATH_MISSING, "path-missing", FAIL, "there is nothing there") \
	X(PATH_EMPTY, "path-empty", FAIL, "it is empty") \
	X(NOT_EMPTY, "not-empty", FAIL, "it holds something") \
	X(TOO_SMALL, "too-small", FAIL, \
	    "it is smaller than it should be: cut off, or never written in " \
	    "full") \
	X(WRONG_KIND, "wrong-kind", FAIL, "it is of another kind") \
	X(WRONG_OWNER, "wrong-owner", FAIL, \
	    "it belongs to somebody else: the service will be refused its " \
	    "own files") \
	X(WRONG_MODE, "wrong-mode", FAIL, "its mode is another") \
	X(WORLD_READABLE, "world-readable", FAIL, \
	    "every user of this host can read it") \
	X(NOT_MOUNTED, "not-mounted", FAIL, \
	    "nothing is mounted there: what is seen is the folder below") \
	X(READ_ONLY, "read-only", FAIL, \
	    "its file system is read-only: mounted so, or made so by the " \
	    "kernel after an error") \
	X(SPACE_LOW, "space-low", FAIL, "the file system is nearly full") \
	X(INODES_LOW, "inodes-low", FAIL, \
	    "the file system has hardly any inodes left") \
	X(STORAGE_SILENT, "storage-silent", FAIL, \
	    "the file system does not answer: a disk or a server it comes " \
	    "from is gone") \
	X(CANNOT_READ, "cannot-read", FAIL, "it cannot be read") \
	/* ------------------------------------------------- what is in it */ \
	X(PGDATA_MISSING, "pgdata-missing", FAIL, \
	    "no PostgreSQL data: not restored, or another folder of it " \
	    "(images from 18 on keep it deeper)") \
	X(PGDATA_DAMAGED, "pgdata-damaged", FAIL, \
	    "global/pg_control is damaged: PostgreSQL will not start") \
	X(PGDATA_NOT_CLEAN, "pgdata-not-clean", WARN, \
	    "it was not shut down: PostgreSQL will recover from its log at " \
	    "the next start, which takes a while") \
	X(PGDATA_VERSION, "pgdata-version", FAIL, \
	    "it was made by another major version, which refuses it") \
	X(DATA_DAMAGED, "data-damaged", FAIL, \
	    "data is damaged: its program will not start with it, or has " \
	    "lost some of it") \
	X(DATA_SUSPECT, "data-suspect", WARN, \
	    "its program will start, but something is missing or does not " \
	    "fit together") \
	X(DATA_RECOVERABLE, "data-recoverable", WARN, \
	    "its program will repair it at the next start, as after a power " \
	    "cut") \
	X(DATA_UNCHECKED, "data-unchecked", UNKNOWN, \
	    "not all of the data could be judged") \
	/* --------------------------------------------------- the network */ \
	X(DNS_NXDOMAIN, "dns-nxdomain", FAIL, \
	    "there is no such name: misspelt, or a container's, which only " \
	    "Docker's own networks know") \
	X(DNS_NO_RECORD, "dns-no-record", FAIL, \
	    "the name exists, but has no record of that kind") \
	X(DNS_FAILED, "dns-failed", FAIL, \
	    "the name server answers that it cannot tell: what it asks " \
	    "itself is out of reach, or the zone is broken") \
	X(DNS_SILENT, "dns-silent", FAIL, \
	    "no name server answers: the network is down, or resolv.conf " \
	    "names one that is gone") \
	X(DNS_UNCONFIGURED, "dns-unconfigured", FAIL, \
	    "the hosts file does not have the name, and there is no name " \
	    "server in resolv.conf to ask") \
	X(TCP_REFUSED, "tcp-refused", FAIL, \
	    "the machine is up, but nobody listens on that port: the service " \
	    "does not run, or its port is not published") \
	X(TCP_TIMEOUT, "tcp-timeout", FAIL, \
	    "nothing comes back from that address: the machine is down, or a " \
	    "firewall swallows what is sent") \
	X(NET_UNREACHABLE, "net-unreachable", FAIL, \
	    "there is no way to that address: no network, no route, or the " \
	    "machine is off") \
	X(UNIX_MISSING, "unix-missing", FAIL, \
	    "the socket is not there: its service does not run, or its folder " \
	    "is not mounted here") \
	X(UNIX_NOT_SOCKET, "unix-not-socket", FAIL, \
	    "what stands there is no socket: it was missing once, and the " \
	    "engine made a folder in its place") \
	X(UNIX_REFUSED, "unix-refused", FAIL, \
	    "the socket is there, but nobody listens: its service has died") \
	X(PORT_DEAD, "port-dead", FAIL, \
	    "the port is published and its container runs, but nobody " \
	    "listens: the program in it hangs, or listens elsewhere") \
	X(HEALTHY_UNREACHABLE, "healthy-unreachable", FAIL, \
	    "its own health check passes, but from outside it cannot be " \
	    "reached: it listens on its loopback only, or the port leads " \
	    "elsewhere") \
	X(HUNG_UP, "hung-up", FAIL, \
	    "it takes the call and hangs up: it is still starting, or a proxy " \
	    "answers for a service that is not there") \
	X(ANSWER_TIMEOUT, "answer-timeout", FAIL, \
	    "it takes the call and does not answer in time: it hangs, is " \
	    "overloaded, or still starting") \
	X(WRONG_PROTOCOL, "wrong-protocol", FAIL, \
	    "something else answers on that port") \
	X(ANSWER_TOO_LARGE, "answer-too-large", FAIL, \
	    "the answer has no end within reason") \
	X(CANNOT_TRY, "cannot-try", UNKNOWN, \
	    "this machine could not even try") \
	X(INDICATOR_FOUND, "indicator-found", FAIL, \
	    "what must not be there is there") \
	/* ----------------------------------------------------------- web */ \
	X(HTTP_STATUS, "http-status", FAIL, \
	    "it answers with another status than it should") \
	X(HTTP_BAD_GATEWAY, "http-bad-gateway", FAIL, \
	    "a proxy answers, and the service behind it does not") \
	X(HTTP_SERVER_ERROR, "http-server-error", FAIL, \
	    "it answers, and reports an error of its own: look at its log") \
	X(HTTP_AUTH, "http-auth", FAIL, \
	    "it answers, and wants to know who asks") \
	X(HTTP_REDIRECT, "http-redirect", FAIL, \
	    "it sends elsewhere instead of answering") \
	X(HTTP_REDIRECT_LOGIN, "http-redirect-login", FAIL, \
	    "it sends to a login page: something in front of it wants people, " \
	    "not programs") \
	X(HTTP_REDIRECT_LOOP, "http-redirect-loop", FAIL, \
	    "it sends in circles: often a proxy and a service that disagree " \
	    "whether this is https") \
	X(HTTP_REDIRECT_NOWHERE, "http-redirect-nowhere", FAIL, \
	    "it sends to what is no web address") \
	X(HTTP_LEFT_TLS, "http-left-tls", WARN, \
	    "a redirect leads from https to plain http: the service does not " \
	    "know that a proxy speaks https for it") \
	X(HTML_INSTEAD, "html-instead", FAIL, \
	    "a page for people came where data should: a login page, or a " \
	    "front end that answers every path") \
	X(CTYPE_MISMATCH, "ctype-mismatch", FAIL, \
	    "the content is of another type") \
	X(BODY_MISMATCH, "body-mismatch", FAIL, \
	    "the answer does not hold what it should") \
	X(HEADER_MISMATCH, "header-mismatch", FAIL, \
	    "a header is not as it should be") \
	X(JSON_MISMATCH, "json-mismatch", FAIL, \
	    "a value in the answer is not as it should be") \
	X(NOT_JSON, "not-json", FAIL, "the answer is no JSON") \
	X(BODY_CUT, "body-cut", UNKNOWN, \
	    "the answer is too long to search all of it") \
	/* ------------------------------------------ TLS and certificates */ \
	X(TLS13_ONLY, "tls13-only", WARN, \
	    "alive, but it speaks only TLS 1.3, which is not spoken here: " \
	    "its certificate was not inspected") \
	X(TLS_NO_COMMON, "tls-no-common", UNKNOWN, \
	    "alive, but with no cipher or kind of key that is spoken here, or " \
	    "it wants a certificate of ours: nothing was inspected") \
	X(TLS_OLD, "tls-old", WARN, \
	    "it speaks a version of TLS that browsers refuse") \
	X(TLS_REFUSED, "tls-refused", FAIL, "it refuses to speak TLS with us") \
	X(TLS_UNKNOWN_NAME, "tls-unknown-name", FAIL, \
	    "it has no site of that name") \
	X(TLS_PLAIN_HTTP, "tls-plain-http", FAIL, \
	    "it speaks plain http on a port that should speak TLS") \
	X(TLS_BROKEN, "tls-broken", FAIL, "its TLS is wrong") \
	X(CERT_EXPIRED, "cert-expired", FAIL, \
	    "the certificate has expired: its renewal does not work, or was " \
	    "never set up") \
	X(CERT_EXPIRES_SOON, "cert-expires-soon", WARN, \
	    "the certificate expires soon: its renewal may not work") \
	X(CERT_NOT_YET_VALID, "cert-not-yet-valid", FAIL, \
	    "the certificate is not valid yet: most likely a clock is wrong") \
	X(CERT_WRONG_NAME, "cert-wrong-name", FAIL, \
	    "the certificate is for another name: the default site answers, " \
	    "or the name was added later") \
	X(CERT_UNKNOWN_ISSUER, "cert-unknown-issuer", FAIL, \
	    "nobody here trusts who issued the certificate: a private " \
	    "authority, whose root must be given") \
	X(CERT_SELF_SIGNED, "cert-self-signed", FAIL, \
	    "the certificate is signed by itself: a placeholder, or an " \
	    "authority that must be given") \
	X(CERT_INCOMPLETE, "cert-incomplete", FAIL, \
	    "the server does not send the issuer's certificate: browsers may " \
	    "know it, programs do not") \
	X(CERT_WRONG_USAGE, "cert-wrong-usage", FAIL, \
	    "a certificate is used for what it was not issued for") \
	X(CERT_WEAK, "cert-weak", FAIL, \
	    "a key or signature is too weak to be accepted") \
	X(CERT_BAD, "cert-bad", FAIL, \
	    "a certificate is damaged, or breaks the rules for certificates") \
	X(CERT_UNSUPPORTED, "cert-unsupported", UNKNOWN, \
	    "the certificate cannot be verified here: not known whether it is " \
	    "good") \
	X(NO_TRUST_ANCHORS, "no-trust-anchors", UNKNOWN, \
	    "this system has no list of trusted authorities: the certificate " \
	    "was not verified") \
	X(CERT_MISSING, "cert-missing", FAIL, \
	    "there is no certificate in the file") \
	X(KEY_MISSING, "key-missing", FAIL, \
	    "there is no private key in the file") \
	X(KEY_MISMATCH, "key-mismatch", FAIL, \
	    "the private key does not belong to the certificate: one of the " \
	    "two was renewed or restored without the other") \
	X(KEY_BROKEN, "key-broken", FAIL, \
	    "the private key is damaged") \
	X(KEY_UNCHECKED, "key-unchecked", UNKNOWN, \
	    "the private key is encrypted, or of a kind that cannot be " \
	    "compared here") \
	X(DNS_WRONG_ANSWER, "dns-wrong-answer", FAIL, \
	    "the name leads elsewhere than it should") \
	/* ------------------------------------------- databases and caches */ \
	X(PG_STARTING, "pg-starting", FAIL, \
	    "PostgreSQL is starting and takes no one yet") \
	X(PG_RECOVERING, "pg-recovering", FAIL, \
	    "PostgreSQL recovers from its log and takes no one yet: it was " \
	    "not shut down") \
	X(PG_STOPPING, "pg-stopping", FAIL, "PostgreSQL is shutting down") \
	X(PG_FULL, "pg-full", FAIL, \
	    "PostgreSQL runs, and all its connections are taken: somebody " \
	    "does not give them back") \
	X(PG_NO_DATABASE, "pg-no-database", FAIL, \
	    "PostgreSQL runs, and has no such database: not restored, or of " \
	    "another name") \
	X(PG_NO_TLS, "pg-no-tls", FAIL, "PostgreSQL does not offer TLS") \
	X(PG_ERROR, "pg-error", FAIL, \
	    "PostgreSQL runs, and refuses the connection") \
	X(REDIS_LOADING, "redis-loading", FAIL, \
	    "Redis is loading its data and answers nothing else yet") \
	X(REDIS_NOAUTH, "redis-noauth", WARN, \
	    "Redis is alive and wants a password: its state was not " \
	    "inspected") \
	X(REDIS_WRONG_PASSWORD, "redis-wrong-password", FAIL, \
	    "Redis is alive and does not take the password") \
	X(REDIS_MASTER_DOWN, "redis-master-down", FAIL, \
	    "this Redis is a replica that has lost its master") \
	X(REDIS_MISCONF, "redis-misconf", FAIL, \
	    "Redis cannot write its snapshots and refuses changes: its disk " \
	    "is full, or its folder is not its own") \
	X(REDIS_PROTECTED, "redis-protected", FAIL, \
	    "Redis runs in protected mode and talks to its own machine only") \
	X(REDIS_ERROR, "redis-error", FAIL, "Redis answers with an error") \
	/* ---------------------------------------------------------- ping */ \
	X(ICMP_SILENT, "icmp-silent", FAIL, \
	    "no echo: the machine is down, or something drops pings") \
	X(ICMP_NOT_PERMITTED, "icmp-not-permitted", UNKNOWN, \
	    "we may not send pings: net.ipv4.ping_group_range leaves us out, " \
	    "and we lack CAP_NET_RAW")

enum reason {
#define REASON_NAME(name, code, status, text) REASON_##name,
	REASONS(REASON_NAME)
#undef REASON_NAME
	REASON_COUNT
};

/* "tcp-refused"; borrowed, never NULL, as are the next two. */
const char *reason_code(enum reason reason);
const char *reason_text(enum reason reason);
enum outcome_status reason_status(enum reason reason);

/* "ok", "warn", "fail", "unknown", "skip" */
const char *outcome_status_name(enum outcome_status status);

#endif
