#!/usr/bin/python3
"""Networks that paint in Python PyTorch: `paint`, `train` and `game` of paint_bench.cpp, on the same files.

`paint` applies the network that a model file describes. `train` is the training step of pytorch/examples,
fast_neural_style: the network, VGG features of result and photo, mean squared differences at relu2_2 and of Gram
matrices at relu1_2, relu2_2, relu3_3 and relu4_3, Adam. `game` is the step of pix2pix as its authors' PyTorch code
has it: the critic on the real and the made picture beside the photo, then the generator by the critic and 100 times L1.
"""
import argparse
import json
import statistics
import struct
import time

import torch
import torch.nn.functional as F

import gatys_step
from gatys_step import gram, peak_bytes, read_safetensors

EXAMPLES_STYLE_TAPS, EXAMPLES_CONTENT_TAP = ["relu1_2", "relu2_2", "relu3_3", "relu4_3"], "relu2_2"
EXAMPLES_CONTENT_WEIGHT, EXAMPLES_STYLE_WEIGHT, LEARNING_RATE = 1e5, 1e10, 1e-3
PIX2PIX_RATE, PIX2PIX_L1_WEIGHT = 2e-4, 100


def read_metadata(path):
    with open(path, "rb") as file:
        size = struct.unpack("<Q", file.read(8))[0]
        return json.loads(file.read(size)).get("__metadata__", {})


class PaintingNetwork(torch.nn.Module):
    """A model's graph, node by node (docs/models.md), by the functions that a module written for it would call."""

    def __init__(self, path, layout):
        super().__init__()
        self.nodes = json.loads(read_metadata(path)["graph"])
        for name, tensor in read_safetensors(path).items():
            if tensor.dim() == 4:
                tensor = tensor.contiguous(memory_format=layout)
            self.register_parameter(name.replace(".", "/"), torch.nn.Parameter(tensor))

    def parameter(self, node, which):
        return getattr(self, f"{node['name']}/{which}", None)

    def conv(self, node, x):
        padding, kernel, stride = node.get("padding", 0), node["kernel"], node.get("stride", 1)
        edge = node.get("edge", "zero")
        if edge == "same":
            total = [max((-(-size // stride) - 1) * stride + kernel - size, 0) for size in x.shape[2:]]
            x = F.pad(x, [total[1] // 2, total[1] - total[1] // 2, total[0] // 2, total[0] - total[0] // 2])
            padding = 0
        elif edge != "zero" and padding:
            x = F.pad(x, [padding] * 4, mode={"reflection": "reflect", "replicate": "replicate"}[edge])
            padding = 0
        return F.conv2d(x, self.parameter(node, "weight"), self.parameter(node, "bias"), stride, padding,
                        groups=node.get("groups", 1))

    def transposed_conv(self, node, x):
        stride = node["stride"]
        surplus = node["kernel"] - stride
        full = F.conv_transpose2d(x, self.parameter(node, "weight"), self.parameter(node, "bias"), stride,
                                  groups=node.get("groups", 1))
        first = surplus // 2
        return full[:, :, first:first + x.shape[2] * stride, first:first + x.shape[3] * stride]

    def conditional_norm(self, node, x, shares):
        def spread(which):
            return shares.matmul(self.parameter(node, which))[:, :, None, None]
        return F.instance_norm(x.float(), eps=node["value"]) * spread("weight") + spread("bias")

    def evaluate(self, node, inputs):
        op, x = node["op"], inputs[0]
        if op == "conv":
            return self.conv(node, x)
        if op == "transposed_conv":
            return self.transposed_conv(node, x)
        if op == "instance_norm":
            return F.instance_norm(x.float(), weight=self.parameter(node, "weight"),
                                   bias=self.parameter(node, "bias"), eps=node["value"])
        if op == "layer_norm":
            return F.group_norm(x.float(), 1, self.parameter(node, "weight"), self.parameter(node, "bias"),
                                node["value"])
        if op == "conditional_norm":
            return self.conditional_norm(node, x, inputs[1])
        if op == "upsample":
            return F.interpolate(x, scale_factor=node["factor"], mode="nearest")
        if op == "upsample_bilinear":
            return F.interpolate(x, scale_factor=node["factor"], mode="bilinear", align_corners=False)
        if op == "max_pool":
            return F.max_pool2d(x, node["factor"])
        if op == "average_pool":
            return F.avg_pool2d(x, node["factor"])
        if op == "leaky_relu":
            return F.leaky_relu(x, node["value"])
        if op == "dropout":
            return F.dropout(x, node["value"], self.training)
        if op == "scale":
            return x * node.get("value", 0) + node.get("offset", 0)
        simple = {"relu": F.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid}
        if op in simple:
            return simple[op](x)
        if op == "add":
            return x + inputs[1]
        if op == "concat":
            return torch.cat(inputs, 1)
        raise SystemExit(f"paint.py: the operation {op} is not measured; choose another network")

    def forward(self, inputs):
        values = dict(inputs)
        uses = {}
        for node in self.nodes:
            for name in node.get("inputs", []):
                uses[name] = uses.get(name, 0) + 1
        for node in self.nodes:
            if node["op"] == "input":
                continue
            values[node["name"]] = self.evaluate(node, [values[name] for name in node["inputs"]])
            for name in node["inputs"]:
                uses[name] -= 1
                if uses[name] == 0:
                    del values[name]
        return values[self.nodes[-1]["name"]].float()

    def multiple(self):
        """What the sides must be multiples of: the product of the strides, for networks that go down once."""
        strides = 1
        for node in self.nodes:
            if node["op"] == "conv":
                strides *= node.get("stride", 1)
        return strides

    def inputs_for(self, pictures):
        """The pictures, and all of the first style where there are several."""
        inputs = {"picture": pictures}
        for node in self.nodes:
            if node["op"] == "conditional_norm":
                styles = self.parameter(node, "weight").shape[0]
                inputs[node["inputs"][1]] = F.one_hot(torch.tensor([0]), styles).float()
        return inputs


def measured(seconds, arguments):
    return {"program": "pytorch", "engine": arguments.layout, "precision": arguments.precision,
            "batch": arguments.batch, "threads": torch.get_num_threads(), "seconds": seconds,
            "median_seconds": statistics.median(seconds), "peak_bytes": peak_bytes(), "torch": torch.__version__}


def timed(arguments, work):
    seconds = []
    for turn in range(arguments.warm_up + arguments.count):
        start = time.perf_counter()
        work()
        if turn >= arguments.warm_up:
            seconds.append(time.perf_counter() - start)
    return seconds


def layout_of(arguments):
    return {"contiguous": torch.contiguous_format, "channels-last": torch.channels_last}[arguments.layout]


def paint(arguments):
    network = PaintingNetwork(arguments.network, layout_of(arguments))
    photo = read_safetensors(arguments.pictures)["photo"].repeat(arguments.batch, 1, 1, 1)
    height, width = photo.shape[2:]
    multiple = network.multiple()
    result = {}

    def work():
        padded = F.pad(photo, [0, -width % multiple, 0, -height % multiple], mode="reflect")
        padded = padded.contiguous(memory_format=layout_of(arguments))
        result["painted"] = network(network.inputs_for(padded))[:, :, :height, :width].clamp(0, 1)

    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=arguments.precision == "bf16"):
        seconds = timed(arguments, work)
    painted = result["painted"].double()
    return {**measured(seconds, arguments), "mean": painted.mean().item(), "square": painted.square().mean().item()}


def train(arguments):
    gatys_step.STYLE_TAPS, gatys_step.CONTENT_TAP = EXAMPLES_STYLE_TAPS, EXAMPLES_CONTENT_TAP
    layout = layout_of(arguments)
    network = PaintingNetwork(arguments.network, layout)
    encoder = gatys_step.Network(read_safetensors(arguments.weights), torch.float32, layout)
    pictures = read_safetensors(arguments.pictures)
    photos = pictures["photo"].repeat(arguments.batch, 1, 1, 1).contiguous(memory_format=layout)
    with torch.no_grad():
        found = encoder.features(pictures["style"])
        targets = {tap: gram(found[tap]) / found[tap].shape[1] for tap in EXAMPLES_STYLE_TAPS}
    optimiser = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE)
    losses = []

    def work():
        optimiser.zero_grad()
        painted = network(network.inputs_for(photos))
        found = encoder.features(painted)
        photo_features = encoder.features(photos)
        content = EXAMPLES_CONTENT_WEIGHT * F.mse_loss(found[EXAMPLES_CONTENT_TAP],
                                                       photo_features[EXAMPLES_CONTENT_TAP])
        style = sum(F.mse_loss(gram(found[tap]) / found[tap].shape[1], target.expand(arguments.batch, -1, -1))
                    for tap, target in targets.items())
        loss = content + EXAMPLES_STYLE_WEIGHT * style
        loss.backward()
        optimiser.step()
        losses.append(loss.item())

    return {**measured(timed(arguments, work), arguments), "loss": losses[-1]}


def game(arguments):
    layout = layout_of(arguments)
    generator, critic = PaintingNetwork(arguments.network, layout), PaintingNetwork(arguments.weights, layout)
    pictures = read_safetensors(arguments.pictures)
    photos = pictures["photo"].repeat(arguments.batch, 1, 1, 1).contiguous(memory_format=layout)
    targets = F.interpolate(pictures["style"], photos.shape[2:], mode="bilinear").repeat(arguments.batch, 1, 1, 1)
    players = [(network, torch.optim.Adam(network.parameters(), lr=PIX2PIX_RATE, betas=(0.5, 0.999)))
               for network in (generator, critic)]
    losses = []

    def judged(picture, real):
        verdicts = critic({"picture": picture, "photo": photos})
        return F.binary_cross_entropy_with_logits(verdicts, torch.full_like(verdicts, float(real)))

    def update(player, loss):
        player[1].zero_grad()
        loss.backward()
        player[1].step()

    def work():
        made = generator({"picture": photos})
        critic.requires_grad_(True)
        update(players[1], (judged(made.detach(), False) + judged(targets, True)) / 2)
        critic.requires_grad_(False)
        loss = judged(made, True) + PIX2PIX_L1_WEIGHT * 2 * F.l1_loss(made, targets)  # authors' pictures: -1 to 1
        update(players[0], loss)
        losses.append(loss.item())

    return {**measured(timed(arguments, work), arguments), "loss": losses[-1]}


def add_common_options(parser):
    parser.add_argument("--pictures", required=True)
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    parser.add_argument("--layout", choices=["contiguous", "channels-last"], default="contiguous")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--count", type=int, default=5)
    parser.add_argument("--warm-up", type=int, default=2)
    parser.add_argument("--threads", type=int, required=True, help="PyTorch by itself takes half of the cores")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["paint", "train", "game"])
    parser.add_argument("--network", required=True)
    parser.add_argument("--weights", help="train: the encoder; game: the critic")
    add_common_options(parser)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    print(json.dumps({"paint": paint, "train": train, "game": game}[arguments.what](arguments), indent=2))


if __name__ == "__main__":
    main()
