"""What I authorised, and the consents that still hold."""

import re
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from batua_bank.consents import queries as consents
from batua_bank.consents import service
from batua_bank.extensions import current_customer
from batua_ui.forms import Form

from . import queries

bp = Blueprint("payments", __name__)

CURSOR = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


@bp.get("/payments")
def authorised() -> ResponseReturnValue:
    """Payments that I authorised, and refunds of them."""
    after = request.args.get("after", "")
    found = queries.authorised(
        current_customer, after=UUID(after) if CURSOR.fullmatch(after) else None
    )
    shown, more = found[: queries.A_PAGE], len(found) > queries.A_PAGE
    return render_template(
        "payments/authorised.html",
        customer=current_customer,
        bank=current_customer.bank,
        payments=shown,
        newer=url_for(".authorised") if after else None,
        older=url_for(".authorised", after=shown[-1].id) if more else None,
    )


@bp.get("/consents")
def standing() -> ResponseReturnValue:
    """What platforms may take without asking me."""
    return render_template(
        "payments/consents.html",
        customer=current_customer,
        bank=current_customer.bank,
        consents=consents.of_customer(current_customer),
        button=Form(formdata=None),
    )


@bp.post("/consents/<uuid:consent_id>/revoke")
def revoke(consent_id: UUID) -> ResponseReturnValue:
    """End a consent, at once."""
    service.revoke(current_customer, consent_id)
    flash("Revoked: nothing is taken by it any more")
    return redirect(url_for(".standing"), 303)
