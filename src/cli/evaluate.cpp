#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/terminal.h"
#include "evaluation/evaluate_files.h"
#include "tensor/runtime.h"

namespace atelier::cli {
namespace {

struct Evaluation {
  std::string photo, style, encoder = "compact";
  std::vector<std::string> results;
  int size = 512, threads = 0;
  bool json = false;
};

std::string as_line(const FileScore& score) {
  char figures[64];
  std::snprintf(figures, sizeof figures, "style %.3f  content %.3f", score.style_ratio, score.content);
  std::string taps;
  for (const double ratio : score.style_ratio_per_tap) {
    char text[16];
    std::snprintf(text, sizeof text, " %.2f", ratio);
    taps += text;
  }
  return std::string(figures) + "  (relu1_1 ... relu5_1:" + taps + ")  " + score.result + "\n";
}

std::string as_json(const FileScore& score) {
  return nlohmann::json{{"result", score.result},
                        {"style_ratio", score.style_ratio},
                        {"content", score.content},
                        {"style_ratio_per_tap", score.style_ratio_per_tap}}
             .dump() +
         "\n";
}

int run(const Evaluation& wanted) {
  configure_runtime(wanted.threads);
  for (const auto& score : evaluate_files(wanted.photo, wanted.style, wanted.results, wanted.encoder, wanted.size))
    say(wanted.json ? as_json(score) : as_line(score));
  return 0;
}

}  // namespace

Run describe_evaluate(CLI::App& app, const Arguments&) {
  const auto wanted = std::make_shared<Evaluation>();
  app.add_option("--content", wanted->photo, "the photo")->required()->type_name("FILE");
  app.add_option("--style", wanted->style, "the style picture")->required()->type_name("FILE");
  app.add_option("--result", wanted->results, "pictures to score")->required()->type_name("FILE...");
  app.add_option("--encoder", wanted->encoder, "network whose features measure: a model name or weight file")
      ->type_name("NAME");
  app.add_option("--size", wanted->size, "longer side in pixels at which to measure")
      ->type_name("N")
      ->check(CLI::Range(64, 8192));
  app.add_option("--threads", wanted->threads, "threads (0: all cores)")->type_name("N")->check(CLI::Range(0, 1024));
  app.add_flag("--json", wanted->json, "one JSON object per result");
  return [wanted] { return run(*wanted); };
}

}  // namespace atelier::cli
