"""Notebook 04's live picture of InfoNCE's temperature: alignment beside the error of a probe."""

from dataclasses import dataclass

import numpy as np

from contexture_lite.teach.nb04_objectives.experiment import FEW, SEEN, TEMPERATURES, shipped
from contexture_lite.teach.pictures import artists, style
from contexture_lite.teach.widgets.explorer import Explorer, steps

OTHERS = {"spectral contrastive": (style.INPUT, (0, (5, 2))), "VICReg": (style.PINK, (0, (1.5, 1)))}
PANELS = {"found": ("Alignment", "squared correlation", "lower left"),
          "error": (f"Probe error, {SEEN:,} labels", "misclassified", "upper left"),
          "error_few": (f"Probe error, {FEW} labels", "misclassified", "lower left")}


@dataclass(frozen=True)
class Temperature:
    """One temperature, and what five networks reached, (5,) each."""

    temperature: float
    reached: dict


class TemperatureExplorer(Explorer):
    """InfoNCE of cosines at a temperature τ, on pairs of digits: what it finds, what it is worth.

    Networks from five random starts, trained beforehand. Panels: mean squared canonical
    correlation with the first nine singular functions; misclassified unseen digits of a linear
    probe on the outputs with 1,000 and with 100 labels. Lines are means over the starts, bands
    their range; the dashes are the means of other losses.

    Keys of `values`: ``found``, ``error``, ``error_few`` (means).
    """

    alt = ("Alignment with the singular functions against the temperature: highest in the middle, "
           "below that of the spectral contrastive loss and of VICReg.",
           "Probe error with a thousand labels against the temperature: it rises.",
           "Probe error with a hundred labels against the temperature: lowest in the middle.")
    frozen = {"temperature": TEMPERATURES}

    def __init__(self, temperature=0.5):
        rows = shipped()
        self.rows = rows[rows["context"] == "digits"].set_index("loss")
        super().__init__(temperature)

    def make_controls(self, temperature):
        return {"temperature": steps("τ, temperature", [(f"{t:g}", t) for t in TEMPERATURES],
                                     temperature)}

    def compute(self, temperature):
        rows = self.rows.loc[f"InfoNCE, τ = {temperature:g}"]
        return Temperature(temperature, {name: rows[name].to_numpy() for name in PANELS})

    def build(self, figure):
        at, self.rings = np.arange(len(TEMPERATURES)), {}
        for panel, (name, (title, ylabel, place)) in zip(figure.subfigs, PANELS.items()):
            ax = style.axes(panel, left=0.22)
            style.label(ax, title, "τ, temperature", ylabel)
            values = np.array([self.rows.loc[f"InfoNCE, τ = {t:g}", name] for t in TEMPERATURES])
            ax.fill_between(at, values.min(axis=1), values.max(axis=1), color=style.TASK,
                            alpha=0.2, lw=0)
            lines = ax.plot(at, values.mean(axis=1), color=style.TASK, label="InfoNCE")
            for other, (color, dashes) in OTHERS.items():
                level = self.rows.loc[other, name].mean()
                lines.append(ax.axhline(level, color=color, ls=dashes, label=other))
            ax.set(ylim=(0, 1.04) if name == "found" else (0, 0.18))
            ax.set_xticks(at[::2], [f"{t:g}" for t in TEMPERATURES[::2]])
            ax.legend(handles=lines, loc=place, frameon=False, handlelength=2.6)
            self.rings[name] = self.moving(artists.ring(ax, 14, width=3))

    def draw(self, step):
        for name, ring in self.rings.items():
            ring.set_data([TEMPERATURES.index(step.temperature)], [step.reached[name].mean()])

    def numbers(self, step):
        return {name: float(values.mean()) for name, values in step.reached.items()}

    def sentence(self, step):
        found, error, few = (values.mean() for values in step.reached.values())
        return (f"InfoNCE at τ = {step.temperature:g}: alignment {found:.2f}; a probe "
                f"misclassifies {100 * error:.1f} % of the unseen digits with {SEEN:,} labels and "
                f"{100 * few:.1f} % with {FEW} (means over five starts).")
