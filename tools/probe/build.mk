# SPDX-License-Identifier: BSD-2-Clause
TOOLS += probe
# All but main(): a unit test links these.
probe_PARTS := \
	tools/probe/check_cert.c \
	tools/probe/check_docker.c \
	tools/probe/check_dns.c \
	tools/probe/check_http.c \
	tools/probe/check_icmp.c \
	tools/probe/check_path.c \
	tools/probe/check_pgdata.c \
	tools/probe/check_postgres.c \
	tools/probe/check_redis.c \
	tools/probe/check_tcp.c \
	tools/probe/check_tls.c \
	tools/probe/check_volume.c \
	tools/probe/command_line.c \
	tools/probe/compose_plan.c \
	tools/probe/config.c \
	tools/probe/data.c \
	tools/probe/container_mounts.c \
	tools/probe/host_plan.c \
	tools/probe/kinds.c \
	tools/probe/net_reason.c \
	tools/probe/net_talk.c \
	tools/probe/outcome.c \
	tools/probe/place.c \
	tools/probe/plan.c \
	tools/probe/plan_format.c \
	tools/probe/reasons.c \
	tools/probe/remember.c \
	tools/probe/report.c \
	tools/probe/report_data.c \
	tools/probe/report_files.c \
	tools/probe/report_table.c \
	tools/probe/run.c \
	tools/probe/session.c \
	tools/probe/site.c \
	tools/probe/terms.c \
	tools/probe/web_terms.c
probe_SRCS := tools/probe/main.c $(probe_PARTS)
MAN5 += man/drydock-probe.5
