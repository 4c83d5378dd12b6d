#include "server/memory_ledger.h"

#include <chrono>

namespace atelier::server {

MemoryLedger::Share::~Share() {
  if (ledger_ != nullptr) ledger_->give_back(bytes_);
}

MemoryLedger::Share MemoryLedger::take(std::uint64_t bytes, const std::function<bool()>& go_on) {
  constexpr std::chrono::milliseconds kPause{100};
  std::unique_lock lock(mutex_);
  const auto fits = [&] { return sharers_ == 0 || capacity_ == 0 || taken_ + bytes <= capacity_; };
  while (!freed_.wait_for(lock, kPause, fits)) {
    lock.unlock();
    if (!go_on()) return {nullptr, 0};
    lock.lock();
  }
  ++sharers_;
  taken_ += bytes;
  return {this, bytes};
}

void MemoryLedger::give_back(std::uint64_t bytes) {
  {
    const std::lock_guard lock(mutex_);
    --sharers_;
    taken_ -= bytes;
  }
  freed_.notify_all();
}

}  // namespace atelier::server
