#pragma once
#include <string>
#include <vector>

#include "atelier/image.h"

namespace atelier {

/// One place of a contact sheet.
struct SheetCell {
  std::string label;                 ///< a line above the picture
  Image picture;                     ///< shown at most SheetLayout::cell wide and high; without pixels: `note` instead
  std::string note;                  ///< words in the picture's place, wrapped
  std::vector<std::string> figures;  ///< lines below it
};

struct SheetLayout {
  int columns = 4;
  int cell = 320;  ///< width of a column, and most height of a picture, in pixels
};

/// Cells in reading order on white, labels and figures drawn as text; every row is as high as its highest cell.
/// @throws Error for no cells, or a layout out of range (1 … 64 columns, cells of 64 … 2048 pixels).
Image contact_sheet(const std::vector<SheetCell>& cells, const SheetLayout& layout = {});

}  // namespace atelier
