#include "weights/torch7_input.h"

#include <charconv>
#include <cstring>

namespace atelier {
namespace {

class BinaryInput final : public Torch7Input {
 public:
  BinaryInput(std::span<const std::byte> bytes, const std::string& file) : reader_(bytes, file) {}

  std::int32_t integer() override { return reader_.number<std::int32_t>(); }
  std::int64_t long_integer() override { return reader_.number<std::int64_t>(); }
  double number() override { return reader_.number<double>(); }
  std::string_view text(std::uint64_t length) override { return reader_.text(length); }
  std::span<const std::byte> elements(DType dtype, std::uint64_t count) override {
    if (count > reader_.left() / size_of(dtype)) damaged(file(), "it ends too early");
    return reader_.take(count * size_of(dtype));
  }
  DType stored_as(DType dtype) const override { return dtype; }
  const std::string& file() const override { return reader_.file(); }

 private:
  ByteReader reader_;
};

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

class AsciiInput final : public Torch7Input {
 public:
  AsciiInput(std::span<const std::byte> bytes, const std::string& file)
      : text_(reinterpret_cast<const char*>(bytes.data()), bytes.size()), file_(file) {}

  std::int32_t integer() override { return line_of<std::int32_t>(); }
  std::int64_t long_integer() override { return line_of<std::int64_t>(); }
  double number() override { return line_of<double>(); }

  std::string_view text(std::uint64_t length) override {
    if (length > text_.size() - at_) damaged(file_, "it ends too early");
    const auto found = text_.substr(at_, static_cast<std::size_t>(length));
    at_ += found.size();
    if (length > 0) skip_newline();
    return found;
  }

  std::span<const std::byte> elements(DType dtype, std::uint64_t count) override {
    switch (dtype) {
      case DType::kU8:
      case DType::kI8: return std::as_bytes(std::span(text(count)));
      case DType::kI16: return decimals<std::int16_t>(count);
      case DType::kI32: return decimals<std::int32_t>(count);
      case DType::kI64: return decimals<std::int64_t>(count);
      case DType::kF64: return decimals<double>(count);
      default: return decimals<float>(count);
    }
  }

  DType stored_as(DType dtype) const override { return dtype == DType::kF16 ? DType::kF32 : dtype; }
  const std::string& file() const override { return file_; }

 private:
  template <typename Number>
  Number decimal() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
    Number value{};
    const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (error != std::errc()) damaged(file_, "a number is missing or malformed");
    at_ = static_cast<std::size_t>(end - text_.data());
    return value;
  }

  template <typename Number>
  Number line_of() {
    const auto value = decimal<Number>();
    skip_newline();
    return value;
  }

  template <typename Number>
  std::span<const std::byte> decimals(std::uint64_t count) {
    if (count > text_.size() - at_) damaged(file_, "it ends too early");  // each takes a digit at least
    auto& bytes = converted_.emplace_back(static_cast<std::size_t>(count) * sizeof(Number));
    for (std::size_t i = 0; i < bytes.size(); i += sizeof(Number)) {
      const auto value = decimal<Number>();
      std::memcpy(&bytes[i], &value, sizeof value);
    }
    if (count > 0) skip_newline();
    return bytes;
  }

  void skip_newline() {
    if (at_ < text_.size() && text_[at_] == '\n') ++at_;
  }

  std::string_view text_;
  std::string file_;
  std::size_t at_ = 0;
  std::deque<std::vector<std::byte>> converted_;
};

}  // namespace

std::unique_ptr<Torch7Input> open_binary_torch7(std::span<const std::byte> bytes, const std::string& file) {
  return std::make_unique<BinaryInput>(bytes, file);
}

std::unique_ptr<Torch7Input> open_ascii_torch7(std::span<const std::byte> bytes, const std::string& file) {
  return std::make_unique<AsciiInput>(bytes, file);
}

}  // namespace atelier
