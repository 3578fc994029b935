"""What goes to the logs, and what never does."""

import json
import logging
from collections.abc import Generator

import pytest
import structlog
from pydantic import SecretStr

from batua_config import logs
from batua_config.settings import Settings

CANARY = "canary-4f1d"
SETTINGS = Settings(APP_ENV="development", SECRET=None, PIN_PEPPER=SecretStr(CANARY * 4))


@pytest.fixture(autouse=True)
def as_before() -> Generator[None]:
    """Logging is the process's own: leave it as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


def in_production() -> Settings:
    return SETTINGS.model_copy(update={"APP_ENV": "production"})


@pytest.mark.parametrize("production", [True, False])
def test_only_what_is_allowed_is_written(
    production: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(in_production() if production else SETTINGS)

    logs.get("a test").info("paid", password=CANARY, phone=CANARY, token=CANARY, code="refused")

    out = capsys.readouterr().out
    assert CANARY not in out
    assert "refused" in out


def test_in_production_an_exception_is_named_and_its_text_is_not(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure(in_production())
    try:
        raise ValueError(f"Failing row contains ({CANARY})")
    except ValueError:
        logs.get("a test").exception("unexpected")
        logging.getLogger("a library").exception("unexpected too")

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["error"] for line in lines] == ["ValueError", "ValueError"]
    assert "test_logs.py" in lines[0]["where"][-1]
    assert CANARY not in json.dumps(lines)


def test_libraries_that_name_whole_addresses_are_quiet(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure(SETTINGS)

    for name in ("urllib3.connectionpool", "werkzeug", "_granian.access"):
        logging.getLogger(name).info("GET /pay/%s", CANARY)

    assert CANARY not in capsys.readouterr().out


def test_settings_show_no_secret() -> None:
    assert CANARY not in repr(SETTINGS)
