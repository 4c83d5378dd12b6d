#pragma once
#include <functional>
#include <string>
#include <vector>

#include "tensor/tensor.h"

namespace atelier::losses {

/// What a critic's verdicts mean and how the two players are judged by them.
enum class Adversarial {
  kBce,    ///< logits of "real"; binary cross-entropy, the generator's in the form that does not saturate
           ///< (Goodfellow et al., NIPS 2014)
  kLsgan,  ///< least squares to 1 (real) and 0 (made) (Mao et al., ICCV 2017, eq. 9)
  kWgan,   ///< difference of the means (Arjovsky, Chintala, Bottou, ICML 2017); needs clipping or a gradient penalty
  kHinge,  ///< margins of 1 on both sides (Lim & Ye 2017; Miyato et al., ICLR 2018)
};

/// The names that users type: "bce", "lsgan", "wgan", "hinge".
const std::vector<std::string>& adversarial_names();
/// @throws Error when `name` is none of them.
Adversarial parse_adversarial(const std::string& name);

/// What the critic loses by its verdicts on real pictures, and on made ones; its loss is their sum.
/// @param verdicts  any shape: one value per picture or per patch; not squashed.
/// @return          scalar: the mean over all verdicts.
Tensor critic_loss_on_real(Adversarial kind, const Tensor& verdicts);
Tensor critic_loss_on_made(Adversarial kind, const Tensor& verdicts);

/// What the generator loses by the critic's verdicts on what it made.
Tensor generator_loss(Adversarial kind, const Tensor& verdicts);

/// The share of verdicts that are right, in [0, 1]: those on real pictures above the border between real and made
/// (0.5 for kLsgan, else 0), those on made ones below; half each. 0.5 is a critic that cannot tell.
double critic_accuracy(Adversarial kind, const Tensor& on_real, const Tensor& on_made);

/// The gradient penalty of Gulrajani et al. (NIPS 2017, eq. 3) without its weight: the mean over pictures of
/// (‖∇ critic(x)‖ − 1)², x between a real picture and a made one by a random share, critic(x) the mean of its verdicts
/// on the picture's patches, as in the loss: a sum would hold the critic back by their number. Differentiable in the
/// critic's parameters, through the gradient.
/// @param critic      differentiable twice; verdicts [N, ...] of pictures [N, C, H, W].
/// @param real, made  [N, C, H, W].
/// @throws Error      when their shapes differ.
Tensor gradient_penalty(const std::function<Tensor(const Tensor&)>& critic, const Tensor& real, const Tensor& made,
                        std::uint64_t seed);

}  // namespace atelier::losses
