#ifndef COUPOND_TEST_SIMULATION_COVERAGE_H_
#define COUPOND_TEST_SIMULATION_COVERAGE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

/// Counts what happened in a simulation, so that its checks cannot become vacuous unnoticed.
namespace coupond::simulation {

enum class Counter : std::uint8_t {
  // Requests of the clients, and their answers.
  kCommands,
  kGroups,
  kGroupsOfRefusalsAlone,
  kEvents,
  kCreated,
  kIssued,
  kHeld,
  kDeleted,
  kUpdated,
  kSerialsAdded,
  kIssuedFromAddedSerials,
  kReopenedByATotal,
  kClosedByATotal,
  kPaused,
  kResumed,
  kArchived,
  kUnarchived,
  kUnchanged,
  kRefusedNameEmpty,
  kRefusedNameTooLong,
  kRefusedTotalTooSmall,
  kRefusedTotalTooLarge,
  kRefusedStartTimeMissing,
  kRefusedStartTimeInPast,
  kRefusedStartTimeTooLate,
  kRefusedDescriptionTooLong,
  kRefusedEndTimeTooLate,
  kRefusedMetadataTooLarge,
  kRefusedReasonTooLong,
  kRefusedNameTaken,
  kRefusedSerialsExhausted,
  kRefusedNoSuchCampaign,
  kRefusedCampaignArchived,
  kRefusedChangedMeanwhile,
  kRefusedStartTimeFixed,
  kRefusedTotalBelowIssued,
  kRefusedEndTimeNotAfterStart,
  kRefusedEnded,
  kRefusedAtTheVeryEnd,
  kRefusedNotStarted,
  kRefusedSoldOut,
  kRefusedPaused,
  kQueueFull,
  kRefusedByTheFence,
  kClientsThatGaveUpWaiting,
  kLateRepliesIgnored,
  kRepliesLostInACrash,
  kOutcomesUnknown,
  kRetriesResolvedAsHeld,
  kRetriesResolvedAsNew,
  kRetriesRefused,
  // Faults of the process and the disk.
  kCrashes,
  kCrashesWhenIdle,
  kCrashesBeforeAppend,
  kCrashesBeforeSync,
  kCrashesBeforeReply,
  kCrashesBetweenReplies,
  kCrashesInAListener,
  kCrashesBeforeViewWrite,
  kCrashesAfterViewWrite,
  kCrashesBeforeViewFlush,
  kCrashesAfterViewFlush,
  kCrashesWhileReadingTheLog,
  kCrashesWhileReadingViews,
  kAppendsFailed,
  kAppendsThatThrew,
  kUnsyncedTailsKept,
  kUnsyncedTailsLost,
  kViewWritesFailed,
  kViewsBackAtLastFlush,
  kViewsBackAtALaterWrite,
  kViewsBackAtAnEarlierFlush,
  kViewsLost,
  kViewFlushes,
  kRecoveries,
  kRecoveriesFromACheckpoint,
  kRecoveriesWithNothingToRead,
  kCleanStops,
  // The clock.
  kClockJumpsForth,
  kClockJumpsBack,
  kClockStandsStill,
  kGroupsAfterTheClockWentBack,
  // Queries.
  kQueriesOfViewsThatLag,
  kQueriesOfViewsUpToDate,
  kCouponsRead,
  kSize,
};

inline constexpr std::size_t kCounters = static_cast<std::size_t>(Counter::kSize);

/// The names of the counters, in reports and in JSON.
inline constexpr std::array<std::string_view, kCounters> kCounterNames = {
    "commands",
    "groups",
    "groups_of_refusals_alone",
    "events",
    "created",
    "issued",
    "held",
    "deleted",
    "updated",
    "serials_added",
    "issued_from_added_serials",
    "reopened_by_a_total",
    "closed_by_a_total",
    "paused",
    "resumed",
    "archived",
    "unarchived",
    "unchanged",
    "refused_name_empty",
    "refused_name_too_long",
    "refused_total_too_small",
    "refused_total_too_large",
    "refused_start_time_missing",
    "refused_start_time_in_past",
    "refused_start_time_too_late",
    "refused_description_too_long",
    "refused_end_time_too_late",
    "refused_metadata_too_large",
    "refused_reason_too_long",
    "refused_name_taken",
    "refused_serials_exhausted",
    "refused_no_such_campaign",
    "refused_campaign_archived",
    "refused_changed_meanwhile",
    "refused_start_time_fixed",
    "refused_total_below_issued",
    "refused_end_time_not_after_start",
    "refused_ended",
    "refused_at_the_very_end",
    "refused_not_started",
    "refused_sold_out",
    "refused_paused",
    "queue_full",
    "refused_by_the_fence",
    "clients_that_gave_up_waiting",
    "late_replies_ignored",
    "replies_lost_in_a_crash",
    "outcomes_unknown",
    "retries_resolved_as_held",
    "retries_resolved_as_new",
    "retries_refused",
    "crashes",
    "crashes_when_idle",
    "crashes_before_append",
    "crashes_before_sync",
    "crashes_before_reply",
    "crashes_between_replies",
    "crashes_in_a_listener",
    "crashes_before_view_write",
    "crashes_after_view_write",
    "crashes_before_view_flush",
    "crashes_after_view_flush",
    "crashes_while_reading_the_log",
    "crashes_while_reading_views",
    "appends_failed",
    "appends_that_threw",
    "unsynced_tails_kept",
    "unsynced_tails_lost",
    "view_writes_failed",
    "views_back_at_last_flush",
    "views_back_at_a_later_write",
    "views_back_at_an_earlier_flush",
    "views_lost",
    "view_flushes",
    "recoveries",
    "recoveries_from_a_checkpoint",
    "recoveries_with_nothing_to_read",
    "clean_stops",
    "clock_jumps_forth",
    "clock_jumps_back",
    "clock_stands_still",
    "groups_after_the_clock_went_back",
    "queries_of_views_that_lag",
    "queries_of_views_up_to_date",
    "coupons_read",
};
static_assert(!kCounterNames.back().empty(), "every counter has a name");

class Coverage {
 public:
  void Count(Counter counter, std::uint64_t times = 1) { counts_[Place(counter)] += times; }
  void Add(const Coverage& other) {
    for (std::size_t i = 0; i < kCounters; ++i) counts_[i] += other.counts_[i];
  }
  [[nodiscard]] std::uint64_t operator[](Counter counter) const { return counts_[Place(counter)]; }
  [[nodiscard]] const std::array<std::uint64_t, kCounters>& counts() const { return counts_; }

 private:
  static std::size_t Place(Counter counter) { return static_cast<std::size_t>(counter); }

  std::array<std::uint64_t, kCounters> counts_{};
};

}  // namespace coupond::simulation

#endif  // COUPOND_TEST_SIMULATION_COVERAGE_H_
