#include <charconv>
#include <functional>

#include "atelier/error.h"
#include "atelier/stylize.h"
#include "core/number_text.h"
#include "methods/options.h"
#include "stylize/settings.h"
#include "tensor/colour_control.h"

namespace atelier {
namespace {

/// One setting: how it is described, and how it travels between text and Request.
struct Setting {
  Option option;
  std::function<void(Request&, const Values&, const std::string& name)> set;
  std::function<std::string(const Request&)> get;
};

Setting text(Option option, std::string Request::*member) {
  return {std::move(option),
          [member](Request& request, const Values& values, const auto& name) { request.*member = values.text(name); },
          [member](const Request& request) { return request.*member; }};
}

template <typename Integer>
Setting integer(Option option, Integer Request::*member) {
  return {std::move(option),
          [member](Request& request, const Values& values, const auto& name) {
            request.*member = static_cast<Integer>(values.integer(name));
          },
          [member](const Request& request) { return std::to_string(request.*member); }};
}

Setting number(Option option, double Request::*member) {
  return {std::move(option),
          [member](Request& request, const Values& values, const auto& name) { request.*member = values.number(name); },
          [member](const Request& request) { return as_typed(request.*member); }};
}

Setting flag(Option option, bool Request::*member) {
  return {std::move(option),
          [member](Request& request, const Values& values, const auto& name) { request.*member = values.flag(name); },
          [member](const Request& request) { return request.*member ? "true" : "false"; }};
}

Setting memory() {
  return {
      Option::text("memory", "most memory to use, such as 800M or 2G (0: what the machine has free)", "0"),
      [](Request& request, const Values& values, const auto& name) { request.memory = parse_bytes(values.text(name)); },
      [](const Request& request) { return std::to_string(request.memory); }};
}

// Integers travel as double in Option; this is the largest that stays exact.
constexpr long kLargestSeed = (1L << 53) - 1;

std::vector<Setting> make_settings() {
  return {
      text(Option::text("method", "how to paint: a name from `atelier methods`, or auto", "auto"), &Request::method),
      number(Option::number("strength", "0 gives the photo, 100 all style", 50, 0, 100), &Request::strength),
      integer(Option::integer("size", "longer side of the result in pixels (0: the photo's)", 512, 0, 65500),
              &Request::size),
      integer(Option::integer("style-size", "longer side of the styles in pixels (0: the same as --size)", 0, 0, 65500),
              &Request::style_size),
      text(Option::choice(
               "color",
               "whose colours to keep: the style's, the photo's (content, histogram, cholesky, pca and mk are "
               "ways of matching) or, with luma, paint only light and dark",
               "style", {colour::mode_names().begin(), colour::mode_names().end()}),
           &Request::colour),
      text(Option::text("encoder", "network that sees the pictures: compact, vgg16, vgg19 or a model file", "compact"),
           &Request::encoder),
      text(Option::choice("precision", "arithmetic of the network", "auto", {"auto", "fp32", "bf16"}),
           &Request::precision),
      integer(Option::integer("seed", "start of all chance; the same seed gives the same picture", 0, 0, kLargestSeed),
              &Request::seed),
      memory(),
      integer(Option::integer("threads", "threads to compute with (0: all cores)", 0, 0, 1024), &Request::threads),
      text(Option::path("preview", "file rewritten with the picture so far, every two seconds"), &Request::preview),
      text(Option::path("checkpoint", "file that keeps an unfinished run for --resume"), &Request::checkpoint),
      flag(Option::flag("keep-best", "when stopped by Ctrl-C, write the best picture so far"),
           &Request::keep_best_on_stop),
      integer(Option::integer("quality", "of JPEG, WebP, HEIC and AVIF output", 92, 1, 100), &Request::quality),
      flag(Option::flag("strip", "leave out the photo's EXIF, XMP and IPTC data"), &Request::strip),
      flag(Option::flag("source-profile", "write in the photo's own colour profile instead of sRGB"),
           &Request::source_profile),
      integer(Option::integer("max-pixels", "refuse larger pictures before decoding them", 400'000'000, 1,
                              1'000'000'000'000),
              &Request::max_pixels),
  };
}

const std::vector<Setting>& settings() {
  static const std::vector<Setting> all = make_settings();
  return all;
}

}  // namespace

std::uint64_t parse_bytes(const std::string& text) {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, fault] = std::from_chars(text.data(), end, value);
  const std::string_view suffix(rest, static_cast<std::size_t>(end - rest));
  const int shift = suffix.empty() ? 0 : suffix == "K" ? 10 : suffix == "M" ? 20 : suffix == "G" ? 30 : -1;
  require(fault == std::errc() && shift >= 0 && value <= (~std::uint64_t{0} >> shift),
          "--memory cannot be \"" + text + "\"; give bytes such as 800M or 2G");
  return value << shift;
}

const std::vector<Option>& request_options() {
  static const std::vector<Option> options = [] {
    std::vector<Option> all;
    for (const auto& setting : settings()) all.push_back(setting.option);
    return all;
  }();
  return options;
}

void apply_options(Request& request, const std::map<std::string, std::string>& given) {
  const Values values(request_options(), given);
  for (const auto& setting : settings())
    if (values.given(setting.option.name)) setting.set(request, values, setting.option.name);
}

std::map<std::string, std::string> typed_options(const Request& request) {
  std::map<std::string, std::string> typed;
  for (const auto& setting : settings()) typed[setting.option.name] = setting.get(request);
  return typed;
}

}  // namespace atelier
