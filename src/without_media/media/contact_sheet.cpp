#include "media/contact_sheet.h"

#include "media/encode_image.h"

namespace atelier {

Image contact_sheet(const std::vector<SheetCell>&, const SheetLayout&) {
  check_output("the contact sheet");
  return {};
}

}  // namespace atelier
