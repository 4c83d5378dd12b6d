#include "evaluation/report_parts.h"

#include "core/explain.h"
#include "evaluation/evaluation_report.h"
#include "media/image_file.h"

namespace atelier {

ShownPicture shown_picture(const std::string& file, int side) try {
  return {read_image(file, {.max_side = side}), ""};
} catch (const std::exception& fault) {
  return {{}, explained(fault, file).what()};
}

std::string mean_cell(double mean, std::size_t over, std::size_t all) {
  std::string cell = "<td>" + shown_value(mean);
  if (over > 0 && over < all) cell += "<br><small>" + std::to_string(over) + " of " + std::to_string(all) + "</small>";
  return cell + "</td>";
}

}  // namespace atelier
