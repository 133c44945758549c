"""Ricos, the document a Wix post is: read aloud, and given a player (dev.wix.com, "Rich Content").

Nodes that are not ours are handed back as they came.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

OURS: Final = "sayhook-"
_TEXTS: Final = frozenset({"PARAGRAPH", "HEADING"})
_UNREAD: Final = frozenset({
    "AUDIO", "BUTTON", "CODE_BLOCK", "DIVIDER", "EMBED", "FILE", "FORM", "GALLERY", "GIF", "HTML", "IMAGE",
    "LINK_PREVIEW", "MAP", "POLL", "TABLE", "VIDEO",
})  # fmt: skip

Node = Mapping[str, Any]


def text_of(content: Mapping[str, Any]) -> str:
    """Paragraphs with a blank line between them; media, tables, code and players are left out."""
    paragraphs: list[str] = []
    waiting: list[Any] = [*reversed(nodes_of(content))]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, Mapping) or str(node.get("type")) in _UNREAD:
            continue
        if str(node.get("type")) in _TEXTS:
            paragraphs.append(" ".join(_words(node).split()))
        else:
            waiting += reversed(nodes_of(node))
    return "\n\n".join(filter(None, paragraphs))


def with_audio(content: Mapping[str, Any], node: Node) -> dict[str, Any]:
    """`content` with `node` where our player is, or else before everything; of ours there is only one."""
    nodes = nodes_of(content)
    place = next((number for number, found in enumerate(nodes) if is_ours(found)), 0)
    others = without_ours(content)
    return {**content, "nodes": [*others[:place], node, *others[place:]]}


def without_ours(content: Mapping[str, Any]) -> list[Any]:
    return [node for node in nodes_of(content) if not is_ours(node)]


def has_node(content: Mapping[str, Any], node_id: str) -> bool:
    return any(isinstance(node, Mapping) and node.get("id") == node_id for node in nodes_of(content))


def is_ours(node: Any) -> bool:
    return isinstance(node, Mapping) and str(node.get("id", "")).startswith(OURS)


def audio_node(spoken_hash: str) -> str:
    """The id of the node that plays what sounds like this: one look tells whether it is there already."""
    return f"{OURS}{spoken_hash[:16]}"


def audio(node_id: str, file: str, name: str, seconds: float) -> dict[str, Any]:
    return {
        "type": "AUDIO",
        "id": node_id,
        "nodes": [],
        "audioData": {
            "containerData": {"alignment": "CENTER", "width": {"size": "CONTENT"}, "textWrap": True},
            "audio": {"src": {"id": file}, "duration": round(seconds, 1)},
            "disableDownload": True,
            "name": name,
        },
    }


def nodes_of(holder: Mapping[str, Any]) -> Sequence[Any]:
    nodes = holder.get("nodes")
    return nodes if isinstance(nodes, list) else []


def _words(node: Node) -> str:
    pieces: list[str] = []
    waiting: list[Any] = [*reversed(nodes_of(node))]
    while waiting:
        inner = waiting.pop()
        if not isinstance(inner, Mapping):
            continue
        data = inner.get("textData")
        if inner.get("type") == "TEXT" and isinstance(data, Mapping) and isinstance(data.get("text"), str):
            pieces.append(data["text"])
        waiting += reversed(nodes_of(inner))
    return "".join(pieces)
