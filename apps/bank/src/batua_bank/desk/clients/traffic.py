"""Pages of what a platform asked us, and what it was told."""

import json
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from batua_bank.clients import calls as of_client
from batua_bank.clients import deliveries, registry
from batua_bank.clients.replay import Stretch
from batua_bank.desk.current import current_staff
from batua_bank.webhooks.sender import letter_body
from batua_ui.pages import show

from . import queries, service
from .forms import CallsForm, EventsForm, ReplayForm
from .views import act, bp

A_CURSOR = 64


@bp.get("/<client_id>/calls")
def calls(client_id: str) -> ResponseReturnValue:
    """What a client asked, newest first."""
    form, after = CallsForm(), request.args.get("after", "")[:A_CURSOR]
    page = of_client.page(client_id, of_client.Asked(**form.asked, after=after))
    older = url_for(".calls", **form.asked, after=page.older) if page.older else None
    newest = url_for(".calls", **form.asked) if after else None
    return show("desk/clients/calls.html", form, calls=page.calls, older=older, newest=newest)


@bp.get("/<client_id>/calls/<call_id>")
def call(client_id: str, call_id: str) -> ResponseReturnValue:
    """One call, with what was sent and answered."""
    found = of_client.find(client_id, call_id)
    return render_template(
        "desk/clients/call.html",
        call=found,
        sent=pretty(found.sent),
        answered=pretty(found.answered),
    )


@bp.get("/<client_id>/events")
def events(client_id: str) -> ResponseReturnValue:
    """What a client was told, newest first."""
    form, after = EventsForm(), request.args.get("after", "")[:A_CURSOR]
    page = deliveries.page(client_id, deliveries.Asked(**form.asked, after=after))
    older = url_for(".events", **form.asked, after=page.older) if page.older else None
    newest = url_for(".events", **form.asked) if after else None
    state_of = deliveries.state_of
    return show(
        "desk/clients/events.html",
        form,
        told=page.told,
        older=older,
        newest=newest,
        state_of=state_of,
    )


@bp.get("/<client_id>/events/<event_id>")
def event(client_id: str, event_id: str) -> ResponseReturnValue:
    """One event, with every attempt to deliver it."""
    told = deliveries.find(client_id, event_id)
    event = told.event
    body = letter_body(event.type, event.created_at, event.data).decode()
    return render_template(
        "desk/clients/event.html",
        told=told,
        event=event,
        body=pretty(body),
        attempts=deliveries.attempts(event_id),
        state_of=deliveries.state_of,
        url_of=registry.url_of,
    )


@bp.post("/<client_id>/events/<event_id>/replay/<uuid:endpoint_id>")
def replay_one(client_id: str, event_id: str, endpoint_id: UUID) -> ResponseReturnValue:
    """Send an event to an endpoint again."""
    service.replay_one(current_staff, client_id, event_id, endpoint_id)
    return redirect(url_for(".event", event_id=event_id), 303)


@bp.route("/<client_id>/replay", methods=["GET", "POST"])
def replay_many(client_id: str) -> ResponseReturnValue:
    """Send a stretch of events again."""
    form = ReplayForm(queries.endpoints(client_id))

    def do() -> int:
        endpoint = form.endpoint.data
        stretch = Stretch(
            since=form.since.data,
            until=form.until.data,
            endpoint_id=UUID(endpoint) if endpoint else None,
            type=form.type.data,
            only_failed=form.only_failed.data,
        )
        return service.replay_many(current_staff, client_id, stretch)

    def then(count: int) -> str:
        flash("Nothing of that time was to be sent." if not count else f"On their way: {count}.")
        return url_for(".events")

    return act("desk/clients/replay.html", form, do, then)


def pretty(text: str) -> str:
    """JSON on lines of its own; what was cut, or is none, as it is."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text
