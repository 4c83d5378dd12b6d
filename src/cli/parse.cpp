#include "cli/parse.h"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <memory>
#include <sstream>

#include "atelier/error.h"
#include "atelier/method_list.h"
#include "cli/terminal.h"
#include "core/nearest_name.h"
#include "methods/options.h"

namespace atelier::cli {
namespace {

constexpr std::size_t kHelpColumn = 28;
constexpr std::size_t kHelpWidth = 100;

/// `text` with line breaks between words, so that no line is longer than `width`.
std::string wrapped(const std::string& text, std::size_t width) {
  std::string result;
  std::size_t column = 0;
  std::istringstream words(text);
  for (std::string word; words >> word; column += word.size() + 1) {
    const bool fits = column + word.size() <= width;
    if (column > 0) result += fits ? ' ' : '\n';
    if (!fits) column = 0;
    result += word;
  }
  return result;
}

/// CLI11's help without its notes about types and exclusions.
class HelpFormatter final : public CLI::Formatter {
 public:
  HelpFormatter() { column_width(kHelpColumn); }
  std::string make_option_opts(const CLI::Option* option) const override {
    const bool has_value = option->get_type_size() != 0 && !option->get_positional();
    return has_value ? " " + option->get_type_name() : "";
  }
  /// An option that is usually named by its place is told there only.
  std::string make_group(std::string group, bool is_positional,
                         std::vector<const CLI::Option*> options) const override {
    if (!is_positional) std::erase_if(options, [](const CLI::Option* option) { return option->get_positional(); });
    return Formatter::make_group(std::move(group), is_positional, std::move(options));
  }
  std::string make_option_desc(const CLI::Option* option) const override {
    return wrapped(option->get_description(), kHelpWidth - kHelpColumn);
  }
};

/// "atelier models import"
std::string full_name(const CLI::App& app) {
  return app.get_parent() ? full_name(*app.get_parent()) + " " + app.get_name() : app.get_name();
}

std::string help_of(const CLI::App& app) { return full_name(app) + " --help"; }

/// The innermost subcommand that was typed: errors concern its options.
const CLI::App& innermost(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? app : innermost(*chosen.front());
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* option : app.get_options())
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* command : app.get_subcommands(nullptr)) names.push_back(command->get_name());
  return names;
}

/// The methods that have the option `word` ("--steps"); none for commands that paint by no method.
std::vector<std::string> methods_with(const CLI::App& app, const std::string& word) {
  std::vector<std::string> found;
  if (full_name(app) != "atelier stylize") return found;
  for (const auto& method : list_methods())
    for (const auto& option : method.options)
      if ("--" + option.name == word) found.push_back(method.name);
  return found;
}

std::string about_other_methods(const std::string& word, const std::vector<std::string>& methods) {
  std::string names;
  for (const auto& method : methods) names += (names.empty() ? "" : ", ") + method;
  return "there is no option \"" + word + "\" here, but with " + names + "; choose one of them by --method, " +
         "or a style that is painted so";
}

std::string about_extra(const CLI::App& app, std::string word) {
  if (word.size() > 1 && word[0] == '-') {
    word = word.substr(0, word.find('='));
    if (const auto methods = methods_with(app, word); !methods.empty()) return about_other_methods(word, methods);
    return "there is no option \"" + word + "\" here; " + did_you_mean(word, option_names(app), help_of(app));
  }
  const auto commands = command_names(app);
  if (commands.empty()) return "\"" + word + "\" was not expected; see `" + help_of(app) + "`";
  return "there is no \"" + full_name(app) + " " + word + "\"; " + did_you_mean(word, commands, help_of(app));
}

/// "--size: 1 required TEXT missing" and the like, as CLI11 says it, in our form.
[[noreturn]] void rethrow(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App& inner = innermost(app);
  const auto extras = app.remaining(true);
  if (dynamic_cast<const CLI::ExtrasError*>(&error) && !extras.empty()) throw Error(about_extra(inner, extras.front()));
  std::string what = error.what();
  what = what.substr(0, what.find('\n'));
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error)) what = what.substr(0, what.find(':')) + " needs a value";
  if (dynamic_cast<const CLI::RequiredError*>(&error)) what = what.substr(0, what.find(" is required")) + " is missing";
  throw Error(what + "; see `" + help_of(inner) + "`");
}

std::string value_name(const Option& option) {
  switch (option.kind) {
    case Option::Kind::kNumber: return "NUMBER";
    case Option::Kind::kInteger: return "N";
    case Option::Kind::kPath: return "FILE";
    case Option::Kind::kColour: return "#RRGGBB";
    case Option::Kind::kChoice:
    case Option::Kind::kText: return "NAME";
    case Option::Kind::kFlag: return "";
  }
  return "";
}

void as_duration(CLI::Option& option) {
  option.transform(CLI::AsNumberWithUnit(std::map<std::string, double>{{"s", 1}, {"m", 60}, {"h", 3600}}))
      ->type_name("TIME");
}

}  // namespace

void add_duration(CLI::App& app, const std::string& flag, double& seconds, const std::string& help) {
  as_duration(*app.add_option(flag, seconds, help));
}

void add_duration(CLI::App& app, const std::string& flag, std::optional<double>& seconds, const std::string& help) {
  as_duration(*app.add_option(flag, seconds, help));
}

std::string described(const Option& option) {
  std::string text = option.help;
  if (option.kind == Option::Kind::kNumber || option.kind == Option::Kind::kInteger) text += ", " + range_text(option);
  if (option.kind == Option::Kind::kChoice) {
    text += ":";
    for (const auto& choice : option.choices) text += " " + choice;
  }
  const bool tells = option.kind != Option::Kind::kFlag && !option.default_value.empty();
  return tells ? text + " [" + option.default_value + "]" : text;
}

void add_options(CLI::App& app, const std::vector<Option>& options, const std::string& group,
                 std::map<std::string, std::string>& given) {
  for (const auto& option : options) {
    const std::string flag = "--" + option.name;
    if (option.kind == Option::Kind::kFlag) {
      app.add_flag_callback(
             flag, [&given, name = option.name] { given[name] = "true"; }, described(option))
          ->group(group);
      continue;
    }
    app.add_option_function<std::string>(
           flag, [&given, name = option.name](const std::string& text) { given[name] = text; }, described(option))
        ->type_name(value_name(option))
        ->group(group);
  }
}

int run_command(const Command& command, const Arguments& arguments) {
  CLI::App app(command.summary, std::string("atelier ") + command.name);
  app.formatter(std::make_shared<HelpFormatter>());
  app.set_help_flag("-h,--help", "print this help");
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);  // aliases add what may be said again
  const Run carry_out = command.describe(app, arguments);
  try {
    app.parse(Arguments(arguments.rbegin(), arguments.rend()));  // CLI11 takes them last first
  } catch (const CLI::CallForHelp&) {
    say(app.help());
    return 0;
  } catch (const CLI::ParseError& error) {
    rethrow(app, error);
  }
  return carry_out();
}

}  // namespace atelier::cli
