"""The story of a top-up, told from what has happened to it."""

from collections.abc import Callable, Sequence

from batua_db.models.people import Step
from batua_db.models.wallet import Topup, TopupState
from batua_user.story import Knot, Story


def tell(topup: Topup, steps: Sequence[Step]) -> Story:
    """Put a top-up into words."""
    at = {step.what: step for step in steps}
    head = HEADS[topup.state](topup)
    return Story(
        f"{topup.state}-{len(steps)}",
        topup.state in {"pending", "captured"},
        *head,
        steps=[*_done(topup, at), *ENDS[topup.state](topup, at)],
    )


APPROVED = "You approved at the bank"
Head = tuple[str, str, str, str, str]  # label, tone, icon, what comes after the amount, sentence
Steps = dict[str, Step]


def _pending(topup: Topup) -> Head:
    bank = topup.bank.name
    if topup.link_id:
        return (
            "Reaching your bank", "wait", "landmark", "is not certain yet",
            f"{bank} has not answered so far. We ask again with the same order, so that it is"
            " taken once at most; you may close this page.",
        )  # fmt: skip
    if topup.session_id is None:
        return (
            "Reaching your bank", "wait", "landmark", "is not on its way yet",
            f"{bank} has not answered so far. We keep asking; you may close this page."
            " Nothing leaves your account before you approve it there.",
        )  # fmt: skip
    return (
        "Waiting for you", "wait", "landmark", "waits at your bank",
        f"Approve it at {bank}. Nothing leaves your account until then.",
    )  # fmt: skip


def _captured(topup: Topup) -> Head:
    return (
        "Set aside", "wait", "shield-check", "is set aside for you",
        f"{topup.bank.name} has paid, but we could not put it into your wallet."
        " It is safe with us, and goes back to your bank. You need not do anything.",
    )  # fmt: skip


def _credited(topup: Topup) -> Head:
    return "Added", "good", "check", "added", ""


def _declined(topup: Topup) -> Head:
    return (
        "Declined", "calm", "x", "was declined",
        f"You said no at {topup.bank.name}. Nothing was taken from your account.",
    )  # fmt: skip


def _expired(topup: Topup) -> Head:
    return (
        "Time is over", "calm", "clock", "was not approved in time",
        f"The page of {topup.bank.name} has closed. Nothing was taken from your account."
        + _later(topup),
    )  # fmt: skip


def _failed(topup: Topup) -> Head:
    return (
        "Not started", "calm", "refresh-cw", "could not be added",
        f"{topup.bank.name} could not take it. Nothing was taken from your account."
        " Try again in a few minutes." + _later(topup),
    )  # fmt: skip


def _later(topup: Topup) -> str:
    """What is still done about one that has ended."""
    if topup.check_at is None:
        return ""
    return " To be sure, we ask the bank once more; money that came all the same is yours."


def _refunded(topup: Topup) -> Head:
    return (
        "Returned", "good", "undo-2", "is back at your bank",
        f"We could not credit it, so {topup.bank.name} has it back.",
    )  # fmt: skip


HEADS: dict[TopupState, Callable[[Topup], Head]] = {
    "pending": _pending,
    "captured": _captured,
    "credited": _credited,
    "declined": _declined,
    "expired": _expired,
    "failed": _failed,
    "refunded": _refunded,
}


def _done(topup: Topup, at: Steps) -> list[Knot]:
    """What is certain, in the order in which it happens."""
    titles = {
        "asked": "You asked to add money",
        "sent": f"{topup.bank.name} opened a page for you",
        "captured": "Taken at the bank, as you allow" if topup.link_id else APPROVED,
        "told": "The bank told us",
        "heard": "We asked the bank, and it has paid",
    }
    return [Knot("done", titles[what], at[what].created_at) for what in titles if what in at]


def _end_pending(topup: Topup, at: Steps) -> list[Knot]:
    arrive = Knot("todo", "In your wallet")
    if topup.link_id:
        text = "We ask again by ourselves."
        return [Knot("now", f"Reaching {topup.bank.name}", text=text), arrive]
    if topup.session_id is None:
        return [
            Knot("now", f"Reaching {topup.bank.name}", text="We ask again by ourselves."),
            Knot("todo", "You approve at the bank"),
            arrive,
        ]
    text = "Then it tells us. If its message is lost, we ask the bank ourselves within a minute."
    return [Knot("now", "You approve at the bank", text=text), arrive]


def _end_captured(topup: Topup, at: Steps) -> list[Knot]:
    step = at.get("suspended")
    reasons = {
        "amount": f"It moved {topup.captured}, and you had asked for {topup.amount}.",
        "bank": "It came from another bank than you had chosen.",
        "closed": "Your wallet was closed in the meantime.",
        "limit": "With it your wallet would be above what its limits allow.",
    }
    why = reasons.get(step.note, "") if step else ""
    back = Knot("todo", f"Back at {topup.bank.name}", text="We are giving it back by ourselves.")
    if kept := at.get("kept"):
        back = Knot("now", "We are looking at it", kept.created_at, "The bank could not take it.")
    return [Knot("now", "Set aside", step and step.created_at, why), back]


def _end_credited(topup: Topup, at: Steps) -> list[Knot]:
    arrived, approved = at.get("credited"), at.get("captured")
    took = ""
    if arrived and approved:
        seconds = (arrived.created_at - approved.created_at).total_seconds()
        took = _seconds(seconds, "the bank took it" if topup.link_id else "you approved")
    return [Knot("done", "In your wallet", arrived and arrived.created_at, took)]


def _stopped(what: str, title: str) -> Callable[[Topup, Steps], list[Knot]]:
    def end(topup: Topup, at: Steps) -> list[Knot]:
        step = at.get(what)
        text = step.note if step and step.note.endswith(".") else "Nothing was taken."
        return [Knot("fail", title, step and step.created_at, text)]

    return end


def _end_refunded(topup: Topup, at: Steps) -> list[Knot]:
    step = at.get("refunded")
    return [Knot("done", "Back at your bank", step and step.created_at)]


ENDS: dict[TopupState, Callable[[Topup, Steps], list[Knot]]] = {
    "pending": _end_pending,
    "captured": _end_captured,
    "credited": _end_credited,
    "declined": _stopped("declined", "You declined at the bank"),
    "expired": _stopped("expired", "The bank’s page closed"),
    "failed": _stopped("failed", "It could not be started"),
    "refunded": _end_refunded,
}


def _seconds(took: float, since: str) -> str:
    """How long it took, and since what."""
    seconds = round(took)
    if seconds < 1:
        return f"Less than a second after {since}."
    if seconds < 120:
        return f"{seconds} {'seconds' if seconds > 1 else 'second'} after {since}."
    return f"{seconds // 60} minutes after {since}."
