import pytest

from engine.cues import split_cue

CUES = {
    "(cheerful) Good morning!": ("cheerful", "Good morning!"),
    "(warm elderly man, slow pace) Hello.": ("warm elderly man, slow pace", "Hello."),
    "  (slow, whispering)Come closer.": ("slow, whispering", "Come closer."),
    "(a bit slower) One. Two.": ("a bit slower", "One. Two."),
    "(like a grandfather telling a story) Once …": ("like a grandfather telling a story", "Once …"),
    "(as if she were very tired) Fine.": ("as if she were very tired", "Fine."),
    "(laughs) You win.": ("laughs", "You win."),
    "(zorbly cheerful) Hi.": ("zorbly cheerful", "Hi."),
    "(grudgingly) All right.": ("grudgingly", "All right."),
    "（calm） 你好": ("calm", "你好"),
    "(cheerful)": ("cheerful", ""),
    "(not too loud) Sh.": ("not too loud", "Sh."),
}  # fmt: skip

PROSE = [
    "(see page 4) Turn the knob.",
    "(Reuters) The president arrived.",
    "(it was late) He left.",
    "(the fast train was old) and so on",
    "(Slow down!) he said",
    "(1) First, open the box.",
    "(2024) A year.",
    "(finally) the rain stopped",
    "(optional) Bring a towel.",
    "(note the slow leak) Close the valve.",
    "(the quick summary of a new plan for the town hall) starts here",
    "() Nothing.",
    "( ) Nothing.",
    "Good (cheerful) morning",
    "(unclosed cheerful morning",
    "(((cheerful))) Hi",
    "",
    "(你好) 世界",
    ":) cheerful",
]


@pytest.mark.parametrize("text", CUES)
def test_a_leading_direction_is_split_off(text: str) -> None:
    assert split_cue(text) == CUES[text]


@pytest.mark.parametrize("text", PROSE)
def test_ordinary_parentheses_stay_spoken(text: str) -> None:
    assert split_cue(text) == (None, text)


def test_a_long_parenthesis_costs_no_time() -> None:
    text = "(" * 50_000 + "cheerful" + ")" * 50_000
    assert split_cue(text) == (None, text)
