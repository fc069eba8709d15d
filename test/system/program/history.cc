#include "system/program/history.h"

#include <google/protobuf/message.h>
#include <google/protobuf/text_format.h>

#include <map>
#include <tuple>

namespace coupond::test {
namespace {

template <typename Message>
std::optional<std::uint64_t> SequenceIn(const Message& message) {
  // No event has the sequence 0.
  if (message.sequence() == 0) return std::nullopt;
  return message.sequence();
}

/// The request_id of those whose answers do not say that they are repeated.
std::string RepeatableId(const api::CancelRedemptionRequest& request) {
  return request.request_id();
}
std::string RepeatableId(const api::VoidCouponRequest& request) { return request.request_id(); }
std::string RepeatableId(const api::UpdateCampaignRequest& request) { return request.request_id(); }
template <typename Request>
std::string RepeatableId(const Request&) {
  return {};
}

bool TellsOfEvent(const api::BatchIssueCouponsResponse& reply) {
  return reply.issued_coupons() > 0 && !reply.already_issued();
}
bool TellsOfEvent(const api::CreateCampaignResponse&) { return true; }
bool TellsOfEvent(const api::IssueCouponResponse& reply) {
  return reply.success() && !reply.already_issued();
}
bool TellsOfEvent(const api::DeleteCampaignResponse& reply) { return reply.success(); }
bool TellsOfEvent(const api::RedeemCouponResponse& reply) {
  return reply.success() && !reply.already_redeemed();
}
/// Of a change of a campaign or of a coupon.
template <typename Response>
bool TellsOfEvent(const Response& reply) {
  return reply.changed();
}
bool TellsOfEvent(const api::EraseUserResponse& reply) {
  return reply.erased_coupons() > 0 && !reply.already_erased();
}
bool TellsOfEvent(const api::RefusalDetail&) { return false; }

std::string Shown(const google::protobuf::Message& message) {
  google::protobuf::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  printer.SetUseUtf8StringEscaping(true);
  std::string text;
  if (!printer.PrintToString(message, &text)) text = "?";
  return message.GetDescriptor()->name() + " { " + text + "}";
}

}  // namespace

void MarkRepeats(History& history) {
  std::map<std::tuple<std::size_t, std::string, std::uint64_t>, Operation*> first;
  for (Operation& operation : history) {
    operation.repeats = false;
    const std::string id =
        std::visit([](const auto& request) { return RepeatableId(request); }, operation.request);
    const auto sequence = SequenceOf(operation);
    if (id.empty() || !sequence || !IsEvent(operation)) continue;
    const auto [found, is_new] =
        first.try_emplace({operation.request.index(), id, *sequence}, &operation);
    if (is_new) continue;
    Operation* const other = found->second;
    const bool is_earlier = operation.start < other->start;
    (is_earlier ? *other : operation).repeats = true;
    if (is_earlier) found->second = &operation;
  }
}

ErasureLog ErasuresOf(const std::vector<api::Event>& events, std::uint64_t end) {
  ErasureLog log;
  for (auto sequence = kFirstSequence; sequence < end; ++sequence) log.untold.insert(sequence);
  for (const api::Event& event : events) {
    log.untold.erase(event.sequence());
    if (event.has_erased_coupons()) log.erased.push_back(event);
    if (event.type() == "coupon.issued") log.users[event.code()] = event.user_id();
  }
  return log;
}

std::optional<std::uint64_t> SequenceOf(const Operation& operation) {
  if (!operation.erasures.empty()) return operation.erasures.front().sequence();
  return std::visit([](const auto& reply) { return SequenceIn(reply); }, operation.reply);
}

bool IsEvent(const Operation& operation) {
  return !operation.repeats &&
         std::visit([](const auto& reply) { return TellsOfEvent(reply); }, operation.reply);
}

std::uint64_t LastSequenceOf(const Operation& operation) {
  if (!operation.erasures.empty()) return operation.erasures.back().sequence();
  const auto* batch = std::get_if<api::BatchIssueCouponsResponse>(&operation.reply);
  const bool has_coupons = batch != nullptr && IsEvent(operation);
  return *SequenceOf(operation) +
         (has_coupons ? static_cast<std::uint64_t>(batch->issued_coupons()) : 0);
}

bool IsRepeated(const Operation& operation) {
  if (operation.repeats) return true;
  if (const auto* redeemed = std::get_if<api::RedeemCouponResponse>(&operation.reply)) {
    return redeemed->already_redeemed();
  }
  if (const auto* erased = std::get_if<api::EraseUserResponse>(&operation.reply)) {
    return erased->already_erased();
  }
  const auto* batch = std::get_if<api::BatchIssueCouponsResponse>(&operation.reply);
  return batch != nullptr && batch->already_issued();
}

std::string Describe(const Operation& operation) {
  const auto shown = [](const google::protobuf::Message& message) { return Shown(message); };
  std::string text = "client " + std::to_string(operation.client) + ", " +
                     std::visit(shown, operation.request) + " -> " +
                     std::visit(shown, operation.reply);
  for (const auto& [name, value] : operation.facts) text.append(", " + name + ": " + value);
  return text;
}

}  // namespace coupond::test
