#include "evaluation/evaluate_pictures.h"

#include <memory>

#include "atelier/error.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/terminal.h"
#include "core/atomic_file.h"
#include "core/output_file.h"
#include "evaluation/evaluation_report.h"
#include "tensor/runtime.h"

namespace atelier::cli {
namespace {

struct Typed {
  EvaluationInputs inputs;
  EvaluationSettings settings;
  std::string csv, json, html;
  int threads = 0;
};

/// "style 0.512  content 0.431  ...  FILE": names and figures at odd and even places, for scripts.
std::string as_line(const Evaluation& evaluation, const std::vector<double>& values, const std::string& what) {
  std::string line;
  for (std::size_t i = 0; i < values.size(); ++i)
    line += std::string(evaluation.metrics[i].name) + " " + shown_value(values[i]) + "  ";
  return line + shown(what) + "\n";
}

std::string mean_line(const Evaluation& evaluation) {
  std::vector<double> means;
  for (std::size_t i = 0; i < evaluation.metrics.size(); ++i) means.push_back(mean_of(evaluation, i));
  const auto all = evaluation.pictures.size(), failed = count_failed(evaluation);
  return as_line(evaluation, means,
                 "mean of " + std::to_string(all - failed) + (failed > 0 ? " of " + std::to_string(all) : ""));
}

void write(const std::string& path, const std::string& text) {
  if (path.empty()) return;
  if (path == "-") return say(text);
  AtomicFile file(path);
  file.write(text);
  file.commit();
}

void write_reports(const Typed& typed, const Evaluation& evaluation) {
  write(typed.csv, evaluation_csv(evaluation));
  write(typed.json, evaluation_json(evaluation));
  if (!typed.html.empty()) write(typed.html, evaluation_html(evaluation));
}

void check_reports(const Typed& typed, const PairedFiles& paired) {
  std::vector<std::string> inputs;
  for (const auto& files : paired.pictures)
    inputs.insert(inputs.end(), {files.result, files.content, files.style, files.reference});
  for (const auto* report : {&typed.csv, &typed.json, &typed.html})
    if (!report->empty() && *report != "-") check_writable("report", *report, inputs);
  require(!same_file(typed.csv, typed.json) && !same_file(typed.csv, typed.html) && !same_file(typed.json, typed.html),
          "two reports have one name; give each its own");
}

/// @throws Error when it was stopped, or when results could not be measured; the reports are written by then.
void require_all_measured(const Evaluation& evaluation, std::size_t wanted) {
  const auto failed = count_failed(evaluation), measured = evaluation.pictures.size() - failed;
  const auto of_all = " of " + std::to_string(wanted) + " pictures ";
  if (!evaluation.complete)
    throw Error("stopped; " + std::to_string(measured) + of_all + "were measured", ErrorKind::kStopped);
  if (failed > 0)
    throw Error(std::to_string(failed) + of_all + "could not be measured; see the notes about them",
                ErrorKind::kFailure);
}

int run(const Typed& typed) {
  require((typed.csv == "-") + (typed.json == "-") + (typed.html == "-") <= 1,
          "two reports cannot both go to standard output; give one of them a file");
  configure_runtime(typed.threads);
  const bool lines = typed.csv != "-" && typed.json != "-" && typed.html != "-";
  const auto paired = pair_files(typed.inputs);
  check_reports(typed, paired);
  for (const auto& note : paired.notes) tell("note: " + shown(note) + "\n");
  const auto evaluation = evaluate_pictures(paired.pictures, typed.settings, [&](const Evaluation& so_far) {
    const auto& picture = so_far.pictures.back();
    if (lines) say(as_line(so_far, picture.values, picture.files.result));
    for (const auto& note : picture.notes) tell("note: " + shown(picture.files.result + ": " + note) + "\n");
    return !interrupted();
  });
  if (lines && evaluation.pictures.size() > 1) say(mean_line(evaluation));
  if (lines && evaluation.critic) say(critic_line(evaluation) + "\n");
  write_reports(typed, evaluation);
  require_all_measured(evaluation, paired.pictures.size());
  return 0;
}

std::string metrics_help() {
  std::string text = "Metrics:\n";
  for (const auto& metric : all_metrics()) text += "  " + padded(metric.name, 20) + metric.summary + "\n";
  return text;
}

}  // namespace

Run describe_evaluate(CLI::App& app, const Arguments&) {
  const auto typed = std::make_shared<Typed>();
  app.add_option("RESULT,--result", typed->inputs.results, "pictures to measure, or folders of them")->required();
  const auto picture = [&](const char* name, std::string& target, const char* help) {
    app.add_option(name, target, help)->type_name("FILE|DIR");
  };
  picture("--content", typed->inputs.content, "the photo, or the folder of photos of the results' names");
  picture("--style", typed->inputs.style, "the painting, or a folder likewise");
  picture("--reference", typed->inputs.reference, "what the result should be, or a folder likewise");
  app.add_option("--metrics", typed->settings.metrics, "names with commas between [all that is possible]")
      ->type_name("LIST");
  app.add_option("--encoder", typed->settings.encoder,
                 "network whose features style, content and gram measure: a model name or weight file")
      ->type_name("NAME");
  app.add_option("--size", typed->settings.size,
                 "longer side in pixels at which features are compared; of smaller results their own")
      ->type_name("N")
      ->check(CLI::Range(64, 8192));
  app.add_option("--tile", typed->settings.tile, "side of the tiles whose seams to look for")
      ->type_name("N")
      ->check(CLI::Range(16, 65500));
  app.add_option("--critic", typed->settings.critic,
                 "checkpoint of an adversarial training whose critic shall tell results from references or styles")
      ->type_name("FILE")
      ->check(CLI::ExistingFile);
  app.add_option("--critic-name", typed->settings.critic_name, "which of its critics, where it has several")
      ->type_name("NAME");
  const auto report = [&](const char* name, std::string& target, const char* help) {
    app.add_option(name, target, help)->type_name("FILE");
  };
  report("--csv", typed->csv, "table to write; - for standard output");
  report("--json", typed->json, "JSON to write; - for standard output");
  report("--html", typed->html, "page with charts and thumbnails to write; - for standard output");
  app.add_option("--threads", typed->threads, "threads (0: all cores)")->type_name("N")->check(CLI::Range(0, 1024));
  app.footer(metrics_help() +
             "\nExamples:\n  atelier evaluate out.png --content photo.jpg --style painting.jpg\n"
             "  atelier evaluate painted/ --content photos/ --style painting.jpg --html report.html\n"
             "  atelier evaluate out/ --reference truth/ --metrics ssim,psnr --csv scores.csv\n");
  return [typed] { return run(*typed); };
}

}  // namespace atelier::cli
