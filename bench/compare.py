#!/usr/bin/python3
"""Measures Atelier's optimisation step against Python PyTorch's, in turn, and writes the table of docs/benchmarks.md.

Every figure compares two programs within one round; a table cell is the median over rounds, with the range.
"""
import argparse
import datetime
import itertools
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import namedtuple

import painting

HERE = pathlib.Path(__file__).resolve().parent
PYTHON = "/usr/bin/python3"  # Debian's, which has python3-torch
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
KINDS = {"step", "look", "stylize", "paint", "batch", "train", "game", "race"}
PRECISIONS = {"fp32", "bf16", "auto"}
SIDE = re.compile(r"\d+(x\d+)?")  # a square's, or WIDTHxHEIGHT for networks that paint
SAME_STEP = {"fp32": 1e-3, "bf16": 2e-2}  # relative difference of the two sides' first losses that rounding explains
Case = namedtuple("Case", "kind network side precision steps groups")


def fail(message, status=2):
    print(f"compare.py: {message}", file=sys.stderr)
    sys.exit(status)


def say(message):
    print(message, file=sys.stderr, flush=True)


def read_cases(path):
    cases = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        words = line.split("#")[0].split()
        if not words:
            continue
        well_formed = len(words) == 6 and words[0] in KINDS and words[3] in PRECISIONS
        if not well_formed or not (SIDE.fullmatch(words[2]) and words[4].isdigit()):
            fail(f"{path.name}:{number} is no case; write KIND NETWORK SIDE PRECISION STEPS GROUPS")
        cases.append(Case(words[0], words[1], words[2], words[3], int(words[4]), words[5].split(",")))
    return cases


def tasks_running():
    """How many tasks want a processor now, this one not counted: a mean over half a second."""
    counts = []
    for _ in range(10):
        time.sleep(0.05)
        lines = pathlib.Path("/proc/stat").read_text().splitlines()
        counts.append(next(int(line.split()[1]) for line in lines if line.startswith("procs_running")) - 1)
    return statistics.mean(counts)


class Bench:
    """Runs the programs; keeps encoders and pictures, which both sides read, in one folder."""

    def __init__(self, options, folder):
        self.options, self.folder = options, pathlib.Path(folder)
        self.machine = json.loads(self.atelier("machine"))
        if self.machine["blas_kernels"]:  # PyTorch alone would take those for unknown processors
            os.environ.setdefault("OPENBLAS_CORETYPE", self.machine["blas_kernels"])
        self.threads = options.threads or self.machine["cores"]
        self.layouts = {}
        self.others = []

    def note_others(self):
        self.others.append(tasks_running())

    def atelier(self, *words):
        return self.run([self.options.program, *words])

    def run(self, words):
        done = subprocess.run([str(word) for word in words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            raise RuntimeError(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"{words[0]} failed")
        return done.stdout

    def files(self, case):
        weights = self.folder / (case.network.replace(":", "-").replace("/", "_") + ".safetensors")
        if not weights.exists():
            self.atelier("weights", case.network, weights)
        pictures = self.folder / f"pictures-{case.side}.safetensors"
        if not pictures.exists():
            self.atelier("pictures", self.options.photo, self.options.painting, case.side, pictures)
        return ["--weights", weights, "--pictures", pictures]

    def ours(self, case, precision, *words):
        self.note_others()
        return json.loads(self.atelier("--threads", self.threads, "step", *self.files(case), "--precision", precision,
                                       "--steps", case.steps, *words))

    def theirs(self, case, precision, steps, layout):
        return json.loads(self.run([PYTHON, HERE / "gatys_step.py", *self.files(case), "--precision", precision,
                                    "--steps", steps, "--layout", layout, "--threads", self.threads]))

    def peer(self, case, precision):
        """PyTorch's run in the layout that proves faster here in a short trial, made once."""
        key = (case.network, case.side, precision)
        if key not in self.layouts:
            trials = {layout: self.theirs(case, precision, 2, layout)["median_seconds"]
                      for layout in ("contiguous", "channels-last")}
            self.layouts[key] = min(trials, key=trials.get)
        return self.theirs(case, precision, case.steps, self.layouts[key])

    def command(self, case):
        """Seconds and peak memory of the whole command line."""
        self.note_others()
        output = self.folder / "painted.png"
        words = [self.options.atelier, "stylize", self.options.photo, "--style", self.options.painting,
                 "--method", "gatys", "--size", case.side, "--encoder", case.network, "--precision", case.precision,
                 "--threads", self.threads, "--quiet", "-o", output]
        start = time.perf_counter()
        child = subprocess.Popen([str(word) for word in words], stdin=subprocess.DEVNULL)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            raise RuntimeError(f"atelier stylize ended with status {child.returncode}")
        output.unlink()
        return {"seconds": time.perf_counter() - start, "peak_bytes": used.ru_maxrss * 1024}


def spread(values, form="{:.2f}"):
    values = sorted(values)
    text = form.format(statistics.median(values))
    return text if len(values) == 1 else f"{text} ({form.format(values[0])} to {form.format(values[-1])})"


def middle(runs, name):
    return statistics.median(run[name] for run in runs)


def megabytes(runs):
    return f"{middle(runs, 'peak_bytes') / 1e6:.0f}"


def off(value, reference):
    return f"{100 * (value / reference - 1):+.2f} %"


def check_same_step(mine, other):
    tolerance = max(SAME_STEP[run["precision"]] for run in (mine, other))
    losses = [run["first"]["total"] for run in (mine, other)]
    if not abs(losses[0] / losses[1] - 1) <= tolerance:
        raise RuntimeError(f"the first losses are {losses[0]} and {losses[1]}: this is not the same step")


def step_rows(bench, cases, rounds):
    """Rows for the precisions of one network and size: A B A B within a round, round after round."""
    runs = {}
    for turn in range(rounds):
        for case in cases:
            say(f"step {case.network} {case.side} {case.precision}, round {turn + 1} of {rounds}")
            runs.setdefault(("atelier", case.precision), []).append(bench.ours(case, case.precision))
            runs.setdefault(("pytorch", case.precision), []).append(bench.peer(case, case.precision))
    pairs = [(case.precision, case.precision) for case in cases]
    if {("bf16", "bf16"), ("fp32", "fp32")} <= set(pairs):
        pairs.append(("bf16", "fp32"))
    rows = []
    for mine, other in pairs:
        a, b = runs["atelier", mine], runs["pytorch", other]
        check_same_step(a[0], b[0])
        ratios = [y["median_seconds"] / x["median_seconds"] for x, y in zip(a, b)]
        rows.append([cases[0].network, cases[0].side, mine, f"{other}, {b[0]['engine']}", spread(ratios),
                     f"{middle(a, 'median_seconds'):.3f} / {middle(b, 'median_seconds'):.3f}",
                     f"{megabytes(a)} / {megabytes(b)}", off(a[0]["first"]["total"], b[0]["first"]["total"]),
                     off(a[0]["last"]["total"], b[0]["last"]["total"])])
    return rows


def look_row(bench, case):
    say(f"look {case.network} {case.side}, {case.steps} steps in fp32 and {case.precision}")
    exact, fast = (bench.ours(case, precision, "--evaluate")["final"] for precision in ("fp32", case.precision))
    return [case.network, case.side, case.steps, f"{exact['total']:.5f} / {fast['total']:.5f}"] + \
        [off(fast[term], exact[term]) for term in ("total", "style", "content")]


def stylize_row(bench, case, rounds):
    whole, peers = [], []
    short = case._replace(steps=5)
    for turn in range(rounds):
        say(f"stylize {case.network} {case.side}, round {turn + 1} of {rounds}")
        bench.files(case)
        whole.append(bench.command(case))
        peers.append(bench.peer(short, "fp32"))
    theirs = [case.steps * peer["median_seconds"] for peer in peers]
    return [case.network, case.side, spread([y / x["seconds"] for x, y in zip(whole, theirs)], "{:.1f}"),
            f"{middle(whole, 'seconds'):.1f} / {statistics.median(theirs):.0f}",
            f"{megabytes(whole)} / {megabytes(peers)}"]


def table(heads, rows):
    if not rows:
        return "None measured in this run."
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def described(bench, options):
    m = bench.machine
    peer = bench.run([PYTHON, "-c", "import torch; print(torch.__version__)"]).strip()
    return "\n".join([
        f"Measured on {datetime.date.today()}, Atelier {m['atelier']}; rounds: {options.rounds}; "
        f"tasks of others running meanwhile: {statistics.mean(bench.others or [0]):.1f}.", "",
        f"- Machine: {m['cpu']}, {bench.threads} threads on {m['cores']} cores, {m['memory'] / 2**30:.0f} GiB; "
        f"{', '.join(m['instruction_sets'])}.",
        f"- Atelier: LibTorch {m['libtorch']} ({m['libtorch_kernels']} kernels), "
        f"oneDNN {m['onednn']} ({m['onednn_isa']}).",
        f"- PyTorch: {peer} of Debian's python3-torch. BLAS of both: {m['blas']}"
        + (f", kernels for {m['blas_kernels']}." if m["blas_kernels"] else ".")])


class Figures:
    """The rows of all tables, and what was passed over."""

    def __init__(self):
        self.rows, self.skipped = {}, []

    def attempt(self, name, work):
        try:
            work()
        except RuntimeError as error:
            self.skip(name, error)

    def skip(self, name, why):
        self.skipped.append(f"{name}: {why}")
        say(f"passed over {self.skipped[-1]}")

    def add(self, table_name, rows):
        self.rows.setdefault(table_name, []).extend(rows)


def measure_painting(bench, options, cases, figures):
    networks = painting.Painting(bench, PYTHON, spread, middle, megabytes, say)

    def paint(case):
        rows, missing = networks.paint_rows(case, options.rounds)
        figures.add("paint", rows)
        for name, why in missing.items():
            figures.skip(f"{case.kind} {case.network} {case.side}, {name}", why)

    works = {"paint": paint, "batch": paint,
             "train": lambda case: figures.add("train", [networks.train_row(case, options.rounds)]),
             "game": lambda case: figures.add("game", [networks.game_row(case, options.rounds)]),
             "race": lambda case: figures.add("race", [networks.race_row(case)])}
    for case in cases:
        if case.kind in works:
            figures.attempt(f"{case.kind} {case.network} {case.side}", lambda: works[case.kind](case))


def measure(bench, options, cases):
    figures = Figures()
    if not bench.machine["fast_bf16"]:
        cases = [case for case in cases if case.precision != "bf16"]
        figures.skipped.append("all bf16 cases: the processor is not faster by it")
    step_cases = [case for case in cases if case.kind == "step"]
    for (network, side), group in itertools.groupby(step_cases, lambda case: (case.network, case.side)):
        group = list(group)
        figures.attempt(f"step {network} {side}",
                        lambda: figures.add("step", step_rows(bench, group, options.rounds)))
    for case in cases:
        name = f"{case.kind} {case.network} {case.side}"
        if case.kind == "look":
            figures.attempt(name, lambda: figures.add("look", [look_row(bench, case)]))
        elif case.kind == "stylize":
            figures.attempt(name, lambda: figures.add("stylize", [stylize_row(bench, case, options.rounds)]))
    measure_painting(bench, options, cases, figures)
    return figures


HEADS = {
    "step": ["network", "side", "Atelier", "PyTorch", "times faster (range)", "seconds a step, Atelier / PyTorch",
             "peak MB, Atelier / PyTorch", "first loss off by", "last loss off by"],
    "look": ["network", "side", "steps", "loss after fp32 / bf16", "total off by", "style off by", "content off by"],
    "stylize": ["encoder", "side", "times faster (range)", "seconds, Atelier / PyTorch's steps alone",
                "peak MB, Atelier / PyTorch"],
    **painting.HEADS}
TITLES = {"step": "One step", "look": "The same picture in bfloat16", "stylize": "The whole command",
          "paint": "Networks that paint", "train": "A training step",
          "game": "A step of adversarial training", "race": "A network against the optimisation"}


def report(bench, options, figures):
    parts = [described(bench, options)]
    for name, title in TITLES.items():
        parts += [f"### {title}", table(HEADS[name], figures.rows.get(name, []))]
    if figures.skipped:
        parts += ["### Passed over", "\n".join(f"- {line}" for line in figures.skipped)]
    return "\n\n".join(parts)


def write_between_markers(path, text):
    page = path.read_text()
    if page.count(BEGIN) != 1 or page.count(END) != 1 or page.index(BEGIN) > page.index(END):
        fail(f"{path} lacks the lines {BEGIN} and {END}; put them where the figures belong")
    before, after = page.split(BEGIN)[0], page.split(END)[1]
    temporary = path.with_suffix(".partial")
    temporary.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}")
    temporary.replace(path)


def parse():
    fixtures = HERE.parent / "tests" / "fixtures"
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True, help="gatys_step_bench")
    parser.add_argument("--atelier", default="atelier", help="the program, for cases of kind stylize")
    parser.add_argument("--group", default="full", choices=["smoke", "ci", "full"])
    parser.add_argument("--only", default="", help="cases whose line contains this")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=0, help="for both sides; 0: all cores")
    parser.add_argument("--photo", default=fixtures / "photo_128.png")
    parser.add_argument("--painting", default=fixtures / "painting_128.png")
    parser.add_argument("--write", type=pathlib.Path, help="page to put the tables into")
    return parser.parse_args()


def main():
    options = parse()
    cases = [case for case in read_cases(HERE / "cases.txt") if options.group in case.groups
             and options.only in f"{case.kind} {case.network} {case.side} {case.precision}"]
    if not cases or options.rounds < 1:
        fail("nothing to measure; choose another --group or --only, and at least one round")
    with tempfile.TemporaryDirectory(prefix="atelier-bench-") as folder:
        bench = Bench(options, folder)
        for advice in bench.machine["advice"]:
            say(advice)
        if tasks_running() > 0.5:
            say("other programs are running: two threads then wait for each other, and no figure means much")
        text = report(bench, options, measure(bench, options, cases))
    if options.write:
        write_between_markers(options.write, text)
    print(text)


if __name__ == "__main__":
    main()
