#include "storage/format/event_codec.h"

#include <google/protobuf/arena.h>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <optional>
#include <type_traits>

#include "base/check.h"
#include "coupond/storage/v1/commit_group.pb.h"

namespace coupond::storage {
namespace {

/// Holds a group of some thousand anonymous coupons without asking for more.
constexpr std::size_t kFirstBlockBytes = 512 * 1'024;

template <typename... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};

/// What is wrong with an event in itself, at this place in the log; null: nothing. The encoder and
/// the decoder ask the same question, so that nothing is written that could not be read.
const char* FaultOf(const Event& event, Sequence sequence) {
  if (std::holds_alternative<StoreCreated>(event) != (sequence == Sequence(1))) {
    return "store_created must be the first event of the log, and only there";
  }
  return std::visit(
      Overloaded{
          [](const StoreCreated& created) -> const char* {
            return created.format_version == 0 ? "store_created has no format_version" : nullptr;
          },
          [](const CampaignCreated& created) -> const char* {
            if (created.number.value() == 0) return "campaign_created has no campaign_number";
            if (created.name.empty()) return "campaign_created has no name";
            if (created.total_coupons < 1) return "campaign_created has no coupons";
            if (created.first_serial.value() == 0) return "campaign_created has no first_serial";
            const auto total = static_cast<std::uint64_t>(created.total_coupons);
            if (created.first_serial.value() > std::numeric_limits<std::uint64_t>::max() - total) {
              return "campaign_created has serials beyond 64 bits";
            }
            return nullptr;
          },
          [](const CouponIssued& issued) -> const char* {
            if (issued.campaign.value() == 0) return "coupon_issued has no campaign_number";
            return issued.serial.value() == 0 ? "coupon_issued has no serial" : nullptr;
          },
          [](const CampaignDeleted& deleted) -> const char* {
            return deleted.campaign.value() == 0 ? "campaign_deleted has no campaign_number"
                                                 : nullptr;
          }},
      event);
}

const char* FaultOf(const CommitGroup& group) {
  if (group.number.value() == 0) return "no group number";
  if (group.first_sequence.value() == 0) return "no first_sequence";
  if (group.events.empty()) return "no events";
  if (group.first_sequence.value() >
      std::numeric_limits<std::uint64_t>::max() - group.events.size()) {
    return "sequences beyond 64 bits";
  }
  return nullptr;
}

template <typename Tag>
void SetBytes(const StrongBytes16<Tag>& from, std::string* to) {
  to->assign(reinterpret_cast<const char*>(from.bytes.data()), from.bytes.size());
}

template <typename Tag>
bool GetBytes(const std::string& from, StrongBytes16<Tag>& to) {
  if (from.size() != to.bytes.size()) return false;
  std::copy(from.begin(), from.end(), to.bytes.begin());
  return true;
}

void ToMessage(const Event& event, v1::Event& message) {
  std::visit(
      Overloaded{[&message](const StoreCreated& from) {
                   v1::StoreCreated& to = *message.mutable_store_created();
                   SetBytes(from.store_id, to.mutable_store_id());
                   SetBytes(from.code_key, to.mutable_code_key());
                   to.set_format_version(from.format_version);
                 },
                 [&message](const CampaignCreated& from) {
                   v1::CampaignCreated& to = *message.mutable_campaign_created();
                   to.set_campaign_number(from.number.value());
                   SetBytes(from.id, to.mutable_campaign_id());
                   to.set_name(from.name);
                   to.set_total_coupons(from.total_coupons);
                   to.set_start_time_unix_ns(from.start_time.unix_nanoseconds());
                   to.set_first_serial(from.first_serial.value());
                 },
                 [&message](const CouponIssued& from) {
                   v1::CouponIssued& to = *message.mutable_coupon_issued();
                   to.set_campaign_number(from.campaign.value());
                   to.set_serial(from.serial.value());
                   if (from.claim) SetBytes(*from.claim, to.mutable_claim());
                   if (!from.user_id.empty()) to.set_user_id(from.user_id);
                 },
                 [&message](const CampaignDeleted& from) {
                   message.mutable_campaign_deleted()->set_campaign_number(from.campaign.value());
                 }},
      event);
}

bool HasUnknownFields(const google::protobuf::Message& message) {
  return !message.GetReflection()->GetUnknownFields(message).empty();
}

/// One FromMessage per kind: fills in `event`, or says what is wrong with the message.
const char* FromMessage(const v1::StoreCreated& from, Event& event) {
  if (HasUnknownFields(from)) return "store_created has a field that this version does not know";
  StoreCreated to{.store_id = {}, .code_key = {}, .format_version = from.format_version()};
  if (!GetBytes(from.store_id(), to.store_id)) return "store_id is not 16 bytes";
  if (!GetBytes(from.code_key(), to.code_key)) return "code_key is not 16 bytes";
  event = to;
  return nullptr;
}

const char* FromMessage(const v1::CampaignCreated& from, Event& event) {
  if (HasUnknownFields(from)) return "campaign_created has a field that this version does not know";
  CampaignCreated to{.number = CampaignNumber(from.campaign_number()),
                     .id = {},
                     .name = from.name(),
                     .total_coupons = from.total_coupons(),
                     .start_time = Timestamp::FromUnixNanoseconds(from.start_time_unix_ns()),
                     .first_serial = Serial(from.first_serial())};
  if (!GetBytes(from.campaign_id(), to.id)) return "campaign_id is not 16 bytes";
  event = std::move(to);
  return nullptr;
}

const char* FromMessage(const v1::CouponIssued& from, Event& event) {
  if (HasUnknownFields(from)) return "coupon_issued has a field that this version does not know";
  CouponIssued& to = event.emplace<CouponIssued>();
  to.campaign = CampaignNumber(from.campaign_number());
  to.serial = Serial(from.serial());
  if (from.has_claim() && !GetBytes(from.claim(), to.claim.emplace())) {
    return "claim is not 16 bytes";
  }
  to.user_id = from.user_id();
  return nullptr;
}

const char* FromMessage(const v1::CampaignDeleted& from, Event& event) {
  if (HasUnknownFields(from)) return "campaign_deleted has a field that this version does not know";
  event = CampaignDeleted{.campaign = CampaignNumber(from.campaign_number())};
  return nullptr;
}

const char* FromMessage(const v1::Event& from, Event& event) {
  if (HasUnknownFields(from)) return "an event of a kind that this version does not know";
  switch (from.kind_case()) {
    case v1::Event::kStoreCreated:
      return FromMessage(from.store_created(), event);
    case v1::Event::kCampaignCreated:
      return FromMessage(from.campaign_created(), event);
    case v1::Event::kCouponIssued:
      return FromMessage(from.coupon_issued(), event);
    case v1::Event::kCampaignDeleted:
      return FromMessage(from.campaign_deleted(), event);
    case v1::Event::KIND_NOT_SET:
      break;
  }
  return "an event without a kind";
}

std::unexpected<Error> Undecodable(std::string_view fault) {
  return MakeError(ErrorCode::kLogUndecodable, std::string(fault));
}

}  // namespace

EventCodec::EventCodec() : first_block_(new char[kFirstBlockBytes]) {
  google::protobuf::ArenaOptions options;
  options.initial_block = first_block_.get();
  options.initial_block_size = kFirstBlockBytes;
  arena_ = std::make_unique<google::protobuf::Arena>(options);
}

EventCodec::~EventCodec() = default;

void EventCodec::Append(const CommitGroup& group, std::string& bytes) {
  COUPOND_CHECK(FaultOf(group) == nullptr);
  arena_->Reset();
  auto& message = *google::protobuf::Arena::CreateMessage<v1::CommitGroup>(arena_.get());
  message.set_number(group.number.value());
  message.set_first_sequence(group.first_sequence.value());
  message.set_commit_time_unix_ns(group.commit_time.unix_nanoseconds());
  message.mutable_events()->Reserve(static_cast<int>(group.events.size()));
  for (std::size_t i = 0; i < group.events.size(); ++i) {
    COUPOND_CHECK(FaultOf(group.events[i], group.first_sequence.Plus(i)) == nullptr);
    ToMessage(group.events[i], *message.add_events());
  }
  COUPOND_CHECK(message.AppendToString(&bytes));
}

Result<CommitGroup> EventCodec::Decode(std::string_view payload) {
  arena_->Reset();
  auto& message = *google::protobuf::Arena::CreateMessage<v1::CommitGroup>(arena_.get());
  if (payload.size() > std::numeric_limits<int>::max() ||
      !message.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) {
    return Undecodable("not a commit group");
  }
  if (HasUnknownFields(message)) return Undecodable("a field that this version does not know");
  CommitGroup group{.number = GroupNumber(message.number()),
                    .first_sequence = Sequence(message.first_sequence()),
                    .commit_time = Timestamp::FromUnixNanoseconds(message.commit_time_unix_ns()),
                    .events = std::vector<Event>(static_cast<std::size_t>(message.events_size()))};
  if (const char* fault = FaultOf(group)) return Undecodable(fault);
  for (std::size_t i = 0; i < group.events.size(); ++i) {
    const char* fault = FromMessage(message.events(static_cast<int>(i)), group.events[i]);
    if (!fault) fault = FaultOf(group.events[i], group.first_sequence.Plus(i));
    if (fault) {
      return Undecodable(std::string(fault) + " (sequence " +
                         std::to_string(group.first_sequence.Plus(i).value()) + ")");
    }
  }
  // Protobuf lets the last one win when a field, or another kind of event, comes after the first.
  if (message.ByteSizeLong() != payload.size()) {
    return Undecodable("something is there twice, or in more bytes than it takes");
  }
  return group;
}

}  // namespace coupond::storage
