"""What is spoken, and the keys, never reach the log."""

from __future__ import annotations

from tests.flow.running_hub import RunningHub


def test_neither_text_nor_key_is_logged(hub_server: RunningHub) -> None:
    account = hub_server.new_account(plan="paid")
    account.speak("Persimmon harpsichord.", language="en", voice_description="a jolly zeppelin captain")
    refused = account.post("/v1/tts/generate", data={"text": "Persimmon.", "cfg_value": "persimmon"})
    assert refused.status_code == 422
    log = hub_server.log.read_text(errors="replace").lower()
    assert log
    for private in ("persimmon", "zeppelin", account.api_key.lower(), account.email.lower()):
        assert private not in log
