#pragma once
#include <nlohmann/json.hpp>

namespace atelier {

/// Passes over JSON text by nlohmann::json::sax_parse() and accepts all of it; checks derive from it, and throw. (A
/// callback given to parse() could check too, but takes time with the square of an object's size.)
class JsonWalk : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return deeper(); }
  bool key(string_t&) override { return true; }
  bool end_object() override { return shallower(); }
  bool start_array(std::size_t) override { return deeper(); }
  bool end_array() override { return shallower(); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }

 protected:
  /// A list or object has begun, the `depth`-th within each other, from 1.
  virtual void entered(std::size_t /*depth*/) {}
  std::size_t depth() const { return depth_; }

 private:
  bool deeper() {
    entered(++depth_);
    return true;
  }
  bool shallower() {
    --depth_;
    return true;
  }

  std::size_t depth_ = 0;
};

}  // namespace atelier
