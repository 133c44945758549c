"""What the logs say and what they never say."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from hub.logs import HIDDEN, configure_logs
from hub.settings import Settings

KEY = "shk_4fYc0vWm3gqB7sZt9yKxLr2NhJpQdEaU"
SIGNING = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Log:
    """Everything written to standard error so far."""

    def __init__(self, captured: pytest.CaptureFixture[str]) -> None:
        self._captured = captured
        self._seen = ""

    def getvalue(self) -> str:
        self._seen += self._captured.readouterr().err
        return self._seen


@pytest.fixture
def log(capsys: pytest.CaptureFixture[str]) -> Iterator[Log]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield Log(capsys)
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def configured(**settings: Any) -> structlog.stdlib.BoundLogger:
    configure_logs(Settings(log_format="json", **settings), process="web")
    logger: structlog.stdlib.BoundLogger = structlog.get_logger("hub.test")
    return logger


def lines(log: Log) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_an_event_is_one_line_of_json_with_time_level_and_process(log: Log) -> None:
    configured().info("job finished", generation_id="g1", seconds=1.5)
    (line,) = lines(log)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "job finished",
        "generation_id": "g1",
        "seconds": 1.5,
        "level": "info",
        "logger": "hub.test",
        "process": "web",
    }


def test_the_standard_librarys_logs_take_the_same_form(log: Log) -> None:
    configured()
    logging.getLogger("uvicorn.error").warning("took %s s", 3, extra={"text": "Good morning"})
    (line,) = lines(log)
    assert (line["event"], line["logger"], line["process"]) == ("took 3 s", "uvicorn.error", "web")
    assert line["text"] == HIDDEN


@pytest.mark.parametrize(
    "name",
    [
        "text",
        "voice_description",
        "voice_ref_text",
        "instructions",
        "api_key",
        "authorization",
        "secret_key",
        "signing_secret",
        "password",
        "access_token",
        "body",
        "payload",
        "signature",
    ],
)
def test_values_under_private_names_are_hidden(log: Log, name: str) -> None:
    configured().info("accepted", **{name: "Good morning, Ada", "job": {name: "Good morning, Ada"}})
    assert "Ada" not in log.getvalue()
    assert lines(log)[0][name] == HIDDEN


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (f"refused Bearer {KEY} from 10.0.0.1", f"refused Bearer {HIDDEN} from 10.0.0.1"),
        (f"key {KEY} unknown", f"key {HIDDEN} unknown"),
        (f"rotated {SIGNING}", f"rotated {HIDDEN}"),
        ("redis://:geheim@127.0.0.1:6379/0", f"redis://:{HIDDEN}@127.0.0.1:6379/0"),
        ("postgresql://hub:geheim@db/hub", f"postgresql://hub:{HIDDEN}@db/hub"),
        (
            "GET /v1/audio/g.wav?expires=1&signature=abcdef&x=1",
            f"GET /v1/audio/g.wav?expires=1&signature={HIDDEN}&x=1",
        ),
    ],
)
def test_secrets_are_hidden_wherever_they_stand(log: Log, value: str, kept: str) -> None:
    configured().info(value, url=value, inner=[{"deep": (value,)}])
    (line,) = lines(log)
    assert line["event"] == line["url"] == line["inner"][0]["deep"][0] == kept


def test_secrets_in_a_traceback_are_hidden(log: Log) -> None:
    logger = configured()
    try:
        raise ValueError(f"cannot use {KEY}")
    except ValueError:
        logger.exception("failed")
    assert KEY not in log.getvalue()
    assert f"ValueError: cannot use {HIDDEN}" in lines(log)[0]["exception"]


def test_the_console_form_hides_as_well(log: Log) -> None:
    configure_logs(Settings(log_format="console"), process="speak")
    structlog.get_logger("hub.test").warning("slow", text="Good morning, Ada", key=KEY, seconds=3)
    assert "seconds=3" in log.getvalue()
    assert "Ada" not in log.getvalue()
    assert KEY not in log.getvalue()


def test_the_level_is_honoured(log: Log) -> None:
    logger = configured(log_level="warning")
    logger.info("quiet")
    logger.warning("loud")
    assert [line["event"] for line in lines(log)] == ["loud"]


def test_libraries_do_not_log_each_request(log: Log) -> None:
    configured(log_level="debug")
    logging.getLogger("httpx").info("HTTP Request: GET https://example.com")
    assert log.getvalue() == ""
