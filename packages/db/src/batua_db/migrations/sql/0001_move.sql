-- The one door. Every function that writes is SECURITY DEFINER with a pinned search_path.

-- Opens an account. Only the world outside (`cash`, `float:…`) may have no floor: a trigger
-- refuses it to all others.
CREATE FUNCTION open_account(
    book text, kind text, owner uuid DEFAULT NULL, floor bigint DEFAULT 0,
    hot boolean DEFAULT false, currency text DEFAULT 'INR') RETURNS uuid
LANGUAGE sql SECURITY DEFINER SET search_path = ledger, pg_temp AS
    'INSERT INTO account (book, kind, owner, floor, hot, currency)
     VALUES (book, kind, owner, floor, hot, currency) RETURNING id';

-- Locks accounts in id order and returns them as they now are, for limits that are checked
-- under the lock. A role that may only SELECT cannot lock a row itself.
CREATE FUNCTION lock(ids uuid[]) RETURNS SETOF account
LANGUAGE sql SECURITY DEFINER SET search_path = ledger, pg_temp AS
    'SELECT * FROM account WHERE id = ANY (ids) ORDER BY id FOR NO KEY UPDATE';

-- Books what waits for an account, oldest first, with an exact running balance.
CREATE FUNCTION fold(account_id uuid, most integer DEFAULT 5000) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
DECLARE a account;  folded integer;  total bigint;
BEGIN
    SELECT * INTO a FROM account WHERE id = fold.account_id FOR NO KEY UPDATE;
    WITH due AS (
        DELETE FROM pending p WHERE p.account_id = a.id AND p.transfer_id IN
            (SELECT q.transfer_id FROM pending q WHERE q.account_id = a.id
             ORDER BY q.transfer_id LIMIT most)
        RETURNING p.transfer_id, p.amount
    ), booked AS (
        INSERT INTO entry AS e (account_id, version, transfer_id, amount, balance, book)
        SELECT a.id, a.version + row_number() OVER w, transfer_id, amount,
               a.balance + sum(amount) OVER w, a.book
        FROM due WINDOW w AS (ORDER BY transfer_id)
        RETURNING e.amount
    )
    SELECT count(*), sum(amount) INTO folded, total FROM booked;
    IF folded > 0 THEN
        UPDATE account SET balance = a.balance + total, version = a.version + folded
            WHERE id = a.id;
    END IF;
    RETURN folded;
END $$;

-- Moves money once per key and says how it went; it raises only if the ledger itself is wrong.
--   moved · repeated (same key, same terms: the first transfer) · key_reused (other terms)
--   insufficient (short_by) · over_reversed (short_by) · frozen · closed · mismatch (book,
--   currency, or not the mirror of what it reverses) · unknown_account · invalid
-- A balance is null while it waits on a hot account.
CREATE FUNCTION move(
    amount bigint, debit uuid, credit uuid, kind text, key text, reverses uuid DEFAULT NULL,
    note text DEFAULT '', details jsonb DEFAULT '{}', happened_at timestamptz DEFAULT NULL,
    OUT outcome text, OUT transfer_id uuid,
    OUT debit_balance bigint, OUT credit_balance bigint, OUT short_by bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
DECLARE
    a account;  d account;  c account;  first transfer;  original transfer;
    d_waits boolean := false;  c_waits boolean := false;  reversed bigint;
BEGIN
    IF (amount BETWEEN 1 AND 100000000000 AND debit <> credit
            AND length(key) BETWEEN 1 AND 200 AND length(coalesce(note, '')) <= 500
            AND kind ~ '^[a-z][a-z_]{0,30}(:[A-Z0-9]{1,16})?$') IS NOT TRUE THEN
        outcome := 'invalid';
        RETURN;
    END IF;

    -- In id order, so that A→B and B→A queue instead of deadlocking. A hot account's credits
    -- wait in `pending` and take no lock; its debits too where there is no floor to check. Not
    -- so in a reversal, where the locks are what keeps two refunds apart.
    FOR a IN SELECT * FROM account WHERE id IN (debit, credit)
            AND NOT (hot AND reverses IS NULL AND (id = credit OR floor IS NULL))
            ORDER BY id FOR NO KEY UPDATE LOOP
        IF a.id = debit THEN d := a; ELSE c := a; END IF;
    END LOOP;
    IF d.id IS NULL OR c.id IS NULL THEN
        -- Before looking: whoever closes a hot account holds this against us (set_status).
        LOCK TABLE pending IN ROW EXCLUSIVE MODE;
        IF d.id IS NULL THEN SELECT * INTO d FROM account WHERE id = debit;  d_waits := FOUND; END IF;
        IF c.id IS NULL THEN SELECT * INTO c FROM account WHERE id = credit; c_waits := FOUND; END IF;
    END IF;
    IF d.hot AND d.balance - amount < d.floor THEN
        PERFORM fold(debit, NULL);
        SELECT * INTO d FROM account WHERE id = debit;
    END IF;

    IF reverses IS NOT NULL THEN
        SELECT * INTO original FROM transfer t WHERE t.id = move.reverses;
        SELECT coalesce(sum(t.amount), 0) INTO reversed FROM transfer t
            WHERE t.reverses = move.reverses;
    END IF;

    outcome := CASE
        WHEN d.id IS NULL OR c.id IS NULL THEN 'unknown_account'
        WHEN (d.book, d.currency) <> (c.book, c.currency) THEN 'mismatch'
        WHEN reverses IS NOT NULL AND (original.reverses IS NULL
            AND (original.debit_account, original.credit_account) = (credit, debit)) IS NOT TRUE
            THEN 'mismatch'
        WHEN 'closed' IN (d.status, c.status) THEN 'closed'
        WHEN d.status = 'frozen' AND reverses IS NULL THEN 'frozen'
        WHEN reversed + amount > original.amount THEN 'over_reversed'
        WHEN d.balance - amount < d.floor THEN 'insufficient'
        ELSE 'moved' END;
    short_by := CASE outcome WHEN 'insufficient'  THEN d.floor - (d.balance - amount)
                             WHEN 'over_reversed' THEN reversed + amount - original.amount END;

    IF outcome = 'moved' THEN
        INSERT INTO transfer AS t (book, kind, debit_account, credit_account, amount, key,
                                   reverses, note, details, happened_at)
            VALUES (d.book, kind, debit, credit, amount, key, reverses, coalesce(note, ''),
                    coalesce(details, '{}'), coalesce(happened_at, clock_timestamp()))
            ON CONFLICT ON CONSTRAINT uq_transfer_book_key DO NOTHING
            RETURNING t.id INTO transfer_id;
        IF FOUND THEN
            IF NOT d_waits THEN debit_balance  := d.balance - amount; END IF;
            IF NOT c_waits THEN credit_balance := c.balance + amount; END IF;
            INSERT INTO entry (account_id, version, transfer_id, amount, balance, book)
                SELECT *, d.book FROM (
                    VALUES (debit,  d.version + 1, transfer_id, -amount, debit_balance),
                           (credit, c.version + 1, transfer_id,  amount, credit_balance)) AS leg
                WHERE column5 IS NOT NULL;
            UPDATE account SET version = version + 1,
                balance = CASE id WHEN debit THEN debit_balance ELSE credit_balance END
                WHERE id IN (debit, credit)
                AND CASE id WHEN debit THEN NOT d_waits ELSE NOT c_waits END;
            IF d_waits OR c_waits THEN
                INSERT INTO pending SELECT column1, transfer_id, column2
                    FROM (VALUES (debit, -amount, d_waits), (credit, amount, c_waits)) AS leg
                    WHERE column3;
            END IF;
            RETURN;
        END IF;
    END IF;

    -- Not moved: a key that was used already explains it better than any other reason.
    SELECT * INTO first FROM transfer t WHERE t.book = d.book AND t.key = move.key;
    IF FOUND THEN
        transfer_id := first.id;
        short_by := NULL;
        outcome := CASE WHEN (first.kind, first.debit_account, first.credit_account, first.amount,
                first.reverses) IS NOT DISTINCT FROM (kind, debit, credit, amount, reverses)
            THEN 'repeated' ELSE 'key_reused' END;
        IF outcome = 'repeated' THEN
            SELECT e.balance INTO debit_balance FROM entry e
                WHERE e.transfer_id = first.id AND e.account_id = debit;
            SELECT e.balance INTO credit_balance FROM entry e
                WHERE e.transfer_id = first.id AND e.account_id = credit;
        END IF;
    END IF;
END $$;

-- Moves that belong together. All are made (or were before: `repeated`), and there is a row
-- for each; or one is refused, nothing at all is written, and its row is the only one.
CREATE TYPE result AS (n integer, outcome text, transfer_id uuid,
                       debit_balance bigint, credit_balance bigint, short_by bigint);

CREATE FUNCTION move_all(moves jsonb) RETURNS SETOF result
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
DECLARE m record;  r result;  done result[] := '{}';
BEGIN
    -- Every lock that any of them needs, in one id order, before the first of them.
    PERFORM FROM account a WHERE a.id IN (
        SELECT b.id FROM jsonb_to_recordset(moves) AS x (debit uuid, credit uuid, reverses uuid),
            LATERAL (VALUES (debit, -1), (credit, 1)) AS leg (id, sign), account b
        WHERE b.id = leg.id
            AND NOT (b.hot AND x.reverses IS NULL AND (leg.sign > 0 OR b.floor IS NULL)))
        ORDER BY a.id FOR NO KEY UPDATE;
    LOCK TABLE pending IN ROW EXCLUSIVE MODE;
    BEGIN
        FOR m IN SELECT x.* FROM ROWS FROM (jsonb_to_recordset(moves) AS (
                amount bigint, debit uuid, credit uuid, kind text, key text, reverses uuid,
                note text, details jsonb, happened_at timestamptz)) WITH ORDINALITY AS x LOOP
            SELECT m.ordinality, o.* INTO r FROM move(m.amount, m.debit, m.credit, m.kind, m.key,
                m.reverses, m.note, m.details, m.happened_at) AS o;
            done := done || r;
            IF r.outcome NOT IN ('moved', 'repeated') THEN
                RAISE EXCEPTION USING ERRCODE = 'LG001';   -- undoes what this block wrote
            END IF;
        END LOOP;
    EXCEPTION WHEN SQLSTATE 'LG001' THEN
        done := ARRAY[r];
    END;
    RETURN QUERY SELECT * FROM unnest(done);
END $$;

-- Freezes, opens or closes an account. Only an empty one closes, and it stays closed.
--   changed · closed · not_empty · unknown_account · invalid
CREATE FUNCTION set_status(account_id uuid, status text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
DECLARE a account;
BEGIN
    IF (status IN ('open', 'frozen', 'closed')) IS NOT TRUE THEN RETURN 'invalid'; END IF;
    SELECT * INTO a FROM account WHERE id = account_id FOR NO KEY UPDATE;
    IF a.id IS NULL THEN RETURN 'unknown_account'; END IF;
    IF a.status = 'closed' AND status <> 'closed' THEN RETURN 'closed'; END IF;
    IF status = 'closed' THEN
        -- Credits of a hot account come without its lock: let those under way end, and those
        -- that come wait and then see it closed. After the row, as in `move` and `fold`.
        IF a.hot THEN LOCK TABLE pending IN SHARE MODE; END IF;
        IF a.balance <> 0 OR EXISTS (SELECT FROM pending p WHERE p.account_id = a.id) THEN
            RETURN 'not_empty';
        END IF;
    END IF;
    UPDATE account SET status = set_status.status WHERE id = a.id;
    RETURN 'changed';
END $$;
