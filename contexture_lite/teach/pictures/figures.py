"""Still pictures: functions on a circle, along a line, over a map; images; curves.

Each returns a `style.Picture`, whose text says what is to be seen.
"""

import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from contexture_lite.teach.pictures import style

# vermilion is negative, as in `style.SIGNED_PROBABILITY`; zero is grey enough to be seen as a dot.
# On the circle the spokes tell the sign in grey too; over a map only the size remains.
SMALL = 2.6  # inches: the width of a panel that shows one function
SIGNED = LinearSegmentedColormap.from_list("signed", [style.CONTEXT, "#F4F4F4", style.INPUT])


def _small_multiples(points, functions, values, names=None, height=2.85, **margins):
    """One panel for each of the k functions on as many inputs as there are points."""
    functions = np.asarray(functions, dtype=float)
    if functions.ndim != 2 or len(functions) != points:
        raise ValueError(f"functions has shape {functions.shape}; it must be ({points}, k)")
    for name, given in (("values", values), ("names", names)):
        if given is not None and len(given) != functions.shape[1]:
            raise ValueError(f"{name} has {len(given)} entries for {functions.shape[1]} functions")
    fig, axes = style.panels(functions.shape[1], height=height, width=SMALL, **(
        dict(left=0.02, right=0.98, bottom=0.02, top=0.88) | margins))
    names = names or [rf"$\mu_{{{i + 1}}}$" for i in range(len(axes))]
    for ax, name, value in zip(axes, names, values):
        style.label(ax, f"{name}   s = {value:.3f}")
    return fig, axes, functions


def _alt(where, values):
    shown = ", ".join(f"{s:.3f}" for s in values)
    return f"{len(values)} functions {where}; singular values {shown}"


def functions_on_circle(functions, values, names=None):
    """Functions on N points of a circle, drawn as spokes outwards (+) and inwards (−).

    ``functions`` is (N, k), ``values`` (k,) their singular values and ``names`` (k,) their
    names for the titles, μ₁, μ₂, … if not given.
    """
    fig, axes, functions = _small_multiples(len(functions), functions, values, names)
    angle = 2 * np.pi * np.arange(len(functions)) / len(functions)
    around = np.column_stack([np.sin(angle), np.cos(angle)])
    circle = np.linspace(0, 2 * np.pi, 200)
    for ax, f in zip(axes, functions.T):
        ends = around * (1 + 0.3 * f / max(1e-12, np.abs(functions).max()))[:, None]
        ax.plot(np.cos(circle), np.sin(circle), color=style.GREY, lw=1.2)
        for start, end in zip(around, ends):
            ax.plot(*np.transpose([start, end]), color=style.INK, lw=2)
        ax.scatter(*ends.T, c=f, cmap=SIGNED, vmin=-1.5, vmax=1.5, s=110,
                   edgecolors=style.INK, zorder=3)
        ax.set(xlim=(-1.45, 1.45), ylim=(-1.45, 1.45), aspect="equal")
        style.bare(ax)
    return style.Picture(fig, _alt("on a circle", values))


def functions_on_line(points, functions, values, xlabel="x", sizes=None):
    """Functions of one number: ``points`` (N,), ``functions`` (N, k), ``values`` (k,).

    ``sizes`` are the probabilities of the points: rare points are drawn small, and the
    axes show the points that carry all but a hundredth of the mass.
    """
    fig, axes, functions = _small_multiples(len(points), functions, values, left=0.2, right=0.97,
                                            bottom=0.19)
    order = np.argsort(points)
    points, functions = np.asarray(points, dtype=float)[order], functions[order]
    mass = np.full(len(points), 1 / len(points)) if sizes is None else np.asarray(sizes)[order]
    below = np.cumsum(mass)
    shown = (below > 5e-3) & (below - mass < 1 - 5e-3)
    low, high = functions[shown].min(), functions[shown].max()
    room = 0.07 * (high - low)
    for ax, f in zip(axes, functions.T):
        ax.axhline(0, color=style.GREY, lw=1.2)
        ax.plot(points[shown], f[shown], color=style.INPUT, lw=1.8)
        ax.scatter(points[shown], f[shown], s=8 + 120 * mass[shown] / mass.max(), color=style.INPUT)
        ax.set(ylim=(low - room, high + room))
        ax.set_xlabel(xlabel)
    return style.Picture(fig, _alt(f"of {xlabel}", values))


def functions_on_map(places, functions, values, groups=None):
    """Functions as colours over a map: ``places`` (N, 2), ``functions`` (N, k).

    Vermilion is negative, blue positive; ``groups`` (N,) are named at their medians.
    """
    fig, axes, functions = _small_multiples(len(places), functions, values)
    for ax, f in zip(axes, functions.T):
        ax.scatter(*np.transpose(places), c=f, cmap=SIGNED, vmin=-2, vmax=2, s=7, linewidths=0)
        for name in np.unique(groups) if groups is not None else ():
            middle = np.median(np.asarray(places)[np.asarray(groups) == name], axis=0)
            ax.text(*middle, str(name), fontsize=13, fontweight="bold", ha="center", va="center",
                    bbox=dict(boxstyle="circle,pad=0.15", fc="white", ec=style.INK, alpha=0.85))
        ax.set_aspect("equal", adjustable="datalim")
        style.bare(ax)
    return style.Picture(fig, _alt("over a map of the inputs", values))


def image_row(images, titles):
    """Square pictures side by side: ``images`` (k, side²), ``titles`` (k,)."""
    images = np.asarray(images, dtype=float)
    side = round(np.sqrt(images.size / max(1, len(images))))
    if images.shape != (len(images), side**2):
        raise ValueError(f"images has shape {images.shape}; it must be (k, side²)")
    if len(titles) != len(images):
        raise ValueError(f"titles has {len(titles)} entries for {len(images)} images")
    fig, axes = style.panels(len(images), height=1.6, width=1.3, left=0.03, bottom=0.02, top=0.82)
    for ax, image, title in zip(axes, images, titles):
        ax.imshow(image.reshape(side, side), cmap="Greys")
        style.bare(ax)
        style.label(ax, str(title))
    return style.Picture(fig, f"{len(images)} pictures, titled {', '.join(map(str, titles))}")


COLOURS = (style.INPUT, style.CONTEXT, style.TASK, style.PINK, style.ORANGE, style.GREY)
DASHES = ("-", "--", "-.", (0, (1, 1.2)), (0, (5, 1, 1, 1, 1, 1)), "-")


@style.settings()
def curves(along, panels, xlabel, ylabel, log=False, ylim=None):
    """Named curves, a panel for each entry: the same name has the same colour and dash in all.

    ``along`` (k,) are the places, ``panels`` is {title: {name: (k,) values}}, at most six
    names. ``log`` makes the axis of the places logarithmic; ``ylim`` is shared by all
    panels, from 0 to a little above the largest value by default.
    """
    names = list(dict.fromkeys(name for given in panels.values() for name in given))
    if len(names) > len(COLOURS):
        raise ValueError(f"panels has {len(names)} different names; at most {len(COLOURS)} "
                         "curves can be told apart")
    for title, given in panels.items():
        for name, values in given.items():
            if np.shape(values) != np.shape(along):
                raise ValueError(f"panels[{title!r}][{name!r}] has shape {np.shape(values)}; it "
                                 f"must be {np.shape(along)}")
    alone = len(panels) == 1  # beside a single panel stand its names
    fig, axes = style.panels(len(panels) + alone)
    top = max(np.max(values) for given in panels.values() for values in given.values())
    said = set()
    for ax, (title, given) in zip(axes, panels.items()):
        for name, values in given.items():
            i = names.index(name)
            ax.plot(along, values, color=COLOURS[i], ls=DASHES[i], lw=2.5, marker="o", ms=6,
                    label=name)
        style.label(ax, title, xlabel, ylabel)
        ax.set_ylim(*(ylim or (0, 1.06 * top)))
        if log:
            ax.set_xscale("log", base=2)
            ax.set_xticks(along, [f"{place:g}" for place in along])
            ax.minorticks_off()
        new = [line for line in ax.get_lines() if line.get_label() not in said]
        said |= {line.get_label() for line in new}
        if new:  # each name once, in the first panel that has it
            beside = dict(loc="center left", bbox_to_anchor=(-0.24, 0.5)) if alone else {}
            (axes[-1] if alone else ax).legend(handles=new, framealpha=0.8, edgecolor="none",
                                               handlelength=2.6, borderpad=0, **beside)
    if alone:
        style.bare(axes[-1])
    last = "; ".join(
        f"{title}: " + ", ".join(f"{name} {values[-1]:.3f}" for name, values in given.items())
        for title, given in panels.items())
    return style.Picture(fig, f"{ylabel} along {xlabel}, at the end: {last}")
