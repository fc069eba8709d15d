#ifndef COUPOND_TEST_SYSTEM_PROGRAM_HISTORY_CAMPAIGNS_H_
#define COUPOND_TEST_SYSTEM_PROGRAM_HISTORY_CAMPAIGNS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "engine/rules/ids.h"
#include "engine/rules/timestamp.h"
#include "support/model.h"
#include "system/program/history.h"
#include "system/program/history_check.h"
#include "system/program/history_moments.h"

namespace coupond::test {

/// Holds the campaigns that came with answers against the model, after it was given the whole
/// history. A creation is answered with the campaign as it was created. Any other answer shows it
/// as it was at some moment from the decision to the arrival: all of its fields must fit one event
/// of those that may have been the last one then.
///
/// Left out is what no answer tells:
/// - the campaign's number and its serials;
/// - when an update, a pause or an archiving happened: a time that shows it must lie between the
///   events around it, and be the same in all answers;
/// - whether a campaign without coupons had started when its state was computed;
/// - why an answer has no campaign: it has been deleted since, or could not be read because the
///   server was busy;
/// - the message of a deletion, which is words for people.
class HistoryCampaigns {
 public:
  /// The times of events, by sequence, as far as replies contain them.
  using EventTimes = std::map<std::uint64_t, Timestamp>;

  /// All must outlive this. The model must have been given all of the operations.
  HistoryCampaigns(const Model& model, const EventTimes& event_times, const HistoryMoments& moments,
                   const std::vector<const Operation*>& operations);

  /// Returns the first campaign that was never as it is shown.
  [[nodiscard]] std::optional<HistoryFault> FindFault();

 private:
  using Moment = std::optional<Timestamp> ModelState::*;

  [[nodiscard]] std::optional<HistoryFault> Judge(const Operation& operation,
                                                  const api::Campaign& shown);
  /// Returns the name of a field that differs from the campaign after that event; null if none
  /// does.
  [[nodiscard]] const char* FindDifference(const ModelCampaign& campaign, Sequence sequence,
                                           const api::Campaign& shown) const;
  [[nodiscard]] bool IsMoment(const ModelCampaign& campaign, Sequence sequence, Moment moment,
                              const std::optional<Timestamp>& shown) const;
  /// Takes note of the times that were shown of events whose times no one was told. A time teaches
  /// nothing if the events that the shown campaign fits leave open which event's it is.
  void Learn(const ModelCampaign& campaign, const std::vector<Sequence>& fitting,
             const api::Campaign& shown);

  const EventTimes& event_times_;
  const HistoryMoments& moments_;
  const std::vector<const Operation*>& operations_;
  std::map<CampaignId, const ModelCampaign*> campaigns_;  // deleted ones, too
  std::set<std::uint64_t> untold_times_;                  // events whose times no reply contains
  std::map<std::uint64_t, Timestamp> shown_times_;        // of those, as far as campaigns show them
};

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_PROGRAM_HISTORY_CAMPAIGNS_H_
