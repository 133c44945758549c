"""What a connector's `simulator.py` offers, so that anyone can try the whole loop without an account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from starlette.types import ASGIApp


class Simulator(Protocol):
    """The class `Simulator` of a `simulator.py`; made with the address it is served at.

    `credentials` are what the owner would type in; for OAuth the tokens they would have given us, and with
    them `client_id` and `client_secret`, which are the app's own. Under a server (with its lifespan) it sends
    its webhooks by itself.
    """

    @property
    def app(self) -> ASGIApp: ...

    @property
    def credentials(self) -> Mapping[str, str]: ...

    @property
    def stands_for(self) -> Sequence[str]:
        """Origins of the real platform that it answers for: what is meant for them is sent to its address."""
        ...

    async def act(self) -> str:
        """Do what an owner does, once; the path of the public page where an `<audio>` must then be found."""
        ...
