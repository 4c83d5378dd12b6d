#include <memory>

#include "atelier/error.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/terminal.h"
#include "dataset/pack_pictures.h"

namespace atelier::cli {
namespace {

struct Typed {
  std::vector<std::filesystem::path> folders;
  std::filesystem::path output;
  int max_side = 512;
};

int run(const Typed& typed) {
  require(typed.output.extension() == ".safetensors",
          "the packed file must end in .safetensors; write -o " + typed.output.stem().string() + ".safetensors");
  const auto report = pack_pictures(typed.folders, typed.max_side, typed.output, [](std::size_t) {
    if (interrupted()) throw Error("stopped; nothing was written", ErrorKind::kStopped);
  });
  say(std::to_string(report.packed) + " pictures packed into " + typed.output.string() + "\n");
  if (report.skipped > 0) tell("note: " + std::to_string(report.skipped) + " broken pictures were skipped\n");
  return 0;
}

}  // namespace

Run describe_dataset(CLI::App& app, const Arguments&) {
  const auto typed = std::make_shared<Typed>();
  auto* pack = app.add_subcommand("pack", "decode folders of pictures into one file, for training without codecs");
  pack->add_option("DIR", typed->folders, "folders of pictures")->required();
  pack->add_option("-o,--output", typed->output, "file to write, .safetensors")->required()->type_name("FILE");
  pack->add_option("--max-side", typed->max_side, "longer side of the pictures in pixels")
      ->type_name("N")
      ->check(CLI::Range(16, 16384));
  app.require_subcommand(1);
  app.footer("Example:\n  atelier dataset pack photos/ -o photos.safetensors\n");
  return [typed] { return run(*typed); };
}

}  // namespace atelier::cli
