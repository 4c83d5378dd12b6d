#pragma once
#include "tensor/tensor.h"

namespace atelier::losses {

/// How far a critic's verdicts are from a style: the critic of Zhang et al. 2017 answers not "real" or "made" but which
/// style a picture has, and "none" for a made one. It learns V(y) on a painting y and 0 on a made one; the generator
/// wants V(y) of what it made in the style of y.
///
/// The mean over pictures, channels and patches of the Kullback-Leibler divergence between two coins, w and σ(z):
/// softplus(z) − w z − H(w). For w of 0 and 1 it is the binary cross-entropy; taking the entropy H(w) away makes it 0
/// where σ(z) = w, and changes no gradient.
/// Source: Zhang, Ji, Lin 2017 (arXiv 1706.03319), section 3.2, after the auxiliary classifier of Odena, Olah, Shlens
/// 2017. Deviation: the paper adds 1 − V(y) to the critic's answer before its logarithm.
/// @param verdicts  [N, K, h, w], not squashed.
/// @param style     [N, K] in [0, 1].
/// @throws Error    when N or K differ.
Tensor style_divergence(const Tensor& verdicts, const Tensor& style);

}  // namespace atelier::losses
