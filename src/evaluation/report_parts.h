#pragma once
#include <cstddef>
#include <string>

#include "atelier/image.h"

namespace atelier {

/// A picture for a report, or why its place stays blank.
struct ShownPicture {
  Image image;        ///< without pixels where `fault` is not empty
  std::string fault;  ///< why the file cannot be read; empty when it can
};

/// The picture in `file`, its longer side at most `side` pixels. Never throws for a file that cannot be read: a report
/// of many pictures must not be lost for one of them.
ShownPicture shown_picture(const std::string& file, int side);

/// "<td>0.512</td>"; where the mean is over some of `all` pictures only, with "2 of 3" below.
std::string mean_cell(double mean, std::size_t over, std::size_t all);

}  // namespace atelier
