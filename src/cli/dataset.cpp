#include <filesystem>
#include <memory>

#include "atelier/error.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/terminal.h"
#include "core/counted.h"
#include "dataset/pack_pictures.h"
#include "filters/cartoon.h"
#include "filters/filter_folder.h"
#include "filters/line_drawing.h"
#include "filters/smooth_edges.h"
#include "filters/write_digits.h"

namespace atelier::cli {
namespace {

struct Typed {
  std::vector<std::filesystem::path> folders;
  std::filesystem::path input, output;
  int pack_side = 512, max_side = 0;
  CartoonOptions cartoon;
  LineDrawingOptions lines;
  bool no_ink = false;
  std::size_t count = 0;
  std::uint64_t seed = 0;
};

/// Called between pictures; `left` says what an interrupted run leaves behind.
std::function<void(std::size_t)> stopping(const std::string& left) {
  return [left](std::size_t) {
    if (interrupted()) throw Error("stopped; " + left, ErrorKind::kStopped);
  };
}

int pack(const Typed& typed) {
  require(typed.output.extension() == ".safetensors",
          "the packed file must end in .safetensors; write -o " + typed.output.stem().string() + ".safetensors");
  const auto report = pack_pictures(typed.folders, typed.pack_side, typed.output, stopping("nothing was written"));
  say(counted(report.packed, "picture") + " packed into " + shown(typed.output.string()) + "\n");
  if (const auto note = note_of(report.skipped); !note.empty()) tell("note: " + shown(note) + "\n");
  return 0;
}

int filter(const Typed& typed, const std::function<Image(const Image&)>& change) {
  const auto report =
      filter_folder(typed.input, typed.output, typed.max_side, change, stopping("the pictures made so far are whole"));
  say(counted(report.written, "picture") + " written to " + shown(typed.output.string()) + "\n");
  for (const auto& reason : report.skipped) tell("skipped: " + shown(reason) + "\n");
  return 0;
}

int digits(const Typed& typed) {
  const bool packed = typed.output.extension() == ".safetensors";
  write_digits(typed.output, typed.count, typed.seed,
               stopping(packed ? "nothing was written" : "the digits drawn so far are whole"));
  say(counted(typed.count, "digit") + " written to " + shown(typed.output.string()) + "\n");
  return 0;
}

CLI::App* describe_pack(CLI::App& app, Typed& typed) {
  auto* command = app.add_subcommand("pack", "decode folders of pictures into one file, for training without codecs");
  command->add_option("DIR", typed.folders, "folders of pictures")->required();
  command->add_option("-o,--output", typed.output, "file to write, .safetensors")->required()->type_name("FILE");
  command->add_option("--max-side", typed.pack_side, "longer side of the pictures in pixels")
      ->type_name("N")
      ->check(CLI::Range(16, 16384));
  return command;
}

CLI::App* describe_filter(CLI::App& app, Typed& typed, const char* name, const char* help) {
  auto* command = app.add_subcommand(name, help);
  command->add_option("IN", typed.input, "a folder of pictures, or one")->required();
  command->add_option("OUT", typed.output, "folder for the results, PNG under the same names")->required();
  command->add_option("--max-side", typed.max_side, "shrink to this longer side first (0: never)")
      ->type_name("N")
      ->check(CLI::Range(0, 65535));
  return command;
}

CLI::App* describe_cartoon(CLI::App& app, Typed& typed) {
  auto* command =
      describe_filter(app, typed, "cartoon", "draw photos in flat colours and ink, of which the number is known");
  command->add_option("--colours,--colors", typed.cartoon.colours, "how many, ink included (12)")->type_name("N");
  command->add_option("--line-width", typed.cartoon.line_width, "of the ink, in pixels of sigma (1)")->type_name("X");
  command->add_flag("--no-ink", typed.no_ink, "flat colours without lines");
  command->add_option("--seed", typed.cartoon.seed, "of the choice of colours")->type_name("N");
  return command;
}

CLI::App* describe_lines(CLI::App& app, Typed& typed) {
  auto* command = describe_filter(app, typed, "lines", "draw the lines of pictures, grey on white, for sketch-color");
  command->add_option("--line-width", typed.lines.line_width, "in pixels of sigma (1)")->type_name("X");
  return command;
}

CLI::App* describe_digits(CLI::App& app, Typed& typed) {
  auto* command = app.add_subcommand("digits", "draw digits of 28 x 28 pixels as if by hand");
  command->add_option("OUT", typed.output, "folder, or a file to pack into, .safetensors")->required();
  command->add_option("--count", typed.count, "how many")->required()->type_name("N");
  command->add_option("--seed", typed.seed, "of the hands")->type_name("N");
  return command;
}

}  // namespace

Run describe_dataset(CLI::App& app, const Arguments&) {
  const auto typed = std::make_shared<Typed>();
  const auto* packing = describe_pack(app, *typed);
  const auto* smoothing =
      describe_filter(app, *typed, "smooth-edges", "blur the edges of pictures, for AnimeGAN and CartoonGAN");
  const auto* drawing = describe_cartoon(app, *typed);
  const auto* lining = describe_lines(app, *typed);
  describe_digits(app, *typed);
  app.require_subcommand(1);
  app.footer(
      "Examples:\n  atelier dataset pack photos/ -o photos.safetensors\n"
      "  atelier dataset smooth-edges paintings/ smooth/\n  atelier dataset cartoon photos/ drawn/ --colours 12\n"
      "  atelier dataset lines paintings/ sketches/\n  atelier dataset digits digits.safetensors --count 10000\n");
  return [=] {
    if (packing->parsed()) return pack(*typed);
    if (smoothing->parsed()) return filter(*typed, smooth_edges);
    if (lining->parsed())
      return filter(*typed, [typed](const Image& image) { return line_drawing(image, typed->lines); });
    typed->cartoon.ink = !typed->no_ink;
    if (drawing->parsed())
      return filter(*typed, [typed](const Image& image) { return cartoon(image, typed->cartoon); });
    return digits(*typed);
  };
}

}  // namespace atelier::cli
