"""A live picture that trains in the background, while its sliders and buttons are answered.

The training is a task of the kernel's event loop and gives the loop back after each piece
of work: by a pause, or by having the piece done in a thread. Its state is drawn in
the loop's thread. JupyterLab may hand over a pressed button in a thread of its own (a
"subshell"); it is then served in the loop's, so that only one of them starts and stops.
"""

import asyncio

import ipywidgets as widgets

from contexture_lite.teach.widgets.explorer import Explorer


class TrainingExplorer(Explorer):
    """An explorer with one training at a time; a subclass puts its ``bar`` of buttons in place.

    Besides what every explorer needs, a subclass gives

    * ``make_buttons()``: a list of widgets, called before anything else is made;
    * ``pieces()``: an asynchronous generator that trains a piece, shows it and yields, until
      it is over;
    * ``status()``: set buttons and progress bar to how things stand.

    Its buttons call `_begin`, `_stop` and the like through `_at_home`. The words change when
    the training is over or stopped. An error in it is shown, and the task raises it.
    """

    def __init__(self, *start, **named):
        self._task, self._home = None, running_loop()
        self.bar = widgets.HBox(self.make_buttons())
        super().__init__(*start, **named)

    @property
    def running(self):
        """Whether something is trained in the background."""
        return self._task is not None

    def close(self):
        """Stop, and take the widgets away."""
        self._halt()
        super().close()

    # ---- for subclasses

    def _at_home(self, act):
        """Do it in the thread of the loop in which this was made."""
        home = self._home
        if home is None or home.is_closed() or home is running_loop():
            act()
        else:
            home.call_soon_threadsafe(act)

    def _begin(self):
        """Train in the background, if there is an event loop."""
        loop = running_loop()
        if loop is None:  # plain Python: `run` does it
            return
        self._task = loop.create_task(self._train(self.pieces()), name=type(self).__name__)
        self.status()

    def _halt(self):
        """Stop without a word; what there is stays."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _stop(self):
        """Stop, and say where it stands."""
        if self.running:
            self._halt()
            self._ended()

    def _ended(self):
        """Picture, words and buttons of a training that is over or stopped."""
        self._show(self.result)
        self.status()

    # ---- inside

    async def _train(self, pieces):
        try:
            with self._errors_shown():
                async for _ in pieces:
                    self.status()
                self._task = None
                self._ended()
        except Exception:
            self._task = None
            self.status()
            raise


def running_loop():
    """The event loop of this thread, None in plain Python."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
