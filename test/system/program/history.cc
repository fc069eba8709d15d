#include "system/program/history.h"

#include <google/protobuf/message.h>
#include <google/protobuf/text_format.h>

namespace coupond::test {
namespace {

template <typename Message>
std::optional<std::uint64_t> SequenceIn(const Message& message) {
  if (!message.has_sequence()) return std::nullopt;
  return message.sequence();
}

/// No event has the sequence 0.
std::optional<std::uint64_t> SequenceIn(const api::BatchIssueCouponsResponse& message) {
  if (message.sequence() == 0) return std::nullopt;
  return message.sequence();
}

bool TellsOfEvent(const api::BatchIssueCouponsResponse& reply) {
  return reply.issued_coupons() > 0 && !reply.already_issued();
}
bool TellsOfEvent(const api::CreateCampaignResponse&) { return true; }
bool TellsOfEvent(const api::IssueCouponResponse& reply) {
  return reply.success() && !reply.already_issued();
}
bool TellsOfEvent(const api::DeleteCampaignResponse& reply) { return reply.success(); }
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

std::optional<std::uint64_t> SequenceOf(const Operation& operation) {
  return std::visit([](const auto& reply) { return SequenceIn(reply); }, operation.reply);
}

bool IsEvent(const Operation& operation) {
  return std::visit([](const auto& reply) { return TellsOfEvent(reply); }, operation.reply);
}

std::uint64_t LastSequenceOf(const Operation& operation) {
  const auto* batch = std::get_if<api::BatchIssueCouponsResponse>(&operation.reply);
  const bool has_coupons = batch != nullptr && IsEvent(operation);
  return *SequenceOf(operation) +
         (has_coupons ? static_cast<std::uint64_t>(batch->issued_coupons()) : 0);
}

bool IsRepeated(const Operation& operation) {
  const auto* batch = std::get_if<api::BatchIssueCouponsResponse>(&operation.reply);
  return batch != nullptr && batch->already_issued();
}

std::string Describe(const Operation& operation) {
  const auto shown = [](const google::protobuf::Message& message) { return Shown(message); };
  return "client " + std::to_string(operation.client) + ", " +
         std::visit(shown, operation.request) + " -> " + std::visit(shown, operation.reply);
}

}  // namespace coupond::test
