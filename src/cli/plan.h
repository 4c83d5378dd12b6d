#pragma once
#include <string>
#include <vector>

#include "atelier/stylize.h"

namespace atelier::cli {

/// "painting.jpg:2" is a file and its weight; a file whose very name is typed wins.
/// @throws Error when the weight is no number.
StyleRequest parse_style(const std::string& typed);

/// Gives the mask of "mask.png=STYLE" to the style of that name (as typed, or its file name with or
/// without extension); "=STYLE" may be left out when there is but one style.
/// @throws Error when no style or more than one fits, or the style has a mask already.
void apply_mask(const std::string& typed, std::vector<StyleRequest>& styles);

/// The pictures to make: one request per photo, folders replaced by the pictures in them. Of each photo only its path
/// is kept, so that there may be millions.
///
/// One photo goes to `output`, or into it if that is a folder or ends in a slash; several go into the folder
/// `output`, which is created, under their own names. Without `output` they go to the current
/// folder as PHOTO-STYLE.png. Sub-folders are searched and kept in the output's names.
class Plan {
 public:
  /// @throws Error when a folder holds no picture or two photos would get one name.
  Plan(const Request& common, const std::vector<std::string>& photos, const std::string& output);

  std::size_t size() const { return sources_.size(); }
  Request request(std::size_t i) const;

 private:
  /// A photo; from `name` on, its path is also its picture's in the output folder.
  struct Source {
    std::string photo;
    std::size_t name = 0;
  };

  void add(const std::string& photo);
  void add_folder(const std::string& folder);
  std::string output_of(const Source& source) const;
  void require_different_outputs() const;
  void create_folders() const;

  Request common_;
  std::string output_;
  std::vector<Source> sources_;
  bool into_folder_ = false;
};

}  // namespace atelier::cli
