#ifndef COUPOND_API_EVENTS_EVENT_METHODS_H_
#define COUPOND_API_EVENTS_EVENT_METHODS_H_

#include <functional>
#include <memory>
#include <optional>

#include "api/access/guarded_page.h"
#include "api/dispatcher.h"
#include "api/events/event_readers.h"
#include "api/events/event_request.h"
#include "api/mapped.h"
#include "base/slots.h"
#include "coupon/v1/admin_service.pb.h"
#include "engine/engine.h"
#include "engine/rules/ids.h"
#include "rpc/connect/call.h"
#include "rpc/http/handler.h"

namespace coupond::api {

/// ReadEvents, and the same as lines for plain HTTP clients, on one worker.
///
/// Threads: the worker's. The dispatcher and the rounds, and what is shared, must outlive this and
/// all streams.
class EventMethods {
 public:
  using Stream = std::unique_ptr<connect::StreamCall>;

  /// Shared by all workers; thread-safe.
  struct Shared {
    const Engine& engine;
    Slots& slots;
  };

  EventMethods(Dispatcher& dispatcher, EventRounds& rounds, const Shared& shared)
      : dispatcher_(dispatcher), rounds_(rounds), shared_(shared) {}

  void ReadEvents(const coupon::v1::ReadEventsRequest& request, Stream stream);

  /// Answers GET /events.
  void GetEvents(const http::Request& request, const PageCaller& page_caller,
                 std::shared_ptr<http::Exchange> exchange);

 private:
  /// A reader that may begin.
  struct Opened {
    EventReading reading;
    Slots::Slot slot;
  };
  using Done = std::move_only_function<void(Mapped<Opened>)>;

  void Open(WantedEvents events, Done done);

  Dispatcher& dispatcher_;
  EventRounds& rounds_;
  Shared shared_;
};

}  // namespace coupond::api

#endif  // COUPOND_API_EVENTS_EVENT_METHODS_H_
