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

/// The pictures to make: one request per photo, folders replaced by the pictures in them.
///
/// One photo goes to `output`, or into it if that is a folder; several go into the folder
/// `output`, which is created, under their own names. Without `output` they go to the current
/// folder as PHOTO-STYLE.png. Sub-folders are searched and kept in the output's names.
/// @throws Error when a folder holds no picture or two photos would get one name.
std::vector<Request> plan(const Request& common, const std::vector<std::string>& photos, const std::string& output);

}  // namespace atelier::cli
