"""Which pages tolerate lag, and may read a replica; all others read the primary."""

TOLERANT = {
    "accounts.account",
    "accounts.table",
    "accounts.statement",
    "payments.authorised",
    "desk.landing.overview",
    "desk.customers.find",
    "desk.payments.latest",
    "desk.payouts.latest",
    "desk.reversals.overview",
    "desk.books.trial",
    "desk.books.day",
    "desk.books.sheet",
    "desk.banks.overview",
    "desk.clients.overview",
    "desk.clients.calls",
    "desk.clients.events",
    "desk.log.acts",
}
