"""Which pages tolerate lag, and may read a replica; all others read the primary."""

TOLERANT = {
    "activity.history",
    "activity.table",
    "activity.statement",
    "merchants.payments",
    "settlements.settlements",
    "desk.landing.overview",
    "desk.people.find",
    "desk.kyc.queue",
    "desk.merchants.queue",
    "desk.suspense.queue",
    "desk.corrections.overview",
    "desk.reconciliation.overview",
    "desk.books.totals",
    "desk.log.acts",
}
