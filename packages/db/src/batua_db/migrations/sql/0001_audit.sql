-- Proves the books. One statement, hence one snapshot: it may run while money moves.
-- Returns the faults, each with its row; none means all holds.
CREATE FUNCTION audit() RETURNS TABLE (book text, fault text, place text, detail text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = ledger, pg_temp SET client_encoding = 'UTF8' AS $$
WITH leg AS (                           -- what the transfers say must be there …
    SELECT t.book, t.id AS transfer_id, l.account_id, l.amount
    FROM transfer t, LATERAL (VALUES (t.debit_account, -t.amount), (t.credit_account, t.amount))
        AS l (account_id, amount)
), present AS (                         -- … and what is
    SELECT book, transfer_id, account_id, amount, 'entry' AS kind FROM entry
    UNION ALL SELECT NULL, transfer_id, account_id, amount, 'pending' FROM pending
), walk AS (
    SELECT e.*, lag(version, 1, 0::bigint) OVER w AS version_before,
           lag(balance, 1, 0::bigint) OVER w AS balance_before
    FROM entry e WINDOW w AS (PARTITION BY account_id ORDER BY version)
), total AS (
    SELECT account_id, count(*) AS entries, sum(amount) AS amount, max(version) AS version
    FROM entry GROUP BY account_id
), waiting AS (
    SELECT account_id, sum(amount) AS amount FROM pending GROUP BY account_id
), chain AS (
    SELECT b.*, lag(digest, 1, ''::bytea) OVER w AS digest_before,
           lag(number, 1, 0::bigint) OVER w AS number_before,
           lag(upto, 1, '0'::xid8) OVER w AS upto_before
    FROM block b WINDOW w AS (PARTITION BY book ORDER BY number)
), sealed AS (                          -- every sealed row, hashed again, block by block
    SELECT b.book, b.number, l.account_id, l.version, l.xact, l.hash
    FROM block b CROSS JOIN LATERAL (
        SELECT * FROM leaf WHERE leaf.book = b.book AND leaf.xact >= b.since AND leaf.xact < b.upto
        OFFSET 0) l                     -- by the index: not every entry against every block
), resealed AS (
    SELECT book, number, count(*) AS entries,
           string_agg(hash, '' ORDER BY xact, account_id, version) AS hashes,
           string_agg(substr(hash, 1, 8), '' ORDER BY xact, account_id, version) AS marks
    FROM sealed GROUP BY book, number
), broken AS (
    SELECT b.book, b.number, b.entries, b.marks, coalesce(r.entries, 0) AS there
    FROM block b LEFT JOIN resealed r USING (book, number)
    WHERE b.marks IS DISTINCT FROM r.marks OR b.digest IS DISTINCT FROM
        digest(b.previous, b.book, b.number, b.since, b.upto, r.hashes)
), mark AS MATERIALIZED (
    SELECT b.book, b.number, substr(b.marks, 8 * i + 1, 8) AS mark
    FROM broken b, generate_series(0, b.entries - 1) AS i
)
SELECT book, 'not zero', format('book %s', book), format('balances sum to %s', sum(amount))
    FROM (SELECT book, balance AS amount FROM account
          UNION ALL SELECT a.book, p.amount FROM pending p JOIN account a ON a.id = p.account_id) s
    GROUP BY book HAVING sum(amount) <> 0
UNION ALL
SELECT a.book, 'balance', format('account %s', a.id),
        format('balance %s version %s; last entry %s version %s; %s entries sum to %s', a.balance,
        a.version, e.balance, e.version, coalesce(t.entries, 0), coalesce(t.amount, 0))
    FROM account a LEFT JOIN total t ON t.account_id = a.id
        LEFT JOIN entry e ON e.account_id = a.id AND e.version = t.version
    WHERE (a.balance, a.version, a.balance, a.version) <> (coalesce(e.balance, 0),
        coalesce(e.version, 0), coalesce(t.amount, 0), coalesce(t.entries, 0))
UNION ALL
SELECT book, 'below floor', format('account %s', id), format('balance %s, floor %s', balance, floor)
    FROM account WHERE balance < floor
UNION ALL
SELECT book, 'no floor', format('account %s', id), format('a %s must have one', kind)
    FROM account WHERE floor IS NULL AND kind <> 'cash' AND kind NOT LIKE 'float:%'
UNION ALL
SELECT a.book, CASE a.status WHEN 'closed' THEN 'closed' ELSE 'above zero' END,
        format('account %s', a.id), format('%s %s holds %s, %s waits', a.status, a.kind, a.balance,
        coalesce(w.amount, 0))
    FROM account a LEFT JOIN waiting w ON w.account_id = a.id
    WHERE a.status = 'closed' AND (a.balance <> 0 OR w.amount IS NOT NULL)
        OR a.kind LIKE 'float:%' AND a.balance + coalesce(w.amount, 0) > 0
UNION ALL
SELECT w.book, CASE WHEN a.id IS NULL THEN 'no account'
            WHEN w.version <> version_before + 1 THEN 'gap' ELSE 'running balance' END,
        format('entry %s/%s', w.account_id, w.version),
        format('after version %s with balance %s: %s makes %s', version_before, balance_before,
        w.amount, w.balance)
    FROM walk w LEFT JOIN account a ON a.id = w.account_id
    WHERE a.id IS NULL OR w.version <> version_before + 1
        OR w.balance <> balance_before + w.amount
UNION ALL
SELECT coalesce(l.book, p.book), 'legs', format('transfer %s', transfer_id),
        format('account %s: transfer says %s, %s says %s', account_id,
        coalesce(l.amount::text, 'nothing'), coalesce(p.kind, 'entry'),
        coalesce(p.amount::text, 'nothing'))
    FROM leg l FULL JOIN present p USING (transfer_id, account_id)
    WHERE l.amount IS DISTINCT FROM p.amount OR l.book <> p.book
UNION ALL
SELECT e.book, 'booked twice', format('transfer %s', transfer_id),
        format('account %s has an entry and a pending row', account_id)
    FROM pending JOIN entry e USING (transfer_id, account_id)
UNION ALL
SELECT t.book, 'mismatch', format('transfer %s', t.id),
        format('%s → %s', t.debit_account, t.credit_account)
    FROM transfer t JOIN account d ON d.id = t.debit_account
        JOIN account c ON c.id = t.credit_account
    WHERE t.book <> d.book OR t.book <> c.book OR d.currency <> c.currency
UNION ALL
SELECT r.book, 'reversal', format('transfer %s', r.reverses),
        format('%s reversed of %s', r.amount, t.amount)
    FROM (SELECT book, reverses, debit_account, credit_account, sum(amount) AS amount FROM transfer
          WHERE reverses IS NOT NULL GROUP BY 1, 2, 3, 4) r
        LEFT JOIN transfer t ON t.id = r.reverses
    WHERE (r.amount <= t.amount AND t.reverses IS NULL
        AND (t.debit_account, t.credit_account) = (r.credit_account, r.debit_account)) IS NOT TRUE
UNION ALL
SELECT book, 'chain', format('block %s', number), 'does not follow the block before it'
    FROM chain
    WHERE previous <> digest_before OR number <> number_before + 1 OR since <> upto_before
UNION ALL
SELECT book, 'seal', format('block %s', number),
        format('not as it was sealed: %s rows then, %s now', entries, there)
    FROM broken
UNION ALL
SELECT s.book, 'changed', format('entry %s/%s', s.account_id, s.version),
        format('not as sealed in block %s (it, its transfer or its account)', s.number)
    FROM sealed s JOIN broken USING (book, number)
    WHERE NOT EXISTS (SELECT FROM mark m
        WHERE m.book = s.book AND m.number = s.number AND m.mark = substr(s.hash, 1, 8))
$$;
