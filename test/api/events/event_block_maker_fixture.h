#ifndef COUPOND_TEST_API_EVENTS_EVENT_BLOCK_MAKER_FIXTURE_H_
#define COUPOND_TEST_API_EVENTS_EVENT_BLOCK_MAKER_FIXTURE_H_

#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/events/event_block_maker.h"
#include "engine/views/projection.h"
#include "support/builders.h"
#include "support/fake_event_log.h"
#include "support/fake_view_store.h"

namespace coupond::api {

/// A log and its views, both on fakes, and a maker of blocks.
class EventBlockMakerTest : public testing::Test {
 protected:
  using Codec = connect::Codec;
  using Events = std::vector<coupon::v1::Event>;

  /// Returns "sequence type" of each event.
  static std::vector<std::string> Outline(const Events& events) {
    std::vector<std::string> outline;
    for (const auto& event : events) {
      outline.push_back(std::to_string(event.sequence()) + " " + event.type());
    }
    return outline;
  }
  static CampaignCreated Created(std::uint8_t number, std::int64_t total,
                                 std::uint64_t first_serial) {
    return {CampaignNumber(number),
            test::Id(number),
            {"campaign", total, test::At(5)},
            Serial(first_serial)};
  }
  static CouponIssued Issued(std::uint64_t campaign, std::uint64_t serial,
                             std::string user_id = {}) {
    CouponIssued event{CampaignNumber(campaign), Serial(serial)};
    if (!user_id.empty()) event.holder = test::ClaimOf(static_cast<std::uint8_t>(serial));
    event.user_id = std::move(user_id);
    return event;
  }

  /// Adds a commit group.
  void Given(std::int64_t seconds, std::vector<Event> events, std::vector<KeyId> keys = {}) {
    const LogTip before = log_.Tip();
    Add({.number = before.group.Next(),
         .first_sequence = before.sequence.Next(),
         .commit_time = test::At(seconds),
         .events = std::move(events),
         .keys = std::move(keys)});
  }
  void Add(const CommitGroup& group) {
    ASSERT_TRUE(log_.Append(group));
    ASSERT_TRUE(projection_.Add(group, log_.Tip()));
    ASSERT_TRUE(views_.Write(projection_.Take()));
  }

  [[nodiscard]] Sequence head() const { return log_.Tip().sequence; }

  std::shared_ptr<const EventBlock> Make(std::uint64_t first, Codec codec = Codec::kProto) {
    auto block = maker_.Make(codec, Sequence(first), head());
    EXPECT_TRUE(block) << block.error().message;
    return block ? *block : nullptr;
  }
  static Events Parse(const EventBlock& block, std::uint64_t from, const EventFilter& filter = {}) {
    const EventSelection selection = block.Select(Sequence(from), block.next(), filter);
    Events events;
    std::string all;
    for (const EncodedEvent& encoded : selection.All()) {
      all += encoded.bytes;
      if (block.codec() == Codec::kProto) {
        coupon::v1::ReadEventsResponse message;
        EXPECT_TRUE(
            message.ParseFromArray(encoded.bytes.data(), static_cast<int>(encoded.bytes.size())));
        EXPECT_EQ(message.events_size(), 1);
        events.push_back(message.events(0));
      } else {
        EXPECT_TRUE(encoded.bytes.ends_with("}\n"));
        EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(std::string(encoded.bytes),
                                                                &events.emplace_back())
                        .ok());
      }
      EXPECT_EQ(events.back().sequence(), encoded.sequence.value());
      EXPECT_EQ(events.back().type(), EventTypeName(encoded.type));
    }
    EXPECT_EQ(selection.empty(), events.empty());
    if (selection.Contiguous()) {
      EXPECT_EQ(*selection.Contiguous(), all);
    } else {
      EXPECT_FALSE(filter.passes_all());
    }
    return events;
  }
  /// Returns the events from a sequence on, in as many blocks as it takes.
  Events ReadFrom(std::uint64_t first, Codec codec = Codec::kProto,
                  const EventFilter& filter = {}) {
    Events events;
    Sequence position(first);
    while (position <= head()) {
      const auto block = Make(position.value(), codec);
      if (block == nullptr) break;
      EXPECT_EQ(block->first(), position);
      for (auto& event : Parse(*block, position.value(), filter)) {
        events.push_back(std::move(event));
      }
      position = block->next();
    }
    return events;
  }

  test::FakeEventLog log_;
  test::FakeViewStore views_;
  Projection projection_ = Projection::Load(views_).value();
  const CouponCodec codec_{CodeKey{}};
  EventBlockMaker maker_{{.log = log_, .views = views_, .codec = codec_}};
};

}  // namespace coupond::api

#endif  // COUPOND_TEST_API_EVENTS_EVENT_BLOCK_MAKER_FIXTURE_H_
