#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <variant>

#include "storage/format/codec_fixture.h"

/// The texts of users, which follow the payload and are outside the chain of hashes.
namespace coupond::storage {
namespace {

using test::ClaimOf;
using test::Outcome;

std::string Holder(char event, const std::string& user_id) {
  return Field(1, (event == 0 ? "" : Field(1, event)) + Field(2, user_id));
}

/// Four coupons: to nobody, to a user, on request, to a user on request.
CommitGroup FourCoupons() {
  CommitGroup group = test::AnonymousCouponsAfter(
      {.group = GroupNumber(1), .sequence = Sequence(1), .time = {}, .hash = {}}, 4);
  std::get<CouponIssued>(group.events[1]).holder = ClaimOf(1);
  std::get<CouponIssued>(group.events[2]).request_key = ClaimOf(2);
  std::get<CouponIssued>(group.events[3]).holder = ClaimOf(3);
  std::get<CouponIssued>(group.events[3]).request_key = ClaimOf(4);
  return group;
}

TEST(EventHolders, AreReadBackWithTheirCoupons) {
  CommitGroup group = FourCoupons();
  std::get<CouponIssued>(group.events[1]).user_id = "민지";
  std::get<CouponIssued>(group.events[3]).user_id = "joon";
  EXPECT_EQ(HoldersOf(group), Holder(1, "민지") + Holder(3, "joon"));
  EXPECT_EQ(Decode(Encode(group)), group);
}

TEST(EventHolders, AreNotInThePayloadSoTheHashDoesNotCoverThem) {
  CommitGroup group = FourCoupons();
  const std::string without = Encode(group);
  std::get<CouponIssued>(group.events[3]).user_id = "joon";
  EXPECT_EQ(ParseRecord(Encode(group))->hash, ParseRecord(without)->hash);
  EXPECT_EQ(Encode(group).substr(0, without.size()), without);
}

TEST(EventHolders, OfAGroupWithoutTextsTakeNoBytes) {
  EXPECT_EQ(HoldersOf(FourCoupons()), "");
  EXPECT_EQ(Encode(FourCoupons()).size(), kRecordHeadBytes + PayloadOf(FourCoupons()).size());
  EXPECT_EQ(Decode(Encode(FourCoupons())), FourCoupons());
}

TEST(EventHolders, MayBeOfTheFirstEvent) {
  CommitGroup group = FourCoupons();
  std::swap(group.events[0], group.events[3]);
  std::get<CouponIssued>(group.events[0]).user_id = "joon";
  EXPECT_EQ(HoldersOf(group), Holder(0, "joon"));
  EXPECT_EQ(Decode(Encode(group)), group);
}

TEST(EventHolders, ThatDoNotFitTheirEventsAreRefusedByName) {
  const struct {
    const char* what;
    std::string holders;
    const char* message;
  } cases[] = {
      {"not protobuf", "\xff\xff", "not its holders"},
      {"an unknown field", Holder(1, "a") + Field(2, 1), "unknown field"},
      {"an unknown field of a holder", Field(1, Field(1, 1) + Field(2, "a") + Field(3, 1)),
       "a holder with an unknown field"},
      {"out of order", Holder(3, "a") + Holder(1, "b"), "not in the order"},
      {"twice", Holder(1, "a") + Holder(1, "a"), "not in the order"},
      {"of an event behind the last", Holder(4, "a"), "not in the order"},
      {"of an anonymous coupon", Holder(0, "a"), "has no holder"},
      {"of a coupon that has only a request key", Holder(2, "a"), "has no holder"},
      {"without a text", Field(1, Field(1, 1)), "an empty one"},
      {"with an empty text", Holder(1, ""), "an empty one"},
      {"with two texts", Field(1, Field(1, 1) + Field(2, "a") + Field(2, "b")), "more bytes"},
      {"with a first event that is written", Field(1, Field(1, char{0}) + Field(2, "a")),
       "has no holder"},
      {"with an event in two bytes", Field(1, std::string("\x08\x81\0", 3) + Field(2, "a")),
       "more bytes"},
  };
  const std::string payload = PayloadOf(FourCoupons());
  ASSERT_EQ(Outcome(DecodeParts(payload, Holder(1, "a"))), "ok");
  for (const auto& [what, holders, message] : cases) {
    SCOPED_TRACE(what);
    const Result<CommitGroup> decoded = DecodeParts(payload, holders);
    ASSERT_EQ(Outcome(decoded), "log_undecodable");
    EXPECT_THAT(decoded.error().message, testing::HasSubstr(message));
  }
}

TEST(EventHolders, OfAnotherKindOfEventAreRefused) {
  const std::string payload = GroupOf({Field(4, Field(1, 1)), Field(3, Field(1, 1) + Field(2, 5))});
  EXPECT_EQ(Outcome(DecodeParts(payload)), "ok");
  EXPECT_EQ(Outcome(DecodeParts(payload, Holder(0, "a"))), "log_undecodable");
}

TEST(EventHolders, EveryCutIsRefusedOrReadsAsFewer) {
  CommitGroup group = FourCoupons();
  std::get<CouponIssued>(group.events[1]).user_id = "민지";
  std::get<CouponIssued>(group.events[3]).user_id = "joon";
  const std::string holders = HoldersOf(group);
  const std::string first = Holder(1, "민지");
  for (std::size_t size = 0; size < holders.size(); ++size) {
    const auto decoded = DecodeParts(PayloadOf(group), holders.substr(0, size));
    EXPECT_EQ(Outcome(decoded), size == 0 || size == first.size() ? "ok" : "log_undecodable");
  }
}

}  // namespace
}  // namespace coupond::storage
