#include "evaluation/pair_files.h"

#include <filesystem>
#include <map>
#include <set>

#include "atelier/error.h"
#include "media/find_images.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

struct NamedPicture {
  std::string file;
  fs::path name;  ///< below its folder
};

std::string without_extension(const fs::path& name) { return (name.parent_path() / name.stem()).generic_string(); }

void require_exists(const std::string& path, const std::string& what) {
  std::error_code ignored;
  require(fs::exists(path, ignored), "there is no " + what + " \"" + path + "\"; check the name");
}

std::vector<NamedPicture> pictures_of(const std::string& folder) {
  std::vector<NamedPicture> found;
  for (const auto& file : find_images(folder)) found.push_back({file.string(), file.lexically_relative(folder)});
  require(!found.empty(), "there is no picture in the folder \"" + folder + "\"; give another");
  return found;
}

std::vector<NamedPicture> results_of(const std::vector<std::string>& given) {
  require(!given.empty(), "no result was given; name the pictures to measure, or their folder");
  std::vector<NamedPicture> results;
  for (const auto& path : given) {
    require_exists(path, "result");
    const auto found =
        fs::is_directory(path) ? pictures_of(path) : std::vector<NamedPicture>{{path, fs::path(path).filename()}};
    results.insert(results.end(), found.begin(), found.end());
  }
  return results;
}

/// One file for all, or a folder with one for each.
class Partners {
 public:
  Partners(std::string path, std::string what) : path_(std::move(path)), what_(std::move(what)) {
    if (path_.empty()) return;
    require_exists(path_, what_);
    if (!fs::is_directory(path_)) return;
    folder_ = true;
    for (const auto& picture : pictures_of(path_)) by_name_[without_extension(picture.name)].push_back(picture);
  }

  std::string of(const NamedPicture& result) {
    if (!folder_) return path_;
    const auto found = by_name_.find(without_extension(result.name));
    require(found != by_name_.end(), "\"" + result.file + "\" has no " + what_ + " of its name in \"" + path_ +
                                         "\"; add one, or leave the result out");
    used_.insert(found->first);
    if (found->second.size() == 1) return found->second.front().file;
    for (const auto& picture : found->second)
      if (picture.name == result.name) return picture.file;
    throw Error("\"" + result.file + "\" could go with \"" + found->second[0].file + "\" and with \"" +
                found->second[1].file + "\"; keep one of the two");
  }

  void note_unused(std::vector<std::string>& notes) const {
    if (!folder_ || used_.size() == by_name_.size()) return;
    for (const auto& [name, pictures] : by_name_) {
      if (used_.contains(name)) continue;
      notes.push_back(std::to_string(by_name_.size() - used_.size()) + " of \"" + path_ +
                      "\" have no result, the first \"" + pictures.front().file + "\"");
      return;
    }
  }

 private:
  std::string path_, what_;
  bool folder_ = false;
  std::map<std::string, std::vector<NamedPicture>> by_name_;
  std::set<std::string> used_;
};

}  // namespace

PairedFiles pair_files(const EvaluationInputs& inputs) {
  Partners contents(inputs.content, "content"), styles(inputs.style, "style"),
      references(inputs.reference, "reference");
  PairedFiles paired;
  for (const auto& result : results_of(inputs.results))
    paired.pictures.push_back({result.file, contents.of(result), styles.of(result), references.of(result)});
  for (const auto* partners : {&contents, &styles, &references}) partners->note_unused(paired.notes);
  return paired;
}

}  // namespace atelier
