// Compares our JSON with protobuf's own: whatever our reader accepts, theirs reads as the same
// message, and each reads what the other writes. Uses random messages and randomly damaged JSON.
// The seed is printed, and COUPOND_TEST_SEED repeats a run.
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <random>
#include <string>
#include <string_view>

#include "every_kind.pb.h"
#include "random_message.h"
#include "rpc/json/json_reader.h"
#include "rpc/json/json_writer.h"

namespace coupond::connect {
namespace {

using connecttest::Everything;
using google::protobuf::util::JsonParseOptions;
using google::protobuf::util::JsonPrintOptions;
using google::protobuf::util::JsonStringToMessage;
using google::protobuf::util::MessageDifferencer;
using google::protobuf::util::MessageToJsonString;

constexpr int kMessages = 1'500;
constexpr int kSpoiltPerMessage = 20;

/// Protobuf reads two capitals in a row as one: "aBC" as a_bc, where it should be a_b_c.
enum class FieldMasks { kCompared, kIgnored };

class JsonAgreement : public testing::Test {
 protected:
  JsonAgreement() {
    const char* given = std::getenv("COUPOND_TEST_SEED");
    const std::uint64_t seed = given ? std::stoull(given) : std::random_device()();
    std::cout << "COUPOND_TEST_SEED=" << seed << "\n";
    random_.seed(seed);
  }

  std::size_t Below(std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_);
  }

  Everything RandomMessage() {
    Everything message;
    FillRandomly(random_, 4, message);
    // Serializing and parsing leaves one entry for each key in the maps.
    Everything normal;
    EXPECT_TRUE(normal.ParseFromString(message.SerializeAsString()));
    return normal;
  }

  /// Returns how two messages differ, or an empty text if they are equal.
  static std::string Difference(const Everything& a, const Everything& b,
                                FieldMasks masks = FieldMasks::kCompared) {
    std::string report;
    MessageDifferencer differencer;
    if (masks == FieldMasks::kIgnored) {
      differencer.IgnoreField(google::protobuf::FieldMask::descriptor()->FindFieldByName("paths"));
    }
    differencer.ReportDifferencesToString(&report);
    return differencer.Compare(a, b) ? "" : "differs: " + report;
  }

  std::string Ours(const Everything& message) {
    std::string json;
    const auto written = WriteJson(format_, message, json);
    EXPECT_TRUE(written.has_value()) << written.error();
    return json;
  }

  std::string Theirs(const Everything& message) {
    JsonPrintOptions options;
    options.always_print_primitive_fields = Below(2) == 0;
    options.preserve_proto_field_names = Below(2) == 0;
    options.always_print_enums_as_ints = Below(2) == 0;
    options.add_whitespace = Below(2) == 0;
    std::string json;
    EXPECT_TRUE(MessageToJsonString(message, &json, options).ok());
    return json;
  }

  /// Returns the text with one to three bytes removed, replaced, inserted or moved. No new letters
  /// appear, because our reader accepts a few spellings that protobuf does not, such as a
  /// lower-case z.
  std::string Spoilt(std::string json) {
    constexpr std::string_view kBytes = "{}[],:\"\\0123456789-+. eE\n_A";
    for (std::size_t n = Below(3) + 1; n > 0 && !json.empty(); --n) {
      const std::size_t at = Below(json.size());
      switch (Below(4)) {
        case 0:
          json.erase(at, Below(3) + 1);
          break;
        case 1:
          json[at] = kBytes[Below(kBytes.size())];
          break;
        case 2:
          json.insert(at, 1, kBytes[Below(kBytes.size())]);
          break;
        default:
          json.insert(Below(json.size()), json.substr(at, Below(12)));
          break;
      }
    }
    return json;
  }

  /// Protobuf refuses numbers too large for a double even in fields that it ignores.
  static bool IsKnownRefusal(std::string_view theirs) {
    return theirs.contains("Number exceeds the range of double");
  }

  /// Protobuf mishandles empty names even in fields that it ignores: it refuses them, or assigns
  /// their value to another field.
  static bool HasEmptyName(std::string_view json) {
    for (std::size_t at = json.find("\"\""); at != std::string_view::npos;
         at = json.find("\"\"", at + 1)) {
      const std::size_t after = json.find_first_not_of(" \n", at + 2);
      if (after != std::string_view::npos && json[after] == ':') return true;
    }
    return false;
  }

  /// Protobuf loses the sign of a zero that is written without a point.
  static bool HasNegativeZero(std::string_view json) {
    for (std::size_t at = json.find("-0"); at != std::string_view::npos;
         at = json.find("-0", at + 1)) {
      if (json.find_first_of(".eE", at) != at + 2) return true;
    }
    return false;
  }

  /// Returns whether our reader accepts the text. The test fails if protobuf then refuses it or
  /// reads something else.
  bool AcceptedByOursAndThenTheSame(const std::string& json) {
    Everything ours;
    if (HasNegativeZero(json) || !ReadJson(format_, json, ours)) return false;
    JsonParseOptions options;
    options.ignore_unknown_fields = true;
    Everything theirs;
    const auto status = JsonStringToMessage(json, &theirs, options);
    if (HasEmptyName(json)) return true;
    if (!status.ok() && IsKnownRefusal(status.ToString())) return true;
    EXPECT_TRUE(status.ok()) << status.ToString() << "\n" << json;
    EXPECT_EQ(Difference(ours, theirs, FieldMasks::kIgnored), "") << json;
    ExpectStrictlyTheSame(json, ours);
    return true;
  }

  /// Checks that protobuf reads what our reader accepts strictly without ignoring anything.
  void ExpectStrictlyTheSame(const std::string& json, const Everything& leniently) {
    Everything ours;
    if (!ReadJson(format_, json, ours, {.refuses_unknown = true})) return;
    ++strictly_accepted_;
    EXPECT_EQ(Difference(ours, leniently), "") << json;
    Everything theirs;
    const auto status = JsonStringToMessage(json, &theirs, JsonParseOptions());
    EXPECT_TRUE(status.ok()) << status.ToString() << "\n" << json;
  }

  int strictly_accepted_ = 0;
  RandomEngine random_;
  JsonFormat format_{Everything::descriptor()};
};

TEST_F(JsonAgreement, EachReadsWhatTheOtherWrites) {
  for (int i = 0; i < kMessages && !HasFailure(); ++i) {
    const Everything message = RandomMessage();
    Everything back;
    const std::string theirs = Theirs(message);
    const auto read = ReadJson(format_, theirs, back);
    ASSERT_TRUE(read.has_value()) << read.error().Text() << "\n" << theirs;
    EXPECT_EQ(Difference(back, message), "") << theirs;

    const std::string ours = Ours(message);
    EXPECT_TRUE(HasNegativeZero(ours) || AcceptedByOursAndThenTheSame(ours)) << ours;
    ASSERT_TRUE(ReadJson(format_, ours, back).has_value());
    EXPECT_EQ(Difference(back, message), "") << ours;
  }
}

TEST_F(JsonAgreement, ProtobufAcceptsWhateverOursAccepts) {
  int accepted = 0;
  for (int i = 0; i < kMessages && !HasFailure(); ++i) {
    const Everything message = RandomMessage();
    const std::string json = Below(2) == 0 ? Ours(message) : Theirs(message);
    for (int n = 0; n < kSpoiltPerMessage && !HasFailure(); ++n) {
      accepted += AcceptedByOursAndThenTheSame(Spoilt(json)) ? 1 : 0;
    }
  }
  // Much damage is harmless, such as that inside a string.
  EXPECT_GT(accepted, kMessages / 10);
  EXPECT_GT(strictly_accepted_, kMessages / 10);
}

}  // namespace
}  // namespace coupond::connect
