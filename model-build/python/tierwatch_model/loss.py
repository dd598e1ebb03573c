"""Task-aligned assignment (Feng et al., TOOD, ICCV 2021), then quality-weighted BCE and GIoU."""

import torch
import torch.nn.functional as F

from .network import boxes_from

TOP_ANCHORS = 10


def pair_iou(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    top_left = torch.maximum(a[:, None, :2], b[None, :, :2])
    bottom_right = torch.minimum(a[:, None, 2:], b[None, :, 2:])
    inner = (bottom_right - top_left).clamp(min=0).prod(-1)
    area_a = (a[:, 2:] - a[:, :2]).clamp(min=0).prod(-1)
    area_b = (b[:, 2:] - b[:, :2]).clamp(min=0).prod(-1)
    return inner / (area_a[:, None] + area_b[None] - inner + 1e-6)


def generalised_iou(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    inner = (torch.minimum(a[:, 2:], b[:, 2:]) - torch.maximum(a[:, :2], b[:, :2])).clamp(min=0).prod(-1)
    union = (a[:, 2:] - a[:, :2]).prod(-1) + (b[:, 2:] - b[:, :2]).prod(-1) - inner
    hull = (torch.maximum(a[:, 2:], b[:, 2:]) - torch.minimum(a[:, :2], b[:, :2])).prod(-1)
    return inner / (union + 1e-6) - (hull - union) / (hull + 1e-6)


@torch.no_grad()
def assign(points, confidences, boxes, truth):
    """For one picture: index of the true box of each anchor (-1 none) and its target quality."""
    inside = torch.stack(
        [
            points[:, None, 0] - truth[None, :, 0],
            points[:, None, 1] - truth[None, :, 1],
            truth[None, :, 2] - points[:, None, 0],
            truth[None, :, 3] - points[:, None, 1],
        ],
        -1,
    ).amin(-1) > 0
    overlap = pair_iou(boxes, truth[:, :4])
    quality = confidences[:, truth[:, 4].long()].sqrt() * overlap.pow(4) * inside
    # A thing smaller than a cell may hold no centre: its nearest anchor stands for it.
    lost = ~inside.any(0)
    if lost.any():
        centres = (truth[lost, :2] + truth[lost, 2:4]) / 2
        nearest = torch.cdist(centres, points).argmin(1)
        quality[nearest, lost.nonzero()[:, 0]] = 1e-6
    k = min(TOP_ANCHORS, quality.shape[0])
    threshold = quality.topk(k, dim=0).values[-1]
    quality = quality * ((quality >= threshold) & (quality > 0))
    best, owner = quality.max(1)
    owner[best <= 0] = -1
    peak = quality.amax(0).clamp(min=1e-9)
    reach = (overlap * (quality > 0)).amax(0)
    target = torch.where(owner >= 0, best / peak[owner] * reach[owner].clamp(min=0.05), torch.zeros_like(best))
    return owner, target


def detection_loss(logits, distances, points, truths):
    """Mean over the batch's positives. `truths`: [n,5] xyxy px and class, -1 for regions to ignore."""
    boxes = boxes_from(points, distances)
    confidences = logits.detach().sigmoid()
    class_loss, box_loss, weight = logits.new_zeros(()), logits.new_zeros(()), logits.new_zeros(())
    for index, truth in enumerate(truths):
        ignored, truth = truth[truth[:, 4] < 0], truth[truth[:, 4] >= 0]
        target = torch.zeros_like(logits[index])
        if len(truth):
            owner, quality = assign(points, confidences[index], boxes[index].detach(), truth)
            positive = owner >= 0
            owned = truth[owner[positive]]
            target[positive, owned[:, 4].long()] = quality[positive]
            box_loss = box_loss + ((1 - generalised_iou(boxes[index][positive], owned[:, :4])) * quality[positive]).sum()
            weight = weight + quality[positive].sum()
        focus = torch.where(target > 0, torch.ones_like(target), 0.75 * confidences[index].pow(2))
        if len(ignored):
            within = (
                (points[:, None] > ignored[None, :, :2]) & (points[:, None] < ignored[None, :, 2:4])
            ).all(-1).any(1)
            focus = focus * (~within[:, None] | (target > 0))
        class_loss = class_loss + (F.binary_cross_entropy_with_logits(logits[index], target, reduction="none") * focus).sum()
    weight = weight.clamp(min=1)
    return class_loss / weight + 2 * box_loss / weight
