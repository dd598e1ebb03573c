"""Trains the default detector. Resumes from its checkpoint; CPU or CUDA; the same seed gives the same order."""

import argparse
import math
import os
import random
import time
from pathlib import Path

import torch
import yaml

from .dataset import Pictures, augment, batch_of
from .loss import detection_loss
from .network import TinyDetector, anchor_points
from .pictures import CLASSES
from .refuse import Refused, run

# Every key of the configuration, and what it must be; `threads` may be left out.
KEYS = {"data": str, "seed": int, "batch": int, "steps": int, "learningRate": float, "height": int, "width": int, "threads": int}


def main() -> None:
    parser = argparse.ArgumentParser(prog="tierwatch model train", description=__doc__)
    parser.add_argument("--config", required=True, type=Path, help=f"YAML: {', '.join(KEYS)}; data is relative to the file")
    parser.add_argument("--out", type=Path, help="folder of the checkpoints; .cache/training/NAME if left out")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    parser.add_argument("--minutes", type=float, default=math.inf, help="stop after this long (min)")
    args = parser.parse_args()
    out = args.out or Path(".cache/training") / args.config.stem
    checkpoint = train(read_config(args.config), out, args.resume, args.minutes)
    print(f'{checkpoint}: make it a bundle with "tierwatch model export"')


def read_config(file: Path) -> dict:
    """The configuration with its data folder resolved; refuses unknown, missing and wrong keys."""
    try:
        config = yaml.safe_load(file.read_text())
    except (OSError, yaml.YAMLError) as error:
        raise Refused(f'"{file}": expected a YAML configuration, found {error}; model-build/training/default.yaml is one') from error
    if not isinstance(config, dict):
        raise Refused(f'"{file}": expected keys and values, found none; model-build/training/default.yaml shows them')
    unknown = [key for key in config if key not in KEYS]
    missing = [key for key in KEYS if key not in config and key != "threads"]
    if unknown or missing:
        raise Refused(f'"{file}": expected the keys {", ".join(KEYS)}; unknown: {", ".join(unknown) or "none"}; missing: {", ".join(missing) or "none"}')
    for key, value in config.items():
        wanted = (int, float) if KEYS[key] is float else KEYS[key]
        if not isinstance(value, wanted) or isinstance(value, bool) or (wanted is not str and value <= 0 and key != "seed"):
            raise Refused(f'"{file}": {key}: expected {KEYS[key].__name__} above 0, found {value!r}')
    if config["height"] % 32 or config["width"] % 32:
        raise Refused(f'"{file}": expected height and width in multiples of 32 px, found {config["height"]}x{config["width"]}')
    return {**config, "data": str((file.parent / config["data"]).resolve())}


def train(config: dict, out: Path, resume: bool, minutes: float) -> Path:
    checkpoint = out / "checkpoint.pt"
    if checkpoint.exists() and not resume:
        raise Refused(f'"{checkpoint}": expected no checkpoint, found one; add --resume to go on, or name another --out')
    pictures = Pictures(Path(config["data"]))
    torch.manual_seed(config["seed"])
    torch.set_num_threads(config.get("threads", 1))
    device = "cuda" if torch.cuda.is_available() else "cpu"
    out.mkdir(parents=True, exist_ok=True)
    network = TinyDetector(len(CLASSES)).to(device)
    average = TinyDetector(len(CLASSES)).to(device)
    average.load_state_dict(network.state_dict())
    optimiser = torch.optim.AdamW(network.parameters(), lr=config["learningRate"], weight_decay=0.02)
    step = 0
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location=device, weights_only=True)
        network.load_state_dict(state["network"])
        average.load_state_dict(state["average"])
        optimiser.load_state_dict(state["optimiser"])
        step = state["step"]
    height, width, steps = config["height"], config["width"], config["steps"]
    points = anchor_points(height, width).to(device)
    started, running = time.monotonic(), 0.0
    network.train()
    while step < steps and time.monotonic() - started < minutes * 60:
        rng = random.Random(config["seed"] * 1_000_003 + step)
        items = []
        for _ in range(config["batch"]):
            picture, boxes = pictures.read(rng.randrange(len(pictures)))
            items.append(augment(picture, boxes, height, width, rng))
        images, truths = batch_of(items, height, width)
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(step, steps, config["learningRate"])
        logits, distances = network(images.to(device))
        loss = detection_loss(logits, distances, points, [truth.to(device) for truth in truths])
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 10)
        optimiser.step()
        step += 1
        follow(average, network, step)
        running = 0.98 * running + 0.02 * loss.item() if running else loss.item()
        if step % 50 == 0:
            pace = (time.monotonic() - started) / 60
            print(f"step {step} of {steps}, loss {running:.3f}, {pace:.1f} min", flush=True)
        if step % 200 == 0 or step == steps:
            save(checkpoint, network, average, optimiser, step)
    save(checkpoint, network, average, optimiser, step)
    return checkpoint


def learning_rate(step: int, steps: int, peak: float) -> float:
    if step < 200:
        return peak * (step + 1) / 200
    return peak * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1, step / steps))))


@torch.no_grad()
def follow(average, network, step: int) -> None:
    keep = min(0.998, (1 + step) / (10 + step))
    for mean, now in zip(average.state_dict().values(), network.state_dict().values()):
        if mean.dtype.is_floating_point:
            mean.mul_(keep).add_(now, alpha=1 - keep)
        else:
            mean.copy_(now)


def save(file: Path, network, average, optimiser, step: int) -> None:
    aside = file.with_suffix(".part")
    state = {"network": network.state_dict(), "average": average.state_dict(), "optimiser": optimiser.state_dict(), "step": step}
    torch.save(state, aside)
    os.replace(aside, file)


if __name__ == "__main__":
    run(main)
