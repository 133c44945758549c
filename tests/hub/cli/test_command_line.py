"""Help, settings, diagnosis, models and speech without a server."""

from __future__ import annotations

import io
import json
import resource
from pathlib import Path

import pytest
import soundfile

from hub.cli import doctor
from hub.serve.folder import hold
from hub.serve.listen import listen
from tests.hub.cli.conftest import Sayhook

COMMANDS = """
    serve web worker queue workers say check migrate bench openapi version models accounts keys credits jobs
""".split()  # noqa: SIM905 - reads better than sixteen lines


def test_help_names_every_command_and_comes_at_once(sayhook_process: Sayhook) -> None:
    sayhook_process("--help")
    before = processor_seconds()
    done = sayhook_process("--help")
    assert processor_seconds() - before < 1.0
    assert done.code == 0
    assert [command for command in COMMANDS if f" {command} " not in done.out] == []


def processor_seconds() -> float:
    """What finished child processes have used; unlike the clock, it does not grow on a busy machine."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(sayhook: Sayhook, command: str) -> None:
    done = sayhook(command, "--help")
    assert done.code == 0
    assert "Usage:" in done.out


def test_no_command_at_all_shows_the_help(sayhook: Sayhook) -> None:
    done = sayhook()
    assert done.code == 2
    assert "sayhook serve" in done.out + done.err


def test_a_wrong_setting_is_named(sayhook: Sayhook) -> None:
    done = sayhook("accounts", "list", SAYHOOK_LINK_LIFETIME="soon")
    assert done.code == 1
    assert done.err.startswith("The setting SAYHOOK_LINK_LIFETIME is not usable:")


def test_a_wrong_port_is_named(sayhook: Sayhook) -> None:
    done = sayhook("check", PORT="99999")
    assert done.code == 1
    assert done.err.startswith("The setting PORT is not usable:")


def test_the_check_of_a_sound_machine_ends_well(sayhook: Sayhook) -> None:
    assert sayhook("migrate").code == 0
    done = sayhook("check", "--json", PORT="0")
    findings = {finding["part"]: finding for finding in json.loads(done.out)["findings"]}
    assert [part for part, finding in findings.items() if not finding["ok"]] == []
    assert done.code == 0
    assert set(findings) >= {
        "python",
        "packages",
        "models",
        "data folder",
        "database",
        "queue",
        "port",
        "disk",
    }


@pytest.fixture
def few_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Importing all of them, as the check of a sound machine does, takes seconds."""
    monkeypatch.setattr(doctor, "NATIVE_PACKAGES", ("soundfile",))


@pytest.mark.usefixtures("few_packages")
def test_the_check_says_what_is_wrong_and_the_mend(sayhook: Sayhook, tmp_path: Path) -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        done = sayhook(
            "check",
            PORT=str(port),
            SAYHOOK_MODELS=str(tmp_path / "no models"),
            SAYHOOK_SECRET_KEY="short",
            SAYHOOK_DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing",
            SAYHOOK_REDIS_URL="redis://127.0.0.1:1/0",
        )
    assert done.code == 1
    for sentence in (
        f"Port {port} on 127.0.0.1 is in use",
        "missing or damaged: kokoro/",
        "mend: sayhook models fetch",
        "SAYHOOK_SECRET_KEY must hold keys of at least 32 characters",
        "PostgreSQL does not answer",
        "queue: it does not answer",
    ):
        assert sentence in done.out


@pytest.mark.usefixtures("few_packages")
def test_the_check_notices_a_hub_that_is_not_ready(sayhook: Sayhook, tmp_path: Path) -> None:
    sayhook("migrate")
    (tmp_path / "data").mkdir(exist_ok=True)
    with hold(tmp_path / "data"):
        done = sayhook("check", PORT="1")
    assert done.code == 1
    assert "the hub runs but is not ready on 1" in done.out
    assert "mend: restart `sayhook serve`" in done.out


def test_models_are_listed_and_verified(sayhook: Sayhook, tmp_path: Path) -> None:
    here = json.loads(sayhook("models", "list", "--json").out)
    assert {row["state"] for row in here} == {"here"}
    assert sayhook("models", "verify").code == 0
    assert sayhook("models", "fetch").code == 0

    absent = sayhook("models", "verify", SAYHOOK_MODELS=str(tmp_path))
    assert absent.code == 1
    assert absent.err.endswith("Mend it: sayhook models fetch\n")


def test_say_writes_a_file_in_the_format_of_its_name(sayhook_process: Sayhook, tmp_path: Path) -> None:
    done = sayhook_process("say", "(cheerful) Good morning!", "-o", "morning.flac", "--language", "en")
    assert done.code == 0, done.err
    with soundfile.SoundFile(tmp_path / "morning.flac") as file:
        assert file.format == "FLAC"
        assert 0.4 < file.frames / file.samplerate < 4
    assert done.err.startswith("morning.flac: ")


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["Hello", "-o", "hello.aac"], 2, ".aac is not a format; use .wav, .mp3, .flac or .opus"),
        (["Hello", "-o", "hello.wav", "--reference", "absent.wav"], 2, "does not exist"),
        (["Hello", "-o", "hello.wav", "--reference", "text.wav"], 1, "Reference audio could not be read"),
        (
            ["Hello", "-o", "no/such/folder.wav", "--language", "en"],
            1,
            "folder.wav: No such file or directory.",
        ),
    ],
)
def test_say_refuses_in_a_sentence(
    sayhook: Sayhook, tmp_path: Path, arguments: list[str], code: int, sentence: str
) -> None:
    (tmp_path / "text.wav").write_text("this is no recording")
    done = sayhook("say", *arguments)
    assert done.code == code
    assert sentence in " ".join(done.err.replace("│", " ").split())


def test_the_api_document_is_the_one_that_is_published(sayhook: Sayhook) -> None:
    published = Path(__file__).parents[3] / "manifests" / "openapi.json"
    done = sayhook("openapi")
    assert json.loads(done.out)["openapi"].startswith("3.1")
    assert json.load(io.StringIO(done.out)) == json.loads(published.read_text())
