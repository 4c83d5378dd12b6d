#include "atelier/stylize.h"

#include <algorithm>
#include <filesystem>
#include <optional>

#include "atelier/method_list.h"
#include "cli/command.h"
#include "cli/painting.h"
#include "cli/parse.h"
#include "cli/plan.h"
#include "cli/queue_painting.h"

namespace atelier::cli {
namespace {

/// What was typed, before any of it is checked.
struct Typed {
  std::vector<std::string> photos, styles, masks;
  std::string output;
  std::map<std::string, std::string> settings, options;
  bool resume = false, skip_existing = false;
  int at_once = 0;
  DetailFlags detail;
  QueueFlags queue;
};

constexpr int kUnderWay = 64;  // photos at once over a queue: they only wait here

/// The value of an option among raw arguments: `words[i]` is "--flag=VALUE", or a flag with the value after it.
std::optional<std::string> value_at(const Arguments& words, std::size_t i, const std::vector<std::string>& flags) {
  for (const auto& flag : flags) {
    if (words[i] == flag && i + 1 < words.size()) return words[i + 1];
    if (words[i].starts_with(flag + "=")) return words[i].substr(flag.size() + 1);
  }
  return std::nullopt;
}

/// The method that raw arguments lead to: its options must be known before parsing. Styles that cannot be found are
/// complained of later, when it is known that they were meant as such.
std::string typed_method(const Arguments& arguments) {
  Request request;
  std::vector<std::string> styles;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (const auto method = value_at(arguments, i, {"--method"})) request.method = *method;
    if (const auto style = value_at(arguments, i, {"--style", "-s"})) styles.push_back(*style);
  }
  try {
    for (const auto& style : styles) request.styles.push_back(parse_style(style));
    return chosen_method(request);
  } catch (const Error&) {
    request.styles.clear();
    return chosen_method(request);
  }
}

void require_sound_resume(const Typed& typed, const Request& request, bool several) {
  const bool kept = !request.checkpoint.empty() && std::filesystem::exists(request.checkpoint);
  require(request.checkpoint.empty() || !several, "--checkpoint keeps one picture; give one photo");
  require(!typed.resume || !request.checkpoint.empty(), "--resume needs the unfinished run; add --checkpoint FILE");
  require(!typed.resume || kept,
          "there is no checkpoint \"" + request.checkpoint + "\"; leave out --resume to start anew");
  require(typed.resume || !kept,
          "checkpoint \"" + request.checkpoint +
              "\" exists; add --resume if it holds this picture's unfinished run, or name another file");
}

Request common_request(const Typed& typed) {
  Request request;
  apply_options(request, typed.settings);
  request.options = typed.options;
  for (const auto& style : typed.styles) request.styles.push_back(parse_style(style));
  for (const auto& mask : typed.masks) apply_mask(mask, request.styles);
  check_settings(request);
  return request;
}

Batch batch_of(const Typed& typed, const Request& common) {
  Batch batch;
  batch.skip_existing = typed.skip_existing;
  batch.at_once = std::max(1, typed.at_once);
  if (typed.queue.url.empty()) return batch;
  if (typed.at_once == 0) batch.at_once = kUnderWay;
  batch.painter = typed.queue.painter(common);
  return batch;
}

int run(const Typed& typed) {
  require(!typed.photos.empty(), "no photo was given; write `atelier stylize PHOTO --style STYLE`");
  const auto common = common_request(typed);
  const Plan plan(common, typed.photos, typed.output);
  require_sound_resume(typed, plan.request(0), plan.size() > 1);
  const auto reporter = make_reporter(typed.detail.detail());
  const auto batch = batch_of(typed, common);
  const bool single = plan.size() == 1 && !batch.skip_existing;
  return single ? paint(plan.request(0), *reporter, batch.painter) : paint_all(plan, batch, *reporter);
}

}  // namespace

Run describe_stylize(CLI::App& app, const Arguments& arguments) {
  const auto typed = std::make_shared<Typed>();
  const MethodDescription method = describe_method(typed_method(arguments));
  app.add_option("PHOTO", typed->photos, "photos, or folders of them");
  app.add_option("-s,--style", typed->styles,
                 "picture to paint like, a name of `atelier styles`, or a model; with its share as STYLE:WEIGHT; may "
                 "be repeated")
      ->type_name("STYLE[:WEIGHT]")
      ->allow_extra_args(false);
  app.add_option("-o,--output", typed->output, "file to write, or the folder for several photos [PHOTO-STYLE.png]")
      ->type_name("OUT");
  app.add_option("--mask", typed->masks, "grey picture, white where the style applies; may be repeated")
      ->type_name("FILE=STYLE")
      ->allow_extra_args(false);
  add_options(app, request_options(), "Settings", typed->settings);
  app.add_flag("--resume", typed->resume, "go on with the unfinished run in --checkpoint");
  app.add_flag("--skip-existing", typed->skip_existing,
               "pass over photos whose picture is there already: goes on with an interrupted folder");
  app.add_option("--jobs", typed->at_once,
                 "photos to paint at once, each with its share of --threads [1]; over a queue photos under way, twice "
                 "the workers' places or more [64]")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
  typed->detail.add_to(app);
  typed->queue.add_to(app);
  add_options(app, method.options, "Options of the method " + method.name, typed->options);
  app.footer(
      "Examples:\n  atelier stylize photo.jpg --style painting.jpg -o picture.png\n"
      "  atelier stylize photo.jpg --style great-wave -o picture.png\n"
      "  atelier stylize holiday/ --style a.jpg:2 --style b.jpg --color content -o painted/\n"
      "  atelier stylize holiday/ --style great-wave --skip-existing --jobs 4 -o painted/\n"
      "  atelier stylize holiday/ --style great-wave --skip-existing --queue redis://10.0.0.2 -o painted/\n");
  return [typed] { return run(*typed); };
}

}  // namespace atelier::cli
