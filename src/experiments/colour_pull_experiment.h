#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "atelier/image.h"

namespace atelier {

/// How the number of colours of one picture follows when its pixels alone are optimised by the soft colour-count loss.
struct ColourPull {
  std::size_t wanted = 0;
  std::vector<std::size_t> counts;  ///< clusters before each step and at the end; it ends where they are as wanted
  double psnr = 0;                  ///< of the result against the picture, in dB
  Image result;
};

/// @param picture  at the size at which it shall be optimised.
/// @param factors  wanted numbers, relative to the picture's own.
/// @param steps    of Adam (moments 0.5 and 0.99), half a level of 255 each, at most.
/// @throws Error   for a picture without pixels, or a factor that is not above 0.
std::vector<ColourPull> pull_colours(const Image& picture, const std::vector<double>& factors, int steps);

/// A chart of the counts over the steps, as an SVG file of its own.
std::string colour_pull_chart(const std::vector<ColourPull>& pulls);

/// Writes counts.svg and pictures.png into `folder`, which is made. @throws Error when they cannot be written.
void write_colour_pull_report(const Image& picture, const std::vector<ColourPull>& pulls,
                              const std::filesystem::path& folder);

}  // namespace atelier
