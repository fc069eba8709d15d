#include "common/moment_text.h"

#include <google/protobuf/timestamp.pb.h>
#include <gtest/gtest.h>

#include <array>
#include <limits>

namespace coupond::tools {
namespace {

TEST(MomentText, ReadsAnyOffset) {
  const Timestamp utc = ParseMoment("2026-12-01T01:00:00Z").value();
  EXPECT_EQ(utc.unix_nanoseconds(), 1'796'086'800'000'000'000);
  EXPECT_EQ(ParseMoment("2026-12-01T10:00:00+09:00"), utc);
  EXPECT_EQ(ParseMoment("2026-11-30T20:00:00-05:00"), utc);
}

TEST(MomentText, KeepsNanoseconds) {
  const Timestamp moment = ParseMoment("2026-12-01T01:00:00.123456789Z").value();
  EXPECT_EQ(moment.unix_nanoseconds(), 1'796'086'800'123'456'789);
  EXPECT_EQ(FormatMoment(moment), "2026-12-01T01:00:00.123456789Z");
}

TEST(MomentText, RefusesOtherText) {
  constexpr std::array kWrong = {"",
                                 "tomorrow",
                                 "2026-12-01",
                                 "2026-12-01T10:00:00",
                                 "2026-13-01T10:00:00Z",
                                 "2026-12-01T10:00:00Z and more",
                                 "2026-1-1T0:0:0Z",
                                 "2026-12-01T10:00:00+9:00",
                                 "2026-12-01T10:00:00+0900",
                                 "2026-12-01T10:00:00.Z",
                                 "2026-12-01T10:00:00.1234567890Z",
                                 "02026-12-01T10:00:00Z",
                                 " 2026-12-01T10:00:00Z",
                                 "9999-01-01T00:00:00Z"};
  for (const char* text : kWrong) EXPECT_FALSE(ParseMoment(text).has_value()) << text;
}

TEST(MomentText, ClampsMessagesOutsideTheRange) {
  google::protobuf::Timestamp message;
  message.set_seconds(std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(FromMessage(message).unix_nanoseconds(), std::numeric_limits<std::int64_t>::max());
  message.set_seconds(std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(FromMessage(message).unix_nanoseconds(), std::numeric_limits<std::int64_t>::min());
}

TEST(MomentText, ConvertsMomentsToMessagesAndBack) {
  for (const std::int64_t nanoseconds : {0L, 1L, -1L, 1'796'086'800'123'456'789L}) {
    const Timestamp moment = Timestamp::FromUnixNanoseconds(nanoseconds);
    EXPECT_EQ(FromMessage(ToMessage(moment)), moment);
  }
}

}  // namespace
}  // namespace coupond::tools
