#include "cli/command.h"
#include "cli/painting.h"
#include "media/image_file.h"

namespace atelier::cli {
namespace {

struct Typed {
  std::string picture, output;
  bool force = false;
  int threads = 0;
  DetailFlags detail;
};

int run(const Typed& typed) {
  const auto recipe = read_recipe(typed.picture);
  require(recipe.has_value(), "\"" + typed.picture + "\" holds no recipe; give a picture that `atelier stylize` wrote");
  Request request = from_recipe(*recipe);
  const auto differences = recipe_differences(*recipe);
  require(typed.force || differences.empty(),
          (differences.empty() ? "" : differences.front()) + " since the picture was made; restore it or add --force");
  request.output = typed.output.empty() ? typed.picture : typed.output;
  request.threads = typed.threads;
  return paint(request, *make_reporter(typed.detail.detail()));
}

}  // namespace

Run describe_rerun(CLI::App& app, const Arguments&) {
  const auto typed = std::make_shared<Typed>();
  app.add_option("PICTURE", typed->picture, "picture that `atelier stylize` wrote")->required();
  app.add_option("-o,--output", typed->output, "file to write [PICTURE]")->type_name("OUT");
  app.add_flag("--force", typed->force, "go on although photo, styles or model have changed");
  app.add_option("--threads", typed->threads, "threads to compute with (0: all cores)")
      ->type_name("N")
      ->check(CLI::Range(0, 1024));
  typed->detail.add_to(app);
  return [typed] { return run(*typed); };
}

}  // namespace atelier::cli
