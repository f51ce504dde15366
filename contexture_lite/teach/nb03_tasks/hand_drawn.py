"""Sliders that draw a task by hand, one for each input."""

import ipywidgets as widgets
import numpy as np

from contexture_lite._checks import as_numbers
from contexture_lite.teach.cast import tasks


class Hand:
    """A row of upright sliders, hidden until `show`; each context keeps its own.

    ``moved`` is called when the reader moves one, as a widget's observer.
    """

    def __init__(self, moved):
        self._moved, self._sliders = moved, {}
        self._caption = widgets.HTML("<b>Draw f</b><br>one slider<br>for each x:",
                                     layout={"width": "90px"})
        self.box = widgets.HBox(layout={"flex_flow": "row wrap"}).add_class("contexture-drawing")

    def sliders(self, context):
        """The sliders of this context, made when they are first asked for."""
        if context not in self._sliders:
            starts = zip(tasks.handles(context), tasks.first_drawing(context))
            self._sliders[context] = [
                widgets.FloatSlider(value=value, min=-1, max=1, step=0.1, description=name,
                                    orientation="vertical", readout_format=".1f",
                                    layout={"width": "64px", "height": "170px"})
                for name, value in starts]
            for slider in self._sliders[context]:
                slider.observe(self._moved, names="value")
        return self._sliders[context]

    def task(self, context):
        """The task as drawn, (N,) values."""
        return tasks.drawn(context, [slider.value for slider in self.sliders(context)])

    def set(self, context, heights):
        """Put every slider of a context at its height, a number from −1 to 1."""
        heights, sliders = as_numbers("drawn", heights), self.sliders(context)
        if heights.shape != (len(sliders),) or not (np.abs(heights) <= 1).all():
            names = ", ".join(slider.description for slider in sliders)
            raise ValueError(f"drawn is {heights.tolist()}; it must be {len(sliders)} numbers from "
                             f"−1 to 1, one for each of {names}")
        for slider, height in zip(sliders, heights, strict=True):
            slider.value = height

    def show(self, context):
        """Show the sliders of this context; None hides them."""
        children = () if context is None else (self._caption, *self.sliders(context))
        if self.box.children != children:
            self.box.children = children
