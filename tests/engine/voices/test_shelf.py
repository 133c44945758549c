from __future__ import annotations

import os
from pathlib import Path

from engine.voices import Effects
from engine.voices.fit import Fit
from engine.voices.shelf import Shelf

FIT = Fit(
    {"am_onyx": 0.6, "bm_fable": 0.4}, Effects(pitch=1.1, formant=0.95, tilt=-2.0), 0.71, 1.05, ("rough",)
)


def test_what_is_kept_is_found(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "fitted")
    assert shelf.find("key") is None
    shelf.keep("key", FIT)
    assert shelf.find("key") == FIT
    assert shelf.find("other") is None


def test_a_damaged_file_counts_as_absent(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    for damage in (
        "",
        "{",
        "[]",
        '{"shares": {}}',
        '{"shares": 1, "effects": {}, "likeness": 1, "tempo": 1}',
    ):
        (tmp_path / "key.json").write_text(damage)
        assert shelf.find("key") is None
    shelf.keep("key", FIT)
    assert shelf.find("key") == FIT


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "fitted").write_text("a file where the folder should be")
    shelf = Shelf(tmp_path / "fitted")
    shelf.keep("key", FIT)
    assert shelf.find("key") is None


def test_the_longest_unused_go_first(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, most=3)
    for age, key in enumerate(["d", "c", "b"]):
        shelf.keep(key, FIT)
        os.utime(tmp_path / f"{key}.json", (1_000_000 + age, 1_000_000 + age))
    assert shelf.find("d") == FIT
    shelf.keep("a", FIT)
    assert sorted(path.stem for path in tmp_path.iterdir()) == ["a", "b", "d"]
