"""The examinations behind `sayhook check`; each looks at one part and never raises."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass

from engine import models
from hub.secrets import SecretKeyUnusable, load_secrets
from hub.serve import folder
from hub.serve.failure import CannotStart
from hub.serve.listen import listen, reachable_host
from hub.serve.readiness import status_of
from hub.settings import Settings
from hub.store.database import Database

LEAST_FREE_GB = 1.0
NATIVE_PACKAGES = ("torch", "torchaudio", "onnxruntime", "soundfile", "lingua", "espeakng_loader", "obstore")


@dataclass(frozen=True, slots=True)
class Finding:
    """`mend` is the command or change that helps; empty when nothing is wrong or `says` has it."""

    part: str
    ok: bool
    says: str
    mend: str = ""


def examine(settings: Settings) -> list[Finding]:
    """Every part in turn. A part that cannot even be examined counts as wrong."""
    return [_safely(look, settings) for look in EXAMINATIONS]


def _safely(look: Callable[[Settings], Finding], settings: Settings) -> Finding:
    try:
        return look(settings)
    except Exception as error:
        part = look.__name__.strip("_").replace("_", " ")
        return Finding(part, False, f"could not be examined ({type(error).__name__}: {error}).")


def _python(settings: Settings) -> Finding:
    version = sys.version.split()[0]
    if sys.version_info < (3, 11):  # noqa: UP036 - packages can be installed past pip's own check
        return Finding("python", False, f"{version} is too old.", "install Python 3.11 or newer")
    return Finding("python", True, f"{version}.")


def _packages(settings: Settings) -> Finding:
    script = f"import {', '.join(NATIVE_PACKAGES)}"
    tried = subprocess.run(  # noqa: S603 - our own interpreter, our own words
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=120
    )
    if tried.returncode == 0:
        return Finding("packages", True, "all native packages load.")
    last = tried.stderr.strip().splitlines()[-1:] or [f"exit code {tried.returncode}"]
    return Finding(
        "packages", False, f"a package does not load: {last[0]}", "delete the folder .venv and run `make run`"
    )


def _models(settings: Settings) -> Finding:
    damaged = models.verify(settings.models)
    if damaged:
        names = ", ".join(asset.file for asset in damaged[:3]) + (" and more" if len(damaged) > 3 else "")
        return Finding("models", False, f"missing or damaged: {names}.", "sayhook models fetch")
    return Finding("models", True, f"all {len(models.ASSETS)} files in {settings.models} are whole.")


def _data_folder(settings: Settings) -> Finding:
    try:
        folder.prepare(settings.data)
    except CannotStart as error:
        return Finding("data folder", False, str(error))
    return Finding("data folder", True, f"{settings.data.resolve()} is writable.")


def _disk(settings: Settings) -> Finding:
    free = shutil.disk_usage(settings.data).free / 1e9
    if free < LEAST_FREE_GB:
        return Finding("disk", False, f"only {free:.1f} GB are free for audio.", "free some space")
    return Finding("disk", True, f"{free:.1f} GB are free for audio.")


def _database(settings: Settings) -> Finding:
    async def state() -> bool:
        database = Database(settings.resolved_database_url)
        try:
            await database.ping()
            return await database.is_current()
        finally:
            await database.close()

    kind = "PostgreSQL" if "postgres" in settings.resolved_database_url else "SQLite"
    try:
        current = asyncio.run(state())
    except Exception as error:
        reason = str(error).splitlines()[0][:200]
        return Finding("database", False, f"{kind} does not answer: {reason}", "mend SAYHOOK_DATABASE_URL")
    if not current:
        return Finding("database", False, f"{kind} has an older schema.", "sayhook migrate")
    return Finding("database", True, f"{kind} answers and is up to date.")


def _secret_key(settings: Settings) -> Finding:
    try:
        load_secrets(settings)
    except (SecretKeyUnusable, OSError) as error:
        return Finding("secret key", False, str(error))
    kept = (
        "set by SAYHOOK_SECRET_KEY" if settings.secret_key.get_secret_value() else "kept in the data folder"
    )
    return Finding("secret key", True, f"{kept}.")


def _queue(settings: Settings) -> Finding:
    running = folder.is_held(settings.data)
    if not settings.redis_url and not running:
        return Finding("queue", True, "the embedded one starts with `sayhook serve`.")
    if asyncio.run(_queue_answers(settings)):
        return Finding("queue", True, "it answers.")
    mend = "mend SAYHOOK_REDIS_URL" if settings.redis_url else "restart `sayhook serve`"
    return Finding("queue", False, "it does not answer.", mend)


async def _queue_answers(settings: Settings) -> bool:
    from hub.queue import open_queue

    queue = open_queue(settings)
    try:
        await asyncio.wait_for(queue.ping(), timeout=5.0)
    except Exception:
        return False
    finally:
        await queue.close()
    return True


def _port(settings: Settings) -> Finding:
    host = reachable_host(settings.host)
    if folder.is_held(settings.data):
        status = status_of(host, settings.port, "/readyz")
        if status == 200:
            return Finding("port", True, f"the hub answers on {settings.port} and is ready.")
        return Finding(
            "port", False, f"the hub runs but is not ready on {settings.port} ({status}).", "read its log"
        )
    try:
        listen(settings.host, settings.port).close()
    except CannotStart as error:
        return Finding("port", False, str(error))
    return Finding("port", True, f"{settings.port} is free for `sayhook serve`.")


EXAMINATIONS: tuple[Callable[[Settings], Finding], ...] = (
    _python,
    _packages,
    _models,
    _data_folder,
    _disk,
    _secret_key,
    _database,
    _queue,
    _port,
)
