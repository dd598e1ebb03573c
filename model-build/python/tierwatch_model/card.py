"""MODEL_CARD.md from a bundle's manifest and the reports of quantise and evaluate."""

import argparse
import json
from collections import Counter
from pathlib import Path

from .bundle import Bundle, read_bundle, write_text
from .refuse import Refused, run

MARK = "<!-- Written by `tierwatch model card` from manifest.json and reports/; NOTES.md holds what people add. -->"
GRADES = {
    "demo": "**Demo grade: made for simulated footage, not for real cameras.**",
    "production": "Production grade: made for real footage. Measure it on yours before you trust it.",
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="tierwatch model card", description=__doc__)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--out", type=Path, help="MODEL_CARD.md in the bundle if left out")
    args = parser.parse_args()
    bundle = read_bundle(args.bundle)
    out = args.out or args.bundle / "MODEL_CARD.md"
    if out.is_file() and MARK not in out.read_text():
        raise Refused(f'"{out}": expected a card that this command wrote, found one by hand; move its text into NOTES.md beside the manifest and remove it, or name another --out')
    write_text(out, render_card(bundle))
    print(out)


def render_card(bundle: Bundle) -> str:
    """The card's Markdown; the same bundle gives the same bytes."""
    manifest = bundle.manifest
    parts = [
        MARK, f"# {manifest['name']} {manifest['version']} ({manifest['grade']} grade)", GRADES[manifest["grade"]],
        about(manifest), "## Speed", speed(manifest), "## Accuracy", accuracy(manifest), *evaluations(bundle), *quantisation(bundle), *half_precision(bundle),
    ]
    notes = bundle.folder / "NOTES.md"
    if notes.is_file():
        parts += ["## Notes", notes.read_text().strip()]
    return "\n\n".join(part for part in parts if part) + "\n"


def about(manifest: dict) -> str:
    nms = f"IoU {manifest['nms']['iouThreshold']}" if manifest["nms"] else "none needed"
    rows = [
        ("finds", ", ".join(manifest["classes"])),
        ("family", manifest["family"]),
        ("licence", manifest["licence"]),
        ("source", f"{manifest['source']['url']} (sha256 `{manifest['source']['sha256'][:16]}…`)"),
        ("input", f"uint8 RGB, fitted top left, filled with {manifest['letterbox']['fill']}"),
        ("output", f"best {manifest['maxDetections']} boxes; overlaps: {nms}"),
        ("check pictures", str(len(manifest["checks"]))),
    ]
    return table(["", ""], rows)


def speed(manifest: dict) -> str:
    rows = []
    for benchmark in manifest["benchmarks"]:
        for row in benchmark["rows"]:
            size = next(one["bytes"] for one in manifest["files"] if same_graph(one, row))
            rows.append((cpu_of(benchmark), graph_of(row), row["batch"], f"{row['msPerFrame']:.2f}", f"{row['sessionMs']:.0f}", f"{size / 1e6:.2f}", benchmark["measuredAt"]))
    if not rows:
        return "Not measured yet: `tierwatch model benchmark`."
    rules = "; ".join(f"{cpu_of(rule)}: {rule['variant']}" for rule in manifest["choice"]) or "none"
    return table(["CPU", "graph", "batch", "CPU ms a frame", "session ms", "MB", "measured"], rows) + f"\n\nVariant that a CPU takes, the first rule that fits: {rules}. Other CPUs time the variants whose accuracy is proven at start."


def accuracy(manifest: dict) -> str:
    rows = []
    for one in manifest["accuracy"]:
        loss = f"{points(one['loss']['ap50'])} {bracket(one['loss']['interval'])}{undecided(one['loss'])}" if "loss" in one else ""
        rows.append((one["dataSet"], one["pictures"], graph_of(one), one["className"], f"{points(one['ap50'])} {bracket(one['interval'])}", loss))
    if not rows:
        return "Not recorded yet: `tierwatch model evaluate --record`."
    return table(["data set", "pictures", "graph", "class", "AP50", "lost to fp32"], rows) + "\n\nIn brackets: 95 % bootstrap intervals over the pictures; those of the loss are paired."


def undecided(loss: dict) -> str:
    """Whether one point of loss lies within the interval."""
    low, high = loss["interval"]
    return " (1 point: not decidable)" if low <= 0.01 < high else ""


def evaluations(bundle: Bundle) -> list[str]:
    """Recall and false alarms of each report whose graphs are still the bundle's."""
    parts = []
    for file in sorted((bundle.folder / "reports").glob("evaluate-*.json")):
        report = json.loads(file.read_text())
        rows = []
        for one in report["results"]:
            if not any(same_graph(graph, one) and graph["bytes"] == one["bytes"] for graph in bundle.manifest["files"]):
                continue
            empty = f"{one['empty']['alarms']} of {one['empty']['pictures']}"
            for scored in one["classes"]:
                sizes = " / ".join(percent(part["recall"]) for part in scored["sizes"].values())
                rows.append((graph_of(one), scored["className"], scored["truths"], percent(scored["recall"]), sizes, percent(scored["precision"]), scored["falseAlarms"], empty))
        if rows:
            parts.append(f"## In use on {report['dataSet']}, confidence {report['confidence']:g}")
            parts.append(table(["graph", "class", "truths", "recall %", "small / medium / large", "precision %", "false alarms", "empty pictures with an alarm"], rows))
            parts.append(f"{report['pictures']} pictures; {report['leftOut']} more were left out because INT8 was calibrated with them.")
    return parts


def quantisation(bundle: Bundle) -> list[str]:
    file = bundle.folder / "reports" / "quantise.json"
    if not file.is_file() or not bundle.graphs("int8"):
        return []
    report = json.loads(file.read_text())
    sources = ", ".join(f"{count} of {name}" for name, count in Counter(one["source"] for one in report["calibration"]).items())
    weights = "7-bit weights (`reduce_range`)" if report["settings"]["reduceRange"] else "8-bit weights"
    graphs = "; ".join(f"{one['heightPx']}x{one['widthPx']}: {len(one['int8'])} nodes INT8, {len(one['float'])} kept float, confidences change by {one['disturbance']:.3f}" for one in report["graphs"])
    return ["## How INT8 was made", f"Static QDQ, uint8 activations, int8 weights per channel, {weights}; calibrated on {sources} (seed {report['settings']['seed']}). {graphs}."]


def half_precision(bundle: Bundle) -> list[str]:
    file = bundle.folder / "reports" / "half.json"
    if not file.is_file() or not bundle.graphs("fp16"):
        return []
    graphs = "; ".join(f"{one['heightPx']}x{one['widthPx']}: {len(one['half'])} nodes float16, {len(one['float'])} kept float32, confidences change by {one['disturbance']:.5f}" for one in json.loads(file.read_text())["graphs"])
    return ["## How FP16 was made", f"For GPUs: float16 from the input to the last convolution or product of matrices, float32 after it. {graphs}."]


def same_graph(a: dict, b: dict) -> bool:
    return all(a[key] == b[key] for key in ("variant", "heightPx", "widthPx"))


def graph_of(one: dict) -> str:
    return f"{one['variant']} {one['heightPx']}x{one['widthPx']}"


def cpu_of(one: dict) -> str:
    return " ".join(one["cpuFeatures"]) or "unnamed"


def points(ratio: float) -> str:
    return f"{100 * ratio:z.1f}"


def bracket(interval: list[float]) -> str:
    return f"[{points(interval[0])}, {points(interval[1])}]"


def percent(ratio: float | None) -> str:
    return "-" if ratio is None else f"{100 * ratio:.0f}"


def table(head: list[str], rows: list[tuple]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *(f"| {' | '.join(str(cell) for cell in row)} |" for row in rows)]
    return "\n".join(lines)


if __name__ == "__main__":
    run(main)
