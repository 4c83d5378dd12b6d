#include "cli/plan.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <filesystem>
#include <map>

#include "atelier/error.h"
#include "core/nearest_name.h"

namespace atelier::cli {
namespace {

namespace fs = std::filesystem;

bool looks_like_picture(const fs::path& file) {
  static constexpr std::string_view kExtensions[] = {".jpg", ".jpeg", ".png",  ".webp", ".tif",
                                                     ".tiff", ".heic", ".heif", ".avif"};
  std::string extension = file.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(), [](unsigned char c) { return std::tolower(c); });
  const bool hidden = file.filename().string().front() == '.';
  return !hidden && std::find(std::begin(kExtensions), std::end(kExtensions), extension) != std::end(kExtensions);
}

std::vector<std::string> pictures_in(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.is_regular_file() && looks_like_picture(entry.path())) files.push_back(entry.path().string());
  require(!files.empty(), "there is no picture in the folder \"" + folder + "\"; give photos or another folder");
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<std::string> expanded(const std::vector<std::string>& photos) {
  std::vector<std::string> files;
  for (const auto& photo : photos) {
    if (!fs::is_directory(photo)) {
      files.push_back(photo);
      continue;
    }
    const auto found = pictures_in(photo);
    files.insert(files.end(), found.begin(), found.end());
  }
  return files;
}

std::string default_name(const Request& common, const std::string& photo) {
  const std::string style = common.styles.empty() ? "styled" : fs::path(common.styles.front().source).stem().string();
  return fs::path(photo).stem().string() + "-" + style + ".png";
}

void require_different_outputs(const std::vector<Request>& requests) {
  std::map<std::string, std::string> photo_of;
  for (const auto& request : requests) {
    const auto [earlier, fresh] = photo_of.emplace(request.output, request.content);
    require(fresh, "\"" + earlier->second + "\" and \"" + request.content + "\" would both become \"" + request.output +
                       "\"; paint them in two runs");
  }
}

void create_folder(const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    throw Error("cannot create the folder \"" + folder + "\": " + error.message() + "; give another -o", ErrorKind::kFailure);
}

bool names_style(const std::string& name, const StyleRequest& style) {
  const fs::path file(style.source);
  return name == style.source || name == file.filename() || name == file.stem();
}

}  // namespace

StyleRequest parse_style(const std::string& typed) {
  const std::size_t colon = typed.rfind(':');
  if (colon == std::string::npos || fs::exists(typed)) return {typed, 1, ""};
  double weight = 0;
  const char* end = typed.data() + typed.size();
  const auto [rest, fault] = std::from_chars(typed.data() + colon + 1, end, weight);
  require(fault == std::errc() && rest == end,
          "the weight in --style \"" + typed + "\" is no number; write painting.jpg:2 for a double share");
  return {typed.substr(0, colon), weight, ""};
}

void apply_mask(const std::string& typed, std::vector<StyleRequest>& styles) {
  const std::size_t equals = fs::exists(typed) ? std::string::npos : typed.rfind('=');
  require(equals != std::string::npos || styles.size() == 1,
          "--mask \"" + typed + "\" does not say for which style; write MASK.png=STYLE");
  const std::string name = equals == std::string::npos ? styles.front().source : typed.substr(equals + 1);
  std::vector<StyleRequest*> fitting;
  std::vector<std::string> names;
  for (auto& style : styles) {
    names.push_back(style.source);
    if (names_style(name, style)) fitting.push_back(&style);
  }
  require(!fitting.empty(), "--mask \"" + typed + "\" is for no given style; " + did_you_mean(name, names, "atelier stylize --help"));
  require(fitting.size() == 1, "--mask \"" + typed + "\" fits two styles; name the style as it was typed");
  require(fitting.front()->mask.empty(), "style \"" + name + "\" has two masks; join them into one picture");
  fitting.front()->mask = typed.substr(0, equals);
}

std::vector<Request> plan(const Request& common, const std::vector<std::string>& photos, const std::string& output) {
  const std::vector<std::string> files = expanded(photos);
  const bool several = files.size() > 1 || (photos.size() == 1 && files != photos);
  const bool into_folder = !output.empty() && (several || fs::is_directory(output));
  if (into_folder) create_folder(output);
  std::vector<Request> requests;
  for (const auto& file : files) {
    Request request = common;
    request.content = file;
    request.output = into_folder      ? (fs::path(output) / fs::path(file).filename()).string()
                     : output.empty() ? default_name(common, file)
                                      : output;
    requests.push_back(std::move(request));
  }
  require_different_outputs(requests);
  return requests;
}

}  // namespace atelier::cli
