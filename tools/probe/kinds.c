/* SPDX-License-Identifier: BSD-2-Clause */
/* Which kind of check a scheme is; see check.h. */
#include "check.h"

const struct check_kind *
check_kind_of(enum url_scheme scheme)
{
	static const struct check_kind *const kinds[URL_SCHEMES] = {
		[URL_HTTP] = &check_kind_http,
		[URL_HTTPS] = &check_kind_http,
		[URL_TCP] = &check_kind_tcp,
		[URL_UNIX] = &check_kind_tcp,
		[URL_ICMP] = &check_kind_icmp,
		[URL_DNS] = &check_kind_dns,
		[URL_POSTGRES] = &check_kind_postgres,
		[URL_REDIS] = &check_kind_redis,
		[URL_TLS] = &check_kind_tls,
		[URL_DOCKER] = &check_kind_docker,
		[URL_PATH] = &check_kind_path,
		[URL_PGDATA] = &check_kind_pgdata,
		[URL_VOLUME] = &check_kind_volume,
		[URL_CERT] = &check_kind_cert,
	};

	return kinds[scheme];
}
