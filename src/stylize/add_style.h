#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "atelier/progress.h"
#include "methods/method.h"
#include "weights/style_store.h"

namespace atelier {

/// A painting that shall become a style of the user's own.
struct NewStyle {
  std::string painting;             ///< picture file
  StyleCard card;                   ///< name, and what the user tells of the painting
  std::string method = "auto";      ///< that learns it; auto: the first of the catalogue that can
  std::vector<std::string> photos;  ///< folders of photos to practise on; empty: what the method brings along
  bool thorough = false;            ///< take longer for a better style
  int size = 512;                   ///< longer side of the painting, in pixels: the size of its strokes
  std::string preview;              ///< file rewritten with the work so far; empty: none
  std::string precision = "auto";
  std::uint64_t seed = 0;
  int threads = 0;  ///< 0: all cores
};

/// The method that learns a new style. @param name  "auto" or a method.
/// @throws Error when there is none of that name, or it cannot learn.
const MethodInfo& fitting_method(const std::string& name);

/// Learns the painting and keeps it in the user's folder, with a thumbnail; everything is checked beforehand.
/// @throws Error; an earlier style of that name is then intact.
StyleCard add_style(const NewStyle& style, const OnProgress& on_progress = {});

}  // namespace atelier
