#include "api/events/event_methods.h"

#include <string>
#include <utility>

#include "api/access/campaign_limits.h"
#include "api/events/event_sources.h"
#include "api/refusal_mapping.h"
#include "base/error.h"
#include "engine/rules/campaign.h"
#include "rpc/connect/error.h"

namespace coupond::api {
namespace {

connect::Error TooManyReaders() {
  return TryLater("TOO_MANY_EVENT_READERS", "too many clients read events; retry later");
}

connect::Error BeyondTheEnd(Sequence from, Sequence head) {
  return {.code = connect::Code::kOutOfRange,
          .message = "sequence " + std::to_string(from.value()) +
                     " lies beyond the end of the log, whose last event is " +
                     std::to_string(head.value()) +
                     "; if there were more before, the store was put back to an older state, and "
                     "what was read after that event is void",
          .reason = "SEQUENCE_BEYOND_END",
          .field = "from_sequence",
          .facts = {{"head_sequence", std::to_string(head.value())}}};
}

connect::Error NoSuchCampaignEver(Sequence as_of) {
  return RefusalError({.reason = RefusalReason::kNoSuchCampaign}, as_of);
}

/// Returns the response without the events.
http::Response LinesHead(EventLineForm form, Sequence head) {
  return {.content_type =
              form == EventLineForm::kJsonLines ? "application/x-ndjson" : "text/event-stream",
          // Each event must reach the client when it is sent: proxies must not gather them.
          .headers = {{"Cache-Control", "no-store, no-transform"},
                      {"X-Accel-Buffering", "no"},
                      {"Coupond-Sequence", std::to_string(head.value())}},
          .body = {}};
}

/// What a query finds of a campaign that is asked for.
struct FoundCampaign {
  std::optional<CampaignNumber> number;
  Sequence as_of;
};

/// Finds a campaign, also one that was deleted.
Result<FoundCampaign> FindEver(const ViewStore& views, const CampaignId& id) {
  FoundCampaign found;
  found.number = TRY(views.FindCampaignNumber(id));
  if (found.number) return found;
  if (const auto checkpoint = TRY(views.ReadCheckpoint())) {
    found.as_of = checkpoint->tip.sequence;
  }
  return found;
}

}  // namespace

void EventMethods::Open(WantedEvents events, Done done) {
  const Sequence head = shared_.engine.durable_sequence();
  if (events.from > head.Next()) return done(std::unexpected(BeyondTheEnd(events.from, head)));
  auto slot = shared_.slots.Take();
  if (!slot) return done(std::unexpected(TooManyReaders()));
  Opened opened{.reading = {.from = events.from,
                            .filter = {.campaign = {}, .types = events.types},
                            .head = head,
                            .follow = events.follow},
                .slot = *std::move(slot)};
  if (!events.campaign) return done(std::move(opened));
  dispatcher_.Ask<Result<FoundCampaign>>(
      [id = *events.campaign](const ViewStore& views) { return FindEver(views, id); },
      [opened = std::move(opened), done = std::move(done)](Result<FoundCampaign> found) mutable {
        if (!found) return done(std::unexpected(OperatingError(found.error())));
        if (!found->number) return done(std::unexpected(NoSuchCampaignEver(found->as_of)));
        opened.reading.filter.campaign = found->number;
        done(std::move(opened));
      });
}

void EventMethods::ReadEvents(const coupon::v1::ReadEventsRequest& request, Stream stream) {
  auto events = MapReadEvents(request);
  if (!events) return stream->Fail(std::move(events.error()));
  Open(*events, [this, stream = std::move(stream)](Mapped<Opened> opened) {
    if (!opened) return stream->Fail(std::move(opened.error()));
    stream->Respond(std::make_unique<EventMessages>(rounds_, std::move(opened->slot),
                                                    stream->codec(), opened->reading));
  });
}

void EventMethods::GetEvents(const http::Request& request, const PageCaller& page_caller,
                             std::shared_ptr<http::Exchange> exchange) {
  auto lines = MapEventLines(request);
  if (!lines) return exchange->Respond(PageFailure(std::move(lines.error())));
  const Caller* const caller = page_caller.caller.get();
  if (caller != nullptr && caller->is_limited()) {
    auto allowed = CampaignToFillIn(*caller, lines->events.campaign_id());
    if (!allowed) return exchange->Respond(PageFailure(std::move(allowed.error())));
    if (*allowed) lines->events.set_campaign_id(**std::move(allowed));
  }
  auto events = MapReadEvents(lines->events);
  if (!events) return exchange->Respond(PageFailure(std::move(events.error())));
  exchange = GuardedPage(page_caller, lines->events.campaign_id(), std::move(exchange));
  Open(*events, [this, form = lines->form, exchange = std::move(exchange)](Mapped<Opened> opened) {
    if (!opened) return exchange->Respond(PageFailure(std::move(opened.error())));
    exchange->RespondInPieces(
        LinesHead(form, opened->reading.head),
        std::make_unique<EventLines>(rounds_, std::move(opened->slot), form, opened->reading));
  });
}

}  // namespace coupond::api
