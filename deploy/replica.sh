#!/bin/sh
# Streams from the primary, having copied all of it when it was new.
set -eu

if [ ! -d "$PGDATA" ]; then
    install -d -o postgres -g postgres -m 700 "$(dirname "$PGDATA")" "$PGDATA.new"
    find "$PGDATA.new" -mindepth 1 -delete # of a copy that did not come to its end
    PGPASSWORD="$(cat /run/secrets/REPLICA_PASSWORD)" gosu postgres pg_basebackup \
        --host=postgres --username=batua_replica --pgdata="$PGDATA.new" \
        --checkpoint=fast --write-recovery-conf
    mv "$PGDATA.new" "$PGDATA"
fi

exec docker-entrypoint.sh postgres -c log_error_verbosity=terse -c max_connections=200
