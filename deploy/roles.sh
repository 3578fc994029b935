#!/bin/sh
# Once, when the server is new: who owns our databases, and who may use them.
# Migrations grant to batua_app what an app may do; each app gets into its own database only.
set -eu

secret() { cat "/run/secrets/$1"; }

psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" \
    --set owner="$(secret OWNER_PASSWORD)" \
    --set user="$(secret USER_PASSWORD)" \
    --set bank="$(secret BANK_PASSWORD)" \
    --set replica="$(secret REPLICA_PASSWORD)" <<'SQL'
CREATE ROLE batua_app NOLOGIN;
CREATE ROLE batua_owner LOGIN PASSWORD :'owner';
CREATE ROLE batua_user LOGIN PASSWORD :'user' IN ROLE batua_app;
CREATE ROLE batua_bank LOGIN PASSWORD :'bank' IN ROLE batua_app;
CREATE ROLE batua_replica LOGIN REPLICATION PASSWORD :'replica';
CREATE DATABASE batua_user OWNER batua_owner;
CREATE DATABASE batua_bank OWNER batua_owner;
REVOKE ALL ON DATABASE batua_user, batua_bank FROM PUBLIC;
GRANT CONNECT ON DATABASE batua_user TO batua_user;
GRANT CONNECT ON DATABASE batua_bank TO batua_bank;

-- The apps ask for these themselves, but through a pool they can't.
ALTER ROLE batua_user SET statement_timeout = '5s';
ALTER ROLE batua_user SET lock_timeout = '2s';
ALTER ROLE batua_user SET idle_in_transaction_session_timeout = '10s';
ALTER ROLE batua_user SET timezone = 'UTC';
ALTER ROLE batua_bank SET statement_timeout = '5s';
ALTER ROLE batua_bank SET lock_timeout = '2s';
ALTER ROLE batua_bank SET idle_in_transaction_session_timeout = '10s';
ALTER ROLE batua_bank SET timezone = 'UTC';
SQL

# Whoever streams, which no other line of this file lets in.
echo "host replication batua_replica all scram-sha-256" >>"$PGDATA/pg_hba.conf"
