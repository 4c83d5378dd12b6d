#!/usr/bin/python3
"""MicroAST (Wang et al., AAAI 2023) with its authors' published weights, for comparison: any style by 0.5 M parameters.

Paints every photo in every style, as OUT/PHOTO-STYLE.png, and prints seconds a picture (without reading and writing).
`atelier evaluate` then measures them beside those of a method of Atelier's. The folder of weights holds
content_encoder_, style_encoder_, modulator_ and decoder_iter_160000.pth.tar.

    bench/microast.py --weights ../shared/data/weights/microast --photo samples/photo.jpg --style samples/great-wave.jpg \\
        --out painted
"""
import argparse
import pathlib
import statistics
import time

import torch
import torch.nn.functional as F
from PIL import Image

EPSILON = 1e-5


class Weights:
    """Convolutions of one file by name, each with reflected edges of half its kernel."""

    def __init__(self, folder, part):
        self.tensors = torch.load(folder / f"{part}_iter_160000.pth.tar", map_location="cpu")

    def conv(self, name, x, stride=1):
        weight, bias = (self.tensors[f"{name}.conv_layer.{which}"] for which in ("weight", "bias"))
        pad = weight.shape[2] // 2
        return F.conv2d(F.pad(x, [pad] * 4, mode="reflect") if pad else x, weight, bias, stride,
                        groups=x.shape[1] // weight.shape[1])

    def residual(self, name, x):
        return x + self.conv(f"{name}.conv2", F.relu(self.conv(f"{name}.conv1", x)))


def encode(weights, picture):
    """Features after the first and the second residual block, at a quarter of the size."""
    x = picture
    for layer, stride in ((0, 1), (2, 2), (4, 1), (6, 2), (8, 1)):
        x = F.relu(weights.conv(f"enc1.{layer}", x, stride))
    first = weights.residual("enc1.10", x)
    return first, weights.residual("enc2.0", first)


def modulate(weights, style):
    """(weight, bias) for each of the two depths, [1, 64, 1, 1]."""
    return [tuple(weights.conv(f"{kind}{depth}.0", features).mean((2, 3), keepdim=True) for kind in ("weight", "bias"))
            for depth, features in enumerate(style, 1)]


def adain(x, style, alpha):
    def moments(features):
        return features.mean((2, 3), keepdim=True), (features.var((2, 3), keepdim=True) + EPSILON).sqrt()
    (mean, deviation), (wanted_mean, wanted_deviation) = moments(x), moments(style)
    return torch.lerp(x, (x - mean) / deviation * wanted_deviation + wanted_mean, alpha)


def modulated(weights, name, x, signals):
    weight, bias = signals
    r = F.relu(weight * weights.conv(f"{name}.conv1", x) + bias * x)
    return x + weight * weights.conv(f"{name}.conv2", r) + bias * r


def decode(weights, content, style, signals, alpha):
    x = modulated(weights, "dec1", adain(content[1], style[1], alpha), signals[1])
    x = modulated(weights, "dec2", adain(x, style[0], alpha), signals[0])
    for layers in ((1, 3), (6, 8)):
        x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
        for layer in layers:
            x = F.relu(weights.conv(f"dec3.{layer}", x))
    return weights.conv("dec3.10", x)


class MicroAst:
    def __init__(self, folder):
        self.content, self.style, self.modulator, self.decoder = (
            Weights(folder, part) for part in ("content_encoder", "style_encoder", "modulator", "decoder"))

    def paint(self, photo, style, alpha):
        height, width = photo.shape[2:]
        padded = F.pad(photo, [0, -width % 4, 0, -height % 4], mode="reflect")
        learnt = encode(self.style, style)
        painted = decode(self.decoder, encode(self.content, padded), learnt, modulate(self.modulator, learnt), alpha)
        return painted[:, :, :height, :width].clamp(0, 1)


def read(path, side):
    image = Image.open(path).convert("RGB")
    scale = side / max(image.size)
    if scale < 1:
        image = image.resize([max(1, round(length * scale)) for length in image.size], Image.LANCZOS)
    data = torch.frombuffer(bytearray(image.tobytes()), dtype=torch.uint8)
    return data.reshape(1, image.height, image.width, 3).permute(0, 3, 1, 2).float() / 255


def write(path, picture):
    data = (picture[0] * 255).round().byte().permute(1, 2, 0).contiguous()
    Image.frombytes("RGB", (data.shape[1], data.shape[0]), bytes(data.flatten().tolist())).save(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=pathlib.Path, required=True, help="folder with the four files")
    parser.add_argument("--photo", type=pathlib.Path, nargs="+", required=True)
    parser.add_argument("--style", type=pathlib.Path, nargs="+", required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder to write to")
    parser.add_argument("--size", type=int, default=512, help="longer side of photo and style [512]")
    parser.add_argument("--alpha", type=float, default=1, help="share of the style, 0 to 1 [1]")
    parser.add_argument("--threads", type=int, help="PyTorch by itself takes half of the cores")
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    network = MicroAst(arguments.weights)
    arguments.out.mkdir(parents=True, exist_ok=True)
    styles = {path: read(path, arguments.size) for path in arguments.style}
    seconds = []
    with torch.no_grad():
        for photo in arguments.photo:
            content = read(photo, arguments.size)
            for path, style in styles.items():
                start = time.perf_counter()
                painted = network.paint(content, style, arguments.alpha)
                seconds.append(time.perf_counter() - start)
                write(arguments.out / f"{photo.stem}-{path.stem}.png", painted)
                print(f"{seconds[-1]:.3f} s  {photo.stem}-{path.stem}.png", flush=True)
    print(f"median {statistics.median(seconds):.3f} s")


if __name__ == "__main__":
    main()
