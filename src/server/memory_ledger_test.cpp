#include "server/memory_ledger.h"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>

namespace atelier::server {
namespace {

bool always() { return true; }
bool never() { return false; }

TEST(MemoryLedger, JobsThatFitTogetherRunTogether) {
  MemoryLedger ledger(100);
  const auto first = ledger.take(60, never), second = ledger.take(40, never);
  EXPECT_TRUE(first);
  EXPECT_TRUE(second);
  EXPECT_FALSE(ledger.take(1, never));
}

TEST(MemoryLedger, OneAloneMayAlways) {
  MemoryLedger ledger(100);
  const auto large = ledger.take(1000, never);
  EXPECT_TRUE(large);
  EXPECT_FALSE(ledger.take(1, never));
}

TEST(MemoryLedger, WithoutALimitEverythingFits) {
  MemoryLedger ledger(0);
  const auto first = ledger.take(1000, never), second = ledger.take(1000, never);
  EXPECT_TRUE(second);
}

TEST(MemoryLedger, WhoWaitsGetsWhatIsGivenBack) {
  MemoryLedger ledger(100);
  std::atomic<bool> got = false;
  std::thread waiter;
  {
    const auto first = ledger.take(80, never);
    waiter = std::thread([&] { got = static_cast<bool>(ledger.take(50, always)); });
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    EXPECT_FALSE(got);
  }
  waiter.join();
  EXPECT_TRUE(got);
}

}  // namespace
}  // namespace atelier::server
