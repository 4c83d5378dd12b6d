#pragma once
#include <cstdint>
#include <cstring>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace atelier::test {

/// One message in Protocol Buffers' wire format, taken apart: numbers (also fixed-size ones, as bits) and runs of
/// bytes by field. What a run of bytes means, text or message, the caller knows.
class ProtobufReader {
 public:
  explicit ProtobufReader(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto key = varint(bytes);
      const auto field = static_cast<int>(key >> 3);
      switch (key & 7) {
        case 0: numbers_[field].push_back(varint(bytes)); break;
        case 2: {
          const auto length = varint(bytes);
          runs_[field].emplace_back(take(bytes, length));
          break;
        }
        case 5: {
          std::uint32_t bits = 0;
          std::memcpy(&bits, take(bytes, 4).data(), 4);
          numbers_[field].push_back(bits);
          break;
        }
        default: throw std::runtime_error("a wire type that ONNX does not use");
      }
    }
  }

  const std::vector<std::string>& texts(int field) { return runs_[field]; }
  std::string text(int field) { return runs_[field].size() == 1 ? runs_[field][0] : "not one"; }
  std::vector<ProtobufReader> messages(int field) {
    std::vector<ProtobufReader> all;
    for (const auto& run : runs_[field]) all.emplace_back(run);
    return all;
  }
  ProtobufReader message(int field) { return ProtobufReader(runs_[field].at(0)); }
  const std::vector<std::uint64_t>& numbers(int field) { return numbers_[field]; }
  std::int64_t number(int field) { return static_cast<std::int64_t>(numbers_[field].at(0)); }
  float real(int field) {
    const auto bits = static_cast<std::uint32_t>(numbers_[field].at(0));
    float value = 0;
    std::memcpy(&value, &bits, 4);
    return value;
  }

 private:
  static std::string_view take(std::string_view& bytes, std::uint64_t count) {
    if (count > bytes.size()) throw std::runtime_error("the message ends too early");
    const auto taken = bytes.substr(0, count);
    bytes.remove_prefix(count);
    return taken;
  }
  static std::uint64_t varint(std::string_view& bytes) {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(take(bytes, 1)[0]);
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw std::runtime_error("a number is too long");
  }

  std::map<int, std::vector<std::uint64_t>> numbers_;
  std::map<int, std::vector<std::string>> runs_;
};

}  // namespace atelier::test
