"""The first step on a bare machine, up to the moment pip would be called."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from hub.serve import bootstrap

ROOT = Path(__file__).parents[3]


class Index:
    """A package index on this machine that offers `wheels`."""

    def __init__(self) -> None:
        self.wheels: list[str] = []
        index = self

        class Pages(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                links = [f'<a href="x/{w.replace("+", "%2B")}#sha256=0">{w}</a>' for w in index.wheels]
                found = self.path.count("/") == 2
                self.send_response(200 if found else 404)
                self.end_headers()
                self.wfile.write("<br>".join(links).encode())

            def log_message(self, *arguments: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Pages)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    index = Index()
    monkeypatch.setattr(bootstrap, "CPU_INDEX", index.url)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    thread = threading.Thread(target=index.server.serve_forever)
    thread.start()
    yield index
    index.server.shutdown()
    thread.join()
    index.server.server_close()


def wheel(name: str, version: str) -> str:
    python = f"cp{sys.version_info[0]}{sys.version_info[1]}"
    return f"{name}-{version}-{python}-{python}-manylinux_2_28_{os.uname().machine}.whl"


def test_the_cpu_build_is_taken_when_its_index_has_the_pair(index: Index) -> None:
    index.wheels = [wheel("torch", "2.14.1+cpu"), wheel("torchaudio", "2.11.0+cpu")]
    assert bootstrap.choose_build() == "CPU"


@pytest.mark.parametrize(
    "wheels",
    [
        [],
        [wheel("torch", "2.14.1+cpu")],
        [wheel("torch", "2.13.0+cpu"), wheel("torchaudio", "2.11.0+cpu")],
        [wheel("torch", "2.14.1+cpu").replace("cp311", "cp39"), wheel("torchaudio", "2.11.0+cpu")],
    ],
)
def test_the_ordinary_build_is_taken_when_the_pair_is_not_whole(index: Index, wheels: list[str]) -> None:
    index.wheels = wheels
    assert bootstrap.choose_build() == "CUDA"


def test_the_ordinary_build_is_taken_when_the_index_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "CPU_INDEX", "http://127.0.0.1:1")
    assert bootstrap.choose_build() == "CUDA"


def test_a_machine_with_a_card_takes_the_ordinary_build(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.wheels = [wheel("torch", "2.14.1+cpu"), wheel("torchaudio", "2.11.0+cpu")]
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    assert bootstrap.choose_build() == "CUDA"


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    venv = tmp_path / ".venv"
    venv.mkdir()
    for name, path in (("VENV", venv), ("STAMP", venv / "installed.json"), ("LOG", venv / "install.log")):
        monkeypatch.setattr(bootstrap, name, path)
    return venv


def test_nothing_is_done_while_the_stamp_matches(environment: Path) -> None:
    bootstrap.write_stamp("test")
    assert bootstrap.main(["run"]) == 0
    assert bootstrap.main(["test"]) == 0
    assert [path.name for path in environment.iterdir()] == ["installed.json"]


def test_the_stamp_of_a_run_does_not_do_for_the_tests(environment: Path) -> None:
    bootstrap.write_stamp("run")
    assert bootstrap.is_installed("run")
    assert not bootstrap.is_installed("test")


@pytest.mark.parametrize("stamp", ["", "{}", '{"fingerprint": "of older pins", "extra": "test"}'])
def test_an_old_or_damaged_stamp_does_not_count(environment: Path, stamp: str) -> None:
    bootstrap.STAMP.write_text(stamp)
    assert not bootstrap.is_installed("run")


def test_a_full_disk_is_refused_before_anything_is_fetched(
    environment: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap, "CPU_INDEX", "http://127.0.0.1:1")
    monkeypatch.setitem(bootstrap.SIZES, ("CUDA", "run"), (10**9, 10**9))
    assert bootstrap.main(["run"]) == 1
    assert "GB free and the packages need" in capsys.readouterr().err
    assert not bootstrap.STAMP.exists()


@pytest.fixture
def installed(environment: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """What pip is asked for, in an environment that holds PyTorch of another day's other pins."""
    asked: list[tuple[str, ...]] = []

    def pip(python: Path, *arguments: str) -> int:
        asked.append(arguments)
        return 0

    monkeypatch.setattr(bootstrap, "CPU_INDEX", "http://127.0.0.1:1")
    monkeypatch.setattr(bootstrap, "_make_environment", lambda: environment / "bin" / "python")
    monkeypatch.setattr(bootstrap, "_pip", pip)
    packages = environment / "lib" / "python3.11" / "site-packages"
    packages.mkdir(parents=True)
    for name in ("torch-2.14.1+cpu", "torchaudio-2.11.0+cpu"):
        (packages / f"{name}.dist-info").mkdir()
    return asked


@pytest.fixture
def little_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "_free", lambda path: 2.0)


@pytest.mark.usefixtures("little_room")
def test_little_room_does_where_torch_is_there_already(installed: list[tuple[str, ...]]) -> None:
    assert bootstrap.main(["test"]) == 0
    (arguments,) = installed
    assert "--no-cache-dir" in arguments, "pip would keep every package a second time"


@pytest.mark.usefixtures("little_room")
def test_of_torch_at_another_pin_the_whole_is_asked(
    environment: Path, installed: list[tuple[str, ...]], capsys: pytest.CaptureFixture[str]
) -> None:
    (there,) = environment.glob("lib/*/*/torch-*")
    there.rename(there.with_name("torch-2.13.0+cpu.dist-info"))
    assert bootstrap.main(["test"]) == 1
    assert "2.0 GB free and the packages need 10.9 GB" in capsys.readouterr().err
    assert not installed


def test_where_there_is_room_pip_keeps_its_packages(
    installed: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "_free", lambda path: 50.0)
    assert bootstrap.main(["test"]) == 0
    assert "--no-cache-dir" not in installed[0]


def test_a_second_installation_waits_for_the_first(
    installed: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    begun, may_end = threading.Event(), threading.Event()

    def slow(python: Path, *arguments: str) -> int:
        installed.append(arguments)
        begun.set()
        assert may_end.wait(20)
        return 0

    monkeypatch.setattr(bootstrap, "_pip", slow)
    monkeypatch.setattr(bootstrap, "_say", lambda line: may_end.set() if "waits" in line else None)
    with ThreadPoolExecutor() as two:
        first = two.submit(bootstrap.main, ["test"])
        assert begun.wait(20)
        assert two.submit(bootstrap.main, ["test"]).result(20) == 0
        assert first.result(20) == 0
    assert len(installed) == 1


def test_pip_may_empty_its_scratch_while_it_is_watched(tmp_path: Path) -> None:
    (tmp_path / "unpacked").mkdir()
    (tmp_path / "unpacked" / "torch.whl").write_bytes(b"x" * 2_000_000)
    (tmp_path / "gone.whl").symlink_to(tmp_path / "nowhere")
    phase = bootstrap._phase("Downloading torch.whl (2 MB)\n", tmp_path)
    assert phase == "1 packages looked at; Downloading torch.whl (2 MB), 2 MB so far"
    assert bootstrap._phase("", tmp_path / "nowhere") == "0 packages looked at; reading the list"


def test_an_old_python_is_refused_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    assert bootstrap.main(["run"]) == 1
    assert capsys.readouterr().err == (
        "Sayhook needs Python 3.11 or newer and this is 3.9; install it or run `make PYTHON=...`.\n"
    )


def test_it_needs_the_standard_library_only() -> None:
    script = (
        f"import runpy, sys; runpy.run_path({str(ROOT / 'hub/serve/bootstrap.py')!r}, run_name='looked at')"
    )
    run = subprocess.run([sys.executable, "-I", "-S", "-c", script], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize(
    ("log", "reason"),
    [
        (
            "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
            "is full",
        ),
        ("WARNING: Retrying after NewConnectionError\nERROR: No matching distribution", "check the network"),
        ("ERROR: No matching distribution found for x==1", "No matching distribution found for x==1"),
    ],
)
def test_pips_failure_is_told_in_one_sentence(environment: Path, log: str, reason: str) -> None:
    bootstrap.LOG.write_text(log)
    sentence = bootstrap.explain_failure()
    assert reason in sentence
    assert "\n" not in sentence


def test_the_disk_that_is_full_is_named(environment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full = "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device"
    monkeypatch.setattr(bootstrap, "_free", lambda path: 0.0 if path == Path.home() else 5.0)
    bootstrap.LOG.write_text(f"{full}\n")
    assert bootstrap.explain_failure().startswith(f"The disk of {Path.home()} is full")
    bootstrap.LOG.write_text(f"{full}: '/some/where/torch.so'\n")
    assert bootstrap.explain_failure().startswith("The disk of /some/where/torch.so is full")
