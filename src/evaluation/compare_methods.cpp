#include "evaluation/compare_methods.h"

#include <algorithm>
#include <chrono>

#include "atelier/error.h"
#include "atelier/method_list.h"
#include "core/explain.h"
#include "encoders/encoder.h"
#include "evaluation/evaluate_pictures.h"
#include "media/find_images.h"
#include "media/image_file.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

ComparedMethod parse_method(const std::string& typed) {
  const auto colon = typed.find(':');
  ComparedMethod compared;
  compared.method = typed.substr(0, colon);
  if (compared.method != "auto") describe_method(compared.method);
  if (colon != std::string::npos) compared.style = typed.substr(colon + 1);
  require(colon == std::string::npos || !compared.style.empty(),
          "\"" + typed + "\" names no style after the colon; write METHOD or METHOD:STYLE");
  return compared;
}

void require_picture(const std::string& file, const std::string& what, const std::string& advice) {
  require(fs::exists(file), "there is no " + what + " \"" + file + "\"; check the name");
  require(is_picture(file), "the " + what + " \"" + file + "\" is no picture; " + advice);
}

void check(const ComparisonRequest& request) {
  require(!request.contents.empty(), "no photo was given; add --content PHOTO");
  require(!request.methods.empty(), "no method was given; add --methods gatys,adain");
  for (const auto& content : request.contents) require_picture(content, "photo", "give a JPEG, PNG or the like");
  require_picture(request.style, "painting", "give --style a picture, and a model as METHOD:MODEL");
  read_image(request.style);  // a damaged photo costs its row, a damaged painting everything
  open_encoder(request.yardstick, {});
}

/// "photo-conditional-in-great-wave.png", with a number where two photos or columns would share it.
std::string file_name(const ComparisonRequest& request, std::size_t content, std::size_t method) {
  const auto& compared = request.methods[method];
  std::string name = fs::path(request.contents[content]).stem().string() + "-" + compared.method;
  if (!compared.style.empty()) name += "-" + fs::path(compared.style).stem().string();
  return std::to_string(content + 1) + "-" + std::to_string(method + 1) + "-" + name + ".png";
}

Request request_of(const ComparisonRequest& request, std::size_t content, std::size_t method) {
  const auto& compared = request.methods[method];
  Request one = request.common;
  one.content = request.contents[content];
  one.method = compared.method;
  one.options = compared.options;
  one.styles = {{compared.style.empty() ? request.style : compared.style}};
  one.output = (request.folder / file_name(request, content, method)).string();
  return one;
}

void measure(const ComparisonRequest& request, const std::string& content, ComparisonCell& cell) {
  EvaluationSettings settings;
  settings.metrics = "style,content,ssim";
  settings.encoder = request.yardstick;
  const auto found = evaluate_pictures({{cell.picture, content, request.style, ""}}, settings);
  const auto& values = found.pictures.front().values;
  cell.style = values[0];
  cell.content = values[1];
  cell.ssim = values[2];
}

ComparisonCell painted(const ComparisonRequest& request, const Request& one, const ComparisonObserver& observer) {
  ComparisonCell cell;
  const auto start = std::chrono::steady_clock::now();
  try {
    if (observer.on_start) observer.on_start(one);
    stylize(one, observer.on_progress);
    cell.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    cell.picture = one.output;
    measure(request, one.content, cell);
  } catch (const std::exception& fault) {
    const auto error = explained(fault, one.content);
    if (error.kind() == ErrorKind::kStopped) throw;
    cell.fault = error.what();
  }
  return cell;
}

}  // namespace

std::vector<ComparedMethod> parse_compared_methods(const std::string& list) {
  std::vector<ComparedMethod> methods;
  for (std::size_t at = 0; at <= list.size();) {
    const auto end = std::min(list.find(',', at), list.size());
    methods.push_back(parse_method(list.substr(at, end - at)));
    at = end + 1;
  }
  return methods;
}

void set_compared_option(const std::string& typed, std::vector<ComparedMethod>& methods) {
  const auto equals = typed.find('='), dot = typed.rfind('.', equals);
  require(equals != std::string::npos && dot != std::string::npos && dot > 0 && equals > dot + 1,
          "\"" + typed + "\" sets no option; write METHOD.OPTION=VALUE, for instance gatys.steps=100");
  const std::string name = typed.substr(0, dot);
  bool meant = false;
  for (auto& compared : methods) {
    if (name != compared.method && name != compared.label()) continue;
    compared.options[typed.substr(dot + 1, equals - dot - 1)] = typed.substr(equals + 1);
    meant = true;
  }
  require(meant, "\"" + typed + "\" is for a method that is not compared; add " + name + " to --methods");
}

Comparison compare_methods(const ComparisonRequest& request, const ComparisonObserver& observer) {
  check(request);
  Comparison comparison{request.contents, request.style, {}, {}, true};
  for (const auto& method : request.methods) comparison.labels.push_back(method.label());
  comparison.cells.assign(request.contents.size(), std::vector<ComparisonCell>(request.methods.size()));
  try {
    for (std::size_t c = 0; c < request.contents.size(); ++c)
      for (std::size_t m = 0; m < request.methods.size(); ++m) {
        comparison.cells[c][m] = painted(request, request_of(request, c, m), observer);
        if (observer.on_cell) observer.on_cell(comparison, c, m);
      }
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kStopped) throw;
    comparison.complete = false;
  }
  return comparison;
}

}  // namespace atelier
