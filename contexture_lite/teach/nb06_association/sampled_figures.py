"""The pictures of sampled contexts in notebook 06; the numbers are those of `weak_contexts`."""

import numpy as np

from contexture_lite.teach.nb06_association.figures import name_the_ends
from contexture_lite.teach.pictures import artists, style

SCORES = {"tau": "τ", "effective_rank": "effective rank", "rehearsal": "rehearsal risk"}


@style.settings()
def along_strength(table, draws):
    """Three scores along the strength, each on its own range; green and dashed the error."""
    rows = table[table["draws"] == draws]
    mean = rows.groupby("strength")[["error", *SCORES]].mean()
    fig, axes = style.panels(3, width=2.65, height=2.6, left=0.16, bottom=0.13, top=0.88)
    best, said = mean["error"].idxmin(), []
    for ax, (score, name) in zip(axes, SCORES.items()):
        ax.axvline(best, color=style.TASK, lw=7, alpha=0.25)
        curve, low, high = mean[score], mean[score].min(), mean[score].max()
        error = (mean["error"] - mean["error"].min()) / np.ptp(mean["error"])
        ax.plot(mean.index, low + (high - low) * error, "--", color=style.TASK, lw=2.5)
        ax.plot(mean.index, curve, "-o", color=style.INK, lw=3.2, ms=7)
        chosen = curve.idxmin()
        artists.ring(ax, 17, width=2.8).set_data([chosen], [low])
        name_the_ends(ax)
        style.label(ax, name if score == "tau" else name.capitalize())
        said.append(f"{name} {curve.iloc[0]:.2f} at the weakest, least {low:.2f} at strength "
                    f"{chosen:.2f}, {curve.iloc[-1]:.2f} at the strongest")
    return style.Picture(fig, f"scores along the strength, {draws:g} draws a point; error least "
                              f"at strength {best:.2f}; " + "; ".join(said))


@style.settings()
def weak_end(table):
    """Error along strength by the number of draws a point, the rows of one data set and family."""
    fig, (ax,) = style.panels(1, width=4.4, height=3.5, left=0.15)
    mean = table.pivot_table(index="strength", columns="draws", values="error")
    shades = style.PROBABILITY(np.linspace(0.48, 0.95, max(1, len(mean.columns) - 1)))
    said = []
    for i, (draws, curve) in enumerate(mean.items()):
        exact = bool(np.isinf(draws))
        color = style.TASK if exact else shades[i]
        for _, seed in table[table["draws"] == draws].groupby("seed"):
            ax.plot(seed["strength"], seed["error"], color=color, lw=0.9, alpha=0.5)
        ax.plot(curve.index, curve, color=color, lw=3.5, marker="o", ms=6)
        best = curve.idxmin()
        artists.ring(ax, 14, width=2.5).set(data=([best], [curve[best]]), zorder=5)
        name = "exact" if exact else f"{draws:g} draw{'s' * (draws > 1)}"
        said.append(f"{name}: {curve.iloc[0]:.3f} at the weakest, {curve.min():.3f} at best "
                    f"(strength {best:.2f}), {curve.iloc[-1]:.3f} at the strongest")
        ax.plot([], [], color=color, lw=3.5, label=name + " (whole row)" * exact)
    ax.set(xlim=(-0.02, 1.02), ylim=(0, 1.06))
    name_the_ends(ax)
    ax.legend(framealpha=0.8, edgecolor="none", borderpad=0, handlelength=1.5)
    style.label(ax, "Weak contexts fail when sampled", "(ring: best)", "error of the probe")
    return style.Picture(fig, "error along strength of Gaussian contexts; " + "; ".join(said))
