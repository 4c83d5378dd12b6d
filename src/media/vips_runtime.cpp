#include "media/vips_runtime.h"

#include <vips/vips.h>

#include <initializer_list>
#include <mutex>

#include "atelier/error.h"

namespace atelier {
namespace {

void ignore_log(const char*, GLogLevelFlags, const char*, void*) {}

void initialise() {
  if (VIPS_INIT("atelier") != 0)
    throw Error("the picture library libvips does not start; reinstall libvips42", ErrorKind::kFailure);
  g_log_set_handler("VIPS", static_cast<GLogLevelFlags>(G_LOG_LEVEL_MASK | G_LOG_FLAG_RECURSION), ignore_log, nullptr);
  vips_block_untrusted_set(TRUE);
  vips_operation_block_set("VipsForeignLoad", TRUE);
  for (const char* loader : {"VipsForeignLoadJpeg", "VipsForeignLoadPng", "VipsForeignLoadWebp", "VipsForeignLoadTiff",
                             "VipsForeignLoadHeif"})
    vips_operation_block_set(loader, FALSE);
  vips_cache_set_max(0);
  // With several threads pulling from one decoder libvips 8.14 now and then loses the decoder's error, and a
  // truncated file would pass as a whole one.
  vips_concurrency_set(1);
}

}  // namespace

void start_vips() {
  static std::once_flag once;
  std::call_once(once, initialise);
}

}  // namespace atelier
