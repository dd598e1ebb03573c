"""Average precision by pycocotools, recall and false alarms at a confidence, and intervals by bootstrap."""

import contextlib
import io
from dataclasses import dataclass

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from .coco import JudgedClass, Labelled

SIZES = ("all", "small", "medium", "large")
RECALLS = np.linspace(0, 1, 101)


@dataclass(frozen=True)
class ClassMatches:
    """Every detection of a class at IoU 0.5, best first, and the truths of each picture."""

    scores: np.ndarray
    pictures: np.ndarray
    hits: np.ndarray
    ignored: np.ndarray
    truths: np.ndarray

    def ap50(self, weights: np.ndarray | None = None) -> float:
        """AP at IoU 0.5, 0-1, with each picture counted `weights` times; NaN where no truth is."""
        weights = np.ones(len(self.truths)) if weights is None else weights
        truths = float((self.truths * weights).sum())
        if truths == 0:
            return float("nan")
        weight = weights[self.pictures] * ~self.ignored
        hits, falses = np.cumsum(weight * self.hits), np.cumsum(weight * ~self.hits)
        recall, precision = hits / truths, hits / np.maximum(hits + falses, np.spacing(1))
        precision = np.maximum.accumulate(precision[::-1])[::-1]
        places = np.searchsorted(recall, RECALLS, side="left")
        return float(np.append(precision, 0.0)[np.minimum(places, len(precision))].mean())

    def at(self, confidence: float) -> dict:
        """Recall, precision and false alarms among the detections from a confidence on."""
        sure = (self.scores >= confidence) & ~self.ignored
        hits, truths = int((sure & self.hits).sum()), int(self.truths.sum())
        falses = int((sure & ~self.hits).sum())
        return {
            "recall": hits / truths if truths else None,
            "precision": hits / (hits + falses) if hits + falses else None,
            "falseAlarms": falses,
        }


class Judgement:
    """What one graph's detections are worth on labelled pictures."""

    def __init__(self, pictures: list[Labelled], judged: list[JudgedClass], detections: list[list[dict]]):
        self.judged = judged
        with contextlib.redirect_stdout(io.StringIO()):
            truth, found = coco_of(pictures, judged), coco_of(pictures, judged, detections)
            self.evaluation = COCOeval(truth, found, "bbox")
            self.evaluation.evaluate()
            self.evaluation.accumulate()
        self.order = list(self.evaluation.params.imgIds)

    def matches(self, index: int, size: str = "all") -> ClassMatches:
        """Of the class at this index, for truths of one size."""
        count = len(self.order)
        start = (index * len(SIZES) + SIZES.index(size)) * count
        scores, pictures, hits, ignored, truths = [], [], [], [], np.zeros(count, int)
        for place, one in enumerate(self.evaluation.evalImgs[start : start + count]):
            if one is None:
                continue
            scores += one["dtScores"]
            pictures += [place] * len(one["dtScores"])
            hits += (one["dtMatches"][0] > 0).tolist()
            ignored += one["dtIgnore"][0].astype(bool).tolist()
            truths[place] = int((np.asarray(one["gtIgnore"]) == 0).sum())
        best = np.argsort(-np.asarray(scores, float), kind="mergesort")
        pick = lambda values, kind: np.asarray(values, kind)[best]  # noqa: E731
        return ClassMatches(pick(scores, float), pick(pictures, int), pick(hits, bool), pick(ignored, bool), truths)

    def ap(self, index: int, size: str = "all") -> float | None:
        """AP averaged over IoU 0.5 to 0.95, 0-1."""
        precision = self.evaluation.eval["precision"][:, :, index, SIZES.index(size), -1]
        return float(precision.mean()) if (precision > -1).all() else None

    def errors(self, confidence: float) -> tuple[list[dict], list[dict]]:
        """Misses and false alarms at a confidence: `{picture, className, box xywh px, confidence}`, the gravest first."""
        misses, falses = [], []
        truth, found = self.evaluation.cocoGt, self.evaluation.cocoDt
        for one in self.evaluation.evalImgs:
            if one is None or one["aRng"] != self.evaluation.params.areaRng[0]:
                continue
            name = self.judged[one["category_id"] - 1].name
            seen = set()
            for key, score, match, ignored in zip(one["dtIds"], one["dtScores"], one["dtMatches"][0], one["dtIgnore"][0]):
                if score < confidence:
                    continue
                seen.add(int(match))
                if not match and not ignored:
                    falses.append({"picture": one["image_id"], "className": name, "box": found.anns[key]["bbox"], "confidence": score})
            for key, ignored in zip(one["gtIds"], one["gtIgnore"]):
                if not ignored and key not in seen:
                    misses.append({"picture": one["image_id"], "className": name, "box": truth.anns[key]["bbox"], "confidence": None})
        misses.sort(key=lambda one: -one["box"][2] * one["box"][3])
        falses.sort(key=lambda one: -one["confidence"])
        return misses, falses

    def alarms_on_empty(self, pictures: list[Labelled], confidence: float) -> dict:
        """Of the pictures without anything judged, how many raise an alarm."""
        members = frozenset().union(*(one.members | one.ignored for one in self.judged))
        empty = {one.id for one in pictures if not any(name in members for name, _, _ in one.labels)}
        alarmed = {one["image_id"] for one in self.evaluation.cocoDt.anns.values() if one["score"] >= confidence}
        return {"pictures": len(empty), "alarms": len(empty & alarmed)}


def coco_of(pictures: list[Labelled], judged: list[JudgedClass], detections: list[list[dict]] | None = None) -> COCO:
    """pycocotools' own form of the truth, or of the detections where they are given."""
    ids = {one.name: index + 1 for index, one in enumerate(judged)}
    rows = []
    for place, picture in enumerate(pictures):
        if detections is None:
            for name, box, crowd in picture.labels:
                for one in judged:
                    if name in one.members or name in one.ignored:
                        rows.append((picture.id, ids[one.name], box, int(crowd or name in one.ignored), None))
        else:
            for found in detections[place]:
                x1, y1, x2, y2 = found["box"]
                box = [x1 * picture.width, y1 * picture.height, (x2 - x1) * picture.width, (y2 - y1) * picture.height]
                rows.append((picture.id, ids[found["className"]], box, 0, found["confidence"]))
    coco = COCO()
    coco.dataset = {
        "images": [{"id": one.id, "width": one.width, "height": one.height} for one in pictures],
        "categories": [{"id": ids[one.name], "name": one.name} for one in judged],
        "annotations": [
            {"id": index + 1, "image_id": image, "category_id": category, "bbox": box, "area": box[2] * box[3], "iscrowd": crowd, "score": score}
            for index, (image, category, box, crowd, score) in enumerate(rows)
        ],
    }
    coco.createIndex()
    return coco


def bootstrap(matches: list[ClassMatches], weights: np.ndarray) -> np.ndarray:
    """AP50 [samples, classes + 1] of every resampling of the pictures; the last column is the classes' mean."""
    each = np.array([[one.ap50(row) for one in matches] for row in weights])
    with np.errstate(invalid="ignore"):
        mean = np.nanmean(each, axis=1, keepdims=True)
    return np.hstack([each, mean])


def resamplings(pictures: int, count: int, seed: int) -> np.ndarray:
    """[count, pictures]: how often each picture is drawn; the same for every graph, so that differences are paired."""
    return np.random.default_rng(seed).multinomial(pictures, np.full(pictures, 1 / pictures), size=count)


def interval(values: np.ndarray) -> list[float] | None:
    """The middle 95 %."""
    values = values[np.isfinite(values)]
    return [float(side) for side in np.percentile(values, [2.5, 97.5])] if len(values) else None
