#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "methods/method.h"
#include "methods/model_iteration/adversarial/paint_model.h"
#include "methods/options.h"
#include "networks/network.h"
#include "training/adversarial/adversarial_training.h"
#include "training/style_training.h"

namespace atelier::methods {

/// What differs between CartoonGAN, AnimeGAN and AnimeGANv2: the generator, which terms they have and how strong.
struct CartoonDefaults {
  std::string method;
  std::string loss = "lsgan";
  double adversarial = 1;  ///< weights of the generator's terms
  double content = 1;
  double grey_style = 0;
  double colour = 0;
  double tv = 0;
  double grey = 0;           ///< weight of grey styles among the critic's terms; real and made have 1
  double smooth = 1;         ///< of styles with smoothed edges
  bool smooth_grey = false;  ///< smoothed styles are shown without colours
  std::string style_layers = "relu4_2";
  Network (*generator)(std::uint64_t seed, double width) = nullptr;
};

/// Options of `atelier train` for one of them.
std::vector<Option> cartoon_training_options(const CartoonDefaults& defaults);

/// Photos and pictures of a style, not in pairs (or in pairs, as seed data of the colour-count experiment): the
/// generator first learns alone to give photos back (content loss), then against a critic that tells the style from
/// what it makes, from grey styles and from styles with smoothed edges.
///
/// The generator's loss is ω_adv L_adv + ω_con L_con + ω_gra L_gra + ω_col L_col + ω_tv L_tv + ω_colcnt L_colcnt, the
/// critic's L_real + L_made + w_grey L_grey + w_smooth L_smooth (with w_smooth = 0.1 for AnimeGAN).
/// Deviation: content and style loss are relative to what they are compared with, so the weights are not the papers',
/// which hold for VGG-19's features; the colours are held while the generator learns alone too; edges are smoothed
/// (filters/smooth_edges.h) as pictures are drawn, not beforehand.
/// @throws Error when there are no styles, pairs do not match, or an option does not fit.
std::unique_ptr<TrainingTask> make_cartoon_training(const Values& values, const TrainingInputs& inputs,
                                                    const CartoonDefaults& defaults);

/// The row of such a method in the catalogue: training, tiny model, the translator that applies what was learnt.
template <CartoonDefaults (*kDefaults)()>
MethodInfo cartoon_info(std::string_view name, std::string_view citation, std::string_view summary) {
  constexpr double kTinyWidth = 0.0625;
  auto info = translator_info(name, citation, summary);
  info.make = [](const Values&) { return make_translator({.method = kDefaults().method}); };
  info.tiny_model = [] { return generator_model(kDefaults().generator(1, kTinyWidth), kDefaults().method); };
  info.make_training = [](const Values& values, const TrainingInputs& inputs) {
    return make_cartoon_training(values, inputs, kDefaults());
  };
  info.training_options = cartoon_training_options(kDefaults());
  return info;
}

}  // namespace atelier::methods
