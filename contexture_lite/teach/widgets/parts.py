"""What a reader sees of a live picture: controls, images and words, laid out as widgets."""

import ipywidgets as widgets
import numpy as np
from traitlets import Unicode

from contexture_lite._text import escaped
from contexture_lite.teach.pictures import page, style


class Picture(widgets.Image):
    """An image whose ``tooltip`` becomes the title, and so the name, of its <img>.

    The browser side of a tooltip reads a ``description``, which Image lacks.
    """

    description = Unicode("").tag(sync=True)


def laid_out(controls, figure, alts):
    """(images, words above, words below, the whole), for the panels of a figure."""
    columns = page.pieces(figure)
    side = page.css_width(figure, columns[0])
    images = [_image(figure, piece, alt) for piece, alt in zip(columns, alts, strict=True)]
    top = widgets.HTML(layout={"width": "98%"})
    line = widgets.HTML(layout={"min_height": "80px", "width": "98%"})  # three lines
    for control in controls.values():
        control.layout.margin = "2px 18px 2px 2px"
    handles = widgets.HBox(list(controls.values()), layout={"flex_flow": "row wrap"})
    pictures = widgets.GridBox(images, layout={
        "width": "100%", "max_width": f"{round(page.MOST * side * len(images))}px",
        "grid_template_columns": f"repeat(auto-fit, minmax(min({side}px, 100%), 1fr))"})
    whole = widgets.VBox([handles, widgets.VBox([top, pictures]), line], layout={"width": "100%"})
    for part, name in ((whole, "explorer"), (pictures, "picture"), (top, "headline"),
                       (line, "readout")):
        part.add_class(f"contexture-{name}")
    return images, top, line, whole


def _image(figure, piece, alt):
    """The place of one panel, which keeps its proportions before there is a picture."""
    width, height = piece.stop - piece.start, figure.canvas.get_width_height()[1]
    return Picture(format="png", width=str(width), height=str(height), tooltip=alt,
                   layout={"width": "100%", "height": "auto", "margin": "0"})


def listed(mapping):
    """'name=value, …' with three decimals, the same on every machine."""
    return ", ".join(f"{name}={value:z.3f}" if isinstance(value, float | np.floating)
                     else f"{name}={value}" for name, value in mapping.items())


def words(text, look="font-size:16px"):
    """Words beside a picture, as HTML."""
    return f'<div role="status" style="{look};line-height:1.5">{escaped(text)}</div>'


def failure(error, params):
    """The same for a picture that could not be drawn."""
    return ('<div class="contexture-error" role="alert" style="border-left:6px solid '
            f'{style.CONTEXT};padding:4px 10px;line-height:1.4">'
            f"<b>This could not be drawn.</b> {type(error).__name__}: "
            f"{escaped(error)} <i>({escaped(listed(params))})</i></div>")
