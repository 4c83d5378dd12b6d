#pragma once
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>

namespace atelier::server {

/// Lets as many jobs run at once as their forecasts fit into memory together; one alone always may, and is then refused
/// or not by what the machine really has free.
class MemoryLedger {
 public:
  /// @param capacity  bytes for all; 0: not known, no limit.
  explicit MemoryLedger(std::uint64_t capacity) : capacity_(capacity) {}

  /// A share of the memory, given back on destruction.
  class Share {
   public:
    Share(MemoryLedger* ledger, std::uint64_t bytes) : ledger_(ledger), bytes_(bytes) {}
    ~Share();
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;
    /// Whether the share was got; not when waiting was ended.
    explicit operator bool() const { return ledger_ != nullptr; }

   private:
    MemoryLedger* ledger_;
    std::uint64_t bytes_;
  };

  /// Waits until `bytes` fit beside what runs. @param go_on  asked now and then; false ends the waiting.
  Share take(std::uint64_t bytes, const std::function<bool()>& go_on);

 private:
  void give_back(std::uint64_t bytes);

  std::mutex mutex_;
  std::condition_variable freed_;
  std::uint64_t capacity_, taken_ = 0;
  int sharers_ = 0;
};

}  // namespace atelier::server
