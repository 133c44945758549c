"""The expressions of our files, by Make's rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.make.iml import UNDEFINED, ImlError, expressions_of, rendered
from connectors.make.iml.values import jsonable

NOW = datetime(2026, 5, 3, 12, 0, tzinfo=UTC)
SCOPE: dict[str, Any] = {
    "now": lambda: NOW,
    "statusCode": 402,
    "parameters": {"a": 1, "b": 2.0, "text": "Grüße, Ada", "off": False, "none": None, "pairs": []},
    "body": {"items": [{"id": "x"}, {"id": "y"}], "detail": "No."},
    "headers": {"content-type": "audio/mpeg"},
    "oauth": {"scope": ["speech:read", "speech:write"]},
}


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("{{parameters.a}}", 1),
        ("{{ parameters.a + parameters.b * 3 }}", 7.0),
        ("{{10 - 2 - 3}}", 5),
        ("{{10 % 4 / 2}}", 1.0),
        ("{{-parameters.a}}", -1),
        ("{{'n' + 1}}", "n1"),
        ("[{{statusCode}}] {{body.detail}}", "[402] No."),
        ("{{parameters.b}} of {{parameters.missing}}{{parameters.none}}.", "2 of ."),
        ("{{parameters.missing}}", UNDEFINED),
        ("{{parameters.none}}", None),
        ("{{body.items[1].id}}{{body.items[].id}}", "xx"),
        ("{{body.items[0]}}", UNDEFINED),
        ("{{body.items[3].id.deeper}}", UNDEFINED),
        ("{{headers.`content-type`}}", "audio/mpeg"),
        ("{{'it\\'s'}}", "it's"),
        ('{{"double"}}', "double"),
        ("{{true && !false}}", True),
        ("{{parameters.off || 'else'}}", "else"),
        ("{{parameters.missing && 1}}", UNDEFINED),
        ("{{1 = 1 && 'a' != 'b' && 2 == 2}}", True),
        ("{{parameters.none = parameters.missing}}", True),
        ("{{parameters.missing = ''}}", False),
        ("{{true = 1}}", False),
        ("{{1 < 2 && 2 <= 2 && 3 > 2 && 2 >= 2}}", True),
        ("{{parameters.missing < 1}}", False),
        ("{{now < addMinutes(now, 15)}}", True),
        ("{{addSeconds(now, 3600)}}", NOW + timedelta(hours=1)),
        ("until {{now}}", "until 2026-05-03T12:00:00.000Z"),
        ("{{if(parameters.off, 'yes', 'no')}}", "no"),
        ("{{if(parameters.pairs, 'an empty array is something')}}", "an empty array is something"),
        ("{{ifempty(parameters.off, 1)}}", False),
        ("{{ifempty('', 'else')}}", "else"),
        ("{{join(oauth.scope, ' ')}}", "speech:read speech:write"),
        ("{{join(parameters.missing, ' ')}}", UNDEFINED),
        ("{{encodeURL('a/b ?')}}", "a%2Fb%20%3F"),
        ("{{contains(lower(parameters.text), 'ada')}}", True),
        ("{{contains(oauth.scope, 'speech')}}", False),
        ("{{createJSON(body)}}", '{"items":[{"id":"x"},{"id":"y"}],"detail":"No."}'),
        ("{{emptystring}}", ""),
        ("{{toCollection(parameters.missing, 'key', 'value')}}", UNDEFINED),
        ("no expression", "no expression"),
    ],
)
def test_an_expression_comes_to_its_value(template: str, value: Any) -> None:
    found = rendered(template, SCOPE)
    assert found == value
    assert isinstance(found, type(value))


def test_values_stand_in_longer_texts_as_people_write_them() -> None:
    scope = {"yes": True, "bytes": "ä".encode(), "list": [1, 2.5, None], "nothing": UNDEFINED}
    assert rendered("{{yes}} {{bytes}} {{list}} {{nothing}}", scope) == "true ä [1,2.5,null] "
    assert repr(UNDEFINED) == "undefined"


def test_members_that_are_undefined_are_left_out_and_null_stays() -> None:
    body = {"a": "{{parameters.missing}}", "b": "{{parameters.none}}", "c": ["{{parameters.missing}}", 1]}
    assert rendered(body, SCOPE) == {"b": None, "c": [1]}
    assert jsonable({"a": UNDEFINED, "b": 2.0, "c": NOW, "d": (UNDEFINED,)}) == {
        "b": 2,
        "c": "2026-05-03T12:00:00.000Z",
        "d": [None],
    }


def test_a_collection_is_spread_in_place() -> None:
    pairs = [{"key": "X-One", "value": "1"}, {"key": "X-Two", "value": "2"}]
    headers = {"{{...}}": "{{toCollection(parameters.h, 'key', 'value')}}", "x-{{'three'}}": 3}
    assert rendered(headers, {"parameters": {"h": pairs}}) == {"X-One": "1", "X-Two": "2", "x-three": 3}
    assert rendered(headers, {"parameters": {}}) == {"x-three": 3}


@pytest.mark.parametrize(
    "template",
    [
        "{{a",
        "a}}",
        "{{}}",
        "{{a b}}",
        "{{(a}}",
        "{{a.}}",
        "{{f(a}}",
        "{{a[1}}",
        "{{a ? b}}",
        "{{'open}}",
        "{{1 +}}",
    ],
)
def test_what_cannot_be_read_says_so(template: str) -> None:
    with pytest.raises(ImlError):
        rendered(template, SCOPE)


@pytest.mark.parametrize(
    "template", ["{{trimLeft('a')}}", "{{addSeconds('soon', 1)}}", "{{'a' * 2}}", "{{-true}}"]
)
def test_what_cannot_be_worked_out_says_so(template: str) -> None:
    with pytest.raises(ImlError):
        rendered(template, SCOPE)


def test_every_expression_of_a_value_is_found() -> None:
    value = {"{{...}}": "{{a}}", "x{{b}}": [{"c": "{{c}} {{d}}"}], "e": 1}
    assert sorted(expressions_of(value)) == ["a", "b", "c", "d"]
    with pytest.raises(ImlError):
        list(expressions_of(["{{a}} }}"]))
