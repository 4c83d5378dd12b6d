#include <memory>
#include <string>

#include "atelier/error.h"
#include "atelier/method_list.h"
#include "cli/command.h"
#include "cli/parse.h"
#include "cli/terminal.h"

namespace atelier::cli {
namespace {

int list(bool json) {
  if (json) {
    say(methods_json() + "\n");
    return 0;
  }
  std::string text;
  for (const auto& method : list_methods())
    text += padded(method.name, 12) + method.summary + " (" + method.citation + ")\n";
  say(text + "`atelier methods show NAME` explains one with its options.\n");
  return 0;
}

int show(const std::string& name) {
  const MethodDescription method = describe_method(name);
  std::string text = method.name + ": " + method.summary + "\n" + method.citation + "\nfamily: " + method.family + "\n";
  if (!method.options.empty()) text += "\nOptions:\n";
  for (const auto& option : method.options) text += "  " + padded("--" + option.name, 24) + described(option) + "\n";
  say(text);
  return 0;
}

}  // namespace

Run describe_methods(CLI::App& app, const Arguments&) {
  const auto json = std::make_shared<bool>(false);
  const auto name = std::make_shared<std::string>();
  app.require_subcommand(0, 1);
  app.add_flag("--json", *json, "list as JSON, with all options");
  auto* lister = app.add_subcommand("list", "list all methods (the default)");
  lister->add_flag("--json", *json, "list as JSON, with all options");
  auto* shower = app.add_subcommand("show", "explain a method and its options");
  shower->add_option("NAME", *name, "a method")->required();
  return [=] { return shower->parsed() ? show(*name) : list(*json); };
}

}  // namespace atelier::cli
