#pragma once
#include "atelier/stylize.h"
#include "media/image_file.h"

namespace atelier {

/// How the picture of `request` is written, with its recipe. @throws Error as to_recipe() does.
WriteOptions write_options(const Request& request);

}  // namespace atelier
