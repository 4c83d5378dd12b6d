#include "gatys_loss.h"

#include "methods/picture_objective.h"

namespace atelier::bench {

PictureObjective gatys_loss(const ConvChain& chain, const Pictures& pictures, Precision precision) {
  ObjectiveSettings settings;
  for (const auto& tap : kStyleTaps) settings.style_layers.push_back({tap});
  settings.content_layers = {{kContentTap}};
  settings.content_weight = kContentWeight;
  settings.style_weight = kStyleWeight;
  settings.tv_weight = kTvWeight;
  Inputs inputs;
  inputs.content = pictures.photo;
  inputs.styles = {Style{.picture = pictures.style, .mask = {}}};
  const auto encoder = std::make_shared<const Encoder>(chain, EncoderOptions{.precision = precision});
  return make_objective(encoder, inputs, settings, {pictures.photo.size(2), pictures.photo.size(3), 1});
}

nlohmann::json as_json(const PictureLoss& loss) {
  nlohmann::json terms;
  for (const auto& [name, value] : loss.terms) terms[name] = value;
  terms["total"] = loss.total();
  return terms;
}

}  // namespace atelier::bench
