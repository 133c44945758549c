from __future__ import annotations

from pathlib import Path

import pytest

from hub.store import blobs
from hub.store.blobs import BlobMissing, Blobs


@pytest.fixture
def store(tmp_path: Path) -> Blobs:
    return Blobs((tmp_path / "a folder").as_uri())


async def test_put_get_size_and_range(store: Blobs) -> None:
    await store.put("a/b.wav", b"0123456789")
    assert await store.get("a/b.wav") == b"0123456789"
    assert await store.size("a/b.wav") == 10
    assert await store.read_range("a/b.wav", 3, 4) == b"3456"
    await store.put("a/b.wav", b"new")
    assert await store.get("a/b.wav") == b"new"


async def test_a_stream_is_the_same_bytes_in_chunks(store: Blobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blobs, "CHUNK", 4)
    await store.put("k", bytes(range(30)))
    chunks = [chunk async for chunk in store.stream("k", 5, 11)]
    assert b"".join(chunks) == bytes(range(5, 16))
    assert [len(chunk) for chunk in chunks] == [4, 4, 3]


async def test_what_is_not_there(store: Blobs) -> None:
    await store.delete("missing")
    for look in (store.get("missing"), store.size("missing"), store.read_range("missing", 0, 1)):
        with pytest.raises(BlobMissing):
            await look
