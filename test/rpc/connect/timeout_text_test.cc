#include "rpc/connect/call_headers.h"

#include <gtest/gtest.h>

#include <string>

namespace coupond::connect {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(ConnectTimeout, IsMillisecondsInOneToTenDigits) {
  EXPECT_EQ(ParseTimeout(TimeoutForm::kConnect, "1"), milliseconds(1));
  EXPECT_EQ(ParseTimeout(TimeoutForm::kConnect, "1500"), milliseconds(1500));
  EXPECT_EQ(ParseTimeout(TimeoutForm::kConnect, "0000000001"), milliseconds(1));
  EXPECT_EQ(ParseTimeout(TimeoutForm::kConnect, "9999999999"), milliseconds(9'999'999'999));
}

TEST(ConnectTimeout, AnythingElseIsRefused) {
  for (const char* text :
       {"", "0", "0000000000", "10000000000", "00000000001", "-1", "+1", "1.5", "1e3", " 1", "1 ",
        "1ms", "1S", "0x1", "x", "1,000", "١", "99999999999999999999999999"}) {
    EXPECT_EQ(ParseTimeout(TimeoutForm::kConnect, text), std::nullopt) << text;
  }
  EXPECT_EQ(ParseTimeout(TimeoutForm::kConnect, std::string("1\0", 2)), std::nullopt);
}

TEST(GrpcTimeout, IsOneToEightDigitsAndAUnit) {
  EXPECT_EQ(ParseTimeout(TimeoutForm::kGrpc, "2H"), hours(2));
  EXPECT_EQ(ParseTimeout(TimeoutForm::kGrpc, "2M"), minutes(2));
  EXPECT_EQ(ParseTimeout(TimeoutForm::kGrpc, "2S"), seconds(2));
  EXPECT_EQ(ParseTimeout(TimeoutForm::kGrpc, "2m"), milliseconds(2));
  EXPECT_EQ(ParseTimeout(TimeoutForm::kGrpc, "2000u"), milliseconds(2));
  EXPECT_EQ(ParseTimeout(TimeoutForm::kGrpc, "2000000n"), milliseconds(2));
}

TEST(GrpcTimeout, IsRoundedUpToMilliseconds) {
  EXPECT_EQ(ParseTimeout(TimeoutForm::kGrpc, "1u"), milliseconds(1));
  EXPECT_EQ(ParseTimeout(TimeoutForm::kGrpc, "1n"), milliseconds(1));
  EXPECT_EQ(ParseTimeout(TimeoutForm::kGrpc, "1001u"), milliseconds(2));
  EXPECT_EQ(ParseTimeout(TimeoutForm::kGrpc, "99999999n"), milliseconds(100));
}

// 99999999H added to the steady clock's nanoseconds would be a deadline in the past.
TEST(GrpcTimeout, IsCappedAtConnectsLongest) {
  for (const char* text : {"99999999H", "99999999M", "99999999S", "2778H"}) {
    EXPECT_EQ(ParseTimeout(TimeoutForm::kGrpc, text), milliseconds(9'999'999'999)) << text;
  }
  EXPECT_EQ(ParseTimeout(TimeoutForm::kGrpc, "2777H"), hours(2777));
}

// The document of gRPC wants a positive number, but its own implementations take zero: no time.
TEST(GrpcTimeout, ZeroIsValid) {
  for (const char* text : {"0H", "0m", "0n", "00000000S"}) {
    EXPECT_EQ(ParseTimeout(TimeoutForm::kGrpc, text), milliseconds(0)) << text;
  }
}

TEST(GrpcTimeout, AnythingElseIsRefused) {
  for (const char* text :
       {"",    "1",   "S",  "m",  "100000000m", "000000001S", "-1S", "+1S", "1.5S", "1 S",
        " 1S", "1S ", "1s", "1h", "1ms",        "1SS",        "1d",  "1U",  "1N",   "\x31\xff"}) {
    EXPECT_EQ(ParseTimeout(TimeoutForm::kGrpc, text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace coupond::connect
