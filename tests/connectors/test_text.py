from __future__ import annotations

import time
from typing import Any

import pytest

from connectors.errors import MappingFailed
from connectors.text import check_condition, check_template, holds, render

EVENT: dict[str, Any] = {
    "name": "Mug",
    "status": "publish",
    "price": "9.90",
    "description": "<p>A fine <b>mug</b>. It holds tea!</p><p>Buy it.</p>",
    "images": [{"src": "a.jpg", "alt": "front"}, {"src": "b.jpg", "alt": "back"}],
    "nothing": None,
    "items": {"keys": 3, "get": "got"},
    "many": list(range(1000)),
    "big": "x" * 900_000,
    "nested": "<div>" * 9000,
    "chinese": "你好世界。再见。",
}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ name }}. {{ description | sentence }}", "Mug. A fine mug."),
        ("{{ description }}", "A fine mug. It holds tea!\n\nBuy it."),
        ("{{ description | sentences(2) }}", "A fine mug. It holds tea!"),
        ("{{ description | words(3) }}", "A fine mug."),
        ("{{ chinese | words(2) }} {{ chinese | sentence }}", "你好 你好世界。"),
        ("{{ nothing }}{{ name | upper }}", "MUG"),
        ("{{ missing | default('none') }}", "none"),
        ("{{ images[9].alt | default('none') }}{{ a.b.c | default('') }}", "none"),
        ("{% if missing is defined %}a{% else %}b{% endif %}", "b"),
        ("{{ images[0].alt }}", "front"),
        ("{{ images | map(attribute='alt') | join(', ', ' and ') }}", "front and back"),
        (
            "{% for i in images %}{{ loop.index }} {{ i.alt }}{{ ', ' if not loop.last }}{% endfor %}",
            "1 front, 2 back",
        ),
        ("{{ items.keys }} {{ items['get'] }} {{ payload.name }}", "3 got Mug"),
        ("{{ name ~ ', ' ~ price }}", "Mug, 9.90"),
        ("{{ price | float * 2 }}", "19.8"),
        ("{{ description | plain | replace('mug', 'cup') | words(3) }}", "A fine cup."),
        ("{{ 'Wow!' }}. Next", "Wow! Next"),
        ("a\x00b\ud800", "ab"),
    ],
)  # fmt: skip
def test_what_a_template_makes(template: str, text: str) -> None:
    assert render(template, EVENT) == text


@pytest.mark.parametrize(
    ("template", "sentence"),
    [
        ("{{ nmae }}", "The template asks for the field “nmae”, which this event does not have. Did"),
        ("{{ images[0].scr }}", "The template asks for the field “scr”, which is not there. Did you mean"),
        ("{{ images[7].src }}", "The template asks for the field “7”, which is not there."),
        ("{{ nope.deeper }}", "The template asks for the field “nope”, which this event does not have."),
        ("{{ images.src }}", "“src” was asked of a list; choose an entry first, as in [0]."),
        ("{{ images }}", "A list cannot be read as it is; choose an entry, as in [0], or use | join."),
        ("{{ items }}", "A group of fields cannot be read as it is; choose one of them: keys, get."),
        ("{{ name | uper }}", "There is no filter “uper”. Did you mean “upper”?"),
        ("{{ name is emty }}", "There is no test “is emty”."),
        ("{{ name.upper() }}", "Calls, as in name.upper(), are not available; use a filter"),
        ("{% set a = 1 %}", "“set” is not available; write the field where it is needed"),
        ("{{ name", "The template has a mistake in line 1: "),
        ("{% for x in name %}{% endfor %}", "A loop needs a list to go over"),
        ("{{ name + 1 }}", "“+” needs two numbers; to put texts together use ~."),
        ("{{ images | sum(attribute='src') }}", "The template could not be applied: "),
    ],
)  # fmt: skip
def test_a_mistake_is_told_in_plain_words(template: str, sentence: str) -> None:
    with pytest.raises(MappingFailed) as caught:
        render(template, EVENT)
    assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize(
    "template",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__ }}",
        "{{ name.format }}",
        "{{ name.__init__.__globals__ }}",
        "{{ images | attr('append') }}",
        "{{ range(3) }}{{ cycler }}",
        "{{ many.append(1) }}",
        "{% import 'os' as os %}",
        "{% include 'secret' %}",
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
        "{{ lipsum }}",
        "{{ config }}",
    ],
)
def test_there_is_no_way_out(template: str) -> None:
    with pytest.raises(MappingFailed):
        render(template, EVENT)


@pytest.mark.parametrize(
    "template",
    [
        "{% for a in many %}{% for b in many %}{% for c in many %}x{% endfor %}{% endfor %}{% endfor %}",
        "{{ 'x' * 1000000000 }}",
        "{{ 10 ** 10 ** 10 }}",
        "{{ 999999999999999 * 999999999999999 * 999999999999999 }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ big ~ big }}",
        "{{ big | replace('x', big) }}",
        "{{ many | join(big) }}",
        "{{ big }}",
        "{% for a in many %}{{ big | upper | length }}{% endfor %}",
        "{{ nested | plain }}{{ nested | plain }}{{ nested | plain }}",
        "{{ nested }}" * 100,
        "{{ " + "(" * 900 + "1" + ")" * 900 + " }}",
        "x" * 2001,
    ],
)
def test_work_is_bounded(template: str) -> None:
    started = time.monotonic()
    with pytest.raises(MappingFailed):
        render(template, EVENT)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("condition", "met"),
    [
        ("", True),
        ('status == "publish" and price | float > 5', True),
        ("price | float > 20", False),
        ('name in ["Cup", "Jug"] or images', True),
        ("missing is not defined", True),
        ("nothing", False),
    ],
)
def test_a_condition_lets_events_through(condition: str, met: bool) -> None:
    assert holds(condition, EVENT) is met


def test_a_condition_names_its_mistake() -> None:
    with pytest.raises(MappingFailed, match=r"“statu”.* Did you mean “status”"):
        holds('statu == "publish"', EVENT)
    with pytest.raises(MappingFailed, match="no brackets around it"):
        check_condition("{{ status }}")
    with pytest.raises(MappingFailed, match="no filter"):
        check_template("{{ name | shout }}")


def test_renderings_do_not_share_anything() -> None:
    template = "{% for a in many %}{% for b in first %}x{% endfor %}{% endfor %}"
    for _ in range(3):
        assert len(render(template, {"many": list(range(300)), "first": list(range(300))})) == 90_000
