#include "weights/fetch.h"

#include "atelier/error.h"

namespace atelier {

const std::vector<PublicModel>& public_models() {
  static const std::vector<PublicModel> kNone;
  return kNone;
}

ModelInfo fetch_model(const PublicModel& model, const OnFetch& on_progress) {
  return fetch_model(model.name, on_progress);
}

ModelInfo fetch_model(const std::string& name, const OnFetch&) {
  throw Error("this build downloads nothing, so \"" + name +
              "\" cannot be fetched; copy the file here and use `atelier models import`, or build with "
              "-DATELIER_MEDIA=ON");
}

}  // namespace atelier
