"""What a person reads when the hub is up: where it is, how to get in, and one request to paste."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path

from engine.values import Mode
from hub.accounts import OPENING_CREDITS
from hub.money import price_of
from hub.serve.first_account import EMAIL

PLACEHOLDER = "PASTE_YOUR_KEY_HERE"
FIRST_REQUEST = """\
  KEY={key} HUB={base_url}
  STATUS=$(curl -fsS $HUB/v1/tts/generate -H "Authorization: Bearer $KEY" -F format=mp3 \\
    --form-string text="(cheerful) Hello! From now on, everything you publish can speak." |
    grep -o '"status_url": *"[^"]*' | cut -d '"' -f 4)
  until curl -fsS "$STATUS" -H "Authorization: Bearer $KEY" | tee hello.json | grep -Eq '"(completed|failed)"'
  do sleep 1; done
  curl -fsS "$(grep -o '"output_url": *"[^"]*' hello.json | cut -d '"' -f 4)" -o hello.mp3
"""


def welcome(base_url: str, *, new_key: str | None, command: str) -> str:
    """`new_key` is shown once; without it the text says how to make another with `command`."""
    texts = OPENING_CREDITS // price_of(Mode.DESIGN)
    if new_key:
        key = (
            f"Your first account's API key. It is shown this once, so keep it:\n\n  {new_key}\n\n"
            f"Its account has {OPENING_CREDITS} credits, enough for {texts} texts. To add more:\n\n"
            f"  {command} credits grant --email {EMAIL} --credits 10000\n"
        )
    else:
        key = (
            "The first API key was shown at the first start. To make another:\n\n"
            f"  {command} keys create --email {EMAIL}\n"
        )
    return (
        f"\nSayhook is running at {base_url}   (Ctrl-C stops it)\n\n{key}\n"
        f"Hear it: paste this, and hello.mp3 is yours.\n\n{first_request(base_url, new_key or PLACEHOLDER)}\n"
    )


def first_request(base_url: str, key: str) -> str:
    """Shell lines that speak one sentence and end with `hello.mp3` on disk: ask, wait, fetch."""
    return FIRST_REQUEST.format(base_url=base_url, key=key)


def command_name() -> str:
    """How to call this command line from the current folder."""
    if found := shutil.which("sayhook"):
        return "sayhook" if Path(found).exists() else found
    script = Path(sys.executable).parent / "sayhook"
    if not script.exists():
        return f"{shlex.quote(sys.executable)} -m hub"
    try:
        return shlex.quote(str(script.relative_to(Path.cwd())))
    except ValueError:
        return shlex.quote(str(script))
