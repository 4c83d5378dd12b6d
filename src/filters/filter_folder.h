#pragma once
#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "atelier/image.h"

namespace atelier {

/// What filter_folder() did.
struct FilterReport {
  std::size_t written = 0;
  std::vector<std::string> skipped;  ///< why, for each picture that could not be read
};

/// Writes filter(picture) as PNG for every picture below `input` (or for the file `input`), under the same name below
/// `output`, sub-folders kept. What lies in `output` is passed over as input. Each file appears complete or not at all;
/// those of an interrupted run stay.
/// @param max_side     shrink pictures to this longer side first; 0: never.
/// @param on_progress  gets the number of pictures done so far; may be empty; ends the run by throwing.
/// @throws Error when there is no picture, two would get one name, or a file cannot be written.
FilterReport filter_folder(const std::filesystem::path& input, const std::filesystem::path& output, int max_side,
                           const std::function<Image(const Image&)>& filter,
                           const std::function<void(std::size_t)>& on_progress = {});

}  // namespace atelier
