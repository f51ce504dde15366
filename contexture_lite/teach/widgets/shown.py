"""What a cell showed is closed when the cell runs again, or the kernel would keep it for ever."""

import gc

import ipywidgets as widgets
from IPython import get_ipython

_SHOWN = {}  # cell -> (its run, the explorers that this run has shown)


def running_cell():
    """(cell, its run): which cell runs now, and the message that started it; None in a script."""
    parent = getattr(get_ipython(), "parent_header", None)
    if not parent or parent["header"]["msg_type"] != "execute_request":
        return None
    cell = parent.get("metadata", {}).get("cellId") or parent["content"]["code"]
    return cell, parent["header"]["msg_id"]


def release_earlier(explorer):
    """Close what an earlier run of the cell showed in which this explorer is shown now."""
    running = running_cell()
    if running is None:
        return
    cell, run = running
    before, shown = _SHOWN.get(cell, (run, []))
    if before != run:
        for other in shown:
            if other is not explorer:
                other.close()
        shown = []
        gc.collect()  # figures are cycles of megabytes, which Python would leave for a while
    _SHOWN[cell] = run, [*shown, explorer]


def close(widget):
    """Close a widget and those it is made of, which ipywidgets keeps one by one."""
    parts = [*getattr(widget, "children", ()), widget.layout, getattr(widget, "style", None)]
    for part in parts:
        if isinstance(part, widgets.DOMWidget):
            close(part)
        elif isinstance(part, widgets.Widget):
            part.close()
    widget.close()
