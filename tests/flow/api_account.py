"""An account and its key: what a caller of the public API can do, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import requests

FINAL = frozenset({"completed", "failed", "cancelled"})
WAIT_SECONDS = 100.0


@dataclass(frozen=True, slots=True)
class Balance:
    credits: float
    held: float


@dataclass(frozen=True, slots=True)
class ApiAccount:
    base_url: str
    account_id: str
    email: str
    api_key: str

    def request(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **options: Any
    ) -> requests.Response:
        return requests.request(
            method,
            f"{self.base_url}{path}",
            headers={"Authorization": f"Bearer {self.api_key}", **(headers or {})},
            timeout=60,
            **options,
        )

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> requests.Response:
        return self.request("POST", path, **options)

    def generate(self, text: str, *, reference: bytes | None = None, **fields: str) -> dict[str, Any]:
        """Submits one text, as a multipart form when there is a reference recording; the accepted answer."""
        files = None if reference is None else {"voice_ref": ("reference.wav", reference, "audio/wav")}
        answer = self.post("/v1/tts/generate", data={"text": text, **fields}, files=files)
        assert answer.status_code == 202, answer.text
        accepted: dict[str, Any] = answer.json()
        return accepted

    def status(self, generation: str) -> dict[str, Any]:
        answer = self.get(f"/v1/tts/status/{generation}")
        assert answer.status_code == 200, answer.text
        status: dict[str, Any] = answer.json()
        return status

    def wait(self, generation: str, *, seconds: float = WAIT_SECONDS, pause: float = 0.15) -> dict[str, Any]:
        """The final status, whatever it is."""
        deadline = time.monotonic() + seconds
        while True:
            status = self.status(generation)
            if status["status"] in FINAL:
                return status
            assert time.monotonic() < deadline, f"not final after {seconds:.0f} s: {status}"
            time.sleep(pause)

    def completed(self, generation: str, *, seconds: float = WAIT_SECONDS) -> dict[str, Any]:
        status = self.wait(generation, seconds=seconds)
        assert status["status"] == "completed", status
        return status

    def speak(self, text: str, *, reference: bytes | None = None, **fields: str) -> bytes:
        """The finished audio of `text`."""
        accepted = self.generate(text, reference=reference, **fields)
        return self.audio(self.completed(accepted["id"]))

    def audio(self, status: Mapping[str, Any]) -> bytes:
        answer = requests.get(status["output_url"], timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.content

    def balance(self) -> Balance:
        answer = self.get("/v1/account")
        assert answer.status_code == 200, answer.text
        return Balance(answer.json()["credits"], answer.json()["held"])

    def generations(self) -> list[dict[str, Any]]:
        """All of them, newest first, through every page."""
        found: list[dict[str, Any]] = []
        cursor: str | None = None
        while True:
            page = self._page(cursor)
            found += page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return found

    def _page(self, cursor: str | None) -> dict[str, Any]:
        answer = self.get("/v1/tts/generations", params={} if cursor is None else {"cursor": cursor})
        assert answer.status_code == 200, answer.text
        page: dict[str, Any] = answer.json()
        return page

    def cancel_all(self, generations: Iterable[str]) -> None:
        for generation in generations:
            self.post(f"/v1/tts/generations/{generation}/cancel")
