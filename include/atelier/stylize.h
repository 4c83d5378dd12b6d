#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "atelier/progress.h"

namespace atelier {

/// A style as named by the user.
struct StyleRequest {
  std::string source;  ///< a picture file (gallery names and model files where a method takes them)
  double weight = 1;   ///< > 0, relative to the others
  std::string mask;    ///< grey picture, white where the style applies; empty: everywhere
};

/// One picture to make. Strings are as typed; everything is checked before work starts.
struct Request {
  std::string content;               ///< the photo
  std::vector<StyleRequest> styles;  ///< at least one
  std::string output;                ///< file to write; the extension gives the format
  std::string method = "auto";
  std::map<std::string, std::string> options;  ///< the method's own options, by name
  double strength = 50;         ///< 0 (the photo) … 100 (all style)
  int size = 512;               ///< longer side of the result in pixels; 0 keeps the photo's
  int style_size = 0;           ///< longer side of the styles; 0: the same as `size`
  std::string colour = "style";  ///< style, content, luma or histogram: whose colours to keep
  std::string encoder = "compact";
  std::string precision = "auto";
  std::uint64_t seed = 0;
  std::uint64_t memory = 0;      ///< most bytes to use; 0: what the machine has free
  std::string preview;           ///< file rewritten with the picture so far; empty: none
  std::string checkpoint;        ///< file that keeps an unfinished run; empty: none
  bool keep_best_on_stop = false;
  int quality = 92;              ///< JPEG, WebP, HEIC
  bool strip = false;            ///< drop the photo's metadata
  bool source_profile = false;   ///< write in the photo's own colour profile
  std::uint64_t max_pixels = 400'000'000;  ///< refuse larger inputs before decoding
};

/// Photo and style in, picture out: reads, stylises and writes `request.output`.
/// @throws Error; the output is then untouched.
void stylize(const Request& request, const OnProgress& on_progress = {});

/// The request as JSON: the recipe kept in the output's metadata.
std::string to_recipe(const Request& request);

/// The inverse of to_recipe(). @throws Error when `json` is not a recipe of this program.
Request from_recipe(const std::string& json);

}  // namespace atelier
