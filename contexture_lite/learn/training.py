"""Training as an iterator: it hands out a record every few steps and can be stopped and resumed.

Between two records a picture is redrawn or a button answered; nothing runs in the background.
"""

from __future__ import annotations

import copy
import math
from contextlib import contextmanager
from typing import NamedTuple

import torch
from torch import nn

from contexture_lite._checks import as_count, as_number
from contexture_lite._lazy import needed
from contexture_lite._text import said
from contexture_lite.learn.generators import Draws, taking_generator

EXPLODED = 1e6  # a loss of this size, relative to the first one, counts as diverged


class Diverged(RuntimeError):
    """The loss became infinite, not a number, or a million times as large as at the start."""


class Record(NamedTuple):
    """The loss after ``step`` updates of the parameters."""

    step: int
    loss: float


def train(loss, model, *, steps, learning_rate=1e-2, every=10, seed=0, progress=False):
    """Make the loss small: θ ← θ − η_t m_t / √v_t for t = 1 … ``steps`` (AdamW, one cycle).

    The rate η_t rises to ``learning_rate`` during the first three tenths of the steps and
    falls to almost nothing at the end, so that only its top needs tuning. There is no weight
    decay: it would move the minimum away from the objective's own.

    Parameters
    ----------
    loss : callable() or callable(generator)
        Returns a scalar tensor. A mini-batch loss takes the argument, a `torch.Generator`,
        and draws its batch with it.
    model : torch.nn.Module
        Whose parameters are trained, in place.
    steps, every : int
        Updates in all, and between two records.
    learning_rate : float
        η, the top of the cycle.
    seed : int
        Of all that is drawn, by the loss or by layers such as Dropout; the same seed gives the
        same history, number for number. The global generator is left as it was.
    progress : bool
        Show a tqdm bar.

    Returns
    -------
    Training
        An iterator over records; nothing is computed before the first one is asked for.
    """
    return Training(loss, model, steps, learning_rate, every, seed, progress)


class Training:
    """An iterator over the records of one training, made by `train`.

    A ``for`` loop that was left, or ended by `stop`, is taken up again by a new ``for`` loop.

    Attributes
    ----------
    step : int
        Updates made so far, of ``steps``.
    history : list of Record
        All records so far.
    """

    def __init__(self, loss, model, steps, learning_rate, every, seed, progress):
        if not isinstance(model, nn.Module):
            raise TypeError(f"model is a {type(model).__name__}; it must be a torch.nn.Module")
        parameters = [p for p in model.parameters() if p.requires_grad]
        if not parameters:
            raise ValueError("model has no parameter to train")
        self._loss, self._model = taking_generator(loss), model
        self.steps, self._every = as_count("steps", steps), as_count("every", every)
        rate = as_number("learning_rate", learning_rate, above=0)
        self._optimiser = torch.optim.AdamW(parameters, lr=rate, weight_decay=0.0, fused=True)
        self._schedule = torch.optim.lr_scheduler.OneCycleLR(self._optimiser, rate, self.steps)
        self._parts = {"model": model, "optimiser": self._optimiser, "schedule": self._schedule}
        cards = sorted({p.device.index for p in parameters if p.device.type == "cuda"})
        self._draws = Draws(as_count("seed", seed, least=0), cards)
        self._settings = {"steps": self.steps, "every": self._every, "learning_rate": rate}
        self.step, self.history = 0, []
        self._stopped, self._progress, self._bar, self._kept = False, bool(progress), None, None

    def __repr__(self):
        loss = f", loss {self.history[-1].loss:.4g}" if self.history else ""
        return said(f"Training(step {self.step} of {self.steps}{loss})")

    @property
    def finished(self):
        """True after the last step."""
        return bool(self.history) and self.history[-1].step == self.steps

    def __iter__(self):
        self._stopped = False
        return self

    def __next__(self):
        """Make the steps up to the next record, and return it."""
        if self.finished or self._stopped:
            raise StopIteration
        target = min(self.steps, self.history[-1].step + self._every) if self.history else self.step
        with _one_thread(), self._draws.in_the_global_ones_place():
            while self.step < target:
                self._update()
                if self._stopped:
                    raise StopIteration
            record = Record(self.step, self._peek())
        self.history.append(record)
        self._kept = self.state()
        self._show(record)
        return record

    def stop(self):
        """End the running ``for`` loop, at the latest after the step that is being made."""
        self._stopped = True
        self._close()

    def state(self):
        """All that is needed to go on from here, as a dict that `torch.save` takes."""
        return copy.deepcopy({
            "settings": self._settings,
            "step": self.step,
            "history": [tuple(record) for record in self.history],
            **{name: part.state_dict() for name, part in self._parts.items()},
            **self._draws.state(),
        })

    def resume(self, state):
        """Go to a `state` of such a training, as if nothing had come between; returns itself."""
        if not isinstance(state, dict) or not {"settings", "layers"} <= set(state):
            raise TypeError("state must be what training.state() returned")
        for name, value in self._settings.items():
            if state["settings"][name] != value:
                raise ValueError(f"state is of a training with {name}={state['settings'][name]}; "
                                 f"here {name} is {value}")
        self._close()
        state = copy.deepcopy(state)
        for name, part in self._parts.items():
            part.load_state_dict(state[name])
        self._draws.go_to(state)
        self.step = state["step"]
        self.history = [Record(*entry) for entry in state["history"]]
        self._kept = state if self.history else None
        return self

    # -- one step ------------------------------------------------------------------

    def _update(self):
        self._optimiser.zero_grad()
        with self._draws.put_back(self._model, unless=Diverged):  # all is back at a record
            value = self._value()
            if not value.requires_grad:
                raise ValueError("loss does not depend on any parameter of model")
            value.backward()
        self._optimiser.step()
        self._schedule.step()
        self.step += 1

    def _peek(self):
        """The loss here, with the batch and the draws of the next update; nothing is changed."""
        with self._draws.put_back(self._model, always=True, unless=Diverged), torch.no_grad():
            return self._value().item()

    def _value(self):
        try:
            value = self._loss(self._draws.of_loss)
        except torch.linalg.LinAlgError as error:
            raise self._diverged(f"cannot be computed ({error})") from error
        if not isinstance(value, torch.Tensor):
            raise TypeError(f"loss returned a {type(value).__name__}; it must return a tensor")
        if value.shape != ():
            raise ValueError(f"loss returned a tensor of shape {tuple(value.shape)}; it must be "
                             "a scalar")
        if not value.is_floating_point():
            raise TypeError(f"loss returned a tensor of {value.dtype}; it must be a real number")
        number = value.item()
        first = abs(self.history[0].loss) if self.history else math.inf
        if not math.isfinite(number) or abs(number) > EXPLODED * max(1.0, first):
            raise self._diverged(f"is {number:g}")
        return value

    def _diverged(self, what):
        """The error to raise; the model goes back to the last record."""
        self._close()
        if self._kept is None:
            return Diverged(f"the loss {what} before the first step: look for infinities or NaN "
                            "in the inputs, and for features that are all equal")
        step, rate = self.step, self._settings["learning_rate"]
        self.resume(self._kept)
        self._draws.begin_layers()
        return Diverged(
            f"the loss {what} after {step} of {self.steps} steps; the model is back at step "
            f"{self.step}, where it was {self.history[-1].loss:.4g}. Try learning_rate="
            f"{rate / 10:.1g} (it was {rate:g}), standardise the inputs, and make sure that the "
            "loss is bounded below")

    # -- progress ------------------------------------------------------------------

    def _show(self, record):
        if not self._progress:
            return
        if self._bar is None:
            tqdm = needed("tqdm.auto").tqdm  # only a training that shows a bar needs it
            self._bar = tqdm(total=self.steps, initial=record.step, unit="step")
        self._bar.set_postfix(loss=f"{record.loss:.4g}", refresh=False)
        self._bar.update(record.step - self._bar.n)
        if self.finished:
            self._close()

    def _close(self):
        if self._bar is not None:
            self._bar.close()
            self._bar = None


@contextmanager
def _one_thread():
    """One torch thread inside: two threads beside another process can be ten times slower."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
