"""A diagnosis as one file to hand in: no scripts, nothing to fetch, every text escaped."""

from __future__ import annotations

import html
from pathlib import Path

from contexture_lite._text import escaped
from contexture_lite.diagnosis.report import findings, title
from contexture_lite.diagnosis.rows import summary

STYLE = ("body{font:16px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em;color:#202124}"
         "img{max-width:100%}table{border-collapse:collapse}td,th{padding:.2em .7em;"
         "border-bottom:1px solid #ccc;text-align:left}.note{color:#5F6368}")
# A browser that meets a script or an address in this file, however it got there, refuses it.
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def save(diagnosis, path):
    """Write the page to ``path``, which must end in .html."""
    path = Path(path)
    if path.suffix.lower() not in (".html", ".htm"):
        raise ValueError(f"path is {str(path)!r}; it must end in .html, such as 'report.html'")
    path.write_text(page(diagnosis), encoding="utf-8")


def page(diagnosis):
    """The text of the file."""
    first, *others = map(escaped, findings(diagnosis))
    table = summary(diagnosis)
    rows = [["th", table.columns], *(["td", row] for row in table.to_numpy())]
    cells = ["".join(f"<{tag}>{escaped(cell)}</{tag}>" for cell in row) for tag, row in rows]
    return "\n".join([
        "<!DOCTYPE html>", '<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        f"<title>{html.escape(title(diagnosis))}</title><style>{STYLE}</style></head><body>",
        f"<h1>{first}</h1>", f"<p>{escaped(title(diagnosis))}</p>",
        *(f'<p class="note">{escaped(note)}</p>' for note in diagnosis.notes),
        _picture(diagnosis), "<ul>", *(f"<li>{finding}</li>" for finding in others), "</ul>",
        "<table>", *(f"<tr>{row}</tr>" for row in cells), "</table>", "</body></html>", ""])


def _picture(diagnosis):
    """The figure, its text for a reader who cannot see it; nothing without matplotlib."""
    try:
        picture = diagnosis.figure()
    except ImportError:
        return ""
    data = picture._repr_mimebundle_()["image/png"]
    return f'<img alt="{html.escape(picture.alt)}" src="data:image/png;base64,{data}">'
