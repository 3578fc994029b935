"""The API's manual: a page drawn from its OpenAPI description, readable without a script."""

import json
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Flask, current_app, render_template
from flask.typing import ResponseReturnValue
from flask_smorest import Api

from .answers import REFUSALS

EXTENSION = "bank_api"
SIGNING = """\
from hashlib import sha256
from itsdangerous import URLSafeTimedSerializer

signer = URLSafeTimedSerializer(SECRET, salt="batua.bank-api")
token = signer.dumps(["wallet", "GET", "/api/v1/banks", sha256(body).hexdigest(), key])
headers = {"Authorization": f"Bearer {token}"}
"""
bp = Blueprint("docs", __name__)


def api_of(app: Flask, api: Api) -> None:
    """Let the manual of ``app`` know the API it describes."""
    app.extensions[EXTENSION] = api


@bp.get("/api/docs")
def docs() -> ResponseReturnValue:
    """Show every call with its fields and an example."""
    spec: dict[str, Any] = current_app.extensions[EXTENSION].spec.to_dict()
    calls = [
        _call(spec, method, path, operation)
        for path, operations in spec["paths"].items()
        for method, operation in operations.items()
        if method in {"get", "post"}
    ]
    return render_template(
        "api/docs.html", info=spec["info"], calls=calls, refusals=REFUSALS, signing=SIGNING
    )


def example_path(path: str, operation: dict[str, Any], whole: dict[str, Any]) -> str:
    """A path that can be called: what it names and asks for, by the examples of each."""
    given = [*whole.get("parameters", []), *operation.get("parameters", [])]
    shown = {
        (each["in"], each["name"]): each["schema"]["examples"][0]
        for each in given
        if "examples" in each["schema"]
    }
    for (place, name), value in shown.items():
        if place == "path":
            path = path.replace(f"{{{name}}}", value)
    query = {name: value for (place, name), value in shown.items() if place == "query"}
    return path + (f"?{urlencode(query)}" if query else "")


def _call(
    spec: dict[str, Any], method: str, path: str, operation: dict[str, Any]
) -> dict[str, Any]:
    status, answer = next(
        item for item in operation["responses"].items() if item[0].startswith("2")
    )
    sent = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    (given,) = answer["content"].values()
    return {
        "name": f"{method}-{path}".translate(str.maketrans("/{}_", "----")),
        "method": method.upper(),
        "path": path,
        "summary": operation["summary"],
        "description": operation.get("description", ""),
        "example": example_path(path, operation, spec["paths"][path]),
        "query": [each for each in operation.get("parameters", []) if each["in"] == "query"],
        "fields": _fields(spec, sent.get("schema", {})),
        "sends": _example(sent),
        "status": status,
        "answers": _fields(spec, given["schema"]),
        "gives": _example(given),
    }


def _fields(spec: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The fields of a schema; of a list, those of its items."""
    resolved = _resolve(spec, schema)
    needed = resolved.get("required", [])
    fields: list[dict[str, Any]] = []
    for name, field in resolved.get("properties", {}).items():
        if "items" in field:
            of_items = _fields(spec, field["items"])
            fields += [{**each, "name": f"{name}[].{each['name']}"} for each in of_items]
        else:
            about = field.get("description", "")
            fields.append({"name": name, "about": about, "needed": name in needed})
    return fields


def _resolve(spec: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    return spec["components"]["schemas"][name] if name else schema


def _example(content: dict[str, Any]) -> str:
    example = content.get("example")
    if isinstance(example, str):
        return example  # of a file
    return json.dumps(example, indent=2, ensure_ascii=False) if example else ""
