#include "api/events/event_block_maker.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/protobuf_fields.h"
#include "engine/views/log_lookup.h"
#include "rpc/json/json_writer.h"

namespace coupond::api {
namespace {

using coupon::v1::ReadEventsResponse;

/// Ends the reading of the log when there is enough.
std::unexpected<Error> Enough() { return MakeError(ErrorCode::kUnavailable, "enough was read"); }

}  // namespace

EventBlockMaker::EventBlockMaker(const Sources& sources)
    : sources_(sources), json_(coupon::v1::Event::descriptor()) {}

Result<std::shared_ptr<const EventBlock>> EventBlockMaker::Make(connect::Codec codec,
                                                                Sequence first, Sequence last) {
  COUPOND_CHECK(first.value() > 0 && first <= last);
  auto block = std::make_shared<EventBlock>(codec, first);
  Making making{.block = *block, .last = last, .sold_outs = {}};
  const Sequence end = std::min(first.Plus(kEventBlockSequencesMax), last.Next());
  const std::vector<SoldOutRow> rows = TRY(sources_.views.ListSoldOuts(first, end));
  for (const SoldOutRow& row : rows) making.sold_outs.emplace(row.sequence, row.campaign);

  GroupNumber group = TRY(GroupOf(first));
  bool more = true;
  if (cut_ && cut_->number == group) {
    more = TRY(AddGroup(*cut_, making));
    group = group.Next();
  }
  if (more && block->next() <= last) {
    const Status read =
        sources_.log.Read(group, [&](const CommitGroup& next, const GroupHash&) -> Status {
          more = TRY(AddGroup(next, making));
          if (next_group_ == next.number) cut_.emplace(next);
          return more ? Status() : Enough();
        });
    if (more) TRY(read);
  }
  // A log that ends before the views is one that cannot be read.
  if (block->next() == first) {
    return MakeError(ErrorCode::kLogGap, "the log has no event " + std::to_string(first.value()));
  }
  Remember(block->next(), next_group_);
  block->ShrinkToFit();
  return block;
}

Result<GroupNumber> EventBlockMaker::GroupOf(Sequence sequence) {
  if (const auto place = places_.find(sequence); place != places_.end()) return place->second;
  return FindGroup(sources_.log, sequence);
}

void EventBlockMaker::Remember(Sequence sequence, GroupNumber group) {
  // The lowest goes: readers come to the end of the log, and most of them stay there.
  if (places_.size() >= kPlacesMax) places_.erase(places_.begin());
  places_.insert_or_assign(sequence, group);
}

Result<bool> EventBlockMaker::AddGroup(const CommitGroup& group, Making& making) {
  EventBlock& block = making.block;
  for (std::size_t i = block.next().value() - group.first_sequence.value(); i < group.events.size();
       ++i) {
    if (block.full() || block.next() > making.last) {
      next_group_ = group.number;
      return false;
    }
    TRY(AddSequence(group.events[i], group.KeyOf(i),
                    {.time = group.commit_time, .sequence = block.next()}, making));
  }
  next_group_ = group.number.Next();
  return !block.full() && block.next() <= making.last;
}

Status EventBlockMaker::AddSequence(const Event& event, KeyId key, const EventPlace& place,
                                    Making& making) {
  const auto add = [&](EventType type, CampaignNumber campaign, auto&& set) -> Status {
    const std::string* const id = TRY(IdOf(campaign));
    message_.Clear();
    set(EventView{.codec = sources_.codec, .campaign_id = *id, .place = place, .key = key});
    return Encode(type, campaign, making.block);
  };
  if (const auto shown = ShownAs(event)) {
    TRY(add(shown->type, shown->campaign,
            [&](const EventView& view) { SetEvent(event, view, message_); }));
  }
  if (const auto sold_out = making.sold_outs.find(place.sequence);
      sold_out != making.sold_outs.end()) {
    TRY(add(EventType::kSoldOut, sold_out->second,
            [&](const EventView& view) { SetSoldOut(view, message_); }));
  }
  making.block.EndSequence();
  return {};
}

Status EventBlockMaker::Encode(EventType type, CampaignNumber campaign, EventBlock& block) {
  if (block.codec() == connect::Codec::kProto) {
    protobuf::AppendBytes(ReadEventsResponse::kEventsFieldNumber, message_.SerializeAsString(),
                          block.bytes());
  } else {
    if (const auto written = connect::WriteJson(json_, message_, block.bytes()); !written) {
      return MakeError(ErrorCode::kIo, "an event cannot be written as JSON: " + written.error());
    }
    block.bytes().push_back('\n');
  }
  block.Add(type, campaign);
  return {};
}

Result<const std::string*> EventBlockMaker::IdOf(CampaignNumber campaign) {
  if (const auto known = ids_.find(campaign); known != ids_.end()) return &known->second;
  const std::optional<CampaignId> id = TRY(sources_.views.FindCampaignId(campaign));
  if (!id) {
    return MakeError(ErrorCode::kViewsDamaged, "the views do not have the id of campaign " +
                                                   std::to_string(campaign.value()) +
                                                   ", which has events");
  }
  if (ids_.size() >= kCampaignIdsMax) ids_.clear();
  return &ids_.insert_or_assign(campaign, FormatUuid(id->bytes)).first->second;
}

}  // namespace coupond::api
