"""The base class of the live pictures.

An explorer is a handful of controls, a pure function from their values to numbers,
and a drawing of those numbers that moves the artists it already has. One figure is
kept; what stays the same is drawn once and kept as a background ("scene"), and a step
of the slider only draws the moving artists over it and sends one PNG.
"""

from __future__ import annotations

import base64
import html
import threading
from contextlib import contextmanager
from numbers import Number

import ipywidgets as widgets
from traitlets import Unicode

from contexture_lite.teach import style

SCENES_KEPT = 12  # backgrounds kept, 2.8 MB each

# JupyterLab may hand a slider's move to another thread while a cell is drawing, and
# matplotlib's settings are global: one picture at a time.
_DRAWING = threading.RLock()


class _Picture(widgets.Image):
    """An image whose ``tooltip`` becomes the title, and so the name, of its <img>.

    The browser side of a tooltip reads a ``description``, which Image lacks.
    """

    description = Unicode("").tag(sync=True)


def slider(description, value=0.5, low=0.0, high=1.0, step=0.02):
    """A slider for a real number with its value beside it."""
    return widgets.FloatSlider(
        value=value, min=low, max=high, step=step, description=description, readout_format=".2f",
        style={"description_width": "initial"}, layout={"width": "340px"})


def whole(description, value, low, high):
    """A slider for a whole number."""
    return widgets.IntSlider(
        value=value, min=low, max=high, description=description,
        style={"description_width": "initial"}, layout={"width": "320px"})


def choice(description, options, value=None, width="300px"):
    """A drop-down list; ``options`` are values, or (label, value) pairs."""
    return widgets.Dropdown(
        options=options, description=description, style={"description_width": "initial"},
        layout={"width": width}, **({} if value is None else {"value": value}))


def steps(description, options, value):
    """A slider over a list of (label, value) pairs."""
    return widgets.SelectionSlider(
        options=options, value=value, description=description,
        style={"description_width": "initial"}, layout={"width": "640px"})


class Explorer:
    """Controls, `compute`, `draw`: a picture that follows its sliders.

    A subclass gives

    * ``make_controls()``: a dict from parameter name to widget (at most four);
    * ``build(figure)``: make the axes and every artist, once; moving ones go through
      `moving`;
    * ``compute(**params)``: the numbers, from the parameters alone, without drawing;
    * ``draw(result)``: move the artists;
    * ``numbers(result)``: a dict of the key numbers;
    * ``sentence(result)``: the same in words, one line;
    * optionally ``scene(result)``, a key that changes when something that does not
      move (axes, tick labels) changes, and ``set_scene(result)``, which changes it.

    The reader moves the widgets in ``controls``; Python calls `update`. A step is
    finished before the next message is read, and the browser holds back all but the
    newest value until then, so a held key leaves no backlog.
    """

    alt = "A live picture."  # what is to be seen, for who cannot see it
    size = style.SIZE

    def __init__(self):
        self.controls = self.make_controls()
        if len(self.controls) > 4:
            raise ValueError(f"controls has {len(self.controls)} entries; at most 4 are readable")
        self._moving, self._scenes, self._scene, self._quiet = [], {}, None, False
        self.figure = style.figure(self.size)
        with style.settings():
            self.build(self.figure)
        width, height = self.figure.canvas.get_width_height()
        self.image = _Picture(format="png", width=str(width), height=str(height), tooltip=self.alt,
                              layout={"max_width": "100%", "height": "auto"})
        self.line = widgets.HTML(layout={"min_height": "58px", "width": "98%"})  # two lines
        for control in self.controls.values():
            control.layout.margin = "2px 18px 2px 2px"
        row = widgets.HBox(list(self.controls.values()), layout={"flex_flow": "row wrap"})
        self.widget = widgets.VBox([row, self.image, self.line], layout={"width": "100%"})
        for part, name in (
                (self.widget, "explorer"), (self.image, "picture"), (self.line, "readout")):
            part.add_class(f"contexture-{name}")
        self.error, self.result = None, None
        for control in self.controls.values():
            control.observe(self._moved, names="value")
        self._refresh()

    # what a subclass may override

    def scene(self, result):
        """Key of the part that does not move; constant by default."""
        return None

    def set_scene(self, result):
        """Change the part that does not move (called when `scene` has changed)."""

    # for subclasses

    def moving(self, artist):
        """Register an artist that moves with the controls; drawn in this order."""
        artist.set_animated(True)
        self._moving.append(artist)
        return artist

    # public

    @property
    def params(self):
        """Current value of every control, by name."""
        return {name: control.value for name, control in self.controls.items()}

    def update(self, **params):
        """Set controls by name and redraw; an error in the callback is raised here.

        Values outside a slider or a list are refused with ValueError.
        """
        for name, value in params.items():
            self._refuse(name, value)
        self._quiet = True
        try:
            for name, value in params.items():
                self.controls[name].value = value
        finally:
            self._quiet = False
        self._refresh()

    def values(self):
        """Key numbers of the picture as it stands, by name."""
        return self.numbers(self.result)

    @property
    def png(self):
        """The picture as it stands, as PNG bytes."""
        return bytes(self.image.value)

    def __repr__(self):
        if self.error is not None:
            return f"{type(self).__name__}({_shown(self.params)}): {self.error}"
        return f"{type(self).__name__}({_shown(self.params)}): {_shown(self.values())}"

    def _repr_mimebundle_(self, include=None, exclude=None):
        bundle = self.widget._repr_mimebundle_()
        bundle["image/png"] = base64.b64encode(self.png).decode("ascii")
        bundle["text/plain"] = repr(self)
        return bundle

    # inside

    def _refuse(self, name, value):
        if name not in self.controls:
            raise ValueError(f"{name!r} is not a control; there are {', '.join(self.controls)}")
        control = self.controls[name]
        if hasattr(control, "options"):
            allowed = [o[1] if isinstance(o, tuple) else o for o in control.options]
            if value not in allowed:
                raise ValueError(f"{name} is {value!r}; it must be one of {allowed}")
        elif not isinstance(value, Number) or not control.min <= value <= control.max:
            raise ValueError(
                f"{name} is {value!r}; it must be a number from {control.min} to {control.max}")

    def _moved(self, change):
        if not self._quiet:
            self._refresh()

    def _refresh(self):
        with _DRAWING, self._errors_shown():
            self._show(self.compute(**self.params))

    def _show(self, result):
        """Picture and line of this result."""
        with _DRAWING:
            picture, sentence = self._rendered(result), self.sentence(result)
        self.error, self.result = None, result
        with self.image.hold_sync():
            self.image.value = picture
            self.image.tooltip = f"{self.alt} {sentence}"
        self.line.value = (f'<div role="status" style="font-size:16px;line-height:1.5">'
                           f"{html.escape(sentence)}</div>")

    @contextmanager
    def _errors_shown(self):
        """An error inside is shown to the reader and raised all the same."""
        try:
            yield
        except Exception as error:
            self.error = error
            self._scene = None
            self.line.value = (
                '<div class="contexture-error" role="alert" style="border-left:6px solid '
                f'{style.CONTEXT};padding:4px 10px;line-height:1.4">'
                f"<b>This could not be drawn.</b> {html.escape(_named(error))} "
                f"<i>({html.escape(_shown(self.params))})</i></div>")
            raise

    def _rendered(self, result):
        canvas, key = self.figure.canvas, self.scene(result)
        with style.settings():
            if self._scene is None or key != self._scene[0]:
                self.set_scene(result)
                self._scene = (key,)
            if key in self._scenes:
                self._scenes[key] = self._scenes.pop(key)  # the newest goes last
                canvas.restore_region(self._scenes[key])
            else:
                canvas.draw()
                self._scenes[key] = canvas.copy_from_bbox(self.figure.bbox)
                if len(self._scenes) > SCENES_KEPT:
                    del self._scenes[next(iter(self._scenes))]
            self.draw(result)
            renderer = canvas.get_renderer()
            for artist in self._moving:
                if artist.axes is None or artist.axes.get_visible():
                    artist.draw(renderer)
        return style.png(canvas)


def _named(error):
    return f"{type(error).__name__}: {error}"


def _shown(mapping):
    """'name=value, …' with three decimals, the same on every machine."""
    return ", ".join(f"{name}={_number(value)}" for name, value in mapping.items())


def _number(value):
    if isinstance(value, float) or (hasattr(value, "dtype") and value.dtype.kind == "f"):
        text = f"{float(value):.3f}"
        return text[1:] if float(text) == 0 and text.startswith("-") else text
    return str(value)
