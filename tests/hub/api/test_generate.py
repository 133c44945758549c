"""Ordering speech: the three forms of the request, its fields, and what is refused in which words."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx
import pytest

from engine.values import AudioFormat
from hub.api.app import create_app
from hub.hub import Hub
from hub.jobs import find
from hub.store.tables import Account, Generation
from tests.hub.api.conftest import Customer, new_customer, ordered

GENERATE = "/v1/tts/generate"


async def order(client: httpx.AsyncClient, customer: Customer, **sent: Any) -> httpx.Response:
    headers = {**customer.headers, **sent.pop("headers", {})}
    return await client.post(GENERATE, headers=headers, **sent)


async def stored(hub: Hub, customer: Customer, answer: httpx.Response) -> Generation:
    assert answer.status_code == 202, answer.text
    async with hub.database.reading() as session:
        return await find(session, customer.account_id, answer.json()["id"])


async def test_the_answer_is_exactly_as_promised(client: httpx.AsyncClient, customer: Customer) -> None:
    answer = await order(client, customer, data={"text": "Good morning."})
    assert answer.status_code == 202
    body = answer.json()
    promised = ["id", "status", "credits_used", "mode", "status_url", "created_at"]
    assert list(body) == [*promised, "warnings", "stream_url"]
    assert str(UUID(body["id"])) == body["id"]
    assert (body["status"], body["mode"], body["warnings"]) == ("queued", "design", [])
    assert '"credits_used":50.0' in answer.text
    assert body["status_url"] == answer.headers["location"] == f"http://hub.test/v1/tts/status/{body['id']}"
    assert body["created_at"] == "2026-05-03T12:00:00.000Z"
    assert answer.headers["content-type"] == "application/json"


FIELDS: dict[str, str] = {
    "text": "(cheerful) Good morning!",
    "language": "de",
    "voice_description": "an old man",
    "cfg_value": "3.5",
    "inference_timesteps": "20",
    "seed": "0",
    "format": "opus",
    "callback_url": "https://example.com/hook",
    "metadata": '{"order": {"id": 7, "tags": ["ä", null, 1.5]}}',
}


@pytest.mark.parametrize("form", ["multipart", "urlencoded", "json", "json with numbers"])
async def test_each_form_carries_every_field(
    client: httpx.AsyncClient, customer: Customer, hub: Hub, form: str
) -> None:
    typed = {**FIELDS, "cfg_value": 3.5, "seed": 0, "metadata": json.loads(FIELDS["metadata"])}
    forms: dict[str, dict[str, Any]] = {
        "multipart": {"files": {name: (None, value) for name, value in FIELDS.items()}},
        "urlencoded": {"data": FIELDS},
        "json": {"json": FIELDS},
        "json with numbers": {"json": typed},
    }
    sent = forms[form]
    generation = await stored(hub, customer, await order(client, customer, **sent))
    assert generation.text == "(cheerful) Good morning!"
    assert (generation.language, generation.voice_description) == ("de", "an old man")
    assert (generation.cfg_value, generation.inference_timesteps, generation.seed) == (3.5, 20, 0)
    assert (generation.format, generation.callback_url) == ("opus", "https://example.com/hook")
    assert generation.sender_metadata == {"order": {"id": 7, "tags": ["ä", None, 1.5]}}


async def test_empty_optional_fields_count_as_absent(
    client: httpx.AsyncClient, customer: Customer, hub: Hub
) -> None:
    empty = dict.fromkeys([*FIELDS, "voice_id", "voice_ref_text", "voice_ref"], "")
    answer = await order(client, customer, data={**empty, "text": "Hello."})
    generation = await stored(hub, customer, answer)
    assert (generation.language, generation.format, generation.cfg_value) == ("auto", "wav", 2.0)
    assert (generation.seed, generation.callback_url, generation.sender_metadata) == (None, None, {})
    assert answer.json()["warnings"] == []


@pytest.mark.parametrize("blank", ["\x00", "  ", "\u0085"])
async def test_blank_descriptions_count_as_absent(
    client: httpx.AsyncClient, customer: Customer, hub: Hub, blank: str
) -> None:
    sent = {"text": "Hello.", "voice_description": blank, "voice_ref_text": blank, "callback_url": None}
    generation = await stored(hub, customer, await order(client, customer, json=sent))
    assert generation.voice_description is None


async def test_an_empty_file_box_of_a_browser_counts_as_absent(
    client: httpx.AsyncClient, customer: Customer
) -> None:
    body = (
        b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\nHello.\r\n'
        b'--x\r\nContent-Disposition: form-data; name="voice_ref"; filename=""\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n\r\n--x--\r\n"
    )
    answer = await order(
        client, customer, content=body, headers={"Content-Type": "multipart/form-data; boundary=x"}
    )
    assert answer.status_code == 202, answer.text
    assert answer.json()["mode"] == "design"


async def test_a_form_within_the_form_is_not_spoken(client: httpx.AsyncClient, customer: Customer) -> None:
    """What `curl -F "text=(cheerful) Hello."` sends."""
    part = b'--x\r\nContent-Disposition: form-data; name="text"\r\nContent-Type: multipart/mixed; boundary=y'
    body, media_type = part + b"\r\n\r\n--y--\r\n\r\n--x--\r\n", "multipart/form-data; boundary=x"
    answer = await order(client, customer, content=body, headers={"Content-Type": media_type})
    assert answer.status_code == 400
    assert "--form-string" in answer.json()["detail"]


@pytest.mark.parametrize(
    "text",
    [
        "x" * 500,
        "😀" * 500,
        "  " + "x" * 500 + "\n",
        "e\u0301" * 500,
        "مرحبا بالعالم",
        "שלום עולם",
        "👩‍👩‍👧‍👦",
        "Line one.\r\nLine two.",
        "(whisper) (softly) hush",
    ],
)
async def test_texts_that_are_spoken(client: httpx.AsyncClient, customer: Customer, text: str) -> None:
    answer = await order(client, customer, data={"text": text})
    assert answer.status_code == 202, answer.text
    assert answer.json()["warnings"] == []


async def test_control_characters_are_taken_out_with_a_warning(
    client: httpx.AsyncClient, customer: Customer, hub: Hub
) -> None:
    answer = await order(client, customer, json={"text": "Go\x00od \x07mor\x1bning.\nNow\tthen."})
    generation = await stored(hub, customer, answer)
    assert generation.text == "Good morning.\nNow\tthen."
    assert answer.json()["warnings"] == ["Control characters were taken out of text."]
    assert generation.warnings == ["Control characters were taken out of text."]


async def test_text_is_kept_in_composed_form(client: httpx.AsyncClient, customer: Customer, hub: Hub) -> None:
    generation = await stored(hub, customer, await order(client, customer, data={"text": "Cafe\u0301"}))
    assert generation.text == "Café"


@pytest.mark.parametrize(
    "text", ["", "   ", "\n\t", "\x00", "\u200b\u200d", "\u00a0", "(cheerful)", "(sad)   "]
)
@pytest.mark.parametrize("form", ["json", "data"])
async def test_nothing_to_speak(client: httpx.AsyncClient, customer: Customer, text: str, form: str) -> None:
    answer = await order(client, customer, **{form: {"text": text}})
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("Text cannot be empty")


@pytest.mark.parametrize("sent", [{}, {"data": {}}, {"json": {}}, {"json": {"text": None}}, {"content": b""}])
async def test_no_text_at_all(client: httpx.AsyncClient, customer: Customer, sent: dict[str, Any]) -> None:
    answer = await order(client, customer, **sent)
    assert answer.status_code == 400, answer.text
    assert answer.json()["detail"].startswith("Text cannot be empty")


@pytest.mark.parametrize("text", ["x" * 501, "😀" * 501, "x" * 100_000])
async def test_too_much_text_names_the_long_form_route(
    client: httpx.AsyncClient, customer: Customer, text: str
) -> None:
    answer = await order(client, customer, data={"text": text})
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("Text must be at most 500 characters")
    assert "/v1/tts/longform" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"text=%ff%fe", "application/x-www-form-urlencoded"),
        (b"text=\xff", "application/x-www-form-urlencoded"),
        (b'{"text": "\xff"}', "application/json"),
        (
            b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n\xff\xfe\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
        ),
        (
            b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n\xff\r\n--x--\r\n',
            "multipart/form-data; boundary=x; charset=utf-8",
        ),
    ],
)
async def test_bytes_that_are_no_utf8(
    client: httpx.AsyncClient, customer: Customer, content: bytes, media_type: str
) -> None:
    answer = await order(client, customer, content=content, headers={"Content-Type": media_type})
    assert answer.status_code == 400
    assert "not valid UTF-8" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("content", "media_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'"text"', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"text": "\\ud800"}', "application/json", 400),
        (b'{"text": "a", "cfg_value": NaN}', "application/json", 400),
        (b'{"text": "a", "seed": ' + b"9" * 5000 + b"}", "application/json", 400),
        (b"x" * 2_000_000, "application/json", 413),
        (b"text=" + b"x" * 2_000_000, "application/x-www-form-urlencoded", 413),
        (b"&".join(b"a=b" for _ in range(200)), "application/x-www-form-urlencoded", 400),
        (b"hello", "text/plain", 415),
        (b"hello", "", 415),
        (b"--x", "multipart/form-data", 400),
        (b"nothing of the kind", "multipart/form-data; boundary=x", 400),
        (
            b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\nHel',
            "multipart/form-data; boundary=x",
            400,
        ),
        (
            b"--x\r\nContent-Disposition: form-data\r\n\r\nHel\r\n--x--\r\n",
            "multipart/form-data; boundary=x",
            400,
        ),
    ],
)
async def test_bodies_that_cannot_be_read(
    client: httpx.AsyncClient, customer: Customer, content: bytes, media_type: str, status: int
) -> None:
    answer = await order(client, customer, content=content, headers={"Content-Type": media_type})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_compressed_body_is_refused_in_plain_words(
    client: httpx.AsyncClient, customer: Customer
) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    answer = await order(client, customer, content=b"\x1f\x8b", headers=headers)
    assert answer.status_code == 415


WRONG: list[tuple[str, Any, str]] = [
    ("cfg_value", "abc", "must be a number from 0.5 to 5.0, not abc"),
    ("cfg_value", "0.4", "must be a number from 0.5 to 5.0"),
    ("cfg_value", "5.01", "must be a number from 0.5 to 5.0"),
    ("cfg_value", "nan", "must be a number from 0.5 to 5.0"),
    ("cfg_value", "inf", "must be a number from 0.5 to 5.0"),
    ("inference_timesteps", "3", "must be a whole number from 4 to 20"),
    ("inference_timesteps", "21", "must be a whole number from 4 to 20"),
    ("inference_timesteps", "4.5", "must be a whole number from 4 to 20"),
    ("seed", "-1", "must be a whole number from 0 to 2147483647"),
    ("seed", "9" * 30, "must be a whole number from 0 to 2147483647"),
    ("language", "tlh", "must be one of auto, en, zh"),
    ("language", "english", "must be one of auto, en, zh"),
    ("format", "aac", "must be one of wav, mp3, flac, opus"),
    ("metadata", "[1]", "must be a JSON object"),
    ("metadata", "{", "must be a JSON object"),
    ("metadata", '{"a": NaN}', "must be a JSON object"),
    ("metadata", '{"a": "\\u0000"}', "must not hold the null character"),
    ("metadata", json.dumps({"a": "x" * 17_000}), "must be at most 16 KB"),
    ("voice_description", "x" * 1001, "must be a text of at most 1000 characters"),
    ("voice_ref_text", "x" * 2001, "must be a text of at most 2000 characters"),
    ("voice_ref", "not a file", "must be a file"),
    ("voice_id", "narrator", "saved in this account"),
    ("callback_url", "http://127.0.0.1/hook", "cannot be called"),
    ("callback_url", "https://169.254.169.254/latest", "cannot be called"),
    ("callback_url", "https://localhost/hook", "cannot be called"),
    ("callback_url", "ftp://example.com", "cannot be called"),
    ("callback_url", "https://example.com/" + "x" * 3000, "must be a text of at most 2048 characters"),
]


@pytest.mark.parametrize(("field", "value", "words"), WRONG)
async def test_a_value_that_is_not_allowed_names_field_and_values(
    client: httpx.AsyncClient, customer: Customer, field: str, value: str, words: str
) -> None:
    answer = await order(client, customer, data={"text": "Hello.", field: value})
    assert answer.status_code == 422, answer.text
    problem = answer.json()
    assert problem["field"] == field
    assert problem["detail"].startswith(f"{field}: ")
    assert words in problem["detail"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("seed", True),
        ("cfg_value", []),
        ("language", 7),
        ("metadata", "x"),
        ("text", 7),
        ("voice_description", {}),
    ],
)
async def test_json_of_the_wrong_type(
    client: httpx.AsyncClient, customer: Customer, field: str, value: Any
) -> None:
    answer = await order(client, customer, json={"text": "Hello.", field: value})
    assert answer.status_code == 422, answer.text
    assert answer.json()["field"] == field


@pytest.mark.parametrize(("sent", "kept"), [("DE", "de"), ("pt-BR", "pt"), ("zh_CN", "zh"), ("Auto", "auto")])
async def test_language_codes_as_people_write_them(
    client: httpx.AsyncClient, customer: Customer, hub: Hub, sent: str, kept: str
) -> None:
    answer = await order(client, customer, data={"text": "Hello.", "language": sent})
    assert (await stored(hub, customer, answer)).language == kept


async def test_an_unknown_field_is_ignored_with_a_warning(
    client: httpx.AsyncClient, customer: Customer
) -> None:
    answer = await order(client, customer, data={"text": "Hello.", "speed": "1.5"})
    assert answer.status_code == 202
    assert answer.json()["warnings"] == ["The field speed is not known and was ignored."]


async def test_of_a_field_sent_twice_the_last_one_counts(
    client: httpx.AsyncClient, customer: Customer, hub: Hub
) -> None:
    body = f"text=One.&text={quote('Two.')}"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await order(client, customer, content=body, headers=headers)
    assert (await stored(hub, customer, answer)).text == "Two."
    assert answer.json()["warnings"] == ["The field text was sent 2 times; the last one was used."]


async def test_too_few_credits(client: httpx.AsyncClient, hub: Hub, customer: Customer) -> None:
    async with hub.database.transaction() as session:
        account = await session.get(Account, customer.account_id)
        assert account is not None
        account.credits = 49
    answer = await order(client, customer, data={"text": "Hello."})
    assert answer.status_code == 402
    problem = answer.json()
    assert problem["detail"].startswith("Insufficient credits")
    assert (problem["balance"], problem["price"]) == (49, 50)
    assert "49" in problem["detail"]
    assert "50" in problem["detail"]


async def test_ten_designs_use_up_the_opening_credits(client: httpx.AsyncClient, customer: Customer) -> None:
    for _ in range(10):
        await ordered(client, customer)
    answer = await order(client, customer, data={"text": "Hello."})
    assert answer.status_code == 402


async def test_a_full_queue_charges_nothing(hub: Hub, customer: Customer) -> None:
    full = replace(hub, settings=hub.settings.model_copy(update={"queue_limit": 1}))
    app = create_app(full)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hub.test") as client:
        await ordered(client, customer)
        answer = await order(client, customer, data={"text": "Hello."})
        account = (await client.get("/v1/account", headers=customer.headers)).json()
    await app.state.rates.close()
    assert answer.status_code == 503
    assert answer.json()["detail"].startswith("Server busy")
    assert answer.headers["retry-after"].isdigit()
    assert (account["credits"], account["held"]) == (450, 50)


async def test_links_lead_to_the_configured_address(hub: Hub, customer: Customer) -> None:
    settings = hub.settings.model_copy(update={"public_url": "https://voice.example.com/"})
    app = create_app(replace(hub, settings=settings))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hub.test") as client:
        answer = await order(client, customer, data={"text": "Hello."})
    await app.state.rates.close()
    assert answer.json()["status_url"].startswith("https://voice.example.com/v1/tts/status/")


async def test_every_format_is_known(client: httpx.AsyncClient, hub: Hub) -> None:
    rich = await new_customer(hub, "rich@example.com", credits=1000)
    for audio_format in AudioFormat:
        await ordered(client, rich, format=audio_format.value.upper())
