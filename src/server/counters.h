#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace atelier::server {

/// What happened since the start, for GET /metrics. Functions may be called from any thread.
class Counters {
 public:
  void count_request(const std::string& method, int status, double seconds);
  /// @param state  "done", "failed" or "cancelled".
  void count_job(const std::string& kind, const std::string& state, double seconds);

  /// In Prometheus' text format.
  std::string text() const;

 private:
  struct Timing {
    std::array<std::uint64_t, 10> within{};  ///< one for each of kBounds, not cumulative
    std::uint64_t count = 0;
    double sum = 0;
    void add(double seconds);
  };
  static constexpr std::array<double, 10> kBounds = {0.001, 0.01, 0.05, 0.2, 1, 5, 20, 60, 300, 1800};
  static std::string histogram(const std::string& name, const Timing& timing);

  mutable std::mutex mutex_;
  std::map<std::pair<std::string, int>, std::uint64_t> requests_;
  std::map<std::pair<std::string, std::string>, std::uint64_t> jobs_;
  Timing request_seconds_, job_seconds_;
};

/// One sample of Prometheus' text format: "# TYPE NAME gauge" and its value.
std::string gauge(const std::string& name, const std::string& help, double value);

}  // namespace atelier::server
