#include <filesystem>

#include "atelier/error.h"
#include "atelier/stylize.h"
#include "core/atomic_file.h"
#include "core/nearest_name.h"
#include "media/image_file.h"
#include "methods/method.h"
#include "stylize/settings.h"
#include "stylize/style_source.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

void check_input(const std::string& what, const std::string& file) {
  require(!file.empty(), "no " + what + " was given; name a picture file");
  if (fs::exists(file))
    return require(fs::is_regular_file(file), what + " \"" + file + "\" is no file; give a picture file");
  throw Error("there is no " + what + " \"" + file + "\"; " + did_you_mean(file, names_beside(file), "ls"));
}

/// A reader of the input must not find the result in its place.
void check_overwrites(const std::string& what, const std::string& output, const std::string& input) {
  std::error_code error;
  require(!fs::equivalent(output, input, error),
          what + " \"" + output + "\" is also an input; choose another name for it");
}

/// Its format, and its folder: opening and dropping an AtomicFile shows whether the folder can be written to.
void check_written_file(const Request& request, const std::string& what, const std::string& file) {
  check_overwrites(what, file, request.content);
  for (const auto& style : request.styles) check_overwrites(what, file, style.source);
  check_output(file);
  const AtomicFile probe{fs::path(file)};
}

void check_style(const StyleRequest& style, const MethodInfo& method) {
  require(!style.source.empty(), "no style was given; name a style of `atelier styles` or a picture file");
  check_takes(method, style.source, find_style_source(style.source));
  require(style.weight > 0 && style.weight <= 1e6,
          "the weight of style \"" + style.source + "\" is " + as_typed(style.weight) + "; give a number above 0");
  if (!style.mask.empty()) check_input("mask", style.mask);
}

}  // namespace

void check_settings(const Request& request) {
  const Values settings(request_options(), typed_options(request));
  require(!request.styles.empty(), "no style was given; add --style with a painting or a name of `atelier styles`");
  const MethodInfo& method = find_method(chosen_method(request));
  const Values options(method.options, request.options);
  for (const auto& style : request.styles) check_style(style, method);
}

void check_request(const Request& request) {
  check_settings(request);
  check_input("photo", request.content);
  require(!request.output.empty(), "no output was given; name a file to write");
  check_written_file(request, "output", request.output);
  if (!request.preview.empty()) check_written_file(request, "preview", request.preview);
}

}  // namespace atelier
