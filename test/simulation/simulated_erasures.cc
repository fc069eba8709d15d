#include "simulation/simulated_erasures.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

#include "simulation/erasure_check.h"
#include "simulation/violation.h"
#include "simulation/workload_values.h"

namespace coupond::simulation {
namespace {

// Fewer than the coupons after which a search ends.
constexpr std::size_t kOpenMax = 4;

bool IsToBeRepeated(const Reply& reply) {
  const auto* const refusal = std::get_if<Refusal>(&reply.outcome);
  return refusal == nullptr || refusal->reason != RefusalReason::kRequestIdReused;
}

}  // namespace

void SimulatedErasures::Ask(Engine& engine) {
  const std::uint64_t users = world_.random.OneIn(3) ? world_.random.Between(2, 4) : 1;
  for (std::uint64_t i = 0; i < users; ++i) {
    if (!repeats_.empty() && world_.random.OneIn(2)) {
      Repeat(engine);
    } else if (!old_.empty() && world_.random.OneIn(6)) {
      Submit(engine, old_[world_.random.Below(old_.size())]);  // late, whatever happened since
    } else {
      Submit(engine, Draw());
    }
  }
}

void SimulatedErasures::Repeat(Engine& engine) {
  if (repeats_.empty()) return;
  std::swap(repeats_[world_.random.Below(repeats_.size())], repeats_.back());
  ErasureRequest request = std::move(repeats_.back());
  repeats_.pop_back();
  Submit(engine, std::move(request));
}

ErasureRequest SimulatedErasures::Draw() {
  ErasureRequest request{.user_ids = {DrawUser()},
                         .free_claims = world_.random.Percent(world_.plan.erase_free_percent),
                         .request = DrawRequest()};
  if (world_.random.OneIn(6)) {
    std::string as_sent = DrawUser();
    if (as_sent != request.user_ids.front()) request.user_ids.push_back(std::move(as_sent));
  }
  if (request.request) AddLatest(request, old_);
  return request;
}

std::string SimulatedErasures::DrawUser() {
  const auto& campaigns = world_.judge.model().campaigns();
  // Most campaigns have few coupons, or none.
  constexpr int kTries = 8;
  for (int i = 0; i < kTries && !campaigns.empty(); ++i) {
    const auto nth = static_cast<std::ptrdiff_t>(world_.random.Below(campaigns.size()));
    const auto& coupons = std::next(campaigns.begin(), nth)->second.coupons;
    if (coupons.empty()) continue;
    const test::ModelCoupon& coupon = coupons[world_.random.Below(coupons.size())];
    if (!coupon.user_id.empty() && !coupon.erased) return coupon.user_id;
  }
  return "user " + std::to_string(world_.random.Below(world_.plan.users));
}

std::optional<RequestKey> SimulatedErasures::DrawRequest() {
  if (!world_.random.Percent(world_.plan.request_percent)) return std::nullopt;
  RequestKey request{.digest = ClaimOfUser(world_.random.Next()), .content = world_.random.Next()};
  // Somebody uses an id a second time, for something else.
  if (!old_.empty() && world_.random.OneIn(8)) {
    request.digest = old_[world_.random.Below(old_.size())].request->digest;
  }
  return request;
}

void SimulatedErasures::Submit(Engine& engine, ErasureRequest request) {
  if (open_.size() == kOpenMax) {
    repeats_.push_back(std::move(request));
    return;
  }
  const std::uint64_t id = ++last_id_;
  request.key = KeyOfTicket(id);
  const bool taken = engine.eraser().TryErase(
      request, [this, id](const ErasureOutcome& outcome) { OnAnswer(id, outcome); });
  Demand(taken, "a user can be erased", [] { return "the eraser did not take a request"; });
  world_.coverage.Count(Counter::kErasuresAsked);
  world_.trace.Add("erasure {} is asked for, {} texts", id, request.user_ids.size());
  forecast_.OnAsked(id, request);
  open_.emplace(id, Asked{.request = std::move(request), .log_end = world_.log.synced_sequence()});
}

void SimulatedErasures::Step(Engine& engine) {
  const bool has_reply = forecast_.awaits_reply() && !world_.judge.has_erasers_command();
  const std::optional<Command> next =
      world_.judge.waiting() < world_.plan.queue_capacity ? forecast_.Next() : std::nullopt;
  const std::optional<std::uint64_t> current = forecast_.current();
  const bool worked = engine.StepEraser();
  if (next) {
    Demand(worked, "the eraser goes on", [] { return "it submits nothing"; });
    forecast_.OnSubmitted();
    NoteSubmitted(*next);
  } else if (has_reply) {
    forecast_.OnReply(/*is_dropped=*/current && !open_.contains(*current));
    if (current) CheckNobodyReadsErased(world_.log);
  } else if (!forecast_.awaits_reply()) {
    forecast_.OnStep(engine.eraser().progress(), world_.texts.TakePurged());
  }
}

void SimulatedErasures::NoteSubmitted(const Command& command) {
  const std::uint64_t ticket = world_.clients.TakeTicket();
  world_.trace.Add("ticket {} is the eraser's (kind {})", ticket, command.index());
  if (const auto* const erasure = std::get_if<EraseUser>(&command);
      erasure && erasure->free_claims) {
    for (const CouponsToErase& coupons : erasure->coupons) {
      world_.clients.OnAskedToFree(coupons.serials);
    }
  }
  world_.judge.OnSubmitted(ticket, command, forecast_.key(), Judge::From::kEraser);
}

void SimulatedErasures::OnGroupEnds() const {
  const std::vector<Event>& events = world_.log.groups().back().events;
  const bool finishes = std::ranges::any_of(
      events, [](const Event& event) { return std::holds_alternative<ErasureFinished>(event); });
  if (finishes) CheckFinishedErasures(world_.log, world_.views);
}

void SimulatedErasures::OnCrash() {
  for (auto& [id, asked] : open_) repeats_.push_back(std::move(asked.request));
  open_.clear();
  forecast_.OnCrash();
  static_cast<void>(world_.texts.TakePurged());
}

void SimulatedErasures::OnAnswer(std::uint64_t id, const ErasureOutcome& outcome) {
  if (world_.crash_points.dead()) return;
  const auto found = open_.find(id);
  Demand(found != open_.end(), "every request to erase is answered once",
         [&] { return "request " + std::to_string(id); });
  const Asked asked = std::move(found->second);
  open_.erase(found);
  forecast_.OnAnswered(id);
  world_.trace.Add("erasure {} is answered (kind {})", id, outcome.index());
  if (const auto* const report = std::get_if<ErasureReport>(&outcome)) {
    return CheckReport(asked, *report);
  }
  const auto* const reply = std::get_if<Reply>(&outcome);
  if (reply == nullptr || IsToBeRepeated(*reply)) {
    repeats_.push_back(asked.request);
  } else {
    world_.coverage.Count(Counter::kErasuresRefused);
  }
}

void SimulatedErasures::CheckReport(const Asked& asked, const ErasureReport& report) const {
  world_.coverage.Count(report.pending ? Counter::kErasuresPending : Counter::kErasuresDone);
  if (report.coupons == 0) world_.coverage.Count(Counter::kErasuresOfNothing);
  CheckNobodyReadsErased(world_.log);
  if (!report.pending) CheckFinishedErasures(world_.log, world_.views);
  Demand(report.sequence <= world_.log.synced_sequence(), "durable before said",
         [&] { return Numbered("an erasure of sequence", report.sequence); });
  if (report.repeated) {
    Demand(asked.request.request.has_value() &&
               world_.judge.model().requests().contains(asked.request.request->digest),
           "only what was carried out is repeated", [] { return "an erasure"; });
    return;
  }
  // The user's other coupons may be newer than the request.
  const LoggedErasures logged(world_.log.groups());
  for (const auto& [serial, coupon] : logged.coupons()) {
    if (coupon.sequence > asked.log_end) continue;
    const auto& texts = asked.request.user_ids;
    const bool is_theirs = std::ranges::find(texts, coupon.user_id) != texts.end();
    Demand(!is_theirs || (report.pending && world_.log.Hides(serial)),
           "who was erased is in no file, or hidden as long as it takes",
           [&] { return Numbered("serial", serial); });
  }
}

}  // namespace coupond::simulation
