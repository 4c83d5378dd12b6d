#include "tensor/openmp_threads.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <omp.h>
#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <future>
#include <mutex>
#include <string>
#include <thread>

namespace atelier {
namespace {

/// Makes its team, says so and never ends.
void sleep_with_team(std::promise<void>& made) {
  std::atomic<int> members = 0;  // a region without a body would make no team
#pragma omp parallel num_threads(omp_get_num_procs() + 1)
  ++members;
  made.set_value();
  while (true) ::pause();
}

/// Starts a thread that, like those which it makes, leaves signals to others.
void start_sleepers() {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::promise<void> made;
  std::thread(sleep_with_team, std::ref(made)).detach();
  made.get_future().wait();
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

/// Only where it differs: other threads may be reading the environment meanwhile.
void set_environment(const char* name, const std::string& value) {
  constexpr int kInAnyCase = 1;
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  const char* before = std::getenv(name);
  if (before == nullptr || before != value) setenv(name, value.c_str(), kInAnyCase);
}

}  // namespace

void use_threads(int count) {
  omp_set_dynamic(0);
  omp_set_num_threads(count);
  // at::set_num_threads() would start a pool of threads for XNNPACK too, which nothing here uses and whose threads turn
  // for a twentieth of a second before they sleep: by every thread that makes its first tensor, all anew.
  if (at::hasMKL())
    at::set_num_threads(count);
  else
    set_environment("OMP_NUM_THREADS", std::to_string(count));
}

void keep_waits_short() {
  if (std::getenv("OMP_WAIT_POLICY") != nullptr || std::getenv("GOMP_SPINCOUNT") != nullptr) return;
  [[maybe_unused]] static const bool once = [] {
    start_sleepers();
    return true;
  }();
}

}  // namespace atelier
