#include <filesystem>

#include "atelier/error.h"
#include "atelier/stylize.h"
#include "core/nearest_name.h"
#include "core/number_text.h"
#include "core/output_file.h"
#include "media/image_file.h"
#include "methods/method.h"
#include "stylize/settings.h"
#include "stylize/style_source.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

void check_input(const std::string& what, const std::string& file) {
  require(!file.empty(), "no " + what + " was given; name a picture file");
  std::error_code error;
  if (fs::exists(file, error))
    return require(fs::is_regular_file(file), what + " \"" + file + "\" is no file; give a picture file");
  throw Error("there is no " + what + " \"" + file + "\"; " + did_you_mean(file, names_beside(file), "ls"));
}

std::vector<std::string> inputs_of(const Request& request) {
  std::vector<std::string> inputs{request.content};
  for (const auto& style : request.styles) inputs.insert(inputs.end(), {style.source, style.mask});
  return inputs;
}

void check_picture_file(const Request& request, const std::string& what, const std::string& file) {
  check_output(file);
  check_writable(what, file, inputs_of(request));
}

void check_checkpoint(const Request& request) {
  const auto method = chosen_method(request);
  require(find_method(method).keeps_checkpoint && request.strength > 0,
          "the method " + method + (request.strength > 0 ? "" : " at strength 0") +
              " keeps no unfinished runs; leave out the checkpoint");
  check_writable("checkpoint", request.checkpoint, inputs_of(request));
  require(!same_file(request.checkpoint, request.output) && !same_file(request.checkpoint, request.preview),
          "checkpoint \"" + request.checkpoint + "\" is also written as a picture; choose another name for it");
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
  check_picture_file(request, "output", request.output);
  if (!request.preview.empty()) check_picture_file(request, "preview", request.preview);
  if (!request.checkpoint.empty()) check_checkpoint(request);
}

}  // namespace atelier
