"""The report of evaluate as one HTML file that needs nothing else."""

import base64
from html import escape
from io import BytesIO
from itertools import zip_longest

from PIL import Image, ImageDraw

from .coco import Labelled
from .pictures import open_picture
from .plot import render_plot
from .score import Judgement

TILES = 24
TILE_PX = (180, 135)
STYLE = """
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;color:#1c2430;background:#fff}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2.2rem}table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:.25rem .7rem;border-bottom:1px solid #d9dee5;text-align:right;white-space:nowrap}th:first-child,td:first-child{text-align:left}
th{font-weight:600}small,.note{color:#5a6675}.scroll{overflow-x:auto}
svg{width:100%;max-width:56rem;font:12px system-ui,sans-serif;fill:#1c2430}
.grid{stroke:#e3e7ec}.frontier{stroke:#5a6675;stroke-dasharray:4 4;fill:none}.key{fill:#5a6675}.mark{font-size:11px}
.tiles{display:flex;flex-wrap:wrap;gap:.5rem}figure{margin:0;width:180px}figure img{display:block}figcaption{font-size:12px;color:#5a6675}
@media(prefers-color-scheme:dark){body{background:#12161c;color:#dfe5ec}svg{fill:#dfe5ec}.grid{stroke:#2a323c}th,td{border-color:#2a323c}small,.note,figcaption{color:#93a0af}}
"""


def render_report(report: dict, pictures: list[Labelled], judgements: list[Judgement]) -> str:
    """HTML with the plot, the tables, and a grid of misses and false alarms of each bundle's best graph."""
    results = report["results"]
    title = f"{', '.join(dict.fromkeys(one['bundle'] for one in results))} on {report['dataSet']}"
    points = [
        {"bundle": one["bundle"], "variant": one["variant"], "shape": shape_of(one), "ms": one["msPerFrame"], "ap50": one["all"]["ap50"], "interval": one["all"]["interval"]}
        for one in results
        if one["all"]["ap50"] is not None and one["msPerFrame"] is not None
    ]
    parts = [
        f"<h1>{escape(title)}</h1>",
        f"<p>{report['pictures']} pictures; {report['leftOut']} more were left out because INT8 was calibrated with them. In brackets: the middle 95 % of {report['bootstrap']} resamplings of the pictures (seed {report['seed']}).</p>",
        "<h2>Accuracy against computation</h2>", render_plot(points),
        f'<p class="note">{escape(report["runtime"])}; CPU: {escape(" ".join(report["cpuFeatures"]) or "unnamed")}.</p>',
        "<h2>AP50</h2>", table_of(report), "<h2>By size of the truth</h2>", sizes_of(report),
        f"<h2>At confidence {report['confidence']:g}, the one in use</h2>", use_of(report),
    ]
    for place in best_graphs(results):
        parts.append(errors_of(results[place], report["confidence"], pictures, judgements[place]))
    return f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(title)}</title><style>{STYLE}</style>{"".join(parts)}</html>\n'


def table_of(report: dict) -> str:
    names = [one["className"] for one in report["classes"]]
    rows = []
    for one in report["results"]:
        loss = next((row for row in one.get("loss", []) if row["className"] == "all"), None)
        cells = [with_interval(scored) for scored in [*one["classes"], one["all"]]]
        ms = "-" if one["msPerFrame"] is None else f"{one['msPerFrame']:.2f}"
        rows.append([name_of(one), ms, f"{one['bytes'] / 1e6:.2f}", *cells, percent(one["all"]["ap"]), with_interval(loss, 1) if loss else ""])
    return table(["graph", "ms", "MB", *names, "mean", "mean AP 50-95", "lost to fp32"], rows)


def sizes_of(report: dict) -> str:
    rows = []
    for one in report["results"]:
        for scored in one["classes"]:
            cells = [f"{percent(part['ap50'])} / {percent(part['ap'])} / {percent(part['recall'])} <small>of {part['truths']}</small>" if part["truths"] else "no truth" for part in scored["sizes"].values()]
            rows.append([name_of(one), scored["className"], *cells])
    note = '<p class="note">AP50 / AP 50-95 / recall at the confidence in use. Small is below 32², large above 96² pixels of the picture.</p>'
    return table(["graph", "class", "small", "medium", "large"], rows) + note


def use_of(report: dict) -> str:
    rows = []
    for one in report["results"]:
        empty = one["empty"]
        for index, scored in enumerate(one["classes"]):
            alarms = f"{empty['alarms']} of {empty['pictures']}" if index == 0 else ""
            rows.append([name_of(one), scored["className"], f"{percent(scored['recall'])} <small>of {scored['truths']}</small>", percent(scored["precision"]), str(scored["falseAlarms"]), alarms])
    return table(["graph", "class", "recall", "precision", "false alarms", "empty pictures with an alarm"], rows)


def best_graphs(results: list[dict]) -> list[int]:
    """Of each bundle the index of its most accurate graph."""
    best: dict[tuple, int] = {}
    for place, one in enumerate(results):
        key = (one["bundle"], one["folder"])
        if key not in best or (one["all"]["ap50"] or 0) > (results[best[key]]["all"]["ap50"] or 0):
            best[key] = place
    return list(best.values())


def errors_of(result: dict, confidence: float, pictures: list[Labelled], judgement: Judgement) -> str:
    misses, falses = judgement.errors(confidence)
    by_id = {one.id: one for one in pictures}
    parts = []
    for name, errors, colour in (("misses, the largest of each class in turn", misses, "#ffb000"), ("false alarms, the surest of each class in turn", falses, "#ff3b5c")):
        tiles = "".join(tile(one, by_id[one["picture"]], colour) for one in by_turns(errors)[:TILES])
        parts.append(f'<h2>{escape(name_of(result))}: {len(errors)} {name}</h2><div class="tiles">{tiles}</div>')
    return "".join(parts)


def by_turns(errors: list[dict]) -> list[dict]:
    """The gravest of each class in turn, so that large vehicles don't hide people."""
    classes: dict[str, list[dict]] = {}
    for one in errors:
        classes.setdefault(one["className"], []).append(one)
    return [one for row in zip_longest(*classes.values()) for one in row if one is not None]


def tile(error: dict, labelled: Labelled, colour: str) -> str:
    """The box with as much around it as its own size, as a small picture inside the page."""
    picture = open_picture(labelled.file)
    x, y, width, height = error["box"]
    ratio = TILE_PX[0] / TILE_PX[1]
    needed = max(width, height * ratio)
    wide = max(1.06 * needed, min(1.8 * max(needed, 48), picture.width, picture.height * ratio))
    left = within(x + width / 2 - wide / 2, picture.width - wide)
    top = within(y + height / 2 - wide / ratio / 2, picture.height - wide / ratio)
    area = (left, top, left + wide, top + wide / ratio)
    cut = picture.transform(TILE_PX, Image.EXTENT, area, Image.BILINEAR)
    scale = TILE_PX[0] / wide
    corners = [(x - area[0]) * scale, (y - area[1]) * scale, (x + width - area[0]) * scale, (y + height - area[1]) * scale]
    ImageDraw.Draw(cut).rectangle(corners, outline=colour, width=2)
    buffer = BytesIO()
    cut.save(buffer, "JPEG", quality=70)
    sure = "" if error["confidence"] is None else f" {error['confidence']:.2f}"
    return f'<figure><img width="{TILE_PX[0]}" height="{TILE_PX[1]}" alt="" src="data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"><figcaption>{escape(error["className"])}{sure} · {escape(labelled.file.name)}</figcaption></figure>'


def within(start: float, most: float) -> float:
    """A start that keeps the area inside the picture, or in its middle where it is larger."""
    return most / 2 if most < 0 else min(max(start, 0), most)


def table(head: list[str], rows: list[list[str]]) -> str:
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f'<div class="scroll"><table><tr>{"".join(f"<th>{escape(cell)}</th>" for cell in head)}</tr>{body}</table></div>'


def shape_of(result: dict) -> str:
    return f"{result['heightPx']}x{result['widthPx']}"


def name_of(result: dict) -> str:
    return escape(f"{result['bundle']} {result['variant']} {shape_of(result)}")


def with_interval(scored: dict, digits: int = 1) -> str:
    if scored["ap50"] is None:
        return "no truth"
    low, high = (f"{100 * side:.{digits}f}" for side in scored["interval"])
    return f"{100 * scored['ap50']:.{digits}f} <small>[{low}, {high}]</small>"


def percent(ratio: float | None) -> str:
    return "" if ratio is None else f"{100 * ratio:.1f}"
