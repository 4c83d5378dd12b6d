#include <algorithm>
#include <cstdlib>
#include <exception>

#include "atelier/error.h"
#include "atelier/version.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/parse.h"
#include "cli/terminal.h"
#include "core/explain.h"
#include "core/nearest_name.h"

namespace atelier::cli {
namespace {

constexpr int kExitFailure = 1;
constexpr int kExitBadRequest = 2;
constexpr int kExitStopped = 130;

const Command kCommands[] = {
    {"stylize", "paint a photo in the manner of a picture", describe_stylize},
    {"rerun", "repeat what made a picture, from the recipe inside it", describe_rerun},
    {"styles", "list, show, add and remove styles", describe_styles},
    {"methods", "list the methods and their options", describe_methods},
    {"models", "list, import, export, fetch, verify and remove models", describe_models},
    {"train", "train a network from folders of pictures", describe_train},
    {"dataset", "prepare pictures for training: pack, filter, draw", describe_dataset},
    {"palette", "count the colours of pictures in clusters", describe_palette},
    {"evaluate", "measure pictures against their photo, style or truth", describe_evaluate},
    {"compare", "paint photos by several methods, side by side with figures", describe_compare},
    {"evaluate-encoder", "compare an encoder with the networks it was distilled from", describe_evaluate_encoder},
    {"serve", "open the studio: a page in the browser where pictures are made", describe_serve},
    {"worker", "paint what an `atelier serve` elsewhere is asked for", describe_worker},
    {"experiment", "repeat a published experiment and write its report", describe_experiment},
    {"doctor", "say what this machine computes with, and what to improve", describe_doctor},
    {"version", "print the version", describe_version},
};

std::string overview() {
  std::string text = "Atelier " + std::string(version()) +
                     ": paints photos in the manner of pictures\n\n"
                     "Usage: atelier COMMAND [ARGUMENT]...\n\nCommands:\n";
  for (const auto& command : kCommands) text += "  " + padded(command.name, 8) + command.summary + "\n";
  return text +
         "\nExample: atelier stylize photo.jpg --style painting.jpg -o picture.png\n"
         "`atelier COMMAND --help` explains a command.\n";
}

const Command& find_command(const std::string& name) {
  std::vector<std::string> names;
  for (const auto& command : kCommands) {
    if (command.name == name) return command;
    names.push_back(command.name);
  }
  throw Error("there is no command \"" + name + "\"; " + did_you_mean(name, names, "atelier --help"));
}

int run(Arguments arguments) {
  require(!arguments.empty(), "no command was given; see `atelier --help`");
  if (arguments[0] == "help" && arguments.size() > 1) arguments = {arguments[1], "--help"};
  if (arguments[0] == "--help" || arguments[0] == "-h" || arguments[0] == "help") {
    say(overview());
    return 0;
  }
  if (arguments[0] == "--version" || arguments[0] == "-V") arguments[0] = "version";
  return run_command(find_command(arguments[0]), {arguments.begin() + 1, arguments.end()});
}

int exit_status(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kBadRequest: return kExitBadRequest;
    case ErrorKind::kStopped: return kExitStopped;
    case ErrorKind::kFailure: return kExitFailure;
  }
  return kExitFailure;
}

/// What was printed is part of the result.
int checked_run(const Arguments& arguments) {
  const int status = run(arguments);
  const auto fault = output_fault();
  if (status == 0 && !fault.empty())
    throw Error("cannot write to standard output: " + fault + "; free some space or send it elsewhere",
                ErrorKind::kFailure);
  return status;
}

int guarded_run(const Arguments& arguments) try { return checked_run(arguments); } catch (const std::exception& fault) {
  const auto error = explained(fault);
  complain(error.what());
  return exit_status(error.kind());
}

/// Leaves out what LibTorch does at the end of a process: it takes back thousands of operators one by one, which takes
/// a tenth of a second. Nothing of ours waits for the end: files are closed and output is written by then.
[[noreturn]] void leave(int status) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  std::exit(status);  // leaks are looked for at the end
#else
  std::quick_exit(status);
#endif
}

}  // namespace
}  // namespace atelier::cli

int main(int argc, char** argv) {
  atelier::cli::secure_streams();
  atelier::cli::watch_for_interrupts();
  atelier::cli::leave(atelier::cli::guarded_run({argv + std::min(argc, 1), argv + argc}));
}
