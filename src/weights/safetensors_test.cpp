#include "weights/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/weight_files.h"

namespace atelier {
namespace {

using test::as_bytes;
using test::message_of;
using test::raw;
using test::TemporaryFolder;
using testing::ElementsAre;
using testing::HasSubstr;

std::string file_of(const std::string& header, const std::string& data) {
  return raw<std::uint64_t>(header.size()) + header + data;
}

WeightSet parse(const std::string& bytes) { return parse_safetensors(as_bytes(bytes), "net.safetensors"); }

std::string fault(const std::string& header, const std::string& data) {
  const std::string file = file_of(header, data);
  const std::string message = message_of([&] { parse(file); });
  EXPECT_THAT(message, testing::StartsWith("net.safetensors"));
  EXPECT_THAT(message, testing::Not(HasSubstr("\n")));
  return message;
}

const std::string kFour = raw(1.f) + raw(2.f) + raw(3.f) + raw(4.f);

TEST(Safetensors, ReadsAFileWrittenByHand) {
  const auto bytes =
      file_of(R"({"__metadata__":{"kind":"encoder"},"a":{"dtype":"F32","shape":[1,3],"data_offsets":[0,12]},)"
              R"("b":{"dtype":"F32","shape":[],"data_offsets":[12,16]},)"
              R"("c":{"dtype":"I8","shape":[0,7],"data_offsets":[16,16]}}   )",
              kFour);
  const auto set = parse(bytes);
  EXPECT_EQ(set.metadata.at("kind"), "encoder");
  EXPECT_THAT(set.floats("a"), ElementsAre(1, 2, 3));
  EXPECT_THAT(set.at("a").shape, ElementsAre(1, 3));
  EXPECT_THAT(set.floats("b"), ElementsAre(4));
  EXPECT_TRUE(set.at("c").bytes.empty());
}

TEST(Safetensors, NamesEachFault) {
  const std::string good = R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}})";
  const struct {
    std::string header;
    const char* message;
  } cases[] = {
      {"not json", "does not start with"},
      {"{\"a\":", "not valid JSON"},
      {"{\"\xff\":1}", "not valid JSON"},
      {R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}})",
       "names \"a\" twice"},
      {R"({"a":{"dtype":"F32","dtype":"F32","shape":[4],"data_offsets":[0,16]}})", "names \"dtype\" twice"},
      {R"({"a":[[[[]]]]})", "too deeply"},
      {R"({"a":7})", "not described by an object"},
      {R"({"a":{"shape":[4],"data_offsets":[0,16]}})", "has no dtype"},
      {R"({"a":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,16]}})", "is of type \"F8_E4M3\""},
      {R"({"a":{"dtype":"F32","data_offsets":[0,16]}})", "has no shape"},
      {R"({"a":{"dtype":"F32","shape":[-4],"data_offsets":[0,16]}})", "whole numbers"},
      {R"({"a":{"dtype":"F32","shape":[4.0],"data_offsets":[0,16]}})", "whole numbers"},
      {R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,16]}})", "absurdly large"},
      {R"({"a":{"dtype":"F32","shape":[18446744073709551615],"data_offsets":[0,16]}})", "absurdly large"},
      {R"({"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,4],"data_offsets":[0,16]}})",
       "too many dimensions"},
      {R"({"a":{"dtype":"F32","shape":[4]}})", "no data_offsets"},
      {R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[0]}})", "no data_offsets"},
      {R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[16,0]}})", "outside the file"},
      {R"({"a":{"dtype":"F32","shape":[8],"data_offsets":[0,32]}})", "outside the file"},
      {R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,16]}})", "does not fit its data"},
      {R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]},"b":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}})",
       "overlap"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}})",
       "a gap"},
      {R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}})", "no tensor owns"},
      {R"({"__metadata__":{"n":1},"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}})", "not a text"},
      {R"({"__metadata__":3})", "not an object"},
  };
  EXPECT_EQ(message_of([&] { parse(file_of(good, kFour)); }), "");
  for (const auto& [header, message] : cases) EXPECT_THAT(fault(header, kFour), HasSubstr(message)) << header;
}

TEST(Safetensors, RefusesEveryTruncation) {
  const auto whole = file_of(R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}})", kFour);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::string cut = whole.substr(0, size);
    EXPECT_THROW(parse(cut), Error) << size;
  }
}

TEST(Safetensors, RefusesABombOfBrackets) {
  EXPECT_THAT(fault("{\"a\":" + std::string(1'000'000, '['), ""), HasSubstr("too deeply"));
}

TEST(Safetensors, RefusesAHeaderLongerThanTheFile) {
  EXPECT_THAT(message_of([] { parse(raw<std::uint64_t>(UINT64_MAX) + "{}"); }), HasSubstr("does not fit"));
}

TEST(Safetensors, WritesWhatItReads) {
  const TemporaryFolder folder;
  const float values[] = {1, 2, 3};
  const auto set = WeightSetBuilder()
                       .add_floats("b.half", {3}, values, DType::kF16)
                       .add_floats("a.float", {3, 1}, values)
                       .add("empty", DType::kI64, {0}, {})
                       .set_metadata("kind", "style")
                       .build();
  write_safetensors(folder / "x.safetensors", set);
  const auto back = read_safetensors(folder / "x.safetensors");
  EXPECT_EQ(content_sha256(back), content_sha256(set));
  EXPECT_EQ(back.metadata, set.metadata);
  const auto first = test::read_text(folder / "x.safetensors");
  write_safetensors(folder / "x.safetensors", back);  // over the very file it is mapped from
  EXPECT_EQ(test::read_text(folder / "x.safetensors"), first);
}

TEST(Safetensors, StartsTheDataAligned) {
  const TemporaryFolder folder;
  const float values[] = {1, 2, 3};
  write_safetensors(folder / "x.safetensors",
                    WeightSetBuilder().add_floats("a", {3}, values, DType::kF16).add_floats("b", {3}, values).build());
  const auto set = read_safetensors(folder / "x.safetensors");
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(set.at("b").bytes.data()) % 64, 0u);
  EXPECT_EQ(set.at("a").bytes.data(), set.at("b").bytes.data() + 12);
}

TEST(Safetensors, SaysWhatIsWrongWithTheFileItself) {
  const TemporaryFolder folder;
  test::write_text(folder / "empty.safetensors", "");
  EXPECT_THAT(message_of([&] { read_safetensors(folder / "none.safetensors"); }), HasSubstr("No such file"));
  EXPECT_THAT(message_of([&] { read_safetensors(folder / "empty.safetensors"); }), HasSubstr("it is empty"));
  EXPECT_THAT(message_of([&] { read_safetensors(folder.path()); }), HasSubstr("not a regular file"));
  EXPECT_THAT(message_of([&] { write_safetensors(folder / "none/x.safetensors", {}); }), HasSubstr("cannot write"));
}

}  // namespace
}  // namespace atelier
