"""A bar chart as an SVG file, readable on light and dark pages."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

_ROW, _LEFT, _WIDTH, _TOP = 34, 210, 640, 56


def bars(title: str, unit: str, rows: Sequence[tuple[str, float]], note: str = "") -> str:
    """One horizontal bar for each (name, value), the first taken as the line to beat."""
    most = max(value for _, value in rows)
    scale = (_WIDTH - _LEFT - 90) / most
    height = _TOP + _ROW * len(rows) + 36
    mark = _LEFT + rows[0][1] * scale
    drawn = [_bar(place, name, value, scale, unit) for place, (name, value) in enumerate(rows)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" '
            f'font-family="system-ui, sans-serif" font-size="14" fill="#64748b">',
            f"<title>{escape(title)}</title>",
            f'<text x="12" y="28" font-size="17" font-weight="600">{escape(title)}</text>',
            *drawn,
            f'<line x1="{mark:.1f}" x2="{mark:.1f}" y1="{_TOP - 8}" y2="{height - 32}" stroke="#64748b" '
            'stroke-dasharray="4 4"/>',
            f'<text x="12" y="{height - 12}" font-size="11">{escape(note)}</text>',
            "</svg>\n",
        ]
    )


def _bar(place: int, name: str, value: float, scale: float, unit: str) -> str:
    top, length = _TOP + _ROW * place, value * scale
    colour = "#94a3b8" if place == 0 else "#0d9488"
    return (
        f'<text x="{_LEFT - 12}" y="{top + 17}" text-anchor="end">{escape(name)}</text>'
        f'<rect x="{_LEFT}" y="{top}" width="{length:.1f}" height="24" rx="4" fill="{colour}"/>'
        f'<text x="{_LEFT + length + 8:.1f}" y="{top + 17}">{value:.2f} {escape(unit)}</text>'
    )
