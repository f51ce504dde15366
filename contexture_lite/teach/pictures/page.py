"""Pictures on a page: a figure is cut into its panels, and each becomes an image with words."""

import base64
import html
import io
import struct
import zlib

import numpy as np
from PIL import Image

CSS_PIXELS = 100  # of the page, at least, for an inch of a figure
MOST = 1.5  # times that, and a live panel is large enough; a saved one with
MOST_SAVED = 1.2  # so that the last of a row is not larger than the others


def pieces(figure):
    """Columns of the figure's pixels that each panel takes: a list of slices."""
    parts = figure.subfigs or [figure]
    return [slice(round(part.bbox.x0), round(part.bbox.x1)) for part in parts]


def css_width(figure, piece):
    """Pixels of the page that a panel takes at least."""
    return round(CSS_PIXELS * (piece.stop - piece.start) / figure.dpi)


def png(pixels):
    """Pixels (height, width, 4) as PNG bytes: rows unfiltered, zlib's fastest level.

    Flat pictures gain nothing from the adaptive row filters of general PNG writers;
    without them a slider step is encoded in 7 ms instead of 16, in as many bytes.
    """
    height, width = pixels.shape[:2]
    rows = np.zeros((height, 1 + 4 * width), dtype=np.uint8)  # each row starts with filter type 0
    rows[:, 1:] = pixels.reshape(height, 4 * width)
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)  # 8 bits, RGBA
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks)


def webp(pixels):
    """The same as a lossless WebP, half as large and slower: for what is saved."""
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(
        file, "webp", lossless=True, quality=50, method=2)
    return file.getvalue()


def small_png(pixels):
    """As a PNG of 256 colours, a third as large: for what is saved, beside `webp`.

    On our pictures, which have a thousand colours, no channel of a pixel moves by more than a
    few of 255 levels.
    """
    file = io.BytesIO()
    colours = Image.fromarray(np.ascontiguousarray(pixels[:, :, :3])).quantize(
        256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    colours.save(file, "png", optimize=True)
    return file.getvalue()


def base64_of(data):
    """Bytes as letters."""
    return base64.b64encode(data).decode("ascii")


def saved(figure, pixels, alts):
    """A wrapping row of images as HTML: side by side, or one above the other on a phone.

    ``pixels`` are the figure's, ``alts`` one text a panel. The style is written out, since a
    saved notebook has no style sheet, and `widgets.explorer` lays out live pictures alike.
    """
    columns = pieces(figure)
    most = MOST_SAVED if len(columns) > 1 else MOST
    widths = [css_width(figure, piece) for piece in columns]
    places = [f"flex:1 1 {width}px;min-width:0;max-width:{round(most * width)}px"
              for width in widths]
    images = [f'<img alt="{html.escape(alt)}" style="{place};height:auto" '
              f'src="data:image/webp;base64,{base64_of(webp(pixels[:, piece, :3]))}">'
              for piece, alt, place in zip(columns, alts, places, strict=True)]
    if len(set(widths)) == 1:  # the last of several rows is filled up, so that none is larger
        images += [f'<i style="{places[0]}"></i>'] * (len(places) - 2)
    return ('<div style="display:flex;flex-wrap:wrap;align-items:flex-start">'
            f"{''.join(images)}</div>")
