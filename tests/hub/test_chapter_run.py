"""`sayhook bench chapter`, without a voice: the run with a scripted speaker, and all that it says."""

from __future__ import annotations

import asyncio
import io
import json
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from engine.longform import plan_text
from engine.values import Word
from hub.cli import bench
from hub.cli.chapter import planned, tell
from hub.evaluation.chapter_run import ChapterFailed, SpokenChapter, serve, settings_in, speak_chapter
from hub.evaluation.figures import Figure
from hub.settings import Settings
from tests.databases import Prepare
from tests.hub.running import quick_settings, start_worker
from tests.hub.worker.forked import Forked

MET = Figure("chapter.longest_loss", 2, 100, 2, 8, higher_is_better=False)
MISSED = Figure("chapter.longest_loss", 9, 100, 2, 8, higher_is_better=False)
SPOKEN = SpokenChapter(b"RIFF", (Word("one", 0.0, 0.4),), parts=3, kills=2, charged=150, seconds=4.21)


async def test_a_chapter_survives_the_worker_it_kills(
    tmp_path: Path, redis_url: str, prepare_sqlite: Prepare
) -> None:
    workers: list[Forked] = []

    @asynccontextmanager
    async def scripted(settings: Settings) -> AsyncIterator[Settings]:
        """What `serve` does, with a speaker that needs no voice: another worker for each that dies."""
        prepare_sqlite(settings.data)
        ours = quick_settings(settings.data, redis_url, lease=1.0)

        async def supervise() -> None:
            while True:
                if not workers or workers[-1].poll() is not None:
                    workers.append(start_worker(ours, "speak", settings.data / "journal"))
                await asyncio.sleep(0.05)

        supervisor = asyncio.create_task(supervise())
        try:
            yield ours
        finally:
            supervisor.cancel()
            with suppress(asyncio.CancelledError):
                await supervisor
            workers[-1].kill()
            workers[-1].wait()

    parts = plan_text("say 0.2 first\n\nsay 0.6 second\n\nsay 0.2 third")
    shares: list[float] = []
    spoken = await speak_chapter(settings_in(tmp_path, tmp_path), parts, 1, shares.append, scripted)
    assert (spoken.parts, spoken.kills, spoken.charged, len(workers)) == (3, 1, 150, 2)
    assert shares[0] < 0.5 <= max(shares)
    with wave.open(io.BytesIO(spoken.audio)) as file:
        assert file.getnframes() / file.getframerate() > 1.0
    begun = [line.split(" ", 3)[3] for line in (tmp_path / "journal").read_text().splitlines()]
    assert set(begun) == {"first", "second", "third"}
    assert begun.count("first") == 1


async def test_a_hub_that_does_not_start_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_in(tmp_path / "data", tmp_path)
    monkeypatch.setattr("hub.evaluation.chapter_run.START_SECONDS", 0.0)
    with pytest.raises(ChapterFailed, match="The hub did not start"):
        async with serve(settings):
            raise AssertionError("nothing serves")


def test_a_text_becomes_parts_up_to_the_end_of_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "chapter.md"
    file.write_text("# One\n\n" + "The tide went out. " * 60, "utf-8")
    parts = planned(file, 400, 1)
    assert sum(len(part.text) for part in parts) <= 400
    assert parts[-1].text.endswith("out.")


@pytest.mark.parametrize(
    ("written", "options", "sentence"),
    [
        (None, [], "does not exist"),
        (b"Too short.", [], "holds 10 characters to speak; a chapter needs at least 200"),
        (b"", [], "holds 0 characters"),
        (b"\xff\xfe\x00" * 100, [], "is not text in UTF-8"),
        (b"The tide went out. " * 20, ["--kills", "1"], "1 part cannot be interrupted 1 times"),
    ],
)
def test_what_no_chapter_can_come_of_is_refused(
    written: bytes | None, options: list[str], sentence: str, tmp_path: Path
) -> None:
    file = tmp_path / "text"
    if written is not None:
        file.write_bytes(written)
    result = CliRunner(env={"COLUMNS": "300", "NO_COLOR": "1"}).invoke(
        bench.app, ["chapter", str(file), *options]
    )
    assert result.exit_code == 2
    assert sentence in " ".join(result.output.split())


def test_the_figures_are_told_to_people_and_to_machines(capsys: pytest.CaptureFixture[str]) -> None:
    tell(SPOKEN, 1200, [MET], 2, as_json=False)
    told = capsys.readouterr().out
    assert "1200 characters, 3 parts, 2 kills, 150 credits, 4.2 seconds" in told
    assert "yes" in told
    tell(SPOKEN, 1200, [MET], 2, as_json=True)
    kept = json.loads(capsys.readouterr().out)
    assert kept["chapter"]["kills"] == 2
    assert kept["figures"][0] == {
        "figure": "chapter.longest_loss", "value": 2, "bar": 8, "met": True, "words": 100,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("figure", "kills", "sentence"), [(MISSED, 2, ""), (MET, 3, "killed 2 times instead of 3")]
)
def test_a_missed_bar_or_kill_ends_with_code_1(
    figure: Figure, kills: int, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as ended:
        tell(SPOKEN, 1200, [figure], kills, as_json=False)
    assert ended.value.exit_code == 1
    assert sentence in capsys.readouterr().err
