"""What the kinds of movements are called, and how a history groups them."""

# A movement, as its receiver sees it and as its sender does.
NAMES = {
    "topup": ("Added", "Added"),
    "send": ("Received", "Sent"),
    "payment": ("Payment", "Paid"),
    "payment_refund": ("Refund", "Refunded"),
    "bill": ("Bill", "Bill"),
    "bill_refund": ("Bill not taken", "Bill not taken"),
    "withdrawal": ("Withdrawn", "Withdrawn"),
    "withdrawal_returned": ("Withdrawal returned", "Withdrawal returned"),
    "correction": ("Corrected by Batua", "Corrected by Batua"),
}
# The same as a sentence, up to whom it was from or to.
VERBS = {
    "topup": ("You added", "You added"),
    "send": ("You received", "You sent"),
    "payment": ("You received", "You paid"),
    "payment_refund": ("You were refunded", "You refunded"),
    "bill": ("You received", "You paid"),
    "bill_refund": ("You got back", "You gave back"),
    "withdrawal": ("You got back", "You withdrew"),
    "withdrawal_returned": ("You got back", "You gave back"),
    "correction": ("Batua gave back", "Batua took back"),
}

# What may be chosen: its name in addresses, its title, the kinds that belong to it.
GROUPS = {
    "in": "Money in",
    "out": "Money out",
    "send": "People",
    "payment": "Shops",
    "bill": "Bills",
    "topup": "Added",
    "withdrawal": "Withdrawals",
}
MEMBERS = {
    "send": {"send"},
    "payment": {"payment", "payment_refund"},
    "bill": {"bill", "bill_refund"},
    "topup": {"topup"},
    "withdrawal": {"withdrawal", "withdrawal_returned"},
}


def name_of(kind: str, *, came_in: bool) -> str:
    """What a movement is called on the side that is looked from."""
    known = NAMES.get(kind)
    if known is None:
        return kind.replace("_", " ").capitalize()
    return known[0] if came_in else known[1]


def verb_of(kind: str, *, came_in: bool) -> str:
    """What was done, for the head of a receipt."""
    received, sent = VERBS.get(kind, ("You received", "You paid"))
    return received if came_in else sent


def belongs(kind: str, group: str | None, *, came_in: bool) -> bool:
    """Whether a movement is in the group; no group has them all."""
    if group is None:
        return True
    if group in {"in", "out"}:
        return came_in == (group == "in")
    return kind in MEMBERS[group]
