#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "atelier/option.h"
#include "atelier/progress.h"

namespace atelier {

/// A style as named by the user.
struct StyleRequest {
  /// A picture file, a style's name (`atelier styles`), a model file or, of one that holds several, MODEL/STYLE.
  std::string source;
  double weight = 1;      ///< > 0, relative to the others
  std::string mask = {};  ///< grey picture, white where the style applies; empty: everywhere
};

/// One picture to make. Strings are as typed; everything is checked before work starts.
struct Request {
  std::string content;               ///< the photo, a picture file
  std::vector<StyleRequest> styles;  ///< at least one
  std::string output;                ///< file to write; the extension gives the format
  std::string method = "auto";
  std::map<std::string, std::string> options;  ///< the method's own options, by name
  double strength = 50;                        ///< 0 (the photo) … 100 (all style)
  int size = 512;                              ///< longer side of the result in pixels; 0 keeps the photo's
  int style_size = 0;                          ///< longer side of the styles; 0: the same as `size`
  std::string colour = "style";                ///< style, content, luma or histogram: whose colours to keep
  std::string encoder = "compact";
  std::string precision = "auto";
  std::uint64_t seed = 0;
  std::uint64_t memory = 0;  ///< most bytes to use; 0: what the machine has free
  std::string preview;       ///< file rewritten with the picture so far; empty: none
  std::string checkpoint;    ///< file that keeps an unfinished run; empty: none
  bool keep_best_on_stop = false;
  int quality = 92;                        ///< JPEG, WebP, HEIC
  bool strip = false;                      ///< drop the photo's metadata
  bool source_profile = false;             ///< write in the photo's own colour profile
  std::uint64_t max_pixels = 400'000'000;  ///< refuse larger inputs before decoding
  int threads = 0;                         ///< 0: all cores
};

/// The settings of a Request that every method shares, as options: "strength", "size", ...
/// The command line's help, the server's JSON and the studio's form are made from this list.
const std::vector<Option>& request_options();

/// Sets members of `request` from options as typed, checked against request_options().
/// @throws Error for an unknown name, or a value that does not parse or is out of range.
void apply_options(Request& request, const std::map<std::string, std::string>& given);

/// The method that `request` leads to, never "auto": for "auto" that of its first style that is a model, and else the
/// one for pictures.
/// @throws Error when that must be looked up and a style cannot be found.
std::string chosen_method(const Request& request);

/// Checks what several photos share: settings, method and its options, styles and masks.
/// @throws Error naming the first fault.
void check_settings(const Request& request);

/// Checks everything that can be checked without decoding a picture: check_settings(), the photo,
/// the output's folder and format. stylize() does this first.
/// @throws Error naming the first fault.
void check_request(const Request& request);

/// Photo and style in, picture out: reads, stylises and writes `request.output`.
/// @throws Error; the output is then untouched.
void stylize(const Request& request, const OnProgress& on_progress = {});

/// The request as JSON: the recipe kept in the output's metadata. It names the version, every
/// setting, and the sha256 of the photo, styles, masks and model.
/// @throws Error when one of them cannot be read.
std::string to_recipe(const Request& request);

/// The inverse of to_recipe(). @throws Error when `json` is not a recipe of this program.
Request from_recipe(const std::string& json);

/// What differs now from when the recipe was written: one line for each input or model whose
/// sha256 changed or that is missing. Empty when a repetition gives the same picture.
/// @throws Error when `json` is not a recipe of this program.
std::vector<std::string> recipe_differences(const std::string& json);

}  // namespace atelier
