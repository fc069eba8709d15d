#include "api/events/event_sources.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "api/events/event_types.h"
#include "api/refusal_mapping.h"
#include "base/protobuf_fields.h"
#include "coupon/v1/admin_service.pb.h"

namespace coupond::api {
namespace {

using coupon::v1::ReadEventsResponse;

/// Returns the event's JSON without the line break behind it.
std::string_view JsonOf(const EncodedEvent& event) {
  return event.bytes.substr(0, event.bytes.size() - 1);
}

void SendProto(const EventBatch& batch, connect::StreamTurn turn) {
  std::string rest;
  protobuf::AppendNumber(ReadEventsResponse::kHeadSequenceFieldNumber, batch.head.value(), rest);
  protobuf::AppendNumber(ReadEventsResponse::kNextSequenceFieldNumber, batch.next.value(), rest);
  std::vector<std::string_view> parts;
  if (const auto all = batch.events.Contiguous()) {
    parts.push_back(*all);
  } else {
    for (const EncodedEvent& event : batch.events.All()) parts.push_back(event.bytes);
  }
  parts.emplace_back(rest);
  turn.SendParts(parts);
}

void SendJson(const EventBatch& batch, connect::StreamTurn turn) {
  const std::string rest = "],\"headSequence\":\"" + std::to_string(batch.head.value()) +
                           "\",\"nextSequence\":\"" + std::to_string(batch.next.value()) + "\"}";
  const std::vector<EncodedEvent> events = batch.events.All();
  std::vector<std::string_view> parts;
  parts.reserve(2 * events.size() + 2);
  parts.emplace_back("{\"events\":[");
  for (const EncodedEvent& event : events) {
    if (parts.size() > 1) parts.emplace_back(",");
    parts.push_back(JsonOf(event));
  }
  parts.emplace_back(rest);
  turn.SendParts(parts);
}

std::string JsonLinesOf(const EventBatch& batch) {
  if (batch.events.empty()) return "\n";
  if (const auto all = batch.events.Contiguous()) return std::string(*all);
  std::string lines;
  for (const EncodedEvent& event : batch.events.All()) lines.append(event.bytes);
  return lines;
}

std::string ServerSentEventsOf(const EventBatch& batch) {
  // An id without data is no event, but moves the place at which a client goes on.
  const std::string moved = "id: " + std::to_string(batch.next.value() - 1) + "\n\n";
  const std::vector<EncodedEvent> events = batch.events.All();
  if (events.empty()) return ":\n" + moved;
  std::string lines;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const EncodedEvent& event = events[i];
    if (i + 1 == events.size() || events[i + 1].sequence != event.sequence) {
      lines.append("id: ").append(std::to_string(event.sequence.value())).append("\n");
    }
    lines.append("event: ").append(EventTypeName(event.type)).append("\ndata: ");
    lines.append(event.bytes).append("\n");
  }
  if (events.back().sequence.Next() != batch.next) lines.append(moved);
  return lines;
}

}  // namespace

void EventMessages::Next(connect::StreamTurn turn) {
  turn_ = std::move(turn);
  AskForMore();
}

connect::StreamTurn EventMessages::TakeTurn() {
  // Using it may immediately bring the next one.
  connect::StreamTurn turn = std::move(*turn_);
  turn_.reset();
  return turn;
}

void EventMessages::Send(const EventBatch& batch) {
  if (codec_ == connect::Codec::kProto) return SendProto(batch, TakeTurn());
  SendJson(batch, TakeTurn());
}

void EventMessages::Fail(const Error& error) { TakeTurn().Fail(OperatingError(error)); }

void EventLines::Next(Deliver deliver) {
  deliver_ = std::move(deliver);
  if (stopping_) return OnServerStopping();
  AskForMore();
}

void EventLines::Send(const EventBatch& batch) {
  DeliverNow(Progress::kMore,
             form_ == EventLineForm::kJsonLines ? JsonLinesOf(batch) : ServerSentEventsOf(batch));
}

void EventLines::OnServerStopping() {
  stopping_ = true;
  // A stream that goes on forever may end anywhere; others would seem complete.
  DeliverNow(follows_ ? Progress::kEnd : Progress::kFailed, {});
}

void EventLines::DeliverNow(Progress progress, std::string piece) {
  // Delivering may call Next at once.
  if (Deliver deliver = std::exchange(deliver_, nullptr)) deliver(progress, std::move(piece));
}

}  // namespace coupond::api
