#include "stylize/write_options.h"

namespace atelier {

WriteOptions write_options(const Request& request) {
  WriteOptions options;
  options.quality = request.quality;
  options.strip = request.strip;
  options.source_profile = request.source_profile;
  options.recipe = to_recipe(request);
  return options;
}

}  // namespace atelier
