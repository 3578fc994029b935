"""The entries of net banking's navigation: none for strangers, nor on a payment's own pages."""

from collections.abc import Sequence

from flask import request

from batua_ui.nav import Link

from .extensions import current_customer

LINKS = (
    Link("Accounts", "accounts.overview", "wallet"),
    Link("Payments", "payments.authorised", "receipt-indian-rupee"),
    Link("Consents", "payments.standing", "shield-check"),
    Link("Security", "security.overview", "lock"),
)
OF_CUSTOMERS = {link.endpoint.partition(".")[0] for link in LINKS}


def links() -> Sequence[Link]:
    """What the customer who is signed in can go to."""
    at_home = request.blueprint in OF_CUSTOMERS and current_customer.is_authenticated
    return LINKS if at_home else ()
