#pragma once
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "encoders/conv_chain.h"
#include "tensor/tensor.h"

/// What the measuring programs share.
namespace atelier::bench {

/// Photo and style as both sides read them.
struct Pictures {
  Tensor photo, style;
};

/// "shape:vgg16", "shape:vgg19" or "shape:compact": that shape with seeded random weights; else an encoder's name or
/// file.
ConvChain chain_named(const std::string& network);

/// Writes the middle of two picture files, cut to the wanted shape and resized.
void write_pictures(const std::string& photo, const std::string& style, int height, int width, const std::string& file);
Pictures read_pictures(const std::string& file);

/// What the measurements run on: processor, memory, versions of libraries.
nlohmann::json machine();

/// The most memory that this program has occupied. Not ru_maxrss, which counts the parent before exec() too.
std::uint64_t peak_bytes();

double median(std::vector<double> values);

/// Seconds of each of `count` calls after `warm_up` more.
std::vector<double> timed(int warm_up, int count, const std::function<void()>& work);

}  // namespace atelier::bench
