#include "coupon_audit/model/finding.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/check.h"

namespace coupond::audit {
namespace {

struct Description {
  ViolationKind kind;
  std::string_view name;
  std::string_view meaning;
};

using enum ViolationKind;
constexpr std::array kDescriptions = {
    Description{kLogMissing, "log_missing", "the store's log is gone"},
    Description{kLogDamaged, "log_damaged",
                "the files of the log are not as they were written: bytes were altered, or a file "
                "is missing"},
    Description{kLogOfAnotherStore, "log_of_another_store",
                "FORMAT and the log name different stores; one of them was put here by mistake"},
    Description{kLogBehindWatermark, "log_behind_watermark",
                "the log ends before a group that was acknowledged: coupons that callers were told "
                "of are lost"},
    Description{kWatermarkMissing, "watermark_missing", "nothing says how far the log must reach"},
    Description{kWatermarkDamaged, "watermark_damaged", "nothing says how far the log must reach"},
    Description{kWatermarkHashWrong, "watermark_hash_wrong",
                "the log is not the one that was acknowledged, or it was rewritten"},
    Description{kKeyWrong, "key_wrong", "the log holds a row that is no group"},
    Description{kGroupMissing, "group_missing",
                "a group was removed from the log: groups are numbered without gaps"},
    Description{kChainBroken, "chain_broken",
                "this group, or the hash of the one before, was altered after it was written"},
    Description{kGroupUndecodable, "group_undecodable",
                "the bytes are intact, but are not a group that this version understands"},
    Description{kGroupNumberWrong, "group_number_wrong",
                "the group lies at another place than it was written to"},
    Description{kSequenceGap, "sequence_gap",
                "events are missing or repeated: sequences have no gaps"},
    Description{kTimeWentBack, "time_went_back",
                "the group is older than the one before it: log time never goes back"},
    Description{kStoreNotCreated, "store_not_created",
                "the first event of a log says which store it is"},
    Description{kStoreCreatedAgain, "store_created_again", "a store is created once"},
    Description{kCampaignNumberWrong, "campaign_number_wrong",
                "campaigns are numbered in the order of their creation, without gaps"},
    Description{kCampaignIdTaken, "campaign_id_taken", "no two campaigns ever have the same id"},
    Description{kNameWrong, "name_wrong", "a name is 1 to 200 characters of UTF-8"},
    Description{kNameTaken, "name_taken", "two live campaigns never have the same name"},
    Description{kTotalWrong, "total_wrong", "a campaign has 1 to 100,000,000 coupons"},
    Description{kStartInPast, "start_in_past",
                "a campaign does not start before it has been created"},
    Description{kStartTooLate, "start_too_late", "a campaign starts before the year 2200"},
    Description{kTooManyCampaigns, "too_many_campaigns",
                "no more than 1,000,000 campaigns live at a time"},
    Description{kSerialRangeOverlaps, "serial_range_overlaps",
                "serials are reserved once and for ever: codes would be given out twice"},
    Description{kUnknownCampaign, "unknown_campaign", "the campaign was never created"},
    Description{kEventAfterDelete, "event_after_delete",
                "nothing happens to a campaign after its deletion"},
    Description{kOverIssue, "over_issue", "more coupons were issued than there are"},
    Description{kIssuedBeforeStart, "issued_before_start",
                "a coupon was issued before its campaign started"},
    Description{kDuplicateSerial, "duplicate_serial",
                "the same coupon, and so the same code, was issued twice"},
    Description{kSerialSkipped, "serial_skipped", "coupons are issued in the order of serials"},
    Description{kSerialOutOfRange, "serial_out_of_range",
                "the coupon has a serial that its campaign has not reserved"},
    Description{kClaimGivenTwice, "claim_given_twice",
                "a caller that asks again gets the same coupon, never another one"},
    Description{kClaimWrong, "claim_wrong",
                "a user_id's claim is the digest of it: otherwise the same user could have two "
                "coupons unseen"},
    Description{kUserIdTooLong, "user_id_too_long", "a user_id has at most 128 bytes"},
    Description{kCodeWrong, "code_wrong", "the coupon's code does not read back as its serial"},
    Description{kLedgerDiffers, "ledger_differs",
                "the program's rules and the auditor's model, given the same events, disagree: one "
                "of the two programs is wrong"},
    Description{kViewsUnreadable, "views_unreadable",
                "the files of the views are damaged; the log has all that was in them"},
    Description{kViewCheckpointWrong, "view_checkpoint_wrong",
                "the views do not say rightly how far they have come"},
    Description{kViewsAheadOfLog, "views_ahead_of_log",
                "the views have seen groups that are missing in the log: what was acknowledged is "
                "lost"},
    Description{kViewRowMissing, "view_row_missing", "queries do not show what the log has"},
    Description{kViewRowAltered, "view_row_altered", "queries show something else than the log"},
    Description{kViewRowUnexpected, "view_row_unexpected", "queries show what the log has not"},
    Description{kViewCountWrong, "view_count_wrong",
                "the views count other coupons than the log has"},
};

constexpr bool InOrder() {
  for (std::size_t i = 0; i < kDescriptions.size(); ++i) {
    if (static_cast<std::size_t>(kDescriptions[i].kind) != i) return false;
  }
  return kDescriptions.size() == static_cast<std::size_t>(kLastViolationKind) + 1;
}
static_assert(InOrder());

const Description& Describe(ViolationKind kind) {
  return kDescriptions.at(static_cast<std::size_t>(kind));
}

struct Meaning {
  ErrorCode code;
  ViolationKind kind;
};
constexpr std::array kMeanings = {
    Meaning{ErrorCode::kLogMissing, kLogMissing},
    Meaning{ErrorCode::kLogDamaged, kLogDamaged},
    Meaning{ErrorCode::kWatermarkMissing, kWatermarkMissing},
    Meaning{ErrorCode::kWatermarkDamaged, kWatermarkDamaged},
    Meaning{ErrorCode::kViewsDamaged, kViewsUnreadable},
};

}  // namespace

std::string_view KindName(ViolationKind kind) { return Describe(kind).name; }
std::string_view KindMeaning(ViolationKind kind) { return Describe(kind).meaning; }

Finding FindingOf(Error error) {
  const auto* const found = std::ranges::find(kMeanings, error.code, &Meaning::code);
  if (found == kMeanings.end()) return error;
  return Violation{.kind = found->kind, .place = {}, .detail = std::move(error.message)};
}

}  // namespace coupond::audit
