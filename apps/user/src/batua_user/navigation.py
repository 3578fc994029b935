"""The entries of the navigation: only pages that exist, and none for strangers."""

from collections.abc import Sequence

from batua_ui.nav import Link

from .extensions import current_user

LINKS = (
    Link("Home", "home.home", "house"),
    Link("Add", "topups.add", "circle-plus"),
    Link("Send", "transfers.send", "send"),
    Link("Pay", "paying.landing", "scan-line"),
    Link("History", "activity.history", "history"),
    Link("Withdraw", "withdrawals.withdraw", "landmark", more=True),
    Link("Business", "merchants.overview", "store", more=True),
    Link("Settings", "settings.overview", "settings", more=True),
)


# What a small wallet can't do is not offered to it.
FOR_FULL_WALLETS = {"merchants.overview"}


def links() -> Sequence[Link]:
    """What the person who is signed in can go to."""
    if not current_user.is_authenticated:
        return ()
    if current_user.tier == "full":
        return LINKS
    return tuple(link for link in LINKS if link.endpoint not in FOR_FULL_WALLETS)
