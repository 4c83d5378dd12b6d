"""The cases of compare.py that measure networks that paint: paint, batch, train, game and race."""
import json
import os
import pathlib

HERE = pathlib.Path(__file__).resolve().parent
BATCH = 4  # pictures at a time in cases of kind batch and train
TRANSFERS = {"adain", "wct"}  # encoder, transfer of statistics, decoder, and not one network
SAME_PICTURE = {"fp32": 1e-3, "bf16": 2e-2}  # difference of mean and mean square that rounding explains


def modules_folder(options):
    """The folder node_modules with ONNX Runtime, which the tests install; None when there is none."""
    given = [os.environ.get("ATELIER_NODE_MODULES"), pathlib.Path(options.program).parent.parent / "tools/node_modules"]
    return next((folder for folder in given if folder and (pathlib.Path(folder) / "onnxruntime-node").is_dir()), None)


class Painting:
    """Runs the three programs on the files of a case."""

    def __init__(self, bench, python, spread, middle, megabytes, say):
        self.bench, self.python, self.say = bench, python, say
        self.spread, self.middle, self.megabytes = spread, middle, megabytes
        self.program = pathlib.Path(bench.options.program).with_name("paint_bench")
        self.layouts = {}

    def network(self, name):
        stem = self.bench.folder / (name.replace(":", "-").replace("/", "_") + "-network")
        files = stem.with_suffix(".safetensors"), stem.with_suffix(".onnx")
        if not files[0].exists():
            self.bench.run([self.program, "network", name, *files])
        return files

    def levels(self, method):
        """The folder with encoders and decoders of a method of TRANSFERS."""
        folder = self.bench.folder / f"{method}-levels"
        if not folder.exists():
            self.bench.run([self.program, "levels", method, folder])
        return folder

    def pictures(self, side):
        width, _, height = side.partition("x")
        file = self.bench.folder / f"photo-{side}.safetensors"
        if not file.exists():
            self.bench.run([self.program, "pictures", self.bench.options.photo, self.bench.options.painting,
                            height or width, width, file])
        return file

    def weights(self, name):
        file = self.bench.folder / (name.replace(":", "-").replace("/", "_") + ".safetensors")
        if not file.exists():
            self.bench.atelier("weights", name, file)
        return file

    def words(self, case, batch, precision):
        name = case.network.split("+")[0]
        network = self.levels(name) if name in TRANSFERS else self.network(name)[0]
        words = ["--network", network, "--pictures", self.pictures(case.side), "--precision", precision,
                 "--batch", batch, "--count", case.steps]
        if "+" in case.network:
            words += ["--weights", self.weights(case.network.split("+")[1])]
        return words

    def ours(self, kind, case, batch, *more):
        self.bench.note_others()
        return json.loads(self.bench.run([self.program, "--threads", self.bench.threads, kind,
                                          *self.words(case, batch, case.precision), *more]))

    def pytorch(self, kind, case, batch, precision, *words):
        program = ["transfer.py"] if kind == "transfer" else ["paint.py", kind]

        def once(layout, *more):
            return json.loads(self.bench.run([self.python, HERE / program[0], *program[1:],
                                              *self.words(case, batch, precision), *words, "--layout", layout,
                                              "--threads", self.bench.threads, *more]))
        key = (kind, case.network, case.side, batch, precision)
        if key not in self.layouts:
            trials = {layout: once(layout, "--count", 1, "--warm-up", 1)["median_seconds"]
                      for layout in ("contiguous", "channels-last")}
            self.layouts[key] = min(trials, key=trials.get)
        return once(self.layouts[key])

    def onnx(self, case, batch):
        modules = modules_folder(self.bench.options)
        if modules is None:
            raise RuntimeError("ONNX Runtime is not there; the tests of the export install it, or name its folder in "
                               "ATELIER_NODE_MODULES")
        if case.network == "wct":
            raise RuntimeError("ONNX has no operator for the eigenvectors that wct transfers covariances by")
        if case.network in TRANSFERS:
            program = ["adain_onnx.js", self.levels(case.network), self.pictures(case.side)]
        else:
            file, onnx = self.network(case.network)
            program = ["paint_onnx.js", onnx, self.pictures(case.side), count_styles(file)]
        return json.loads(self.bench.run(["env", f"NODE_PATH={modules}", "node", HERE / program[0], *program[1:],
                                          batch, case.steps, 2, self.bench.threads]))

    def paint_rows(self, case, rounds):
        """Atelier against PyTorch in the same precision and in fp32, and against ONNX Runtime, which has fp32."""
        batch = BATCH if case.kind == "batch" else 1
        kind = "transfer" if case.network in TRANSFERS else "paint"
        runs = {"Atelier": []}
        peers = {f"PyTorch {precision}": lambda precision=precision: self.pytorch(kind, case, batch, precision)
                 for precision in sorted({case.precision, "fp32"})}
        peers["ONNX Runtime fp32"] = lambda: self.onnx(case, batch)
        missing = {}
        for turn in range(rounds):
            self.say(f"{case.kind} {case.network} {case.side} {case.precision}, round {turn + 1} of {rounds}")
            runs["Atelier"].append(self.ours(kind, case, batch))
            for name, peer in peers.items():
                try:
                    runs.setdefault(name, []).append(peer())
                except RuntimeError as error:
                    missing[name] = str(error)
        return [self.paint_row(case, batch, runs["Atelier"], name, found) for name, found in runs.items()
                if name != "Atelier" and len(found) == rounds], missing

    def paint_row(self, case, batch, mine, name, other):
        check_same_picture(mine[0], other[0], case.precision)
        ratios = [y["median_seconds"] / x["median_seconds"] for x, y in zip(mine, other)]
        seconds = [self.middle(runs, "median_seconds") for runs in (mine, other)]
        figures = [f"{batch / second:.2f}" for second in seconds] if batch > 1 else [f"{s:.3f}" for s in seconds]
        unit = "pictures/s" if batch > 1 else "s"
        return [case.network, case.side, case.precision, name, self.spread(ratios),
                f"{figures[0]} / {figures[1]} {unit}", f"{self.megabytes(mine)} / {self.megabytes(other)}"]

    def train_row(self, case, rounds):
        """Our training step against that of pytorch/examples, which is fp32, with the encoder of the case for ours
        and a network of VGG-16's shape or the same encoder for theirs."""
        network, encoder, other = case.network.split("+")
        mine, theirs = [], []
        for turn in range(rounds):
            self.say(f"train {case.network} {case.side} {case.precision}, round {turn + 1} of {rounds}")
            mine.append(self.ours("train", case._replace(network=f"{network}+{encoder}"), BATCH))
            theirs.append(self.pytorch("train", case._replace(network=f"{network}+{other}"), BATCH, "fp32"))
        ratios = [y["median_seconds"] / x["median_seconds"] for x, y in zip(mine, theirs)]
        return [network, case.side, f"{encoder}, {case.precision}", f"{other}, fp32, {theirs[0]['engine']}",
                self.spread(ratios),
                " / ".join(f"{1 / self.middle(runs, 'median_seconds'):.2f}" for runs in (mine, theirs)),
                f"{self.megabytes(mine)} / {self.megabytes(theirs)}"]

    def game_row(self, case, rounds):
        """Our step of pix2pix against that of its authors' PyTorch code, which is fp32, one picture at a time."""
        generator, critic = case.network.split("+")
        words = ["--weights", self.network(critic)[0]]
        mine, theirs = [], []
        for turn in range(rounds):
            self.say(f"game {case.side} {case.precision}, round {turn + 1} of {rounds}")
            mine.append(self.ours("game", case._replace(network=generator), 1, *words))
            theirs.append(self.pytorch("game", case._replace(network=generator), 1, "fp32", *words))
        ratios = [y["median_seconds"] / x["median_seconds"] for x, y in zip(mine, theirs)]
        return [f"{generator}, {critic}", case.side, case.precision, f"fp32, {theirs[0]['engine']}", self.spread(ratios),
                " / ".join(f"{self.middle(runs, 'median_seconds'):.2f} s" for runs in (mine, theirs)),
                f"{self.megabytes(mine)} / {self.megabytes(theirs)}"]

    def race_row(self, case):
        network, encoder, style = case.network.split("+")
        self.say(f"race {case.network} {case.side} {case.precision}")
        run = self.ours("race", case._replace(network=f"{network}+{encoder}", steps=5), 1, "--style", style,
                        "--steps", case.steps)
        reached = run["reached_loss"] <= run["wanted_loss"]
        times = run["optimisation_seconds"] / run["median_seconds"]
        return [f"{network}, {style}", case.side, f"{encoder}, {case.precision}", f"{run['wanted_loss']:.4f}",
                f"{run['steps']} steps, {run['optimisation_seconds']:.1f} s" +
                ("" if reached else f", and only down to {run['reached_loss']:.4f}"),
                f"{run['median_seconds']:.3f} s", f"{'' if reached else 'over '}{times:.0f}"]


def count_styles(file):
    """Rows of the first conditional norm of a network's file; 0 when it has none."""
    with open(file, "rb") as stream:
        header = json.loads(stream.read(int.from_bytes(stream.read(8), "little")))
    for node in json.loads(header["__metadata__"]["graph"]):
        if node["op"] == "conditional_norm":
            return header[node["name"] + ".weight"]["shape"][0]
    return 0


def check_same_picture(mine, other, precision):
    for name in ("mean", "square"):
        if not abs(mine[name] - other[name]) <= SAME_PICTURE[precision]:
            raise RuntimeError(f"the pictures' {name} is {mine[name]} and {other[name]}: these are not the same")


HEADS = {
    "paint": ["network", "size", "Atelier", "beside", "times faster (range)", "one picture, or four at a time",
              "peak MB"],
    "train": ["network", "crop", "Atelier", "pytorch/examples' step", "times faster (range)", "steps/s", "peak MB"],
    "game": ["networks", "crop", "Atelier", "PyTorch", "times faster (range)", "seconds a step", "peak MB"],
    "race": ["network", "side", "loss", "loss of the network's picture", "gatys gets there after", "network",
             "times faster"]}
