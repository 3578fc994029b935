"""Pages that say why a signature does not fit. They change nothing and keep nothing."""

from flask.typing import ResponseReturnValue

from batua_bank.clients.checking import Webhook
from batua_bank.clients.checking import check_webhook as findings_of_webhook
from batua_bank.clients.checking_calls import Signed
from batua_bank.clients.checking_calls import check_call as findings_of_call
from batua_ui.pages import show

from .forms import CallForm, WebhookForm
from .views import bp


@bp.route("/<client_id>/tester", methods=["GET", "POST"])
def check_webhook(client_id: str) -> ResponseReturnValue:
    """Whether a webhook verifies with the client's keys."""
    form = WebhookForm()
    found = ()
    if form.validate_on_submit():
        found = findings_of_webhook(client_id, Webhook(**form.values))
    return show("desk/clients/check_webhook.html", form, found=found)


@bp.route("/<client_id>/tester/call", methods=["GET", "POST"])
def check_call(client_id: str) -> ResponseReturnValue:
    """Whether the token of a call covers it."""
    form = CallForm()
    found = ()
    if form.validate_on_submit():
        found = findings_of_call(client_id, Signed(**form.values))
    return show("desk/clients/check_call.html", form, found=found)
