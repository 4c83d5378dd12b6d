#include "tensor/device.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include "atelier/error.h"
#include "support/weight_files.h"

namespace atelier {
namespace {

using testing::HasSubstr;

std::string fault(const std::string& name) {
  return test::message_of([&] { parse_device(name); });
}

TEST(Device, IsTheProcessorWhereThatIsAskedFor) { EXPECT_TRUE(parse_device("cpu").is_cpu()); }

TEST(Device, RefusesWhatIsNone) {
  for (const auto* name : {"", "gpu", "cuda:", "cuda:x", "cuda:-1", "cuda:1000", "cudaa", "cpu:0"})
    EXPECT_THAT(fault(name), HasSubstr("choose cpu, cuda, or cuda:N")) << name;
}

TEST(Device, RefusesAGpuThatIsNotThere) {
  if (!at::hasCUDA()) {
    EXPECT_THAT(fault("cuda"), HasSubstr("build with a LibTorch that has CUDA"));
    EXPECT_THAT(fault("cuda:3"), HasSubstr("build with a LibTorch that has CUDA"));
  } else if (torch::cuda::device_count() == 0) {
    EXPECT_THAT(fault("cuda"), HasSubstr("no GPU that CUDA can use"));
  } else {
    EXPECT_THAT(fault("cuda:99"), HasSubstr("counted from 0"));
    EXPECT_EQ(parse_device("cuda", torch::cuda::device_count()), torch::Device("cuda:0"));
  }
}

}  // namespace
}  // namespace atelier
