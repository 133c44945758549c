"""Audio files: a local folder on one machine, an object store (S3, GCS, Azure) on many."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import obstore
from obstore.store import LocalStore, ObjectStore, from_url

CHUNK = 256 * 1024
LISTED = 500


class BlobMissing(Exception):
    """No file under this key."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that is there, and when it was written."""

    key: str
    at: datetime


class Blobs:
    """Whole files by key, e.g. `generations/<id>/<run>.wav`. Writing a key again replaces it atomically."""

    def __init__(self, url: str) -> None:
        self._store: ObjectStore = _open(url)

    async def put(self, key: str, data: bytes) -> None:
        await obstore.put_async(self._store, key, data)

    async def get(self, key: str) -> bytes:
        try:
            answer = await obstore.get_async(self._store, key)
            return bytes(await answer.bytes_async())
        except FileNotFoundError as error:
            raise BlobMissing(key) from error

    async def read_range(self, key: str, start: int, length: int) -> bytes:
        """`length` bytes from `start`; fewer at the end of the file."""
        try:
            return bytes(await obstore.get_range_async(self._store, key, start=start, length=length))
        except FileNotFoundError as error:
            raise BlobMissing(key) from error

    async def stream(self, key: str, start: int, length: int) -> AsyncIterator[bytes]:
        """The same bytes as `read_range`, a chunk at a time, so that no file stands in memory whole."""
        end = start + length
        for offset in range(start, end, CHUNK):
            yield await self.read_range(key, offset, min(CHUNK, end - offset))

    async def size(self, key: str) -> int:
        try:
            return int((await obstore.head_async(self._store, key))["size"])
        except FileNotFoundError as error:
            raise BlobMissing(key) from error

    async def delete(self, key: str) -> None:
        """Remove a file; one that is not there is no error."""
        try:
            await obstore.delete_async(self._store, key)
        except FileNotFoundError:
            return

    async def under(self, folder: str) -> AsyncIterator[Sequence[Kept]]:
        """All files whose keys begin with `folder/`, some at a time, in no order."""
        # The library's own asynchronous listing can end the process when its loop closes.
        listing = iter(obstore.list(self._store, prefix=f"{folder}/", chunk_size=LISTED))
        while chunk := await asyncio.to_thread(next, listing, None):
            yield [Kept(found["path"], found["last_modified"]) for found in chunk]


def _open(url: str) -> ObjectStore:
    parts = urlsplit(url)
    if parts.scheme != "file":
        return from_url(url)
    folder = Path(unquote(parts.path))
    folder.mkdir(parents=True, exist_ok=True)
    return LocalStore(prefix=folder)
