/* SPDX-License-Identifier: BSD-2-Clause */
#include "compose/known_keys.h"

#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/mem.h"
#include "compose/model.h"
#include "compose/yaml.h"

/* Each list is sorted. */
static const char *const top_keys[] = { "configs", "include", "models",
	"name", "networks", "secrets", "services", "version", "volumes" };

static const char *const service_keys[] = { "annotations", "attach",
	"blkio_config", "build", "cap_add", "cap_drop", "cgroup",
	"cgroup_parent", "command", "configs", "container_name", "cpu_count",
	"cpu_percent", "cpu_period", "cpu_quota", "cpu_rt_period",
	"cpu_rt_runtime", "cpu_shares", "cpus", "cpuset", "credential_spec",
	"depends_on", "deploy", "develop", "device_cgroup_rules", "devices",
	"dns", "dns_opt", "dns_search", "domainname", "entrypoint", "env_file",
	"environment", "expose", "extends", "external_links", "extra_hosts",
	"gpus", "group_add", "healthcheck", "hostname", "image", "init", "ipc",
	"isolation", "label_file", "labels", "links", "logging", "mac_address",
	"mem_limit", "mem_reservation", "mem_swappiness", "memswap_limit",
	"models", "network_mode", "networks", "oom_kill_disable",
	"oom_score_adj", "pid", "pids_limit", "platform", "ports",
	"post_start", "pre_start", "pre_stop", "privileged", "profiles",
	"provider", "pull_policy", "pull_refresh_after", "read_only",
	"restart", "runtime", "scale", "secrets", "security_opt", "shm_size",
	"stdin_open", "stop_grace_period", "stop_signal", "storage_opt",
	"sysctls", "tmpfs", "tty", "ulimits", "use_api_socket", "user",
	"userns_mode", "uts", "volumes", "volumes_from", "working_dir" };

static const char *const edge_keys[] = { "condition", "required",
	"restart" };

static int
compare(const void *key, const void *entry)
{
	return strcmp(key, *(const char *const *)entry);
}

/* where is how the message begins, with its dot or space. */
static void
check_map(const struct model *m, const char *where,
    const struct yaml_node *map, const char *const *known, size_t count)
{
	char shown[ESCAPE_NAME_MAX];
	const char *key;
	char *text;
	uint32_t i;

	for (i = 0; yaml_is_map(map) && i < map->count; i++) {
		key = map->items[i].key;
		if (strncmp(key, "x-", 2) == 0 || bsearch(key, known, count,
		    sizeof(*known), compare) != NULL)
			continue;
		text = mem_format("%sadditional properties '%s' not allowed; "
		    "ignored", where, escape_name(key, shown));
		model_warn(m, text);
		free(text);
	}
}

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static void
check_edges(const struct model *m, const char *service,
    const struct yaml_node *edges)
{
	char shown[ESCAPE_NAME_MAX];
	char *where;
	uint32_t i;

	for (i = 0; yaml_is_map(edges) && i < edges->count; i++) {
		if (!yaml_is_map(edges->items[i].value))
			continue;
		where = mem_format("services.%s.depends_on.%s ", service,
		    escape_name(edges->items[i].key, shown));
		check_map(m, where, edges->items[i].value, edge_keys,
		    COUNT(edge_keys));
		free(where);
	}
}

void
known_keys_warn(const struct model *m, const struct yaml_node *merged)
{
	const struct yaml_node *services = yaml_some(merged, "services");
	char shown[ESCAPE_NAME_MAX];
	char *where;
	uint32_t i;

	if (yaml_get(merged, "version") != NULL)
		model_warn(m, "the attribute `version` is obsolete, it will be "
		    "ignored, please remove it to avoid potential confusion");
	check_map(m, "", merged, top_keys, COUNT(top_keys));
	for (i = 0; services != NULL && i < services->count; i++) {
		const struct yaml_item *item = &services->items[i];

		where = mem_format("services.%s ",
		    escape_name(item->key, shown));
		check_map(m, where, item->value, service_keys,
		    COUNT(service_keys));
		free(where);
		check_edges(m, shown, yaml_some(item->value, "depends_on"));
	}
}
