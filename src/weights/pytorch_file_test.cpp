#include "weights/pytorch_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/weight_files.h"
#include "weights/model_file.h"
#include "weights/safetensors.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;
using test::as_bytes;
using test::message_of;
using test::raw;
using testing::ElementsAre;
using testing::HasSubstr;

const fs::path kFixtures = fs::path(ATELIER_FIXTURES) / "weights";
const fs::path kShared = fs::path(ATELIER_SHARED) / "data" / "weights";

class PytorchFile : public testing::TestWithParam<const char*> {};

TEST_P(PytorchFile, HoldsTheTensorsOfTheScript) {
  const auto set = read_weights(kFixtures / GetParam());
  EXPECT_EQ(set.tensors.size(), 14u);
  EXPECT_THAT(set.at("model.plain").shape, ElementsAre(2, 3, 4));
  for (int i = 0; i < 24; ++i) EXPECT_EQ(set.floats("model.plain")[static_cast<std::size_t>(i)], i / 8.f);
  EXPECT_EQ(set.at("model.half").dtype, DType::kF16);
  EXPECT_THAT(set.floats("model.half"), ElementsAre(-1, -.75f, -.5f, -.25f, 0, .25f));
  EXPECT_EQ(set.at("model.brain").dtype, DType::kBF16);
  EXPECT_THAT(set.floats("model.brain"), ElementsAre(-1, -.75f, -.5f, -.25f, 0, .25f));
  EXPECT_THAT(set.floats("model.double"), ElementsAre(0, 1 / 3.f, 2 / 3.f));
  EXPECT_EQ(set.at("model.long").dtype, DType::kI64);
  EXPECT_TRUE(std::ranges::equal(set.at("model.long").bytes,
                                 as_bytes(raw<std::int64_t>(-1) + raw<std::int64_t>(0) + raw(std::int64_t{1} << 40))));
  EXPECT_TRUE(set.at("model.scalar").shape.empty());
  EXPECT_THAT(set.floats("model.scalar"), ElementsAre(2.5f));
  EXPECT_THAT(set.at("model.empty").shape, ElementsAre(0, 3));
  EXPECT_THAT(set.floats("model.shared_head"), ElementsAre(0, 1));
  EXPECT_THAT(set.floats("optimiser.state.0.momentum"), ElementsAre(1, 2));
}

TEST_P(PytorchFile, MakesStridedViewsContiguous) {
  const auto set = read_weights(kFixtures / GetParam());
  EXPECT_THAT(set.at("model.transposed").shape, ElementsAre(6, 4));
  const auto values = set.floats("model.transposed");
  for (std::size_t row = 0; row < 6; ++row)
    for (std::size_t column = 0; column < 4; ++column)
      EXPECT_EQ(values[row * 4 + column], static_cast<float>(column * 6 + row));
  EXPECT_THAT(set.floats("model.every_second"), ElementsAre(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23));
}

TEST_P(PytorchFile, NamesNestedTensorsWithDots) {
  const auto set = read_weights(kFixtures / GetParam());
  EXPECT_THAT(set.floats("nested.list.0"), ElementsAre(1, 1));
  EXPECT_THAT(set.floats("nested.list.1.deep"), ElementsAre(0));
  EXPECT_THAT(set.floats("nested.pair.0"), ElementsAre(7));
}

TEST_P(PytorchFile, RefusesEveryTruncation) {
  const auto whole = test::read_text(kFixtures / GetParam());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::string cut = whole.substr(0, size);
    EXPECT_THROW(parse_pytorch(as_bytes(cut), "cut.pth"), Error) << size;
  }
}

/// Whatever the damage, the answer is an Error or a result whose every byte can be read.
TEST_P(PytorchFile, SurvivesEveryChangedByte) {
  auto bytes = test::read_text(kFixtures / GetParam());
  for (std::size_t at = 0; at < bytes.size(); ++at)
    for (const char flip : {'\x01', '\x80', '\xff'}) {
      bytes[at] ^= flip;
      try {
        content_sha256(parse_pytorch(as_bytes(bytes), "damaged.pth"));
      } catch (const Error& error) {
        EXPECT_THAT(error.what(), testing::StartsWith("damaged.pth"));
      }
      bytes[at] ^= flip;
    }
}

INSTANTIATE_TEST_SUITE_P(Formats, PytorchFile,
                         testing::Values("zip.pth", "legacy.pth.tar", "zip_protocol4.pth", "deflated.pth"),
                         [](const auto& info) {
                           std::string name = info.param;
                           return name.substr(0, name.find('.'));
                         });

TEST(PytorchFile, ReadsParametersModulesStatesAndBareTensors) {
  EXPECT_THAT(read_weights(kFixtures / "parameter.pth").floats("weight"), ElementsAre(1, -2));
  EXPECT_THAT(read_weights(kFixtures / "module.pth").at("weight").shape, ElementsAre(2, 1, 1, 1));
  EXPECT_THAT(read_weights(kFixtures / "bare_tensor.pth").floats("tensor"), ElementsAre(3));
}

TEST(PytorchFile, RefusesCodeByName) {
  for (const auto* name : {"hostile.pth", "hostile_legacy.pth"}) {
    const auto message = message_of([&] { read_weights(kFixtures / name); });
    EXPECT_THAT(message, HasSubstr(name));
    EXPECT_THAT(message, HasSubstr("holds a \"posix.system\" object; only tensors are read"));
  }
  EXPECT_THAT(message_of([] { read_weights(kFixtures / "whole_module.pth"); }),
              HasSubstr("\"torch.nn.modules.conv.Conv2d\""));
  EXPECT_THAT(message_of([] { read_weights(kFixtures / "script.pt"); }), HasSubstr("TorchScript"));
}

TEST(PytorchFile, RefusesRepeatedElements) {
  EXPECT_THAT(message_of([] { read_weights(kFixtures / "expanded.pth"); }), HasSubstr("repeats its elements"));
}

/// A legacy file around one main pickle, with no storages.
std::string legacy(const std::string& main, bool little_endian = true) {
  const std::string magic("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", 15);
  const std::string version("\x80\x02M\xe9\x03.", 6);
  const std::string system =
      "\x80\x02}X" + raw<std::uint32_t>(13) + "little_endian" + (little_endian ? "\x88" : "\x89") + "s.";
  return magic + version + system + main + std::string("\x80\x02].", 4);
}

std::string fault(const std::string& main) {
  const auto file = legacy(main);
  return message_of([&] { parse_pytorch(as_bytes(file), "bad.pth"); });
}

TEST(PytorchFile, RefusesBigEndianFiles) {
  const auto file = legacy("}.", false);
  EXPECT_THAT(message_of([&] { parse_pytorch(as_bytes(file), "big.pth"); }), HasSubstr("big-endian"));
  EXPECT_EQ(fault("}."), "");
}

TEST(PytorchFile, NamesTheFaultsOfPickles) {
  const struct {
    std::string pickle;
    const char* message;
  } cases[] = {
      {".", "takes more than it gives"},
      {"(.", "mark in the wrong place"},
      {"0", "takes more than it gives"},
      {"e", "lacks a mark"},
      {"h\x05.", "recalls"},
      {"r" + raw<std::uint32_t>(0xffffffff) + ".", "remembers too many"},
      {"Na.", "takes more than it gives"},
      {"NNa.", "appends to something"},
      {"}NNu.", "lacks a mark"},
      {"}(Nu.", "not a dict"},
      {"cos\nsystem\n.", "\"os.system\""},
      {"c__builtin__\neval\n.", "\"__builtin__.eval\""},
      {"cevil\x1b[31m\nname\n.", "\"evil?[31m.name\""},
      {"X" + raw<std::uint32_t>(2) + "osX" + raw<std::uint32_t>(6) + "system\x93.", "\"os.system\""},
      {"NNR.", "calls something"},
      {"NQ.", "storage is not described"},
      {"Nb.", "takes more than it gives"},
      {"NNb.", "attributes"},
      {"\x81.", "operation 0x81"},
      {"I1\n.", "operation 0x49"},
      {"ccollections\nOrderedDict\n(K\x01tR.", "made of something unexpected"},
      {"ctorch._utils\n_rebuild_tensor_v2\n)R.", "wrong number of parts"},
      {"ctorch._utils\n_rebuild_parameter\n)R.", "has no tensor"},
      {"}NK\x01s.", ""},
  };
  for (const auto& [pickle, message] : cases) EXPECT_THAT(fault(pickle), HasSubstr(message)) << pickle;
}

/// torch._utils._rebuild_tensor_v2 of a view, in a storage of `elements` floats.
std::string tensor_pickle(int elements, const std::string& offset, const std::string& shape,
                          const std::string& strides) {
  const auto text = [](const std::string& value) {
    return "X" + raw(static_cast<std::uint32_t>(value.size())) + value;
  };
  return "ctorch._utils\n_rebuild_tensor_v2\n((" + text("storage") + "ctorch\nFloatStorage\n" + text("0") +
         text("cpu") + "J" + raw(elements) + "tQ" + offset + "(" + shape + "t(" + strides + "t\x89}tR.";
}

std::string view_fault(const std::string& offset, const std::string& shape, const std::string& strides) {
  auto file = legacy(tensor_pickle(4, offset, shape, strides));
  file.resize(file.size() - 4);  // the empty list of storages
  file +=
      "\x80\x02]X" + raw<std::uint32_t>(1) + "0a." + raw<std::int64_t>(4) + raw(1.f) + raw(2.f) + raw(3.f) + raw(4.f);
  return message_of([&] { content_sha256(parse_pytorch(as_bytes(file), "view.pth")); });
}

TEST(PytorchFile, RefusesViewsOutsideTheirStorage) {
  const auto integer = [](std::int64_t value) { return "\x8a\x08" + raw(value); };
  EXPECT_EQ(view_fault("K\x01", "K\x03", "K\x01"), "");
  EXPECT_EQ(view_fault("K\x01", "K\x02", "K\x02"), "");
  EXPECT_THAT(view_fault("K\x02", "K\x03", "K\x01"), HasSubstr("outside its storage"));
  EXPECT_THAT(view_fault("K\x01", "K\x02", "K\x03"), HasSubstr("outside its storage"));
  EXPECT_THAT(view_fault(integer(-1), "K\x01", "K\x01"), HasSubstr("malformed shape"));
  EXPECT_THAT(view_fault(integer(INT64_MAX), "K\x01", "K\x01"), HasSubstr("outside its storage"));
  EXPECT_THAT(view_fault("K\x03", "K\x02", integer(-1)), HasSubstr("outside its storage"));
  EXPECT_THAT(view_fault("K\x01", integer(INT64_MAX), integer(INT64_MAX)), HasSubstr("outside its storage"));
  EXPECT_THAT(view_fault("K\x01", integer(INT64_MAX) + integer(3), "K\x01K\x01"), HasSubstr("malformed shape"));
  EXPECT_THAT(view_fault("K\x01", integer(-2), "K\x01"), HasSubstr("malformed shape"));
  EXPECT_THAT(view_fault("K\x01", "K\x02K\x02", "K\x01"), HasSubstr("malformed shape"));
  EXPECT_THAT(view_fault("K\x01", integer(1'000'000'000'000), integer(0)), HasSubstr("repeats"));
}

TEST(PytorchFile, RefusesCyclesAndBombs) {
  EXPECT_THAT(fault("]q" + std::string(1, '\0') + "h" + std::string(1, '\0') + "a."), HasSubstr("too deeply"));
  std::string doubling = "]";  // each list holds the one before ten times: 10^40 visits
  for (int i = 0; i < 40; ++i)
    doubling += "q" + std::string(1, '\0') + "0](" + [] {
      std::string ten;
      for (int k = 0; k < 10; ++k) ten += std::string("h") + '\0';
      return ten;
    }() + "e";
  EXPECT_THAT(fault(doubling + "."), HasSubstr("too deeply or holds too many"));
  EXPECT_THAT(fault(std::string(3'000'000, ']') + "."), HasSubstr("2 million"));
}

TEST(PytorchFile, RefusesTheSameNameTwice) {
  EXPECT_THAT(fault("}(X" + raw<std::uint32_t>(2) + "a\nNu."), HasSubstr("\"a?\""));
}

// The files of others, when present: bit for bit what their safetensors twins hold.
TEST(PytorchFile, EqualsTheSafetensorsTwinsOfWct) {
  if (!fs::exists(kShared / "wct-16x")) GTEST_SKIP() << "the shared weights are not here";
  for (const std::string stem : {"encoder", "decoder"})
    for (int i = 1; i <= 5; ++i) {
      const auto file = kShared / "wct-16x" / (stem + "-" + std::to_string(i));
      const auto pickled = read_weights(file.string() + ".pth");
      const auto twin = read_weights(file.string() + ".safetensors");
      ASSERT_EQ(pickled.tensors.size(), twin.tensors.size()) << file;
      for (const auto& [name, tensor] : twin.tensors) {
        EXPECT_EQ(pickled.at("model." + name).shape, tensor.shape);
        EXPECT_EQ(pickled.at("model." + name).dtype, tensor.dtype);
        EXPECT_TRUE(std::ranges::equal(pickled.at("model." + name).bytes, tensor.bytes)) << file << name;
      }
    }
}

TEST(PytorchFile, ReadsMicroAst) {
  if (!fs::exists(kShared / "microast")) GTEST_SKIP() << "the shared weights are not here";
  const auto encoder = read_weights(kShared / "microast" / "content_encoder_iter_160000.pth.tar");
  EXPECT_EQ(encoder.tensors.size(), 18u);
  EXPECT_THAT(encoder.at("enc1.0.conv_layer.weight").shape, ElementsAre(16, 3, 9, 9));
  EXPECT_EQ(read_weights(kShared / "microast" / "modulator_iter_160000.pth.tar").tensors.size(), 8u);
  EXPECT_FALSE(read_weights(kShared / "microast" / "decoder_iter_160000.pth.tar").tensors.empty());
  EXPECT_FALSE(read_weights(kShared / "microast" / "style_encoder_iter_160000.pth.tar").tensors.empty());
}

}  // namespace
}  // namespace atelier
