"""EPUB books made for tests."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

CONTAINER = """<?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="OPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>"""

OPF = """<?xml version="1.0"?><opf:package xmlns:opf="http://www.idpf.org/2007/opf">
<opf:metadata/><opf:manifest>
<opf:item id="c2" href="text/two.xhtml" media-type="application/xhtml+xml"/>
<opf:item id="c1" href="text/chapter%20one.xhtml" media-type="application/xhtml+xml"/>
<opf:item id="nav" href="nav.xhtml" media-type="application/xhtml+xml"/></opf:manifest>
<opf:spine><opf:itemref idref="nav" linear="no"/><opf:itemref idref="c1"/>
<opf:itemref idref="c2"/></opf:spine>
</opf:package>"""

ONE = """<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title/>
<style>p { color: red }</style></head><body><section><h1>The <i>Sea</i></h1>
<p>It was calm<a epub:type="noteref" href="#n">1</a> that
morning.<br/>Nobody * spoke &amp; slept.</p><script/><div>Loose words<p>Inner.</p>after.</div>
<p> </p><img src="http://elsewhere.example/x.png" alt="hidden"/></section></body></html>"""

TWO = """<html><body><h2>Two</h2><ol><li>1. First</li><li># Second</li></ol></body></html>"""


def book(changed: Mapping[str, str | bytes] | None = None) -> bytes:
    files: dict[str, str | bytes] = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": CONTAINER,
        "OPS/book.opf": OPF,
        "OPS/nav.xhtml": "<html><body><p>Contents</p></body></html>",
        "OPS/text/chapter one.xhtml": ONE,
        "OPS/text/two.xhtml": TWO,
        **(changed or {}),
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()
