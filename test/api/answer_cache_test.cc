#include "api/answer_cache.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/dispatcher.h"
#include "api/engine_fixture.h"

namespace coupond::api {
namespace {

using test::At;

constexpr CampaignNumber kOne{1};
constexpr CampaignNumber kTwo{2};

/// The campaigns 1 and 2, and a cache that no service uses.
class AnswerCacheTest : public EngineFixture {
 protected:
  using Key = AnswerCache::Key;

  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(EngineFixture::SetUp());
    dispatcher_.emplace(*engine_, executor_);
    cache_.emplace(*engine_);
    Do(test::Create(1, "one", 10, At(0)));
    Do(test::Create(2, "two", 10, At(0)));
  }

  /// Waits until the command has been answered.
  void Do(Command command) {
    bool done = false;
    dispatcher_->Submit(std::move(command), [&done](const Result<Reply>&) { done = true; });
    ASSERT_TRUE(executor_.RunUntil([&] { return done; }));
  }
  static Key Campaign(std::uint8_t id) {
    return {.read = AnswerCache::CampaignRead{test::Id(id)}, .codec = connect::Codec::kJson};
  }
  static Key Page(std::uint64_t after, std::size_t page_size = 10, bool show_archived = false) {
    return {.read = AnswerCache::CampaignsRead{CampaignNumber(after), page_size, show_archived},
            .codec = connect::Codec::kJson};
  }
  static Key Status(std::uint8_t id) {
    return {.read = AnswerCache::StatusRead{test::Id(id)}, .codec = connect::Codec::kJson};
  }
  void Keep(const Key& key, std::optional<CampaignNumber> campaign, const std::string& bytes) {
    cache_->Keep(key, {.as_of = engine_->durable_sequence(), .campaign = campaign}, bytes);
  }
  /// Keeps an answer that was made at `time`.
  void KeepFor(const Key& key, Timestamp time, Timestamp holds_until) {
    cache_->Keep(key,
                 {.as_of = engine_->durable_sequence(),
                  .campaign = kOne,
                  .time = time,
                  .holds_until = holds_until},
                 "kept");
  }
  /// Returns the answer found, or an empty text.
  std::string Found(const Key& key) {
    const auto found = cache_->Find(key);
    return found ? std::string(found->bytes) : "";
  }
  /// Returns the time for which an answer is found.
  std::optional<Timestamp> TimeOf(const Key& key) {
    const auto found = cache_->Find(key);
    return found ? std::optional(found->time) : std::nullopt;
  }

  std::optional<Dispatcher> dispatcher_;
  std::optional<AnswerCache> cache_;
};

TEST_F(AnswerCacheTest, AnAnswerIsFoundByAllOfItsKey) {
  Keep(Campaign(1), kOne, "one");
  Keep(Page(1), {}, "page");
  EXPECT_EQ(Found(Campaign(1)), "one");
  EXPECT_EQ(Found(Page(1)), "page");
  EXPECT_EQ(Found(Campaign(2)), "");
  EXPECT_EQ(Found(Page(2)), "");
  EXPECT_EQ(Found(Page(1, 11)), "");
  EXPECT_EQ(Found(Page(1, 10, /*show_archived=*/true)), "");
  EXPECT_EQ(Found(Status(1)), "");
  Key proto = Campaign(1);
  proto.codec = connect::Codec::kProto;
  EXPECT_EQ(Found(proto), "");
}

TEST_F(AnswerCacheTest, AnAnswerIsNotFoundAfterItsCampaignChanged) {
  Keep(Campaign(1), kOne, "one");
  Keep(Campaign(2), kTwo, "two");
  Do(test::Issue(1));
  EXPECT_EQ(Found(Campaign(1)), "");
  EXPECT_EQ(Found(Campaign(2)), "two");
  Do(test::Delete(2));
  EXPECT_EQ(Found(Campaign(2)), "");
}

TEST_F(AnswerCacheTest, APageIsNotFoundAfterAnyCampaignChanged) {
  const std::vector<Command> changes = {test::Create(3, "three", 10, At(0)), test::Issue(2),
                                        test::Delete(1)};
  for (const Command& change : changes) {
    Keep(Page(0), {}, "page");
    EXPECT_EQ(Found(Page(0)), "page");
    Do(change);
    EXPECT_EQ(Found(Page(0)), "");
  }
}

TEST_F(AnswerCacheTest, ARefusalChangesNothing) {
  Keep(Campaign(1), kOne, "one");
  Keep(Page(0), {}, "page");
  Do(test::Create(3, "one", 10, At(0)));
  Do(test::Issue(9));
  EXPECT_EQ(Found(Campaign(1)), "one");
  EXPECT_EQ(Found(Page(0)), "page");
}

TEST_F(AnswerCacheTest, WhatWasReadBeforeAChangeIsNotFound) {
  const Sequence as_of = engine_->durable_sequence();
  Do(test::Issue(1));
  cache_->Keep(Campaign(1), {.as_of = as_of, .campaign = kOne}, "old");
  EXPECT_EQ(Found(Campaign(1)), "");
  Keep(Campaign(1), kOne, "new");
  EXPECT_EQ(Found(Campaign(1)), "new");
}

TEST_F(AnswerCacheTest, AnAnswerIsFoundUntilAStateInItChanges) {
  clock_.Set(At(10));
  KeepFor(Campaign(1), At(10), At(20));
  clock_.Set(At(20).Plus(std::chrono::nanoseconds(-1)));
  EXPECT_EQ(TimeOf(Campaign(1)), At(20).Plus(std::chrono::nanoseconds(-1)));
  clock_.Set(At(20));
  EXPECT_EQ(TimeOf(Campaign(1)), std::nullopt);
}

TEST_F(AnswerCacheTest, AnAnswerIsNotFoundBeforeTheTimeItIsFrom) {
  KeepFor(Campaign(1), At(10), kNever);
  clock_.Set(At(10).Plus(std::chrono::nanoseconds(-1)));
  EXPECT_EQ(TimeOf(Campaign(1)), std::nullopt);
  clock_.Set(At(10));
  EXPECT_EQ(TimeOf(Campaign(1)), At(10));
}

TEST_F(AnswerCacheTest, TheTimeIsNeverBeforeTheLastDecision) {
  KeepFor(Campaign(1), At(0), At(20));
  KeepFor(Campaign(2), At(0), At(15));
  clock_.Set(At(15));
  Do(test::Issue(9));
  clock_.Set(At(10));
  EXPECT_EQ(TimeOf(Campaign(1)), At(15));
  EXPECT_EQ(TimeOf(Campaign(2)), std::nullopt);
}

TEST_F(AnswerCacheTest, ALargeAnswerIsNotKept) {
  Keep(Campaign(1), kOne, std::string(kKeptAnswerBytesMax, 'x'));
  Keep(Campaign(2), kTwo, std::string(kKeptAnswerBytesMax + 1, 'x'));
  EXPECT_NE(Found(Campaign(1)), "");
  EXPECT_EQ(Found(Campaign(2)), "");
}

TEST_F(AnswerCacheTest, ItsMemoryIsBoundedAndWhatIsAskedForStays) {
  for (const std::size_t bytes : {std::size_t{0}, std::size_t{100}, kKeptAnswerBytesMax}) {
    AnswerCache cache(*engine_);
    const AnswerCache::Origin origin{.as_of = engine_->durable_sequence(), .campaign = {}};
    const std::uint64_t pages = 3 * kKeptAnswersBytesMax / (bytes + 100);
    cache.Keep(Campaign(1), origin, "asked for");
    for (std::uint64_t page = 1; page <= pages; ++page) {
      cache.Keep(Page(page), origin, std::string(bytes, 'x'));
      ASSERT_TRUE(cache.Find(Campaign(1)).has_value()) << page;
    }
    std::size_t kept = 0;
    for (std::uint64_t page = pages; page > 0; --page)
      kept += cache.Find(Page(page)).has_value() ? 1 : 0;
    EXPECT_GT(kept, 0U);
    // Each takes more than its bytes.
    EXPECT_LE(kept * (bytes + 100), kKeptAnswersBytesMax) << bytes;
  }
}

}  // namespace
}  // namespace coupond::api
