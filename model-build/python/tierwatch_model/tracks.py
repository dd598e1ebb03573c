"""Links a detector's answers over time: what holds over several pictures is a label, what flashes is not."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from .detector import overlap

# A thing may be unseen in so many pictures and still be the same.
MOST_GAP = 2
LEAST_PICTURES = 3
STILL_IOU = 0.7


@dataclass
class Track:
    """One thing: its detections by the index of the picture."""

    seen: dict[int, dict] = field(default_factory=dict)

    @property
    def last(self) -> int:
        return max(self.seen)

    def best(self) -> float:
        return max(one["confidence"] for one in self.seen.values())

    def class_name(self) -> str:
        """By vote, each weighed by its confidence: car and truck flicker."""
        votes: Counter[str] = Counter()
        for one in self.seen.values():
            votes[one["className"]] += one["confidence"]
        return max(sorted(votes), key=lambda name: votes[name])

    def confidence(self) -> float:
        return float(np.median([one["confidence"] for one in self.seen.values()]))

    def boxes(self) -> dict[int, tuple[list[float], bool]]:
        """Box of every picture from the first to the last, and whether it was seen there; a still thing has one box."""
        indexes = sorted(self.seen)
        found = np.array([self.seen[index]["box"] for index in indexes])
        middle = np.median(found, axis=0)
        if all(overlap(box, middle) >= STILL_IOU for box in found):
            found = np.repeat(middle[None], len(found), axis=0)
        whole = range(indexes[0], indexes[-1] + 1)
        sides = [np.interp(whole, indexes, found[:, side]) for side in range(4)]
        return {index: ([float(side[place]) for side in sides], index in self.seen) for place, index in enumerate(whole)}


def link(frames: list[list[dict]], sure: float = 0.0) -> list[Track]:
    """Tracks of all detections `{className, confidence, box}`; frames are in the order of time.

    Those of a confidence of `sure` on find what was sure before them first; the weak, often parts of the same
    thing or where it just was, take what is left: else they would take over its track.
    """
    tracks: list[Track] = []
    for index, detections in enumerate(frames):
        active = [one for one in tracks if 0 < index - one.last <= MOST_GAP + 1]
        strong = [one for one in detections if one["confidence"] >= sure]
        left = pair(index, [one for one in active if one.best() >= sure], strong)
        others = [one for one in active if one.last < index]
        fresh = pair(index, others, left + [one for one in detections if one["confidence"] < sure])
        tracks += [Track({index: one}) for one in fresh]
    return tracks


def pair(index: int, tracks: list[Track], detections: list[dict]) -> list[dict]:
    """Gives each track its closest detection, the closest pairs first. Returns the detections that found none."""
    near = [(closeness(track.seen[track.last]["box"], one["box"]), place, number) for place, track in enumerate(tracks) for number, one in enumerate(detections)]
    taken: set[int] = set()
    used: set[int] = set()
    for close, place, number in sorted(near, key=lambda one: -one[0]):
        if close > 0 and place not in taken and number not in used:
            tracks[place].seen[index] = detections[number]
            taken.add(place)
            used.add(number)
    return [one for number, one in enumerate(detections) if number not in used]


def closeness(a, b) -> float:
    """0 for another thing, more the likelier two boxes are the same one a moment later."""
    iou = overlap(a, b)
    if iou >= 0.3:
        return 1 + iou
    sizes = [(box[2] - box[0], box[3] - box[1]) for box in (a, b)]
    if any(not 0.6 <= one / other <= 1.67 for one, other in zip(*sizes)):
        return 0.0
    reach = (sizes[0][0] + sizes[1][0]) / 2 + (sizes[0][1] + sizes[1][1]) / 4
    distance = np.hypot((a[0] + a[2] - b[0] - b[2]) / 2, (a[1] + a[3] - b[1] - b[3]) / 2)
    return float(max(0.0, 1 - distance / reach))


def labels_of(frames: list[list[dict]], confidence: float) -> list[list[dict]]:
    """Labels of each picture: `{className, box, confidence, track, isSure}`; what is not sure is an ignored region.

    A thing is sure where it holds for three pictures and the median of its confidences reaches `confidence`;
    where it was missed in between, nobody knows, and the place between is ignored too.
    """
    labels: list[list[dict]] = [[] for _ in frames]
    for number, track in enumerate(link(frames, confidence), 1):
        sure = len(track.seen) >= LEAST_PICTURES and track.confidence() >= confidence
        for index, (box, is_seen) in track.boxes().items():
            score = track.seen[index]["confidence"] if is_seen else 0.0
            labels[index].append({"className": track.class_name(), "box": box, "confidence": score, "track": number, "isSure": sure and is_seen})
    return labels
