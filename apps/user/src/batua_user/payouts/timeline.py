"""The story of a payout, told from what has happened to it."""

from collections.abc import Sequence

from batua_db.models.payments import Payout
from batua_db.models.people import Step
from batua_user.story import Knot, Story

from .service import source_of


def tell(payout: Payout, steps: Sequence[Step]) -> Story:
    """Put a payout into words, from when its money has left the wallet."""
    account = payout.linked_account
    where = f"{account.bank.name} ··{account.last_digits}"
    version, live = f"{payout.state}-{len(steps)}", payout.state == "in_flight"
    knots = [*_done(payout, steps), *_next(payout, where)]
    if payout.state == "paid":
        text = f"It is in your account at {where}."
        return Story(version, live, "Paid", "good", "check", "paid to your bank", text, knots)
    if payout.state == "returned":
        text = f"{payout.failure} Nothing is lost: all of it is in your {source_of(payout)} again."
        return Story(version, live, "Returned", "calm", "undo-2", "is back", text, knots)
    text = (
        f"{where} usually has it within a minute, and by tomorrow at the latest."
        " You may close this page: we tell you."
    )
    return Story(version, live, "On its way", "wait", "landmark", "is on its way", text, knots)


def _done(payout: Payout, steps: Sequence[Step]) -> list[Knot]:
    titles = {
        "taken": f"It left your {source_of(payout)}",
        "ordered": "Our bank took the order",
        "paid": f"{payout.linked_account.bank.name} paid it out",
    }
    knots: list[Knot] = []
    for step in steps:
        if step.what == "returned":
            knots.append(Knot("fail", "The bank could not pay it", step.created_at, step.note))
            knots.append(Knot("done", f"Back in your {source_of(payout)}", step.created_at))
        else:
            knots.append(Knot("done", titles[step.what], step.created_at))
    return knots


def _next(payout: Payout, where: str) -> list[Knot]:
    if payout.state != "in_flight":
        return []
    text = "If the bank does not answer, we ask again, and never send it twice."
    asking = "The bank is paying it out" if payout.bank_payout_id else "Asking our bank to pay"
    return [Knot("now", asking, text=text), Knot("todo", f"In your account, {where}")]
