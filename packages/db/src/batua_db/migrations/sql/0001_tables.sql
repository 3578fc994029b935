-- The ledger's tables. They belong to whoever migrates; the application may only SELECT them
-- and call the functions (0001_grants.sql). A schema of their own lets the functions pin a
-- search_path in which nobody else can create anything.

-- Time-ordered ids: built in from PostgreSQL 18, put together by hand before.
DO $$ BEGIN
    IF to_regprocedure('pg_catalog.uuidv7()') IS NOT NULL THEN
        CREATE FUNCTION uuid7() RETURNS uuid LANGUAGE sql AS 'SELECT pg_catalog.uuidv7()';
    ELSE
        CREATE FUNCTION uuid7() RETURNS uuid LANGUAGE sql AS
        $f$SELECT encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) PLACING
            substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
            FROM 1 FOR 6), 52, 1), 53, 1), 'hex')::uuid$f$;
    END IF;
END $$;

-- What never changes is checked by its type, once. A CHECK on the table is compiled and run
-- again with every update of a balance: seven of them cost as much as the update itself.
CREATE DOMAIN book     AS text CHECK (VALUE IN ('wallet', 'bank'));
CREATE DOMAIN currency AS text CHECK (VALUE ~ '^[A-Z]{3}$');
CREATE DOMAIN kind     AS text CHECK (VALUE ~ '^[a-z][a-z_]{0,30}(:[A-Z0-9]{1,16})?$');
CREATE DOMAIN status   AS text CHECK (VALUE IN ('open', 'frozen', 'closed'));

-- No foreign keys between the three: only `move` writes here, and it holds both accounts, so
-- a key would prove again what is known, at two lookups a leg, and tie the tables to one
-- machine. No sequences either. `audit` proves the references instead.
CREATE TABLE account (
    id         uuid        NOT NULL DEFAULT uuid7(),
    book       book        NOT NULL,
    kind       kind        NOT NULL,
    owner      uuid,
    currency   currency    NOT NULL DEFAULT 'INR',
    balance    bigint      NOT NULL DEFAULT 0,      -- paise; credits − debits
    floor      bigint      DEFAULT 0,               -- null: may go below any sum
    version    bigint      NOT NULL DEFAULT 0,      -- how many entries it has
    status     status      NOT NULL DEFAULT 'open', -- frozen: no debits; closed: nothing
    hot        boolean     NOT NULL DEFAULT false,  -- legs that need no check wait in `pending`
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT pk_account PRIMARY KEY (id),
    CONSTRAINT ck_account_sound CHECK (
        balance >= coalesce(floor, -1000000000000000) AND balance <= 1000000000000000)
) WITH (fillfactor = 70);                           -- room to update the balance in place
CREATE INDEX ix_account_owner_kind ON account (owner, kind);

CREATE TABLE transfer (
    id             uuid        NOT NULL DEFAULT uuid7(),
    book           book        NOT NULL,
    kind           kind        NOT NULL,
    debit_account  uuid        NOT NULL,
    credit_account uuid        NOT NULL,
    amount         bigint      NOT NULL,
    key            text        NOT NULL,
    reverses       uuid,
    note           text        NOT NULL DEFAULT '',
    details        jsonb       NOT NULL DEFAULT '{}',
    created_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    happened_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT pk_transfer PRIMARY KEY (id),
    CONSTRAINT uq_transfer_book_key UNIQUE (book, key),   -- one business event, one transfer
    CONSTRAINT ck_transfer_sound CHECK (amount > 0 AND debit_account <> credit_account)
);
CREATE INDEX ix_transfer_reverses ON transfer (reverses) WHERE reverses IS NOT NULL;

CREATE TABLE entry (
    account_id  uuid        NOT NULL,
    version     bigint      NOT NULL,                     -- 1, 2, 3 … of this account
    transfer_id uuid        NOT NULL,
    amount      bigint      NOT NULL,                     -- signed
    balance     bigint      NOT NULL,                     -- after it
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),  -- taken under the lock: in order
    book        book        NOT NULL,
    xact        xid8        NOT NULL DEFAULT pg_current_xact_id(),  -- its writer: bounds the seals
    CONSTRAINT pk_entry PRIMARY KEY (account_id, version),  -- turns a lost lock into an error
    CONSTRAINT uq_entry_transfer_id_account_id UNIQUE (transfer_id, account_id)
);
CREATE INDEX ix_entry_book_xact ON entry (book, xact);

-- Legs of hot accounts that await `fold`. Whoever inserts here locks no account, so that a
-- thousand payers of one merchant do not queue behind each other's commits.
CREATE TABLE pending (
    account_id  uuid   NOT NULL,
    transfer_id uuid   NOT NULL,
    amount      bigint NOT NULL,
    CONSTRAINT pk_pending PRIMARY KEY (account_id, transfer_id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

CREATE TABLE block (
    book      book        NOT NULL,
    number    bigint      NOT NULL,
    since     xid8        NOT NULL,             -- entries with since <= xact < upto
    upto      xid8        NOT NULL,
    entries   integer     NOT NULL,
    marks     bytea       NOT NULL,             -- 8 bytes of each row's hash: to find, not to prove
    previous  bytea       NOT NULL,
    digest    bytea       NOT NULL,
    sealed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT pk_block PRIMARY KEY (book, number),
    CONSTRAINT uq_block_book_previous UNIQUE (book, previous),
    CONSTRAINT ck_block_sound CHECK (upto > since AND entries > 0 AND length(digest) = 32)
);

-- Append-only, for the owner too. These guard against accidents and injected SQL; against
-- someone who can disable triggers there are the seals.
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql SET search_path = ledger, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'ledger.%: % refused, corrections are new transfers', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON transfer
    EXECUTE FUNCTION refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON entry EXECUTE FUNCTION refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON block EXECUTE FUNCTION refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR TRUNCATE ON pending EXECUTE FUNCTION refuse();
CREATE TRIGGER kept BEFORE DELETE OR TRUNCATE ON account EXECUTE FUNCTION refuse();
CREATE TRIGGER stays_itself
    BEFORE UPDATE OF id, book, kind, owner, currency, floor, hot, created_at ON account
    EXECUTE FUNCTION refuse();
CREATE TRIGGER starts_sound BEFORE INSERT ON account FOR EACH ROW
    WHEN (NEW.version <> 0 OR NEW.balance <> 0 OR NEW.status <> 'open'
        OR NEW.floor IS NULL AND NEW.kind <> 'cash' AND NEW.kind NOT LIKE 'float:%')
    EXECUTE FUNCTION refuse();

-- A balance is what the last entry says, or it does not change.
CREATE FUNCTION balance_follows_entry() RETURNS trigger
LANGUAGE plpgsql SET search_path = ledger, pg_temp AS $$
BEGIN
    IF NEW.version > OLD.version AND EXISTS (SELECT FROM entry
            WHERE account_id = NEW.id AND version = NEW.version AND balance = NEW.balance) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'ledger.account %: a balance changes only by an entry', NEW.id
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER balance_follows_entry BEFORE UPDATE OF balance, version ON account
    FOR EACH ROW EXECUTE FUNCTION balance_follows_entry();
