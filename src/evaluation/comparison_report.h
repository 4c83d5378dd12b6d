#pragma once
#include <string>
#include <vector>

#include "atelier/image.h"
#include "evaluation/compare_methods.h"

namespace atelier {

/// A sheet, and what it could not show.
struct ComparisonSheet {
  Image picture;
  std::vector<std::string> blanks;  ///< why pictures could not be read again; the same words stand in their places
};

/// A sheet of the pictures with labels above and figures below: photo, painting and a column for each method, a row for
/// each photo. With a single photo the columns wrap.
/// @param columns  most in a row, for a single photo; 0: up to 5, in rows of one length.
/// @param cell     width of a column in pixels.
ComparisonSheet comparison_sheet(const Comparison& comparison, int columns = 0, int cell = 320);

/// A page without external resources: the same pictures (or why one cannot be read), a table of means by method, and a
/// chart of each figure.
std::string comparison_html(const Comparison& comparison);

/// The figures below a picture: "style 0.412  content 0.633", "ssim 0.378  12.3 s".
std::vector<std::string> figure_lines(const ComparisonCell& cell);

}  // namespace atelier
