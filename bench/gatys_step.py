#!/usr/bin/python3
"""The optimisation step of gatys_step_bench.cpp in Python PyTorch, on the same files, with the same JSON as result.

Written as PyTorch users write it (autograd, torch.optim.Adam), with what costs PyTorch nothing and helps it: all
cores, ReLU in place, and the memory layout of choice.
"""
import argparse
import json
import re
import statistics
import struct
import time

import torch
import torch.nn.functional as F

STYLE_TAPS = ["relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"]
CONTENT_TAP = "relu4_2"
CONTENT_WEIGHT, STYLE_WEIGHT, TV_WEIGHT, LEARNING_RATE = 0.05, 1.0, 0.02, 0.02


def read_safetensors(path):
    """Tensors of a safetensors file that holds only float32; https://github.com/huggingface/safetensors, "Format"."""
    with open(path, "rb") as file:
        size = struct.unpack("<Q", file.read(8))[0]
        header = json.loads(file.read(size))
        data = bytearray(file.read())
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        if entry["dtype"] != "F32":
            raise SystemExit(f"gatys_step.py: {path} holds {entry['dtype']}; write it with gatys_step_bench")
        begin, end = entry["data_offsets"]
        flat = torch.frombuffer(data, dtype=torch.float32, count=(end - begin) // 4, offset=begin)
        tensors[name] = flat.reshape(entry["shape"]).clone()
    return tensors


class Network:
    """VGG's chain of 3x3 convolutions; the first of each block but block 1 comes after a 2x2 max pooling."""

    def __init__(self, tensors, dtype, layout):
        names = sorted(m.group(1) for m in (re.fullmatch(r"(conv[1-9]_[1-9])\.weight", n) for n in tensors) if m)
        last = "conv" + max(tap[4:] for tap in STYLE_TAPS + [CONTENT_TAP])
        self.layers = [(name, tensors[name + ".weight"].to(dtype=dtype, memory_format=layout),
                        tensors[name + ".bias"].to(dtype)) for name in names if name <= last]
        self.input = (tensors["input.weight"], tensors["input.bias"])
        self.readouts = {n[:7]: t for n, t in tensors.items() if n.endswith(".readout")}
        self.dtype, self.layout = dtype, layout

    def features(self, picture):
        x = F.conv2d(picture, *self.input).to(dtype=self.dtype, memory_format=self.layout)
        found = {}
        for name, weight, bias in self.layers:
            if name[6] == "1" and name[4] != "1":
                x = F.max_pool2d(x, 2)
            x = F.relu(F.conv2d(x, weight, bias, padding=1), inplace=True)
            tap = "relu" + name[4:]
            if tap in STYLE_TAPS or tap == CONTENT_TAP:
                found[tap] = x.float()
                if tap in self.readouts:
                    found[tap] = F.conv2d(found[tap], self.readouts[tap])
        return found


def gram(features):
    rows = features.flatten(2)
    return rows.bmm(rows.transpose(1, 2)) / rows.shape[2]


class Objective:
    def __init__(self, network, photo, style):
        self.network = network
        with torch.no_grad():
            self.content = network.features(photo)[CONTENT_TAP].clone()
            found = network.features(style)
            self.grams = {tap: gram(found[tap]) for tap in STYLE_TAPS}

    def __call__(self, x):
        found = self.network.features(x)
        content = (found[CONTENT_TAP] - self.content).square().sum() / self.content.square().sum()
        style = sum((gram(found[tap]) - wanted).square().sum() / wanted.square().sum()
                    for tap, wanted in self.grams.items()) / len(self.grams)
        tv = ((x[..., 1:] - x[..., :-1]).square().sum() + (x[..., 1:, :] - x[..., :-1, :]).square().sum()) \
            / (x.shape[2] * x.shape[3])
        return {"content": CONTENT_WEIGHT * content, "style": STYLE_WEIGHT * style, "tv": TV_WEIGHT * tv}


def as_json(terms):
    values = {name: term.item() for name, term in terms.items()}
    return {**values, "total": sum(values.values())}


def peak_bytes():
    """The most memory that this process has occupied since it became Python."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:"))


def blas_file():
    """The library that serves PyTorch's matrix products, as far as it is loaded."""
    with open("/proc/self/maps") as maps:
        return next((line.split()[-1] for line in maps if "blas" in line.split()[-1]), "")


def measure(arguments):
    dtype = {"fp32": torch.float32, "bf16": torch.bfloat16}[arguments.precision]
    layout = {"contiguous": torch.contiguous_format, "channels-last": torch.channels_last}[arguments.layout]
    tensors, pictures = read_safetensors(arguments.weights), read_safetensors(arguments.pictures)
    objective = Objective(Network(tensors, dtype, layout), pictures["photo"], pictures["style"])
    x = pictures["photo"].clone().requires_grad_(True)
    optimiser = torch.optim.Adam([x], lr=LEARNING_RATE)
    seconds, first, terms = [], None, None
    for step in range(arguments.warm_up + arguments.steps):
        start = time.perf_counter()
        optimiser.zero_grad()
        terms = objective(x)
        sum(terms.values()).backward()
        optimiser.step()
        if step >= arguments.warm_up:
            seconds.append(time.perf_counter() - start)
        first = first or as_json(terms)
    return {"program": "pytorch", "engine": arguments.layout, "precision": arguments.precision, "side": x.shape[3],
            "threads": torch.get_num_threads(), "seconds": seconds, "median_seconds": statistics.median(seconds),
            "peak_bytes": peak_bytes(), "first": first, "last": as_json(terms),
            "torch": torch.__version__, "blas": blas_file()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", required=True)
    parser.add_argument("--pictures", required=True)
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    parser.add_argument("--layout", choices=["contiguous", "channels-last"], default="contiguous")
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--warm-up", type=int, default=2)
    parser.add_argument("--threads", type=int, required=True, help="PyTorch by itself takes half of the cores")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    print(json.dumps(measure(arguments), indent=2))


if __name__ == "__main__":
    main()
