#!/bin/sh
# Once, when the server is new: who owns our databases, and who may use them.
# Migrations grant to batua_app what an app may do; each app gets into its own database only.
set -eu

secret() { cat "/run/secrets/$1"; }

psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" \
    --set owner="$(secret OWNER_PASSWORD)" \
    --set user="$(secret USER_PASSWORD)" \
    --set bank="$(secret BANK_PASSWORD)" <<'SQL'
CREATE ROLE batua_app NOLOGIN;
CREATE ROLE batua_owner LOGIN PASSWORD :'owner';
CREATE ROLE batua_user LOGIN PASSWORD :'user' IN ROLE batua_app;
CREATE ROLE batua_bank LOGIN PASSWORD :'bank' IN ROLE batua_app;
CREATE DATABASE batua_user OWNER batua_owner;
CREATE DATABASE batua_bank OWNER batua_owner;
REVOKE ALL ON DATABASE batua_user, batua_bank FROM PUBLIC;
GRANT CONNECT ON DATABASE batua_user TO batua_user;
GRANT CONNECT ON DATABASE batua_bank TO batua_bank;
SQL
