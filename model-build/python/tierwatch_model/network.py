"""The default detector: small, anchor-free, dense 3x3 convolutions and ReLU, the kind that INT8 speeds up."""

import math

import torch
from torch import nn

STRIDES = (8, 16, 32)
# `minConfidence` of a fleet that says nothing: core/camera-settings.ts.
DEFAULT_CONFIDENCE = 0.4


def logit(confidence: float) -> float:
    return math.log(confidence / (1 - confidence))


def conv(inputs: int, outputs: int, stride: int = 1, size: int = 3) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False),
        nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.03),
        nn.ReLU(inplace=True),
    )


class Residual(nn.Module):
    def __init__(self, channels: int):
        super().__init__()
        self.body = nn.Sequential(conv(channels, channels // 2, size=1), conv(channels // 2, channels))

    def forward(self, x):
        return x + self.body(x)


class TinyDetector(nn.Module):
    """images [N,3,H,W] in 0-255 -> class logits [N,A,C] and distances [N,A,4] (left, top, right, bottom; px)."""

    def __init__(self, classes: int, widths=(16, 24, 48, 96, 128), neck: int = 48):
        super().__init__()
        w = widths
        self.stem = conv(3, w[0], 2)
        self.stage1 = nn.Sequential(conv(w[0], w[1], 2), Residual(w[1]))
        self.stage2 = nn.Sequential(conv(w[1], w[2], 2), Residual(w[2]), Residual(w[2]))
        self.stage3 = nn.Sequential(conv(w[2], w[3], 2), Residual(w[3]), Residual(w[3]))
        self.stage4 = nn.Sequential(conv(w[3], w[4], 2), Residual(w[4]))
        self.lateral = nn.ModuleList([conv(c, neck, size=1) for c in w[2:]])
        self.merge = nn.ModuleList([conv(neck, neck), conv(neck, neck)])
        self.down = conv(neck, neck, 2)
        self.heads = nn.ModuleList([conv(neck, neck) for _ in STRIDES])
        self.class_heads = nn.ModuleList([nn.Conv2d(neck, classes, 1) for _ in STRIDES])
        self.box_heads = nn.ModuleList([nn.Conv2d(neck, 4, 1) for _ in STRIDES])
        for head in self.class_heads:
            nn.init.constant_(head.bias, -4.6)

    def forward(self, images):
        x = self.stage1(self.stem(images / 255.0))
        c3 = self.stage2(x)
        c4 = self.stage3(c3)
        c5 = self.stage4(c4)
        p5 = self.lateral[2](c5)
        p4 = self.merge[1](self.lateral[1](c4) + nn.functional.interpolate(p5, scale_factor=2.0, mode="nearest"))
        p3 = self.merge[0](self.lateral[0](c3) + nn.functional.interpolate(p4, scale_factor=2.0, mode="nearest"))
        p4 = p4 + self.down(p3)
        logits, distances = [], []
        for level, feature in enumerate((p3, p4, p5)):
            hidden = self.heads[level](feature)
            logits.append(self.class_heads[level](hidden).flatten(2).transpose(1, 2))
            reach = self.box_heads[level](hidden).clamp(-4, 5).exp() * STRIDES[level]
            distances.append(reach.flatten(2).transpose(1, 2))
        return torch.cat(logits, 1), torch.cat(distances, 1)


def anchor_points(height: int, width: int) -> torch.Tensor:
    """Centres of every cell, [A,2] as x, y in px, in the order of TinyDetector's outputs."""
    points = []
    for stride in STRIDES:
        ys = (torch.arange(height // stride) + 0.5) * stride
        xs = (torch.arange(width // stride) + 0.5) * stride
        grid_y, grid_x = torch.meshgrid(ys, xs, indexing="ij")
        points.append(torch.stack([grid_x.flatten(), grid_y.flatten()], 1))
    return torch.cat(points)


def boxes_from(points: torch.Tensor, distances: torch.Tensor) -> torch.Tensor:
    return torch.cat([points - distances[..., :2], points + distances[..., 2:]], -1)


class ContractGraph(nn.Module):
    """The bundle's contract: images uint8 [N,H,W,3] RGB -> boxes [N,K,4] xyxy px, confidences, classIndexes."""

    def __init__(self, network: TinyDetector, height: int, width: int, detections: int = 100, sure: float = DEFAULT_CONFIDENCE):
        """sure: what the network calls this much (0-1) comes out as 0.4, the least confidence that the product asks for by default."""
        super().__init__()
        self.network = network
        self.detections = detections
        self.shift = logit(DEFAULT_CONFIDENCE) - logit(sure)
        self.register_buffer("points", anchor_points(height, width))

    def forward(self, images):
        logits, distances = self.network(images.permute(0, 3, 1, 2).float())
        best, classes = logits.max(-1)
        best, anchors = best.topk(self.detections, dim=1)
        classes = classes.gather(1, anchors)
        picked = distances.gather(1, anchors.unsqueeze(-1).expand(-1, -1, 4))
        return boxes_from(self.points[anchors], picked), (best + self.shift).sigmoid(), classes
