"""From which size on INT8 pays on this CPU: FP32 against INT8 on YOLOX graphs with random weights."""

import argparse
import logging
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnxruntime.quantization.shape_inference import quant_pre_process

from .bundle import cpu_features
from .detector import open_session
from .graph import GraphMap
from .quantise import write_int8
from .refuse import Refused, run
from .yolox_graph import SIZES, YoloxGraph

ACTIVATIONS = ("silu", "relu")
# The stem that a real YOLOX needs in float.
FLOAT_CONVOLUTIONS = 4


def main() -> None:
    parser = argparse.ArgumentParser(prog="tierwatch model int8-speed", description=__doc__)
    parser.add_argument("--sizes", default="nano,tiny,s,m", help=f"of {', '.join(SIZES)}")
    parser.add_argument("--input", default="256x416", help="HEIGHTxWIDTH in px, multiples of 32")
    parser.add_argument("--rounds", type=int, default=7)
    args = parser.parse_args()
    sizes = args.sizes.split(",")
    shape = re.fullmatch(r"(\d+)x(\d+)", args.input)
    if not shape or int(shape[1]) % 32 or int(shape[2]) % 32 or min(int(shape[1]), int(shape[2])) < 64:
        raise Refused(f'"--input {args.input}": expected HEIGHTxWIDTH in multiples of 32 px from 64 on, such as 256x416')
    unknown = [size for size in sizes if size not in SIZES]
    if unknown:
        raise Refused(f'"--sizes {args.sizes}": expected names of {", ".join(SIZES)}, found {", ".join(unknown)}')
    print(f"CPU: {' '.join(cpu_features()) or 'unnamed'}; onnxruntime {onnxruntime.__version__}, one thread, batch 1, thread CPU ms, median of {args.rounds}; {args.input}, random weights\n")
    print("| YOLOX | activation | GMAC | FP32 ms | INT8 ms | INT8 is faster by |\n|---|---|---|---|---|---|")
    for size in sizes:
        for activation in ACTIVATIONS:
            gigamacs, plain, int8 = measure(size, (int(shape[1]), int(shape[2])), activation, args.rounds)
            print(f"| {size} | {activation} | {gigamacs:.2f} | {plain:.1f} | {int8:.1f} | {plain / int8:.2f}x |", flush=True)


def measure(size: str, shape: tuple[int, int], activation: str, rounds: int) -> tuple[float, float, float]:
    """GMAC a picture, and ms of FP32 and INT8, run in turn."""
    logging.getLogger().setLevel(logging.ERROR)
    builder = YoloxGraph(size, *shape, activation)
    pictures = [np.random.default_rng(seed).integers(0, 256, (*shape, 3), dtype=np.uint8) for seed in range(2)]
    with tempfile.TemporaryDirectory() as folder:
        plain, prepared, int8 = (str(Path(folder) / name) for name in ("plain.onnx", "prepared.onnx", "int8.onnx"))
        onnx.save(builder.build(), plain)
        quant_pre_process(plain, prepared, skip_symbolic_shape=True)
        network = GraphMap(onnx.load(prepared)).network()
        start = [place for place, node in enumerate(network) if node.op_type == "Conv"][FLOAT_CONVOLUTIONS]
        write_int8(Path(prepared), Path(int8), pictures, [node.name for node in network[start:]], reduce_range=True)
        sessions = [open_session(plain), open_session(int8)]
    times: list[list[float]] = [[], []]
    for turn in range(rounds + 1):
        for place, session in enumerate(sessions):
            before = time.thread_time()
            session.run(["confidences"], {"images": pictures[0][None]})
            if turn > 0:
                times[place].append((time.thread_time() - before) * 1000)
        if sys.stderr.isatty():
            print(f"\r\x1b[K{size} {activation}: {turn} of {rounds}", end="", file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr)
    return builder.macs / 1e9, statistics.median(times[0]), statistics.median(times[1])


if __name__ == "__main__":
    run(main)
