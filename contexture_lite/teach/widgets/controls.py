"""Controls of a live picture: sliders and lists, each with its description."""

from numbers import Number

import ipywidgets as widgets


def _control(kind, description, width, **settings):
    return kind(description=description, style={"description_width": "initial"},
                layout={"width": width}, **settings)


def slider(description, value=0.5, low=0.0, high=1.0, step=0.02, width="340px"):
    """A slider for a real number with its value beside it."""
    return _control(widgets.FloatSlider, description, width, value=value, min=low, max=high,
                    step=step, readout_format=".2f")


def whole(description, value, low, high, width="320px"):
    """A slider for a whole number."""
    return _control(widgets.IntSlider, description, width, value=value, min=low, max=high)


def choice(description, options, value=None, width="300px"):
    """A drop-down list; ``options`` are values, or (label, value) pairs."""
    return _control(widgets.Dropdown, description, width, options=options,
                    **({} if value is None else {"value": value}))


def steps(description, options, value, width="640px"):
    """A slider over a list of (label, value) pairs."""
    return _control(widgets.SelectionSlider, description, width, options=options, value=value)


def offered(control):
    """The values of a list; None for a slider of numbers."""
    options = getattr(control, "options", None)
    return options and [o[1] if isinstance(o, tuple) else o for o in options]


def refuse(name, value, control):
    """A ValueError unless a control can have this value."""
    if offered(control) is not None:
        if value not in offered(control):
            raise ValueError(f"{name} is {value!r}; it must be one of {offered(control)}")
    elif not isinstance(value, Number) or not control.min <= value <= control.max:
        raise ValueError(
            f"{name} is {value!r}; it must be a number from {control.min} to {control.max}")
