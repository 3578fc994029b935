"""The story of a bill payment, told from what has happened to it."""

from collections.abc import Sequence

from batua_db.models.payments import BillPayment
from batua_db.models.people import Step
from batua_user.story import Knot, Story


def tell(payment: BillPayment, steps: Sequence[Step]) -> Story:
    """Put a payment into words, from when its money has left the wallet."""
    biller = payment.biller.name
    version, live = f"{payment.state}-{len(steps)}", payment.state == "paid"
    knots = [*_done(steps), *_next(payment)]
    if payment.state == "confirmed":
        text = f"{biller} has confirmed it: {payment.confirmation}."
        return Story(version, live, "Paid", "good", "check", "paid", text, knots)
    if payment.state == "refunded":
        text = f"{biller} refused the payment. {payment.failure}"
        return Story(
            version, live, "Refunded", "calm", "undo-2", "is back in your wallet", text, knots
        )
    text = (
        f"{biller} has not answered so far. We ask by ourselves until it does;"
        " you may close this page. Please don’t pay this bill a second time."
    )
    return Story(version, live, "Waiting", "wait", "clock", "is on its way", text, knots)


def _done(steps: Sequence[Step]) -> list[Knot]:
    return [knot for step in steps for knot in _told(step)]


def _told(step: Step) -> list[Knot]:
    if step.what == "refunded":
        return [
            Knot("fail", "The biller refused it", step.created_at, step.note),
            Knot("done", "Back in your wallet", step.created_at),
        ]
    titles = {"paid": "You paid from your wallet", "confirmed": "The biller confirmed it"}
    return [Knot("done", titles[step.what], step.created_at)]


def _next(payment: BillPayment) -> list[Knot]:
    if payment.state != "paid":
        return []
    text = "Most answer within a minute. If it refuses, all of it is back in your wallet at once."
    return [Knot("now", f"Waiting for {payment.biller.name}", text=text), Knot("todo", "Confirmed")]
