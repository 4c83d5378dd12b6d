#pragma once
#include <cstdint>
#include <string>

#include "networks/network.h"

namespace atelier::methods {

/// `channels` times `width`, at least 4.
std::int64_t scaled_channels(std::int64_t channels, double width);

/// What the generators of AnimeGAN's family are built of: convolutions with a norm and a leaky ReLU (slope 0.2),
/// separable ones, inverted residual blocks; reflected edges; tanh at the end. Every call returns the new node's name.
class CartoonLayers {
 public:
  enum class Norm { kInstance, kLayer };

  CartoonLayers(std::uint64_t seed, Norm norm) : build_(seed), norm_(norm) {}

  /// The picture, brought to −1 … 1.
  std::string start();
  /// Convolution, norm, leaky ReLU.
  std::string conv(const std::string& name, const std::string& from, std::int64_t in, std::int64_t out, int kernel,
                   int stride = 1);
  /// A 3×3 convolution per channel, then one of 1×1 with norm and leaky ReLU.
  std::string separable(const std::string& name, const std::string& from, std::int64_t in, std::int64_t out,
                        int stride = 1);
  /// Sandler et al., CVPR 2018, as AnimeGAN has it: 1×1 to `expansion` times the channels, 3×3 per channel, 1×1 to
  /// `out` without activation; added to its input where the channels agree.
  std::string inverted_residual(const std::string& name, const std::string& from, std::int64_t in, std::int64_t out,
                                double expansion);
  /// Half or twice the size, by an op without parameters.
  std::string resized(const std::string& name, Op op, const std::string& from);
  std::string sum(const std::string& name, const std::string& a, const std::string& b);
  /// A 1×1 convolution to three channels, tanh, brought to 0 … 1; hands over the network.
  Network finish(const std::string& from, std::int64_t in);

 private:
  std::string norm(const std::string& name, const std::string& from, std::int64_t channels);
  std::string relu(const std::string& name, const std::string& from);
  std::string depthwise(const std::string& name, const std::string& from, std::int64_t channels, int stride);

  NetworkBuilder build_;
  Norm norm_;
};

}  // namespace atelier::methods
