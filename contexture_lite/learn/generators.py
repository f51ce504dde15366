"""What a training draws from: kept apart from what its caller draws, and put back after a look."""

from __future__ import annotations

import inspect
from contextlib import contextmanager

import torch


class Draws:
    """The loss's generator, and the state of the global ones for layers such as Dropout.

    ``cards`` are the numbers of the CUDA devices that the model lies on.
    """

    def __init__(self, seed, cards):
        self.of_loss, self._cards = torch.Generator("cpu").manual_seed(seed), cards
        with torch.random.fork_rng(cards):
            torch.manual_seed(_another(seed))
            self._layers = self._states()

    def state(self):
        """A dict that `go_to` takes."""
        return {"generator": self.of_loss.get_state(), "layers": self._layers}

    def go_to(self, state):
        """Draw on from a `state`."""
        self.of_loss.set_state(state["generator"])
        self._layers = state["layers"]

    @contextmanager
    def in_the_global_ones_place(self):
        """Inside, what layers draw from the global generators is this training's own."""
        with torch.random.fork_rng(self._cards):
            self.begin_layers()
            try:
                yield
            finally:
                self._layers = self._states()

    def begin_layers(self):
        """The global generators as this training has left them."""
        self._set_states(self._layers)

    @contextmanager
    def put_back(self, model, always=False, unless=()):
        """Generators and the model's buffers are afterwards as before, or after an error only.

        Not after an error ``unless``, by which all has gone elsewhere.
        """
        drawn, layers = self.of_loss.get_state(), self._states()
        buffers = [(module._buffers, name, buffer, None if buffer is None else buffer.clone())
                   for module in model.modules() for name, buffer in module._buffers.items()]
        try:
            yield
        except unless:
            always = False
            raise
        except BaseException:  # also Ctrl-C
            always = True
            raise
        finally:
            if always:
                self.of_loss.set_state(drawn)
                self._set_states(layers)
                with torch.no_grad():
                    for holder, name, buffer, values in buffers:
                        holder[name] = buffer if buffer is None else buffer.copy_(values)

    def _states(self):
        return [torch.get_rng_state(), *map(torch.cuda.get_rng_state, self._cards)]

    def _set_states(self, states):
        torch.set_rng_state(states[0])
        for card, state in zip(self._cards, states[1:]):
            torch.cuda.set_rng_state(state, card)


def _another(seed):
    """A seed made of this one: layers are not to draw the numbers that the loss draws."""
    return torch.randint(2**40, (), generator=torch.Generator("cpu").manual_seed(seed),
                         device="cpu").item()


def taking_generator(loss):
    """The loss as a function of a generator, whether it draws anything or not."""
    if not callable(loss):
        raise TypeError(f"loss is a {type(loss).__name__}; it must be a function")
    needed = [p for p in inspect.signature(loss).parameters.values()
              if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    if len(needed) > 1:
        names = ", ".join(p.name for p in needed)
        raise TypeError(f"loss needs ({names}); it must take nothing, or one torch.Generator")
    return loss if needed else lambda generator: loss()
