"""The base class of the live pictures.

An explorer is a handful of controls, a pure function from their values to numbers, and a
drawing of those numbers. What stays the same is drawn once and kept as a background
("scene"); a step of the slider draws the moving artists over it and sends the panels that
have changed, a PNG each.
"""

import threading
from contextlib import contextmanager
from inspect import Signature, signature

import ipywidgets as widgets
import numpy as np

from contexture_lite._text import said
from contexture_lite.teach.pictures import page, style
from contexture_lite.teach.widgets import controls, frozen, parts, shown
from contexture_lite.teach.widgets.controls import choice, offered, slider, steps, whole

__all__ = ["Explorer", "choice", "offered", "slider", "steps", "whole"]

SCENES_KEPT = 12  # backgrounds kept, 2.6 MB each

# JupyterLab may hand a slider's move to another thread while a cell is drawing, and
# matplotlib's settings are global: one picture at a time.
_DRAWING = threading.RLock()


class Explorer:
    """Controls, `compute`, `draw`: a picture that follows its sliders.

    A subclass gives ``alt``, a description of each panel for readers who cannot see it, and the
    methods from `make_controls` to `sentence`; where they help also `headline`, `scene` and
    `set_scene`. ``frozen`` are the values of its controls that tell the story, for pages without
    a kernel, as `widgets.frozen.states` reads them (at most 400 states).

    The reader moves the widgets in ``controls``; Python calls `update`. A step is
    finished before the next message is read, and the browser holds back all but the
    newest value until then, so a held key leaves no backlog.
    """

    alt = ("A live picture.",)
    height = style.HEIGHT  # of a panel, in inches
    frozen = {}

    def __init_subclass__(cls):
        _, *known = signature(vars(cls).get("__init__", cls.make_controls)).parameters.values()
        cls.__signature__ = Signature(known)  # what help shows

    def __init__(self, *start, **named):
        self.controls = self.make_controls(*start, **named)
        if len(self.controls) > 4:
            raise ValueError(f"controls has {len(self.controls)} entries; at most 4 are readable")
        self._moving, self._scenes, self._quiet, self._met = [], {}, False, set()
        self.error = self.result = self._scene = None
        self.figure = style.row(len(self.alt), self.height)
        with style.settings():
            self.build(self.figure)
        self._columns = page.pieces(self.figure)
        self._sent = [None] * len(self._columns)
        for control in self.controls.values():
            control.observe(self._moved, names="value")
        self.images, self.top, self.line, self.widget = parts.laid_out(
            self.controls, self.figure, self.alt)
        self._refresh()

    # ---- what a subclass gives

    def make_controls(self, *start):
        """A dict from parameter name to widget, at most four; takes what `__init__` is given."""

    def compute(self, **params):
        """The numbers of one setting, from the parameters alone, without drawing."""

    def build(self, figure):
        """Make axes in the panels ``figure.subfigs`` and artists, once; what moves is `moving`."""

    def draw(self, result):
        """Move the artists to this setting."""

    def numbers(self, result):
        """Key numbers of one setting, a dict."""

    def sentence(self, result):
        """One line of words below the picture."""

    def headline(self, result):
        """A few words above the picture; none by default."""
        return ""

    def scene(self, result):
        """Key of the part that does not move (axes, tick labels); constant by default."""

    def set_scene(self, result):
        """Change the part that does not move (called when `scene` has changed)."""

    # ---- what it can do

    def moving(self, artist):
        """Register an artist that moves, plain or of `pictures.artists`; drawn in this order."""
        plain = getattr(artist, "artist", artist)
        plain.set_animated(True)
        self._moving.append(plain)
        return artist

    @contextmanager
    def quiet(self):
        """Inside, controls can be set without a new picture for each."""
        before, self._quiet = self._quiet, True
        try:
            yield
        finally:
            self._quiet = before

    def rename(self, name, options):
        """Other labels for the options of a list; its value stays, and nothing is drawn."""
        with self.quiet():
            value = self.controls[name].value
            self.controls[name].options = options
            self.controls[name].value = value

    @property
    def params(self):
        """Current value of every control, by name."""
        return {name: control.value for name, control in self.controls.items()}

    def update(self, **params):
        """Set controls by name and redraw; errors are raised, also for values not on offer."""
        for name, value in params.items():
            self._refuse(name, value)
        with self.quiet():
            for name, value in params.items():
                self.controls[name].value = value
        self._refresh()

    @property
    def state(self):
        """What decides the picture: the controls, and of a training how far it is."""
        return self.params

    def visit(self, **state):
        """Go to a state, as `state` says it."""
        self.update(**state)

    def freeze(self, folder, name=None):
        """Its `frozen` states as a page that moves without a kernel: `widgets.frozen.freeze`."""
        return frozen.freeze(self, folder, name)

    def values(self):
        """Its `numbers` as it stands."""
        return self.numbers(self.result)

    @property
    def png(self):
        """The picture as it stands, all panels side by side, as PNG bytes."""
        return page.png(np.hstack(self._sent))

    def close(self):
        """Take the widgets away; what is left goes on working in Python."""
        self._scenes.clear()
        self._scene = None
        shown.close(self.widget)

    def __repr__(self):
        result = parts.listed(self.values()) if self.error is None else self.error
        return said(f"{type(self).__name__}({parts.listed(self.params)}): {result}")

    def _repr_mimebundle_(self, include=None, exclude=None):
        shown.release_earlier(self)
        words, pixels = (self.top.value, self.line.value), np.hstack(self._sent)
        return self.widget._repr_mimebundle_() | {
            "text/html": page.saved(self.figure, pixels, self.alt).join(words),
            "image/png": page.base64_of(page.small_png(pixels)), "text/plain": repr(self)}

    # ---- inside

    def _refuse(self, name, value):
        if name not in self.controls:
            raise ValueError(f"{name!r} is not a control; there are {', '.join(self.controls)}")
        controls.refuse(name, value, self.controls[name])

    def _moved(self, change):
        if not self._quiet:
            self._refresh()

    def _refresh(self):
        with _DRAWING, self._errors_shown():
            self._announce()
            self._show(self.compute(**self.params))

    def _announce(self):
        """Say that a choice of a list is computed, where it is new and may be slow."""
        chosen = tuple(control.value for control in self.controls.values()
                       if isinstance(control, widgets.Dropdown))
        if chosen not in self._met and self._met:
            self.line.value = parts.words("Computing …")
        self._met.add(chosen)

    def _show(self, result):
        """Picture and words of this result."""
        self._paint(result)
        top, sentence = self.headline(result), self.sentence(result)
        self.error, self.result = None, result
        self.top.value = top and parts.words(top, "font-size:20px;font-weight:bold")
        self.line.value = parts.words(sentence)

    def _paint(self, result):
        """Draw this result, and send the panels that it changes."""
        with _DRAWING:
            self._draw(result)
            pixels = np.asarray(self.figure.canvas.buffer_rgba())
            for i, piece in enumerate(self._columns):
                if not np.array_equal(self._sent[i], pixels[:, piece]):
                    self._sent[i] = pixels[:, piece].copy()
                    self.images[i].value = page.png(self._sent[i])

    @contextmanager
    def _errors_shown(self):
        """An error inside is shown to the reader and raised all the same."""
        try:
            yield
        except Exception as error:
            self.error, self._scene = error, None
            self.line.value = parts.failure(error, self.params)
            raise

    def _draw(self, result):
        canvas, key = self.figure.canvas, self.scene(result)
        with style.settings():
            if self._scene is None or key != self._scene[0]:
                self.set_scene(result)
                self._scene = (key,)
                for ax in self.figure.axes:
                    ax.apply_aspect()  # a draw does it, but a kept background needs none
            if key in self._scenes:
                self._scenes[key] = self._scenes.pop(key)  # the newest goes last
                canvas.restore_region(self._scenes[key])
            else:
                canvas.draw()
                self._scenes[key] = canvas.copy_from_bbox(self.figure.bbox)
                if len(self._scenes) > SCENES_KEPT // style.SCALE**2:
                    del self._scenes[next(iter(self._scenes))]
            self.draw(result)
            renderer = canvas.get_renderer()
            for artist in self._moving:
                if artist.axes is None or artist.axes.get_visible():
                    artist.draw(renderer)
