#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Redis in a named volume, lost with its daemon and brought back; and what a
# copy of a running one is worth.
. tests/docker/scene.sh

scene_open databases redis
database_image "$tmp" || skip_all "no database image can be imported"

redis_start cache cache
ok $? "Redis runs in a container"
redis_load cache 50000
before=$(redis_sum cache)
same "${before%% *}" 50000 "keys are loaded"
try snapshot --to "$stick" cache
gives 3 "taken while it runs: with a warning"
says 'took cache: .*hot' "and recorded as hot"
database_stop cache
try snapshot --to "$stick" cache
gives 0 "taken while it is stopped"
docker_ rm cache >/dev/null
docker_ volume rm cache >/dev/null
dockerd_stop
try restore-volume --from "$stick" latest cache
gives 0 "restored without a daemon"
dockerd_start "$tmp/d"
redis_start cache cache
ok $? "Redis runs again"
same "$(redis_sum cache)" "$before" "the same keys and values"

# Nothing wrote while the hot copy was made, so it has to be whole as well.
database_stop cache
try restore-volume --from "$stick" 1 cache
gives 0 "the hot copy can be restored"
says 'taken.*hot' "and says what it is"
docker_ start cache >/dev/null && redis_wait cache
same "$(redis_sum cache)" "$before" "its keys are right"

scene_close
