#pragma once
#include <dnnl.h>

#include <new>

namespace atelier {

/// What calls of oneDNN's C interface with sound arguments can still fail at is memory for their own use.
/// @throws std::bad_alloc
inline void require_done(dnnl_status_t status) {
  if (status != dnnl_success) throw std::bad_alloc();
}

}  // namespace atelier
