from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from webhooks.errors import BodyTooLarge
from webhooks.inbound import MAX_BYTES, read_body


class Sender:
    """Sends chunks and counts those taken."""

    def __init__(self, *chunks: bytes) -> None:
        self.chunks = chunks
        self.taken = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self.chunks:
            self.taken += 1
            yield chunk


async def test_the_bytes_as_they_came() -> None:
    assert await read_body(Sender(b'{"a" :', b"", b" 1}\n"), declared="11") == b'{"a" : 1}\n'
    assert await read_body(Sender()) == b""
    assert len(await read_body(Sender(b"x" * MAX_BYTES))) == MAX_BYTES


async def test_a_declared_length_over_the_cap_is_refused_unread() -> None:
    sender = Sender(b"x")
    with pytest.raises(BodyTooLarge, match="1048576 bytes"):
        await read_body(sender, declared=str(MAX_BYTES + 1))
    assert sender.taken == 0


@pytest.mark.parametrize("declared", [None, "5", "nonsense", "-1", "٣"])
async def test_an_undeclared_length_is_refused_while_reading(declared: str | None) -> None:
    sender = Sender(*[b"x" * 10] * 100)
    with pytest.raises(BodyTooLarge):
        await read_body(sender, declared=declared, limit=55)
    assert sender.taken == 6
