#include "methods/options.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <stdexcept>

#include "atelier/error.h"
#include "core/nearest_name.h"
#include "core/number_text.h"
#include "core/printable.h"

namespace atelier {
namespace {

template <typename T>
std::optional<T> parse(const std::string& text) {
  T value{};
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return value;
}

std::optional<bool> parse_flag(const std::string& text) {
  if (text.empty() || text == "true" || text == "on" || text == "yes" || text == "1") return true;
  if (text == "false" || text == "off" || text == "no" || text == "0") return false;
  return std::nullopt;
}

bool is_colour(const std::string& text) {
  return text.size() == 7 && text[0] == '#' && text.find_first_not_of("0123456789abcdefABCDEF", 1) == std::string::npos;
}

std::string list(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i)
    text += (i == 0 ? "" : i + 1 == names.size() ? " or " : ", ") + names[i];
  return text;
}

/// What a value of this option must be, as advice; empty when `text` is one.
std::string complaint(const Option& option, const std::string& text) {
  const auto inside = [&](double value) { return value >= option.lowest && value <= option.highest; };
  switch (option.kind) {
    case Option::Kind::kNumber: {
      const auto value = parse<double>(text);
      return value && inside(*value) ? "" : "give a number from " + range_text(option);
    }
    case Option::Kind::kInteger: {
      const auto value = parse<long>(text);
      return value && inside(static_cast<double>(*value)) ? "" : "give a whole number from " + range_text(option);
    }
    case Option::Kind::kChoice:
      return std::count(option.choices.begin(), option.choices.end(), text) ? "" : "give " + list(option.choices);
    case Option::Kind::kFlag: return parse_flag(text) ? "" : "give true or false";
    case Option::Kind::kColour: return is_colour(text) ? "" : "give a colour such as #1f6fb2";
    case Option::Kind::kText:
    case Option::Kind::kPath: return "";
  }
  return "";
}

const Option& find_option(const std::vector<Option>& options, const std::string& name) {
  std::vector<std::string> names;
  for (const auto& option : options) {
    if (option.name == name) return option;
    names.push_back("--" + option.name);
  }
  throw Error("there is no option \"--" + one_line_utf8(name) + "\" here; " +
              did_you_mean("--" + name, names, "atelier methods"));
}

}  // namespace

std::string range_text(const Option& option) {
  if (option.kind == Option::Kind::kInteger)  // never "1e+12"
    return std::to_string(std::lround(option.lowest)) + " to " + std::to_string(std::lround(option.highest));
  return as_typed(option.lowest) + " to " + as_typed(option.highest);
}

Option Option::number(std::string name, std::string help, double default_value, double lowest, double highest) {
  return {std::move(name), std::move(help), Kind::kNumber, as_typed(default_value), lowest, highest, {}};
}

Option Option::integer(std::string name, std::string help, long default_value, long lowest, long highest) {
  return {std::move(name),
          std::move(help),
          Kind::kInteger,
          std::to_string(default_value),
          static_cast<double>(lowest),
          static_cast<double>(highest),
          {}};
}

Option Option::choice(std::string name, std::string help, std::string default_value, std::vector<std::string> choices) {
  return {std::move(name), std::move(help), Kind::kChoice, std::move(default_value), 0, 0, std::move(choices)};
}

Option Option::flag(std::string name, std::string help) {
  return {std::move(name), std::move(help), Kind::kFlag, "false", 0, 0, {}};
}

Option Option::text(std::string name, std::string help, std::string default_value) {
  return {std::move(name), std::move(help), Kind::kText, std::move(default_value), 0, 0, {}};
}

Option Option::path(std::string name, std::string help) {
  return {std::move(name), std::move(help), Kind::kPath, "", 0, 0, {}};
}

Option Option::colour(std::string name, std::string help, std::string default_value) {
  return {std::move(name), std::move(help), Kind::kColour, std::move(default_value), 0, 0, {}};
}

const char* kind_name(Option::Kind kind) {
  switch (kind) {
    case Option::Kind::kNumber: return "number";
    case Option::Kind::kInteger: return "integer";
    case Option::Kind::kChoice: return "choice";
    case Option::Kind::kFlag: return "flag";
    case Option::Kind::kText: return "text";
    case Option::Kind::kPath: return "path";
    case Option::Kind::kColour: return "colour";
  }
  return "";
}

Values::Values(const std::vector<Option>& options, const std::map<std::string, std::string>& given) {
  for (const auto& option : options) values_[option.name] = option.default_value;
  for (const auto& [name, text] : given) {
    const std::string advice = complaint(find_option(options, name), text);
    require(advice.empty(), "--" + name + " cannot be \"" + one_line_utf8(text) + "\"; " + advice);
    values_[name] = text;
    given_[name] = true;
  }
}

const std::string& Values::find(const std::string& name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) throw std::logic_error("a method asked for an option that it did not describe: " + name);
  return found->second;
}

double Values::number(const std::string& name) const { return parse<double>(find(name)).value(); }

long Values::integer(const std::string& name) const { return parse<long>(find(name)).value(); }

bool Values::flag(const std::string& name) const { return parse_flag(find(name)).value(); }

const std::string& Values::text(const std::string& name) const { return find(name); }

bool Values::given(const std::string& name) const { return given_.contains(name); }

std::vector<Option> joined_options(std::vector<Option> first, const std::vector<Option>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

}  // namespace atelier
