#!/usr/bin/python3
"""adain and wct in Python PyTorch: `transfer` of paint_bench.cpp, on the files that its `levels` wrote.

The photo is encoded, its features take on the painting's statistics, a decoder paints them; wct goes through five
levels. The painting's means and covariances (adain: variances) are taken before, as on the other sides.
"""
import argparse
import json
import pathlib

import torch
import torch.nn.functional as F

from gatys_step import read_safetensors
from paint import PaintingNetwork, add_common_options, layout_of, measured, timed


def moments(features):
    """Means and variances of the channels, [N, C, 1, 1]."""
    variance, mean = torch.var_mean(features, (2, 3), keepdim=True)
    return mean, variance


def adain(features, target, least):
    """Huang, Belongie, ICCV 2017, eq. 8."""
    mean, variance = moments(features)
    wanted_mean, wanted_variance = target
    ratio = (wanted_variance + least * wanted_variance.sum(1, keepdim=True)) / \
        (variance + least * variance.sum(1, keepdim=True))
    return (features - mean) * ratio.sqrt() + wanted_mean


def covariances(features):
    """Means [N, C, 1] and covariances [N, C, C]."""
    rows = features.flatten(2)
    mean = rows.mean(2, keepdim=True)
    centred = rows - mean
    return mean, centred @ centred.transpose(1, 2) / (rows.shape[2] - 1)


def power(covariance, exponent, least):
    """E f(D) Eᵀ over the eigenvalues that count."""
    values, vectors = torch.linalg.eigh(covariance.double())
    counts = values > values.amax(1, keepdim=True) * least
    powers = torch.where(counts, values.clamp_min(1e-300) ** exponent, torch.zeros_like(values))
    return ((vectors * powers[:, None]) @ vectors.transpose(1, 2)).float()


def wct(features, target, least):
    """Li et al., NIPS 2017, eq. 2 and 3."""
    mean, covariance = covariances(features)
    wanted_mean, wanted_covariance = target
    matrix = power(wanted_covariance, 0.5, least) @ power(covariance, -0.5, least)
    return (matrix @ (features.flatten(2) - mean) + wanted_mean).reshape(features.shape)


STATISTICS, TRANSFORMS = {"moments": moments, "eigen": covariances}, {"moments": adain, "eigen": wct}


class Levels:
    def __init__(self, folder, layout):
        folder = pathlib.Path(folder)
        self.settings, self.layout = json.loads((folder / "levels.json").read_text()), layout
        self.pairs = [[PaintingNetwork(folder / f"{part}-{tap}.safetensors", layout) for part in ("encoder", "decoder")]
                      for tap in self.settings["taps"]]

    def statistics(self, painting):
        painting = painting.contiguous(memory_format=self.layout)
        return [STATISTICS[self.settings["transform"]](encoder({"picture": painting})) for encoder, _ in self.pairs]

    def paint(self, photos, targets):
        margin, multiple, alpha = (self.settings[name] for name in ("margin", "multiple", "alpha"))
        height, width = photos.shape[2:]
        x = F.pad(F.pad(photos, [margin] * 4, mode="reflect"), [0, -width % multiple, 0, -height % multiple],
                  mode="reflect").contiguous(memory_format=self.layout)
        for (encoder, decoder), target in zip(self.pairs, targets):
            features = encoder({"picture": x})
            with torch.autocast("cpu", enabled=False):
                moved = TRANSFORMS[self.settings["transform"]](features, target, self.settings["least"])
                moved = torch.lerp(features, moved, alpha).contiguous(memory_format=self.layout)
            x = decoder({"features": moved}).clamp(0, 1)
        return x[:, :, margin:margin + height, margin:margin + width]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--network", required=True, help="the folder that `levels` wrote")
    add_common_options(parser)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    pictures = read_safetensors(arguments.pictures)
    photos = pictures["photo"].repeat(arguments.batch, 1, 1, 1)
    levels = Levels(arguments.network, layout_of(arguments))
    result = {}

    def work():
        result["painted"] = levels.paint(photos, targets)

    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=arguments.precision == "bf16"):
        targets = levels.statistics(pictures["style"])
        seconds = timed(arguments, work)
    painted = result["painted"].double()
    print(json.dumps({**measured(seconds, arguments), "mean": painted.mean().item(),
                      "square": painted.square().mean().item()}, indent=2))


if __name__ == "__main__":
    main()
