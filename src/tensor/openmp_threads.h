#pragma once

namespace atelier {

/// LibTorch and OpenMP, hence oneDNN and OpenBLAS's OpenMP build, use `count` threads from now on: in this thread and
/// in those that make their first tensor later.
void use_threads(int count);

/// Lets threads that wait for others fall asleep after microseconds, once and for all. libgomp lets them turn for about
/// ten milliseconds, as long as there are no more of them than processors; where another program has one of these, the
/// awaited thread does not run meanwhile, and pictures take three to five times as long. So a team as large as the
/// machine is made here, which does nothing but sleep. Where OMP_WAIT_POLICY or GOMP_SPINCOUNT is set, those hold.
void keep_waits_short();

}  // namespace atelier
