"""Pages of where a platform hears of what happens."""

from uuid import UUID

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from batua_bank.clients import deliveries, registry
from batua_bank.clients import endpoints as of_client
from batua_bank.desk.current import current_staff

from . import service
from .forms import EndpointForm
from .views import act, bp, home


@bp.route("/<client_id>/endpoints/new", methods=["GET", "POST"])
def add_endpoint(client_id: str) -> ResponseReturnValue:
    """Let a client hear at an address too."""
    form = EndpointForm()
    if not form.is_submitted():
        form.tick([])

    def do() -> None:
        service.add_endpoint(
            current_staff, client_id, key=form.key.data, url=form.url.data, events=form.chosen
        )

    return act("desk/clients/endpoint_form.html", form, do, home, endpoint=None)


@bp.get("/<client_id>/endpoints/<uuid:endpoint_id>")
def endpoint(client_id: str, endpoint_id: UUID) -> ResponseReturnValue:
    """An endpoint, and what it heard last."""
    found = of_client.find(client_id, endpoint_id)
    heard = deliveries.page(client_id, deliveries.Asked(endpoint_id=endpoint_id), most=20)
    return render_template(
        "desk/clients/endpoint.html",
        endpoint=found,
        url=registry.url_of(found),
        told=heard.told,
        state_of=deliveries.state_of,
    )


@bp.route("/<client_id>/endpoints/<uuid:endpoint_id>/change", methods=["GET", "POST"])
def change_endpoint(client_id: str, endpoint_id: UUID) -> ResponseReturnValue:
    """Let an endpoint be elsewhere, or hear of other events."""
    found = of_client.find(client_id, endpoint_id)
    form = EndpointForm()
    if not form.is_submitted():
        form.url.data = registry.url_of(found)
        form.tick(found.events)

    def do() -> None:
        service.change_endpoint(
            current_staff, client_id, endpoint_id, url=form.url.data, events=form.chosen
        )

    return act("desk/clients/endpoint_form.html", form, do, lambda _: _to(found.id), endpoint=found)


@bp.post("/<client_id>/endpoints/<uuid:endpoint_id>/disable")
def disable_endpoint(client_id: str, endpoint_id: UUID) -> ResponseReturnValue:
    """Send nothing more there."""
    service.switch_endpoint(current_staff, client_id, endpoint_id, on=False)
    return redirect(_to(endpoint_id), 303)


@bp.post("/<client_id>/endpoints/<uuid:endpoint_id>/enable")
def enable_endpoint(client_id: str, endpoint_id: UUID) -> ResponseReturnValue:
    """Send there again, from now on."""
    service.switch_endpoint(current_staff, client_id, endpoint_id, on=True)
    return redirect(_to(endpoint_id), 303)


def _to(endpoint_id: UUID) -> str:
    return url_for("desk.clients.endpoint", endpoint_id=endpoint_id)
