"""What every lesson uses: live pictures, training beside sliders, predictions, exercises."""

import ipywidgets

if tuple(map(int, ipywidgets.__version__.split(".")[:2])) < (8, 1):
    raise ImportError(  # 7 would show no explorer at all, and without an error
        f"the explorers need ipywidgets 8.1 or newer, this is {ipywidgets.__version__}; "
        "pip install 'ipywidgets>=8.1' and restart the kernel")
