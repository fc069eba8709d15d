#include "api/events/kept_event_blocks.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace coupond::api {
namespace {

using connect::Codec;

constexpr std::size_t kBlockBytes = 1'000;
constexpr std::uint64_t kBlocksInAPart = 8;

/// Keeps blocks of a kilobyte and a little more, of which each part has room for eight.
class KeptEventBlocksTest : public testing::Test {
 protected:
  /// Returns the block with the sequences `first` to `end` - 1.
  static EventBlockPtr Block(std::uint64_t first, std::uint64_t end, Codec codec = Codec::kProto) {
    auto block = std::make_shared<EventBlock>(codec, Sequence(first));
    block->bytes().assign(kBlockBytes, 'x');
    block->Add(EventType::kIssued, CampaignNumber(1));
    for (std::uint64_t sequence = first; sequence < end; ++sequence) block->EndSequence();
    block->ShrinkToFit();
    return block;
  }
  void Keep(EventBlockPtr block) {
    static_cast<void>(kept_.Keep(KeptEventBlocks::MakeReady(std::move(block))));
  }
  /// Reads `blocks` blocks of ten sequences, as from the beginning of the log.
  void ReadFromTheBeginning(std::uint64_t blocks) {
    for (std::uint64_t i = 0; i < blocks; ++i) Keep(Block(10 * i + 1, 10 * i + 11));
  }
  EventBlockPtr Find(std::uint64_t sequence, Codec codec = Codec::kProto) {
    return kept_.Find({.codec = codec, .first = Sequence(sequence)});
  }

  KeptEventBlocks kept_{2 * (kBlocksInAPart * Block(1, 2)->memory_bytes())};
};

TEST_F(KeptEventBlocksTest, ABlockIsFoundByEachOfItsSequences) {
  const EventBlockPtr block = Block(5, 8);
  Keep(block);
  EXPECT_EQ(Find(4), nullptr);
  for (std::uint64_t sequence = 5; sequence < 8; ++sequence) EXPECT_EQ(Find(sequence), block);
  EXPECT_EQ(Find(8), nullptr);
  EXPECT_EQ(Find(5, Codec::kJson), nullptr);
  Keep(Block(5, 8));
  EXPECT_EQ(Find(5), block) << "the first one stays";
}

TEST_F(KeptEventBlocksTest, ReadersOfTheBeginningDropNothingNew) {
  for (const Codec codec : {Codec::kProto, Codec::kJson}) Keep(Block(1'001, 1'003, codec));
  Keep(Block(1'003, 1'004));
  ReadFromTheBeginning(50);
  for (const Codec codec : {Codec::kProto, Codec::kJson}) EXPECT_NE(Find(1'002, codec), nullptr);
  EXPECT_NE(Find(1'003), nullptr);
  // They share among themselves what they read last.
  EXPECT_NE(Find(491), nullptr);
  EXPECT_EQ(Find(1), nullptr);
}

TEST_F(KeptEventBlocksTest, WhatWasReadFirstMakesRoomForWhatIsNew) {
  ReadFromTheBeginning(50);
  for (std::uint64_t i = 0; i < kBlocksInAPart; ++i) Keep(Block(1'001 + i, 1'002 + i));
  for (std::uint64_t i = 0; i < kBlocksInAPart; ++i) EXPECT_NE(Find(1'001 + i), nullptr) << i;
  EXPECT_EQ(Find(491), nullptr);
  Keep(Block(2'001, 2'002));
  EXPECT_EQ(Find(1'001), nullptr) << "the oldest of them goes first";
  EXPECT_NE(Find(1'002), nullptr);
}

TEST_F(KeptEventBlocksTest, WhatIsDroppedLivesUntilItsOwnerLetsItGo) {
  const std::weak_ptr<const EventBlock> old = [this] {
    const EventBlockPtr block = Block(1, 2);
    Keep(block);
    return block;
  }();
  Keep(Block(1'001, 1'002));
  {
    const KeptEventBlocks::Dropped dropped = kept_.Clear();
    EXPECT_EQ(Find(1), nullptr);
    EXPECT_EQ(Find(1'001), nullptr);
    EXPECT_FALSE(old.expired());
  }
  EXPECT_TRUE(old.expired());
  Keep(Block(1, 2));
  EXPECT_NE(Find(1), nullptr);
}

}  // namespace
}  // namespace coupond::api
