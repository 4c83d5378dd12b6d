#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "dataset/skipped_files.h"
#include "training/style_training.h"

namespace atelier {

/// The styles to learn: pictures, folders of pictures and packs, named by their files (those of a pack of several are
/// numbered from 1); or those of `cards`, a JSON list of objects with "name", "file" (in one of the folders `pictures`,
/// or a pack of that name among them) and whatever else the gallery shall show.
/// @param longer_side  pixels to which every picture is scaled: the scale of the strokes.
/// @param skipped      broken pictures of folders are added there and passed over.
/// @throws Error when a picture or list that is named cannot be read, a folder holds no readable picture, the list is
///               malformed or two styles have one name.
std::vector<StyleToLearn> read_styles(const std::vector<std::string>& pictures, const std::filesystem::path& cards,
                                      int longer_side, SkippedFiles& skipped);

}  // namespace atelier
