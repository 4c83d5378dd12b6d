#include "cli/interrupt.h"

#include <unistd.h>

#include <csignal>
#include <initializer_list>

namespace atelier::cli {
namespace {

volatile std::sig_atomic_t signals = 0;

void count_signal(int) {
  signals = signals + 1;
  if (signals >= 3) ::_exit(130);
}

}  // namespace

void watch_for_interrupts() {
  struct sigaction action {};
  action.sa_handler = count_signal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction before {};
    ::sigaction(signal, nullptr, &before);
    if (before.sa_handler != SIG_IGN) ::sigaction(signal, &action, nullptr);  // nohup and & of a shell ask for that
  }
}

bool interrupted() { return signals > 0; }

}  // namespace atelier::cli
