#include "issue_client.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "base/check.h"
#include "engine/views/coupon_reader.h"
#include "workload.h"

namespace coupond::bench {
namespace {

using Clock = std::chrono::steady_clock;

/// The commands that were submitted and answered in one run.
class InFlightBook {
 public:
  InFlightBook(std::uint64_t count, std::size_t in_flight, Serial first_serial, bool held)
      : first_serial_(first_serial), held_(held), seen_(count, false), sent_(in_flight) {
    for (std::size_t ticket = 0; ticket < in_flight; ++ticket) free_.push_back(ticket);
    latencies_us_.reserve(count);
  }

  [[nodiscard]] std::optional<std::uint64_t> NextTicket() {
    if (free_.empty() || submitted_ == seen_.size()) return std::nullopt;
    const std::uint64_t ticket = free_.back();
    free_.pop_back();
    return ticket;
  }
  void OnSubmitted(std::uint64_t ticket, Clock::time_point time) {
    sent_[ticket] = time;
    ++submitted_;
  }
  /// Returns what is wrong with the reply, or null.
  [[nodiscard]] const char* OnReply(const TicketedReply& ticketed, Clock::time_point time) {
    if (ticketed.ticket >= sent_.size() || !sent_[ticketed.ticket]) {
      return "a command was answered twice, or one that was never asked";
    }
    const auto latency = time - *std::exchange(sent_[ticketed.ticket], std::nullopt);
    latencies_us_.push_back(static_cast<std::uint32_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(latency).count()));
    free_.push_back(ticketed.ticket);

    const auto* granted = std::get_if<GrantedCoupon>(&ticketed.reply.outcome);
    if (granted == nullptr || granted->already_issued != held_) return "a wrong answer";
    const std::uint64_t ordinal = granted->serial.value() - first_serial_.value();
    if (ordinal >= seen_.size()) return "a serial from outside the campaign was issued";
    if (seen_[ordinal]) return "a serial was issued twice";
    seen_[ordinal] = true;
    return nullptr;
  }

  [[nodiscard]] std::uint64_t submitted() const { return submitted_; }
  [[nodiscard]] bool complete() const { return latencies_us_.size() == seen_.size(); }
  [[nodiscard]] std::vector<std::uint32_t> TakeLatencies() { return std::move(latencies_us_); }

 private:
  const Serial first_serial_;
  const bool held_;
  std::vector<bool> seen_;                              // by ordinal
  std::vector<std::optional<Clock::time_point>> sent_;  // by ticket; nullopt if not in flight
  std::vector<std::uint64_t> free_;                     // tickets
  std::uint64_t submitted_ = 0;
  std::vector<std::uint32_t> latencies_us_;
};

}  // namespace

void IssueClient::Deliver(std::span<const TicketedReply> replies) {
  const Clock::time_point now = Clock::now();
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    waiting_.replies.insert(waiting_.replies.end(), replies.begin(), replies.end());
    waiting_.arrivals.push_back({.time = now, .end = waiting_.replies.size()});
    wake = std::exchange(sleeps_, false);
  }
  if (wake) arrived_.notify_one();
}

const IssueClient::Inbox& IssueClient::TakeReplies() {
  taken_.replies.clear();
  taken_.arrivals.clear();
  std::unique_lock lock(mutex_);
  while (waiting_.replies.empty()) {
    sleeps_ = true;
    arrived_.wait(lock);
  }
  sleeps_ = false;
  std::swap(taken_, waiting_);
  return taken_;
}

Reply IssueClient::Ask(Engine& engine, const Command& command) {
  const auto pushed = engine.Submit({.command = command, .channel = this, .ticket = 0});
  COUPOND_CHECK(pushed == CommandQueue::Push::kAccepted);
  const Inbox& inbox = TakeReplies();
  COUPOND_CHECK(inbox.replies.size() == 1);
  return inbox.replies.front().reply;
}

void IssueClient::DoAll(Engine& engine, std::span<const Command> commands) {
  constexpr std::size_t kInFlight = 1'024;
  while (!commands.empty()) {
    const auto some = commands.first(std::min(commands.size(), kInFlight));
    for (const Command& command : some) {
      const auto pushed = engine.Submit({.command = command, .channel = this, .ticket = 0});
      COUPOND_CHECK(pushed == CommandQueue::Push::kAccepted);
    }
    for (std::size_t answered = 0; answered < some.size();) {
      for (const TicketedReply& ticketed : TakeReplies().replies) {
        COUPOND_CHECK(std::holds_alternative<Done>(ticketed.reply.outcome));
        ++answered;
      }
    }
    commands = commands.subspan(some.size());
  }
}

void IssueClient::LookUp(Engine& engine, const TicketedReply& ticketed) {
  const bool taken = engine.Query([this, &engine, ticketed](const Status& ready) {
    COUPOND_CHECK(ready.has_value());
    const auto campaign = engine.views().FindCampaign(BigCampaign());
    COUPOND_CHECK(campaign && *campaign);
    const Serial serial = std::get<GrantedCoupon>(ticketed.reply.outcome).serial;
    const auto ordinal = (*campaign)->serials.OrdinalOf(serial);
    COUPOND_CHECK(ordinal.has_value());
    auto reader = CouponReader::Open(engine.views(), **campaign, *ordinal);
    COUPOND_CHECK(reader.has_value());
    const auto coupons = reader->Next(1);
    COUPOND_CHECK(coupons && coupons->size() == 1 && coupons->front().serial == serial);
    Deliver({&ticketed, 1});
  });
  COUPOND_CHECK(taken);
}

IssueRun IssueClient::Issue(Engine& engine, Kind kind, std::uint64_t count, std::size_t in_flight,
                            Serial first_serial) {
  const bool looked_up = kind == Kind::kHeldLookedUp;
  InFlightBook book(count, in_flight, first_serial, looked_up || kind == Kind::kHeld);
  std::vector<bool> was_looked_up(in_flight, false);  // by ticket
  IssueRun run;
  const Clock::time_point begin = Clock::now();
  while (!book.complete()) {
    // One reading of the clock for the whole batch. The last ones seem to wait a little longer.
    const Clock::time_point now = Clock::now();
    while (const auto ticket = book.NextTicket()) {
      QueuedCommand command{
          .command = kind == Kind::kAnonymous ? AnonymousIssue() : ClaimedIssue(book.submitted()),
          .channel = this,
          .ticket = *ticket};
      if (engine.Submit(std::move(command)) != CommandQueue::Push::kAccepted) {
        run.fault = "the queue did not take a command";
        return run;
      }
      book.OnSubmitted(*ticket, now);
    }
    const Inbox& inbox = TakeReplies();
    std::size_t next = 0;
    for (const Arrival& arrival : inbox.arrivals) {
      for (; next < arrival.end; ++next) {
        const TicketedReply& ticketed = inbox.replies[next];
        if (looked_up) {
          was_looked_up[ticketed.ticket].flip();
          if (was_looked_up[ticketed.ticket]) {
            LookUp(engine, ticketed);
            continue;
          }
        }
        if (const char* fault = book.OnReply(ticketed, arrival.time)) {
          run.fault = fault;
          return run;
        }
      }
    }
  }
  run.duration = Clock::now() - begin;
  run.latencies_us = book.TakeLatencies();
  return run;
}

}  // namespace coupond::bench
