#include "cli/plan.h"

#include <charconv>
#include <filesystem>
#include <map>

#include "atelier/error.h"
#include "core/nearest_name.h"
#include "media/find_images.h"

namespace atelier::cli {
namespace {

namespace fs = std::filesystem;

/// A photo and the name of its picture inside the output folder.
struct Source {
  std::string photo;
  fs::path name;
};

bool lies_in(const fs::path& file, const std::string& folder) {
  if (folder.empty()) return false;
  const fs::path relative = fs::weakly_canonical(file).lexically_relative(fs::weakly_canonical(folder));
  return !relative.empty() && *relative.begin() != "..";
}

/// The pictures below `folder`, without those that earlier runs wrote into `output`.
std::vector<Source> pictures_in(const std::string& folder, const std::string& output) {
  std::vector<Source> sources;
  const bool apart = !lies_in(folder, output);
  for (const auto& file : find_images(folder))
    if (!apart || !lies_in(file, output)) sources.push_back({file.string(), file.lexically_relative(folder)});
  require(!sources.empty(), "there is no picture in the folder \"" + folder + "\"; give photos or another folder");
  return sources;
}

std::vector<Source> expanded(const std::vector<std::string>& photos, const std::string& output) {
  std::vector<Source> sources;
  for (const auto& photo : photos) {
    if (!fs::is_directory(photo)) {
      sources.push_back({photo, fs::path(photo).filename()});
      continue;
    }
    const auto found = pictures_in(photo, output);
    sources.insert(sources.end(), found.begin(), found.end());
  }
  return sources;
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

void create_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    throw Error("cannot create the folder \"" + folder.string() + "\": " + error.message() + "; give another -o",
                ErrorKind::kFailure);
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
  require(!fitting.empty(),
          "--mask \"" + typed + "\" is for no given style; " + did_you_mean(name, names, "atelier stylize --help"));
  require(fitting.size() == 1, "--mask \"" + typed + "\" fits two styles; name the style as it was typed");
  require(fitting.front()->mask.empty(), "style \"" + name + "\" has two masks; join them into one picture");
  fitting.front()->mask = typed.substr(0, equals);
}

std::vector<Request> plan(const Request& common, const std::vector<std::string>& photos, const std::string& output) {
  const std::vector<Source> sources = expanded(photos, output);
  const bool several = sources.size() > 1 || fs::is_directory(photos.front());
  const bool into_folder = !output.empty() && (several || fs::is_directory(output));
  std::vector<Request> requests;
  for (const auto& [photo, name] : sources) {
    Request request = common;
    request.content = photo;
    request.output = into_folder      ? (fs::path(output) / name).string()
                     : output.empty() ? default_name(common, photo)
                                      : output;
    requests.push_back(std::move(request));
  }
  require_different_outputs(requests);
  if (into_folder)
    for (const auto& request : requests) create_folder(fs::path(request.output).parent_path());
  return requests;
}

}  // namespace atelier::cli
