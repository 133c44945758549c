import pytest

from engine.voices.describe import describe

PEOPLE = {
    "a grandfather telling a bedtime story": ("male", "elderly"),
    "tired young woman, almost whispering": ("female", "young"),
    "a mother reading to her little son": ("female", "middle"),
    "an old sailor talking to a child": ("male", "elderly"),
    "not a man": ("female", None),
    "not an old man": ("male", None),
    "She sounds like a retired schoolteacher": ("female", "elderly"),
    "little boy": ("male", "child"),
    "the queen addressing her people": ("female", None),
    "British butler, unhurried": ("male", None),
    "a sad widow": ("female", "middle"),
    "a boy, about eight years old": ("male", "child"),
    "young dad reading to his toddler daughter": ("male", "young"),
    "a confident woman with a low, smoky voice": ("female", None),
    "teenage girl": ("female", "young"),
    "Middle-aged gentleman": ("male", "middle"),
    "calm and clear": (None, None),
}


@pytest.mark.parametrize("text", PEOPLE)
def test_who_speaks(text: str) -> None:
    traits = describe(text)
    assert (traits.gender, traits.age) == PEOPLE[text]


SIGNS = {
    "crisp newsreader, brisk": {"pace": 1, "warmth": -1},
    "not too fast": {"pace": -1},
    "without any rush": {"pace": -1},
    "never loud": {"energy": -1},
    "a lady who never raises her voice": {"energy": -1},
    "dry humour, deadpan": {"lively": -1},
    "neither fast nor slow": {"pace": 0},
    "not slow, deep": {"pace": 1, "pitch": -1},
    "deep but not gravelly": {"pitch": -1, "rough": 0},
    "slow, not whispering": {"pace": -1, "whisper": 0},
    "gravelly and hoarse": {"rough": 1},
    "speaking slowly": {"pace": -1},
    "unhurried": {"pace": -1},
    "sleepily": {"energy": -1, "pace": -1},
    "a husky, breathy tone": {"breath": 1},
    "cheerful": {"lively": 1},
    "monotone": {"lively": -1},
    "a trembling voice": {"tremor": 1},
    "": {"pace": 0, "pitch": 0, "energy": 0},
}  # fmt: skip


@pytest.mark.parametrize("text", SIGNS)
def test_how_it_is_spoken(text: str) -> None:
    scales = describe(text).scales
    found = {name: getattr(scales, name) for name in SIGNS[text]}
    signs = {name: (value > 0) - (value < 0) for name, value in found.items()}
    assert signs == SIGNS[text]


@pytest.mark.parametrize(
    "words",
    [
        "barely above a whisper",
        "hardly above a whisper",
        "in a voice no louder than a whisper",
        "little more than a whisper",
    ],
)
def test_turns_of_phrase_mean_a_whole_whisper(words: str) -> None:
    traits = describe(f"a tired man, {words}")
    assert (traits.scales.whisper, traits.manner, traits.unknown) == (1.0, "whispering", ())


def test_intensity() -> None:
    paces = [describe(f"{word} slow").scales.pace for word in ("extremely", "", "slightly")]
    assert paces[0] < paces[1] < paces[2] < 0
    assert 0 < describe("almost whispering").scales.whisper < describe("whispering").scales.whisper


def test_emotion_manner_and_accent() -> None:
    traits = describe("an angry British narrator")
    assert (traits.emotion, traits.manner, traits.accent) == ("angry", "narrator", "b")
    assert describe("no whispering").manner is None
    assert ("age", "elderly") in describe("not old").excluded


def test_what_is_not_understood_is_reported_once_and_function_words_never() -> None:
    traits = describe("A zorbly voice with the most zorbly of quux, please, and a Scottish accent; singing")
    assert traits.unknown == ("zorbly", "quux")
    assert traits.unserved == ("scottish", "singing")


def test_a_cue_adds_to_the_description_and_wins_where_they_disagree() -> None:
    both = describe("calm young man", "angry, fast")
    assert (both.gender, both.age, both.emotion) == ("male", "young", "angry")
    assert both.scales.pace > describe("calm young man").scales.pace


def test_long_descriptions_cost_no_time() -> None:
    assert describe("very slow deep old man " * 2000).gender == "male"


@pytest.mark.parametrize(
    ("text", "gender"),
    [
        ("the friendly postman", "male"),
        ("a market woman, loud", "female"),
        ("a coach shouting at his lads", "male"),
        ("a lighthouse keeper, his voice low", "male"),
        ("a nurse reading to her son", "female"),
        ("a teacher counting, strict woman", "female"),
        ("a human being", None),
        ("a German shaman", None),
    ],
)
def test_compounds_and_owners_tell_the_gender(text: str, gender: str | None) -> None:
    assert describe(text).gender == gender


AGES = {
    "a girl of seven": "child",
    "of seven": "child",
    "nineteen": "young",
    "a girl of nineteen": "young",
    "girl, 13, shy": "young",
    "a woman in her forties": "middle",
    "a man in his late 20s": "young",
    "in her thirties or forties": "middle",
    "aged sixty-five": "elderly",
    "a man aged about 65, gravelly": "elderly",
    "an eighty-year-old": "elderly",
    "80yo man": "elderly",
    "25 y/o male": "young",
    "an eleven years old pupil": "child",
    "a hundred-year-old man": "elderly",
    "a six month old baby": "child",
    "a teenager": "young",
    "she's nineteen and shy": "young",
    "a thirty-something woman": "middle",
    "aged 30-40": "middle",
    "45, woman": "middle",
    "a librarian, sixty, patient": "elderly",
    "at the age of nineteen, a girl": "young",
    "just turned thirty": "middle",
    "a violinist of sixty": "elderly",
    "a young woman of sixty": "elderly",
    "a boy under thirteen years old": "child",
}


@pytest.mark.parametrize("text", AGES)
def test_years_tell_the_age_better_than_words(text: str) -> None:
    assert describe(text).age == AGES[text]


@pytest.mark.parametrize(
    "text",
    [
        "a hundred miles away",
        "driver of the number seven bus",
        "a man of a hundred voices",
        "a man who smoked for forty years",
        "radio host from the nineteen forties",
        "a woman from the sixties",
        "a choir of thirty",
        "male 2",
        "120 words per minute",
        "top 40 radio dj",
        "a woman counting seven, eight, nine",
        "(7)",
        "two",
        "nineteen eighty four",
        "aged 500 miles",
    ],
)
def test_other_numbers_are_no_age(text: str) -> None:
    assert describe(text).age in (None, "elderly" if text.startswith("aged") else None)
    assert not set(describe(text).unknown) & {"seven", "hundred", "forty", "nineteen", "eighty"}


def test_whose_age_it_is() -> None:
    assert describe("a mother of three").age == "middle"
    assert describe("a father of two, sixty-one").age == "elderly"
    assert describe("a nurse reading to her son, aged seven").age != "child"
    assert describe("a teacher talking to a child of seven").age is None
    assert describe("an angry man of fifty", "aged seven").age == "child"
    assert ("age", "middle") in describe("not forty years old").excluded
