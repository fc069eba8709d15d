#include "system/program/history_erasures.h"

#include <algorithm>
#include <string>
#include <type_traits>
#include <variant>

#include "system/program/history_verdict.h"

namespace coupond::test {
namespace {

using Kind = HistoryFault::Kind;

std::string EventText(std::uint64_t sequence) { return "event " + std::to_string(sequence); }

/// Returns the coupon that was read for an answer, or null.
const api::Coupon* ReadFor(const Operation& operation) {
  return std::visit(
      []<typename Reply>(const Reply& reply) -> const api::Coupon* {
        if constexpr (std::is_same_v<Reply, api::IssueCouponResponse>) {
          return nullptr;
        } else if constexpr (requires { reply.has_coupon(); }) {
          return reply.has_coupon() ? &reply.coupon() : nullptr;
        } else {
          return nullptr;
        }
      },
      operation.reply);
}

}  // namespace

std::optional<HistoryFault> TakeErasures(const ErasureLog& log, History& history) {
  std::map<std::uint64_t, const api::Event*> erased;
  for (const api::Event& event : log.erased) erased[event.sequence()] = &event;
  for (Operation& operation : history) {
    const auto* const response = std::get_if<api::EraseUserResponse>(&operation.reply);
    if (response == nullptr || !IsEvent(operation)) continue;
    std::int64_t coupons = 0;
    std::vector<api::Event> events;
    for (std::uint64_t at = response->sequence(); coupons < response->erased_coupons(); --at) {
      const auto found = erased.find(at);
      if (found == erased.end()) break;
      events.push_back(*found->second);
      coupons += found->second->erased_coupons().codes_size();
    }
    if (coupons != response->erased_coupons()) {
      return HistoryFault{Kind::kWrongDetail, Describe(operation) +
                                                  "; up to there the log erases " +
                                                  std::to_string(coupons) + " coupons"};
    }
    std::ranges::reverse(events);
    operation.erasures = std::move(events);
  }
  return std::nullopt;
}

std::set<std::uint64_t> EndsOfErasures(const ErasureLog& log, const History& history) {
  std::set<std::uint64_t> ends = log.untold;
  ends.erase(kFirstSequence);
  for (const Operation& operation : history) {
    if (IsEvent(operation)) ends.erase(*SequenceOf(operation));
  }
  return ends;
}

HistoryErasures::HistoryErasures(const HistoryReplay& replay, const HistoryMoments& moments,
                                 const std::set<std::uint64_t>& ends, const ErasureLog& log,
                                 const std::vector<const Operation*>& operations)
    : replay_(replay), moments_(moments), ends_(ends), log_(log), operations_(operations) {
  for (const auto& [number, campaign] : replay.model().campaigns()) {
    for (const ModelCoupon& coupon : campaign.coupons) coupons_[coupon.serial] = &coupon;
  }
}

std::optional<HistoryFault> HistoryErasures::FindFault() const {
  for (const Operation* operation : operations_) {
    if (Fault fault = Judge(*operation)) {
      fault->text = Describe(*operation) + "; " + fault->text;
      return fault;
    }
  }
  return JudgeLog();
}

HistoryErasures::Fault HistoryErasures::Judge(const Operation& operation) const {
  if (const auto* erased = std::get_if<api::EraseUserResponse>(&operation.reply)) {
    return JudgeErasure(operation, *erased);
  }
  if (const auto* batch = std::get_if<api::BatchIssueCouponsResponse>(&operation.reply)) {
    return batch->already_issued() ? JudgeRepeated(operation, *batch) : std::nullopt;
  }
  const api::Coupon* const shown = ReadFor(operation);
  return shown == nullptr ? std::nullopt : JudgeShown(operation, *shown);
}

HistoryErasures::Fault HistoryErasures::JudgeErasure(const Operation& operation,
                                                     const api::EraseUserResponse& response) const {
  const std::uint64_t last = LastSequenceOf(operation);
  // The newest of the events that the answer speaks of: those which erased coupons of the user.
  std::optional<std::uint64_t> newest;
  if (response.already_erased()) {
    newest = last;
  } else {
    const std::string& user = std::get<api::EraseUserRequest>(operation.request).user_id();
    const std::uint64_t known = moments_.NewestBy(operation.start);
    for (const auto& [serial, coupon] : coupons_) {
      if (coupon->user_id != user) continue;
      if (coupon->erased && coupon->erased->value() <= last) {
        newest = std::max(newest, std::optional(coupon->erased->value()));
        continue;
      }
      if (coupon->sequence.value() > known) continue;
      return HistoryFault{Kind::kNotErased,
                          "it left out the coupon of " + EventText(coupon->sequence.value())};
    }
  }
  if (!newest || response.pending()) return std::nullopt;
  const auto end = ends_.upper_bound(*newest);
  const std::optional<std::uint64_t> after = moments_.OldestAfter(operation.end);
  if (end != ends_.end() && (!after || *end < *after)) return std::nullopt;
  return HistoryFault{Kind::kNotErased, "it is not pending, but was not finished when it came"};
}

HistoryErasures::Fault HistoryErasures::JudgeRepeated(
    const Operation& operation, const api::BatchIssueCouponsResponse& response) const {
  const std::uint64_t batch = response.sequence();
  const auto coupons = static_cast<std::uint64_t>(response.issued_coupons());
  for (const api::BatchIssueResult& result : response.results()) {
    if (!result.success()) continue;  // shown by who asks
    const auto coupon = coupons_.find(replay_.SerialOf(result.coupon().code()));
    if (coupon == coupons_.end()) continue;
    const std::uint64_t issued = coupon->second->sequence.value();
    if (issued <= batch || issued > batch + coupons) continue;
    if (Fault fault = JudgeShown(operation, result.coupon())) return fault;
  }
  return std::nullopt;
}

HistoryErasures::Fault HistoryErasures::JudgeLog() const {
  for (const auto& [code, user_id] : log_.users) {
    const auto found = coupons_.find(replay_.SerialOf(code));
    if (found == coupons_.end()) {
      return HistoryFault{Kind::kWrongDetail, "the log has the coupon " + code + " of nobody"};
    }
    const ModelCoupon& coupon = *found->second;
    if (user_id == (coupon.erased ? "" : coupon.user_id)) continue;
    const std::string shown = "the log shows the user_id '" + user_id + "' of the coupon " + code;
    if (!coupon.erased) {
      return HistoryFault{Kind::kWrongDetail, shown + ", whose user is '" + coupon.user_id + "'"};
    }
    return HistoryFault{Kind::kNotErased,
                        shown + ", erased by " + EventText(coupon.erased->value())};
  }
  return std::nullopt;
}

HistoryErasures::Fault HistoryErasures::JudgeShown(const Operation& operation,
                                                   const api::Coupon& shown) const {
  const ModelCoupon& coupon = *coupons_.at(replay_.SerialOf(shown.code()));
  const HistoryMoments::Range range = moments_.RangeOf(operation);
  const auto is_erased_at = [&](std::uint64_t last) {
    return coupon.erased && coupon.erased->value() <= last;
  };
  if (shown.has_user_id() && is_erased_at(range.first)) {
    return HistoryFault{Kind::kNotErased, "the user_id that it shows was erased by " +
                                              EventText(coupon.erased->value())};
  }
  if (!shown.has_user_id() && !coupon.user_id.empty() && !is_erased_at(range.last)) {
    return WrongDetail("the user_id is missing, but was not erased");
  }
  return std::nullopt;
}

}  // namespace coupond::test
