-- The application reads everything and writes nothing: it may only call.
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ledger FROM PUBLIC;
REVOKE ALL ON TYPE book, currency, kind, status, result FROM PUBLIC;
GRANT USAGE ON SCHEMA ledger TO batua_app;
GRANT SELECT ON ALL TABLES IN SCHEMA ledger TO batua_app;
GRANT EXECUTE ON FUNCTION
    open_account, lock, fold, move, move_all, set_status, seal, audit TO batua_app;
GRANT SELECT ON public.alembic_version TO batua_app;   -- to tell whether it is at the head
