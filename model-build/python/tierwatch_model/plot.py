"""The accuracy-computation plot as SVG: one mark a bundle, variant and input size."""

from html import escape
from math import ceil, floor

WIDTH, HEIGHT = 760, 400
LEFT, RIGHT, TOP, BOTTOM = 60, 190, 16, 46
COLOURS = ("#0b6e99", "#c4561a", "#4a7c2c", "#8a3f8f", "#9a7b0a", "#b3324a", "#3d4f9f", "#555555")
MARKS = {"fp32": "M-5,0a5,5 0 1,0 10,0a5,5 0 1,0 -10,0", "int8": "M-5,-5h10v10h-10z", "fp16": "M0,-6l6,11h-12z"}


def render_plot(points: list[dict]) -> str:
    """SVG of points `{bundle, variant, shape, ms, ap50, interval}`; ms and AP50 (0-1) upwards from their least."""
    if not points:
        return "<p>No class has a truth: nothing to plot.</p>"
    most = max(one["ms"] for one in points) * 1.08
    low = max(0.0, floor(min(one["interval"][0] for one in points) * 20) / 20)
    high = min(1.0, ceil(max(one["interval"][1] for one in points) * 20) / 20)
    high = high if high > low else low + 0.05
    x = lambda ms: LEFT + ms / most * (WIDTH - LEFT - RIGHT)  # noqa: E731
    y = lambda ap: HEIGHT - BOTTOM - (ap - low) / (high - low) * (HEIGHT - TOP - BOTTOM)  # noqa: E731
    bundles = list(dict.fromkeys(one["bundle"] for one in points))
    parts = [*grid(x, y, most, low, high), frontier(points, x, y)]
    for one in points:
        colour = COLOURS[bundles.index(one["bundle"]) % len(COLOURS)]
        cx, cy = x(one["ms"]), y(one["ap50"])
        about = f"{one['bundle']} {one['variant']} {one['shape']}: {one['ms']:.2f} ms, AP50 {100 * one['ap50']:.1f} [{100 * one['interval'][0]:.1f}, {100 * one['interval'][1]:.1f}]"
        parts.append(
            f'<g stroke="{colour}" fill="{colour}"><title>{escape(about)}</title>'
            f'<line x1="{cx:.1f}" x2="{cx:.1f}" y1="{y(one["interval"][0]):.1f}" y2="{y(one["interval"][1]):.1f}" opacity="0.45"/>'
            f'<path transform="translate({cx:.1f},{cy:.1f})" d="{MARKS[one["variant"]]}"/></g>'
            f'<text x="{cx + 8:.1f}" y="{cy - 6:.1f}" class="mark">{escape(one["shape"])}</text>'
        )
    parts += legend(bundles, sorted({one["variant"] for one in points}))
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="AP50 against CPU milliseconds a frame">{"".join(parts)}</svg>'


def grid(x, y, most: float, low: float, high: float) -> list[str]:
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    step = next(one for one in (0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000) if most / one <= 9)
    parts = []
    for tick in range(int(most / step) + 1):
        parts.append(f'<line class="grid" x1="{x(tick * step):.1f}" x2="{x(tick * step):.1f}" y1="{TOP}" y2="{bottom}"/><text x="{x(tick * step):.1f}" y="{bottom + 16}" text-anchor="middle">{tick * step:g}</text>')
    rise = next(one for one in (0.01, 0.02, 0.05, 0.1) if (high - low) / one <= 10.5)
    for tick in range(round((high - low) / rise) + 1):
        ap = low + tick * rise
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{right}" y1="{y(ap):.1f}" y2="{y(ap):.1f}"/><text x="{LEFT - 8}" y="{y(ap) + 4:.1f}" text-anchor="end">{100 * ap:.0f}</text>')
    parts.append(f'<text x="{(LEFT + right) / 2}" y="{HEIGHT - 8}" text-anchor="middle">CPU ms a frame, one thread</text>')
    parts.append(f'<text transform="translate(16,{(TOP + bottom) / 2}) rotate(-90)" text-anchor="middle">AP50, mean of the classes</text>')
    return parts


def frontier(points: list[dict], x, y) -> str:
    """A line along the graphs of which none is both faster and better."""
    best, corners = -1.0, []
    for one in sorted(points, key=lambda one: (one["ms"], -one["ap50"])):
        if one["ap50"] > best:
            best = one["ap50"]
            corners.append(f"{x(one['ms']):.1f},{y(one['ap50']):.1f}")
    return f'<polyline class="frontier" points="{" ".join(corners)}"/>'


def legend(bundles: list[str], variants: list[str]) -> list[str]:
    left = WIDTH - RIGHT + 20
    parts = [f'<rect x="{left}" y="{TOP + 20 * index}" width="10" height="10" fill="{COLOURS[index % len(COLOURS)]}"/><text x="{left + 16}" y="{TOP + 20 * index + 10}">{escape(name[:22])}</text>' for index, name in enumerate(bundles)]
    for index, name in enumerate(variants, len(bundles) + 1):
        parts.append(f'<path class="key" transform="translate({left + 5},{TOP + 20 * index + 5})" d="{MARKS[name]}"/><text x="{left + 16}" y="{TOP + 20 * index + 10}">{name}</text>')
    bottom = TOP + 20 * (len(bundles) + len(variants) + 1)
    parts.append(f'<line class="frontier" x1="{left}" x2="{left + 12}" y1="{bottom + 5}" y2="{bottom + 5}"/><text x="{left + 16}" y="{bottom + 10}">none better and faster</text>')
    return parts
