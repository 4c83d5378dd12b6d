#include "cli/plan.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <unordered_map>
#include <utility>

#include "atelier/error.h"
#include "core/nearest_name.h"
#include "media/find_images.h"
#include "media/image_file.h"

namespace atelier::cli {
namespace {

namespace fs = std::filesystem;

bool lies_in(const fs::path& file, const std::string& folder) {
  if (folder.empty() || file.empty()) return false;
  const fs::path relative = fs::weakly_canonical(file).lexically_relative(fs::weakly_canonical(folder));
  return !relative.empty() && *relative.begin() != "..";
}

std::string default_name(const Request& common, const std::string& photo) {
  const std::string style = common.styles.empty() ? "styled" : fs::path(common.styles.front().source).stem().string();
  return fs::path(photo).stem().string() + "-" + style + ".png";
}

void create_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    throw Error("cannot create the folder \"" + folder.string() + "\": " + error.message() + "; give another -o",
                ErrorKind::kFailure);
}

bool names_picture(const std::string& output) {
  try {
    check_output(output);
    return true;
  } catch (const Error&) {
    return false;
  }
}

/// Names that no file can have, for instance too long ones, are names of none.
bool exists(const std::string& file) {
  std::error_code error;
  return fs::exists(file, error);
}

bool names_style(const std::string& name, const StyleRequest& style) {
  const fs::path file(style.source);
  return name == style.source || name == file.filename() || name == file.stem();
}

}  // namespace

StyleRequest parse_style(const std::string& typed) {
  const std::size_t colon = typed.rfind(':');
  if (colon == std::string::npos || exists(typed)) return {typed, 1, ""};
  double weight = 0;
  const char* end = typed.data() + typed.size();
  const auto [rest, fault] = std::from_chars(typed.data() + colon + 1, end, weight);
  require(fault == std::errc() && rest == end,
          "the weight in --style \"" + typed + "\" is no number; write painting.jpg:2 for a double share");
  return {typed.substr(0, colon), weight, ""};
}

void apply_mask(const std::string& typed, std::vector<StyleRequest>& styles) {
  const std::size_t equals = exists(typed) ? std::string::npos : typed.rfind('=');
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
  require(!fitting.front()->mask.empty(), "--mask \"" + typed + "\" names no picture; write MASK.png=STYLE");
}

Plan::Plan(const Request& common, const std::vector<std::string>& photos, const std::string& output)
    : common_(common), output_(output) {
  for (const auto& photo : photos) fs::is_directory(photo) ? add_folder(photo) : add(photo);
  const bool several = sources_.size() > 1 || fs::is_directory(photos.front());
  into_folder_ = !output.empty() && (several || output.ends_with('/') || fs::is_directory(output));
  require(
      !into_folder_ || fs::is_directory(output) || !names_picture(output),
      "several photos cannot become one picture \"" + output + "\"; name a folder, or write --style before each style");
  // The pictures of one folder differ in their names already.
  if (!into_folder_ || photos.size() > 1) require_different_outputs();
  if (into_folder_) create_folders();
}

void Plan::add(const std::string& photo) {
  sources_.push_back({photo, photo.size() - fs::path(photo).filename().string().size()});
}

/// The pictures below `folder`, without those that earlier runs wrote into the output.
void Plan::add_folder(const std::string& folder) {
  const auto before = sources_.size();
  const bool holds_output = lies_in(output_, folder) && !lies_in(folder, output_);
  const std::size_t name = folder.size() + (folder.ends_with('/') ? 0 : 1);
  each_image(folder, [&](const fs::path& file) {
    if (!holds_output || !lies_in(file, output_)) sources_.push_back({file.string(), name});
  });
  require(sources_.size() > before,
          "there is no picture in the folder \"" + folder + "\"; give photos or another folder");
  std::sort(sources_.begin() + static_cast<std::ptrdiff_t>(before), sources_.end(),
            [](const Source& a, const Source& b) { return a.photo < b.photo; });
}

std::string Plan::output_of(const Source& source) const {
  if (into_folder_) return (fs::path(output_) / source.photo.substr(source.name)).string();
  return output_.empty() ? default_name(common_, source.photo) : output_;
}

void Plan::require_different_outputs() const {
  std::unordered_map<std::string, std::size_t> source_of;
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    const auto output = output_of(sources_[i]);
    const auto [earlier, fresh] = source_of.emplace(output, i);
    require(fresh, "\"" + sources_[earlier->second].photo + "\" and \"" + sources_[i].photo +
                       "\" would both become \"" + output + "\"; paint them in two runs");
  }
}

void Plan::create_folders() const {
  fs::path last;
  for (const auto& source : sources_) {
    auto folder = fs::path(output_of(source)).parent_path();
    if (folder == last) continue;
    create_folder(folder);
    last = std::move(folder);
  }
}

Request Plan::request(std::size_t i) const {
  Request request = common_;
  request.content = sources_[i].photo;
  request.output = output_of(sources_[i]);
  return request;
}

}  // namespace atelier::cli
