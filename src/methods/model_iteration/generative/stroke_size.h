#pragma once
#include "methods/method.h"
#include "methods/style_mix.h"

/// Larger strokes than a network learnt, for networks that hold their styles.
namespace atelier::methods {

/// The option "strokes", and what was said to it.
Option strokes_option();
double strokes_of(const Values& values);

/// The same where 0, for strokes that grow with the picture, is the default.
Option growing_strokes_option();

/// What was asked for, or for 0 strokes that grow with the picture, for networks that learnt them at 512 pixels: as
/// learnt up to 768 pixels (smaller copies of those would cost nearly as much again), then longer side / 512, at most 2
/// (beyond, faces suffer).
double growing_strokes(const Tensor& picture, double asked);

/// The network's picture with strokes `times` as large as it learnt them: a smaller copy is painted, enlarged by no
/// more than two, and painted over; the large forms come from the copy, edges and the finest strokes from the last
/// pass. After Gatys et al., Controlling Perceptual Factors in Neural Style Transfer, CVPR 2017, 6: coarse to fine,
/// here by applying one network. @param times  1 for the network alone, as for copies that would be narrower than 32
/// pixels.
Tensor paint_with_strokes(const Tensor& picture, double times, const Stylise& stylise);

}  // namespace atelier::methods
