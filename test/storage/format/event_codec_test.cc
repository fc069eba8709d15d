#include "storage/format/event_codec.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>

#include "coupond/storage/v1/commit_group.pb.h"
#include "storage/format/codec_fixture.h"

namespace coupond::storage {
namespace {

using test::ClaimOf;
using test::Outcome;

TEST(EventCodec, GroupsAreReadBackEqual) {
  const CommitGroup group = AllKinds();
  const Result<CommitGroup> decoded = Decode(Encode(group));
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(*decoded, group);
}

// The encoder writes the fields itself.
TEST(EventCodec, TheBytesAreThoseOfProtobuf) {
  CommitGroup group = AllKinds();
  for (int shift = 0; shift < 64; shift += 7) {  // numbers of every length
    const std::uint64_t number = (1ULL << shift) + 1;
    group.events.push_back(CouponIssued{.campaign = CampaignNumber(number),
                                        .serial = Serial(number - 1),
                                        .holder = ClaimOf(1),
                                        .user_id = std::string(number % 200 + 1, 'x')});
    for (const std::int64_t time : {std::int64_t{0}, static_cast<std::int64_t>(number), -1L}) {
      group.number = GroupNumber(number);
      group.first_sequence = Sequence(number);
      group.commit_time = Timestamp::FromUnixNanoseconds(time);
      v1::CommitGroup payload;
      ASSERT_TRUE(payload.ParseFromString(PayloadOf(group)));
      EXPECT_EQ(payload.SerializeAsString(), PayloadOf(group));
      v1::Holders holders;
      ASSERT_TRUE(holders.ParseFromString(HoldersOf(group)));
      EXPECT_EQ(holders.SerializeAsString(), HoldersOf(group));
      EXPECT_EQ(Decode(Encode(group)).value(), group);
    }
  }
}

TEST(EventCodec, ARecordIsItsHashItsSizeItsPayloadAndItsHolders) {
  const CommitGroup group = AllKinds();
  std::string record = "what was there before";
  const GroupHash previous{1, 2, 3};
  const GroupHash hash = EventCodec().Write(group, previous, record);
  const Result<CommitRecord> parsed = ParseRecord(record);
  ASSERT_EQ(Outcome(parsed), "ok");
  EXPECT_EQ(parsed->hash, hash);
  EXPECT_EQ(hash, ChainHash(previous, parsed->payload));
  v1::CommitGroup payload;
  EXPECT_TRUE(payload.ParseFromString(std::string(parsed->payload)));
  EXPECT_EQ(payload.events_size(), static_cast<int>(group.events.size()));
  v1::Holders holders;
  EXPECT_TRUE(holders.ParseFromString(std::string(parsed->holders)));
  EXPECT_GT(holders.holders_size(), 0);
  EXPECT_EQ(record.size(), 36 + parsed->payload.size() + parsed->holders.size());
}

TEST(EventCodec, APayloadThatIsLongerThanItsRecordIsRefused) {
  std::string record = Encode(test::FirstGroup());
  const std::string good = record;
  ++record[kRecordHeadBytes - 1];
  EXPECT_EQ(Outcome(ParseRecord(record)), "log_undecodable");
  record = good;
  record[kHashBytes] = '\xff';
  EXPECT_EQ(Outcome(ParseRecord(record)), "log_undecodable");
  record = good;
  record.replace(kHashBytes, kPayloadSizeBytes, kPayloadSizeBytes, '\0');
  EXPECT_EQ(Outcome(ParseRecord(record)), "log_undecodable");
}

TEST(EventCodec, GivesTheSameOnEveryUse) {
  EventCodec codec;
  for (int round = 0; round < 3; ++round) {
    std::string bytes;
    codec.Write(AllKinds(), GroupHash{}, bytes);
    EXPECT_EQ(bytes, Encode(AllKinds()));
    EXPECT_EQ(codec.Decode(*ParseRecord(bytes)), AllKinds());
  }
}

TEST(EventCodec, EveryCutIsRefusedOrReadsAsFewerEvents) {
  // Protobuf cannot tell a message that was cut between two fields; the hash can. But no cut may
  // crash, and none may give other events.
  const CommitGroup group = AllKinds();
  const std::string bytes = PayloadOf(group);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const Result<CommitGroup> decoded = DecodeParts(std::string_view(bytes).substr(0, size));
    if (!decoded) {
      EXPECT_EQ(Outcome(decoded), "log_undecodable");
      continue;
    }
    ASSERT_LT(decoded->events.size(), group.events.size());
    EXPECT_EQ(PayloadOf(*decoded), bytes.substr(0, size));
  }
}

TEST(EventCodec, RandomBytesAreRefusedOrAGroup) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const std::string good = Encode(AllKinds());
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = good;
    for (std::uint32_t changes = 1 + random() % 4; changes > 0; --changes) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    const Result<CommitGroup> decoded = Decode(bytes);
    // What was understood can be written again, so nothing in it was only half understood.
    if (decoded) {
      EXPECT_EQ(Decode(Encode(*decoded)), *decoded);
    }
  }
}

}  // namespace
}  // namespace coupond::storage
