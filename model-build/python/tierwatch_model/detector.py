"""Runs one graph of a bundle as the runtime does: fitted picture in, detections out."""

import os
import time

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import numpy as np  # noqa: E402
import onnx  # noqa: E402
import onnxruntime as ort  # noqa: E402
from PIL import Image  # noqa: E402

from .bundle import Bundle  # noqa: E402
from .float16 import rounding  # noqa: E402
from .pictures import fit, fitted_size  # noqa: E402


def open_session(graph) -> ort.InferenceSession:
    """One thread on the CPU, from a path or the graph's bytes."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


class GraphDetector:
    """One variant and shape of a bundle, fp16 rounding as on a GPU. `ms` holds the thread's CPU ms of every picture."""

    def __init__(self, bundle: Bundle, file: dict):
        manifest = bundle.manifest
        self.classes = manifest["classes"]
        self.variant, self.height, self.width = file["variant"], file["heightPx"], file["widthPx"]
        self.fill = manifest["letterbox"]["fill"]
        self.iou = (manifest["nms"] or {}).get("iouThreshold")
        graph = str(bundle.folder / file["file"])
        self.session = open_session(rounding(onnx.load(graph)).SerializeToString() if self.variant == "fp16" else graph)
        self.ms: list[float] = []

    def answers(self, picture: Image.Image) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Boxes [n,4] xyxy 0-1 of the picture, confidences [n] and class indexes [n], before suppression."""
        pixels = fit(picture, self.height, self.width, self.fill)
        before = time.thread_time()
        boxes, confidences, classes = self.session.run(["boxes", "confidences", "classIndexes"], {"images": pixels[None]})
        self.ms.append((time.thread_time() - before) * 1000)
        width, height = fitted_size(picture, self.height, self.width)
        scaled = (boxes[0] / np.array([width, height, width, height], np.float32)).clip(0, 1)
        whole = (scaled[:, 2] > scaled[:, 0]) & (scaled[:, 3] > scaled[:, 1])
        return scaled[whole], confidences[0][whole], classes[0][whole]

    def detect(self, picture: Image.Image, least: float, names: dict[str, str] | None = None) -> list[dict]:
        """Detections `{className, confidence, box}`, best first, overlaps of a class removed.

        `names` maps the bundle's classes to others; what is not in it is dropped.
        """
        found = []
        for box, confidence, index in zip(*self.answers(picture)):
            name = self.classes[index]
            name = name if names is None else names.get(name)
            if confidence >= least and name is not None:
                found.append({"className": name, "confidence": float(confidence), "box": [float(side) for side in box]})
        found.sort(key=lambda one: -one["confidence"])
        return found if self.iou is None else suppress(found, self.iou)


def suppress(found: list[dict], iou: float) -> list[dict]:
    """Greedy non-maximum suppression within each class; the input is sorted best first."""
    kept: list[dict] = []
    for one in found:
        if not any(better["className"] == one["className"] and overlap(better["box"], one["box"]) > iou for better in kept):
            kept.append(one)
    return kept


def overlap(a, b) -> float:
    """Intersection over union of two boxes xyxy."""
    w, h = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if w <= 0 or h <= 0:
        return 0.0
    return w * h / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - w * h)
