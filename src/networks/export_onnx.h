#pragma once
#include <filesystem>
#include <string>

#include "weights/weight_set.h"

namespace atelier {

/// The network of a model (write_network()), or an encoder (read_chain()), as the bytes of a .onnx file of opset 13.
///
/// Inputs are the network's, by their names: pictures and features [pictures, C, height, width] with any number of
/// pictures and any size, shares [rows, styles] with one row for all pictures or one each. Outputs are the values that
/// nothing else uses, by their nodes' names; for most networks one. Those of an encoder are encoder_taps(): the
/// features without readouts, as decoders take them, and read out. Parameters become float32. The model's metadata, but
/// for the graph, is carried over.
/// @throws Error when `model` holds neither, or a transposed convolution whose kernel is smaller than its stride.
std::string to_onnx(const WeightSet& model, const std::string& name);

/// Writes to_onnx() to `file`, atomically. @throws Error, also when the file's name does not end in .onnx.
void export_onnx(const WeightSet& model, const std::filesystem::path& file);

}  // namespace atelier
