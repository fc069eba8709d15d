#ifndef COUPOND_API_EVENTS_EVENT_SOURCES_H_
#define COUPOND_API_EVENTS_EVENT_SOURCES_H_

#include <cstdint>
#include <optional>
#include <utility>

#include "api/events/event_readers.h"
#include "base/error.h"
#include "base/slots.h"
#include "rpc/connect/call.h"
#include "rpc/connect/codec.h"
#include "rpc/http/handler.h"

/// The streams of events as clients receive them. Worker's thread only.
namespace coupond::api {

/// The messages of ReadEvents.
class EventMessages final : public connect::MessageSource, private EventReader {
 public:
  EventMessages(EventRounds& rounds, Slots::Slot slot, connect::Codec codec, EventReading reading)
      : EventReader(rounds, std::move(slot), codec, reading), codec_(codec) {}

  void Next(connect::StreamTurn turn) override;

 private:
  void Send(const EventBatch& batch) override;
  void Finish() override { TakeTurn().Finish(); }
  void Fail(const Error& error) override;

  [[nodiscard]] connect::StreamTurn TakeTurn();

  const connect::Codec codec_;
  std::optional<connect::StreamTurn> turn_;
};

/// The forms of events for plain HTTP clients.
enum class EventLineForm : std::uint8_t {
  kJsonLines,         ///< each event is a line; an empty line keeps it alive
  kServerSentEvents,  ///< https://html.spec.whatwg.org/multipage/server-sent-events.html
};

/// The lines of GET /events. As a server-sent event, only the last event of a sequence has an id,
/// so the id that a client sends back is always a sequence of which it has everything.
class EventLines final : public http::BodySource, private EventReader {
 public:
  EventLines(EventRounds& rounds, Slots::Slot slot, EventLineForm form, EventReading reading)
      : EventReader(rounds, std::move(slot), connect::Codec::kJson, reading),
        form_(form),
        follows_(reading.follow) {}

  void Next(Deliver deliver) override;
  [[nodiscard]] bool waits_for_events() const override { return true; }
  void OnServerStopping() override;

 private:
  void Send(const EventBatch& batch) override;
  void Finish() override { DeliverNow(Progress::kEnd, {}); }
  /// The head has been sent, so an error can only break off the lines.
  void Fail(const Error& /*error*/) override { DeliverNow(Progress::kFailed, {}); }

  void DeliverNow(Progress progress, std::string piece);

  const EventLineForm form_;
  const bool follows_;
  bool stopping_ = false;
  Deliver deliver_;
};

}  // namespace coupond::api

#endif  // COUPOND_API_EVENTS_EVENT_SOURCES_H_
