"""Pages of a platform itself: all of them, one, its return origins, its end."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from batua_bank.clients import calls, deliveries, registry
from batua_bank.clients import service as clients
from batua_bank.desk.current import current_staff
from batua_db.errors import DomainError
from batua_db.models.clients import Client
from batua_ui.desk.forms import ReasonForm
from batua_ui.forms import Form
from batua_ui.pages import show

from . import queries, service
from .forms import ClientForm, OriginsForm, PressForm

bp = Blueprint("clients", __name__, url_prefix="/clients")
LATEST = 6


@bp.url_defaults
def this_client(endpoint: str, values: dict[str, Any]) -> None:
    """Pages of a client lead to others of the same; a developer's always to their own."""
    if "client_id" in values or not current_app.url_map.is_endpoint_expecting(
        endpoint, "client_id"
    ):
        return
    staff = g.get("staff")
    own = staff.client_id if staff else None
    values["client_id"] = (request.view_args or {}).get("client_id") or own


@bp.before_request
def look_up() -> None:
    """Find the client that a page is about, or answer 404."""
    client_id = (request.view_args or {}).get("client_id")
    g.shown_client = clients.find(client_id) if client_id is not None else None


@bp.context_processor
def about() -> dict[str, Any]:
    """What every page of a client shows, and whether who looks may change it."""
    client: Client | None = g.get("shown_client")
    if client is None:
        return {}
    return {
        "client": client,
        "house": client.id == registry.WALLET,
        "may_act": g.staff.role in {"operator", "developer"} and client.closed_at is None,
        "press": PressForm(formdata=None),
    }


def act(
    template: str, form: Form, do: Callable[[], Any], then: Callable[[Any], str], **context: Any
) -> Response:
    """A page with a form: shown, refused and shown again, or done and led away from."""
    if not form.validate_on_submit():
        return show(template, form, **context)
    try:
        done = do()
    except DomainError as error:
        return show(template, form, error, **context)
    return redirect(then(done), 303)  # pyright: ignore[reportReturnType] a Response, in our apps


def home(_done: Any = None) -> str:
    """The page of the client that this one is about."""
    return url_for("desk.clients.client")


@bp.get("")
def overview() -> ResponseReturnValue:
    """All clients."""
    return render_template("desk/clients/overview.html", lines=queries.lines())


@bp.route("/_new", methods=["GET", "POST"])
def make() -> ResponseReturnValue:
    """Take on a client."""
    form = ClientForm()
    return act(
        "desk/clients/make.html",
        form,
        lambda: service.make(current_staff, **form.values),
        lambda _: url_for(".client", client_id=form.client_id.data),
    )


@bp.get("/<client_id>")
def client(client_id: str) -> ResponseReturnValue:
    """A client: its keys, its addresses, its endpoints, what it did and heard last."""
    return render_template(
        "desk/clients/client.html",
        keys=queries.keys(client_id),
        origins=registry.origins_of(g.shown_client),
        endpoints=queries.endpoints(client_id),
        accounts=queries.accounts(client_id),
        calls=calls.page(client_id, calls.Asked(), most=LATEST).calls,
        told=deliveries.page(client_id, deliveries.Asked(), most=LATEST).told,
        state_of=deliveries.state_of,
    )


@bp.route("/<client_id>/origins", methods=["GET", "POST"])
def origins(client_id: str) -> ResponseReturnValue:
    """Where customers may come back to."""
    form = OriginsForm()
    if not form.is_submitted():
        form.origins.data = g.shown_client.origins
    return act(
        "desk/clients/origins.html",
        form,
        lambda: service.change_origins(current_staff, client_id, **form.values),
        home,
    )


@bp.route("/<client_id>/close", methods=["GET", "POST"])
def close(client_id: str) -> ResponseReturnValue:
    """Let a client go."""
    form = ReasonForm()
    return act(
        "desk/clients/close.html",
        form,
        lambda: service.close(current_staff, client_id, reason=form.reason.data),
        home,
    )
