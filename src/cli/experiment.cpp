#include <cstdio>
#include <memory>

#include "atelier/error.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/parse.h"
#include "cli/terminal.h"
#include "experiments/colour_count_experiment.h"
#include "experiments/colour_count_report.h"
#include "experiments/colour_pull_experiment.h"
#include "media/image_file.h"
#include "tensor/runtime.h"

namespace atelier::cli {
namespace {

constexpr int kStepsBetweenLines = 100;

struct Typed {
  ColourCountExperiment settings;
  std::string out, what, picture;
  std::vector<double> factors = {0.1, 0.5, 1.5, 2};
  int threads = 0;
};

int colour_count(const Typed& typed) {
  require(!typed.settings.pairs.empty(), "the experiment color-count learns from pairs; give --pairs");
  int calls = 0;
  const auto outcome = run_colour_count_experiment(typed.settings, [&](const std::string& what) {
    if (++calls % kStepsBetweenLines == 0) tell(what + "\n");
    return !interrupted();
  });
  write_colour_count_report(outcome, typed.out);
  for (const auto& variant : outcome.variants) {
    const auto ssim = confidence(mean_ssim(variant));
    const auto off = confidence(mean_colours_off(variant, outcome.target_colours));
    char line[160];
    std::snprintf(line, sizeof line, "%-8s SSIM %.4f ± %.4f  colours off by %.1f ± %.1f\n", variant.name.c_str(),
                  ssim.mean, ssim.half_width, off.mean, off.half_width);
    say(line);
  }
  return 0;
}

int colour_pull(const Typed& typed) {
  require(!typed.picture.empty(), "the experiment color-pull changes the pixels of a picture; give --picture");
  const auto picture = read_image(typed.picture, {.max_side = typed.settings.side});
  const auto pulls = pull_colours(picture, typed.factors, typed.settings.steps);
  write_colour_pull_report(picture, pulls, typed.out);
  for (const auto& pull : pulls) {
    char line[160];
    std::snprintf(line, sizeof line, "wanted %zu: from %zu to %zu in %zu steps, %.1f dB\n", pull.wanted,
                  pull.counts.front(), pull.counts.back(), pull.counts.size() - 1, pull.psnr);
    say(line);
  }
  return 0;
}

int run(const Typed& typed) {
  configure_runtime(typed.threads);
  return typed.what == "color-pull" ? colour_pull(typed) : colour_count(typed);
}

}  // namespace

Run describe_experiment(CLI::App& app, const Arguments&) {
  const auto typed = std::make_shared<Typed>();
  auto& settings = typed->settings;
  app.add_option("what", typed->what,
                 "color-count: AnimeGAN on pairs, without and with the colour-count loss; color-pull: "
                 "the pixels of one picture, moved to other numbers of colours")
      ->required()
      ->check(CLI::IsMember({"color-count", "color-pull"}))
      ->type_name("ID");
  app.add_option("--pairs", settings.pairs, "side-by-side pictures, photo left; or the photos of --targets")
      ->type_name("DIR");
  app.add_option("--targets", settings.targets, "folder of the targets, with the photos' names")->type_name("DIR");
  app.add_option("--picture", typed->picture, "for color-pull")->type_name("FILE");
  app.add_option("--factors", typed->factors, "for color-pull: wanted numbers, relative to the picture's own")
      ->type_name("X...");
  app.add_option("-o,--out", typed->out, "folder of the report")->required()->type_name("DIR");
  app.add_option("--method", settings.method, "animegan, animegan2 or cartoongan")->type_name("ID");
  app.add_option("--size", settings.side, "side of the pictures in pixels; for color-pull the longer one")
      ->type_name("N");
  app.add_option("--seeds", settings.seeds, "runs of each variant")->type_name("N");
  app.add_option("--held-out", settings.held_out, "last pairs, tested and not learnt")->type_name("N");
  app.add_option("--batch", settings.batch, "pairs per step")->type_name("N");
  app.add_option("--steps", settings.steps, "steps of each run")->type_name("N");
  app.add_option("--first-steps", settings.first_steps, "of them, without critic")->type_name("N");
  add_duration(app, "--time-budget", settings.time_budget, "end each run after this time, for instance 90s or 10m");
  app.add_option("--width", settings.width, "channels of the generator, times the paper's")->type_name("X");
  app.add_option("--color-count-loss", settings.weight, "weight of the loss")->type_name("X");
  app.add_option("--learning-rate", settings.learning_rate, "Adam's rate")->type_name("X");
  app.add_option("--threads", typed->threads, "threads (0: all cores)")->type_name("N")->check(CLI::Range(0, 1024));
  return [typed] { return run(*typed); };
}

}  // namespace atelier::cli
