#!/usr/bin/python3
"""Measures DBSCAN on the colours of pictures against scikit-learn's, on the same pixels, in turn, in one run.

Prints a table for docs/benchmarks.md. Seconds are of processor time: both sides use one thread, and a busy machine then
disturbs them least. Every label of every pixel must agree, or the run fails. Needs Debian's
python3-sklearn and python3-pil; without them it says so and ends well.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

try:
    import numpy as np
    import sklearn
    from PIL import Image
    from sklearn.cluster import DBSCAN
except ImportError as missing:
    print(f"dbscan.py: passed over: {missing}; install python3-sklearn and python3-pil", file=sys.stderr)
    sys.exit(0)

SAMPLES = pathlib.Path(__file__).resolve().parent.parent / "samples"


def square(path, side):
    """The middle of a picture, as pixels [side * side, 3]."""
    image = Image.open(path).convert("RGB")
    short = min(image.size)
    left, top = (image.width - short) // 2, (image.height - short) // 2
    return np.asarray(image.crop((left, top, left + short, top + short)).resize((side, side), Image.LANCZOS)).reshape(-1, 3)


def ours(options, pixels, folder):
    (folder / "pixels").write_bytes(pixels.tobytes())
    words = [options.program, folder / "pixels", folder / "labels", options.eps, options.min_points, options.repeats]
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=True)
    return json.loads(done.stdout), np.fromfile(folder / "labels", dtype=np.int32)


def theirs(options, pixels):
    start = time.process_time()
    found = DBSCAN(eps=options.eps, min_samples=options.min_points).fit(pixels)
    return time.process_time() - start, found.labels_


def spread(values):
    return f"{statistics.median(values):.0f} ({min(values):.0f} to {max(values):.0f})"


def row(options, path, folder):
    pixels = square(path, options.side)
    counts, labels, seconds = [], [], []
    for _ in range(options.rounds):
        mine, my_labels = ours(options, pixels, folder)
        other, their_labels = theirs(options, pixels)
        if not np.array_equal(my_labels, their_labels):
            sys.exit(f"dbscan.py: {path}: {np.count_nonzero(my_labels != their_labels)} pixels have other labels")
        counts.append(other / mine["count_seconds"])
        labels.append(other / mine["label_seconds"])
        seconds.append((mine["count_seconds"], mine["label_seconds"], other))
    count, label, other = (statistics.median(column) for column in zip(*seconds))
    return [path.name, mine["colours"], mine["clusters"], spread(counts), spread(labels),
            f"{1e3 * count:.2f} / {1e3 * label:.2f} / {1e3 * other:.0f}"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pictures", nargs="*", type=pathlib.Path, default=sorted(SAMPLES.glob("*.jpg")))
    parser.add_argument("--program", required=True, help="dbscan_bench")
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--eps", type=float, default=2)
    parser.add_argument("--min-points", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--repeats", type=int, default=51, help="of ours in each round; the median counts")
    options = parser.parse_args()
    print(f"scikit-learn {sklearn.__version__}, {options.side} x {options.side} pixels, eps {options.eps:g}, "
          f"{options.min_points} points, {options.rounds} rounds\n")
    heads = ["picture", "colours", "clusters", "times faster, count (range)", "with every pixel's label",
             "milliseconds: count / labels / scikit-learn"]
    print("| " + " | ".join(heads) + " |\n|" + " --- |" * len(heads))
    with tempfile.TemporaryDirectory(prefix="atelier-dbscan-") as folder:
        for path in options.pictures:
            print("| " + " | ".join(str(cell) for cell in row(options, path, pathlib.Path(folder))) + " |", flush=True)


if __name__ == "__main__":
    main()
