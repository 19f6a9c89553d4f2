#!/bin/sh
# Runs once in a new PostgreSQL: the owner of the schema and the application's role, which owns nothing.
set -eu
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
    -v owner_password="$LONJA_OWNER_PASSWORD" -v app_password="$LONJA_APP_PASSWORD" <<'SQL'
CREATE ROLE lonja_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE lonja_app LOGIN PASSWORD :'app_password';
ALTER DATABASE lonja OWNER TO lonja_owner;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO lonja_owner;
GRANT USAGE ON SCHEMA public TO lonja_app;
ALTER DEFAULT PRIVILEGES FOR ROLE lonja_owner IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO lonja_app;
ALTER DEFAULT PRIVILEGES FOR ROLE lonja_owner IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO lonja_app;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS unaccent;
SQL
