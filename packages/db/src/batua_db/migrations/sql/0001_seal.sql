-- Seals: SHA-256 over canonical rows, each block chained to the one before it in its book.
-- record_send is PostgreSQL's own length-prefixed form (column count, then type, length, bytes),
-- so ('ab','c') and ('a','bc') differ and null is not ''. Domains are cast to text: their type
-- numbers differ from one database to the next, and a seal must survive dump and restore.
-- A row is an entry with the transfer that caused it and the identity of its account: whatever
-- of these changes, the row differs.
CREATE VIEW leaf AS
SELECT e.book, e.xact, e.account_id, e.version, sha256(record_send(ROW(
        e.account_id, e.version, e.transfer_id, e.amount, e.balance, e.created_at, e.book::text,
        e.xact::text::bigint, t.book::text, t.kind::text, t.debit_account, t.credit_account,
        t.amount, t.key, t.reverses, t.note, t.details, t.created_at, t.happened_at,
        a.book::text, a.kind::text, a.owner, a.currency::text, a.floor, a.created_at))) AS hash
FROM entry e
    LEFT JOIN transfer t ON t.id = e.transfer_id
    LEFT JOIN account a ON a.id = e.account_id;

CREATE FUNCTION digest(previous bytea, book text, number bigint, since xid8, upto xid8, hashes bytea)
RETURNS bytea LANGUAGE sql IMMUTABLE SET search_path = ledger, pg_temp AS
    'SELECT sha256(record_send(ROW(
        previous, book, number, since::text::bigint, upto::text::bigint, hashes)))';

-- Seals the next transactions of a book; returns the block, or null if there is nothing to seal.
-- Bounded by the snapshot's xmin: every transaction below it has ended, so nothing can still
-- appear in a sealed range. (Ids or times alone commit out of order.)
CREATE FUNCTION seal(book text, most integer DEFAULT 10000) RETURNS block
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = ledger, pg_temp SET client_encoding = 'UTF8' AS $$
DECLARE last block;  b block;  ended xid8;  hashes bytea;
BEGIN
    LOCK TABLE block IN SHARE ROW EXCLUSIVE MODE;   -- one sealer at a time; readers do not wait
    SELECT * INTO last FROM block k WHERE k.book = seal.book ORDER BY k.number DESC LIMIT 1;
    ended := pg_snapshot_xmin(pg_current_snapshot());
    IF last.upto > pg_snapshot_xmax(pg_current_snapshot()) THEN
        RAISE EXCEPTION 'ledger.seal: transaction ids went backwards'
            USING HINT = 'Restored from a dump? Raise the epoch: pg_resetwal -e';
    END IF;
    b.book   := seal.book;
    b.number := coalesce(last.number, 0) + 1;
    b.since  := coalesce(last.upto, '0');
    -- Whole transactions, at least one: `fold` may book any number of legs in one.
    b.upto   := coalesce((SELECT (e.xact::text::bigint + 1)::text::xid8 FROM entry e
                          WHERE e.book = b.book AND e.xact >= b.since AND e.xact < ended
                          ORDER BY e.xact OFFSET most - 1 LIMIT 1), ended);
    b.previous  := coalesce(last.digest, '');
    b.sealed_at := clock_timestamp();
    SELECT count(*), string_agg(hash, '' ORDER BY xact, account_id, version),
           string_agg(substr(hash, 1, 8), '' ORDER BY xact, account_id, version)
        INTO b.entries, hashes, b.marks
        FROM leaf l WHERE l.book = b.book AND l.xact >= b.since AND l.xact < b.upto;
    IF b.entries = 0 THEN RETURN NULL; END IF;
    b.digest := digest(b.previous, b.book, b.number, b.since, b.upto, hashes);
    INSERT INTO block SELECT b.*;
    RETURN b;
END $$;
