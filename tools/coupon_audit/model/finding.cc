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
                "the log ends before a group that was acknowledged: coupons that callers were "
                "promised are lost"},
    Description{kWatermarkMissing, "watermark_missing", "it is unknown how far the log must reach"},
    Description{kWatermarkDamaged, "watermark_damaged", "it is unknown how far the log must reach"},
    Description{kWatermarkHashWrong, "watermark_hash_wrong",
                "the log is not the one that was acknowledged, or it was rewritten"},
    Description{kKeyWrong, "key_wrong", "the log holds a row that is not a group"},
    Description{kGroupMissing, "group_missing",
                "a group was removed from the log: groups are numbered without gaps"},
    Description{kChainBroken, "chain_broken",
                "this group, or the hash of the one before, was altered after it was written"},
    Description{kGroupUndecodable, "group_undecodable",
                "this version does not understand the record: a newer one wrote it, or its head or "
                "user_ids, which no hash covers, were altered"},
    Description{kGroupNumberWrong, "group_number_wrong",
                "the group is not in the place that it was written to"},
    Description{kSequenceGap, "sequence_gap",
                "events are missing or repeated: sequences have no gaps"},
    Description{kTimeWentBack, "time_went_back",
                "the group is older than the one before it, and is no clock_reset"},
    Description{kClockResetWrong, "clock_reset_wrong",
                "a clock_reset is alone in its group and names the time of the group before it"},
    Description{kStoreNotCreated, "store_not_created",
                "the first event of a log must create the store"},
    Description{kStoreCreatedAgain, "store_created_again", "a store is created only once"},
    Description{kCampaignNumberWrong, "campaign_number_wrong",
                "campaigns are numbered in the order of their creation, without gaps"},
    Description{kCampaignIdTaken, "campaign_id_taken", "no two campaigns ever have the same id"},
    Description{kNameWrong, "name_wrong", "a name is 1 to 200 characters of UTF-8"},
    Description{kNameTaken, "name_taken", "two live campaigns never have the same name"},
    Description{kTotalWrong, "total_wrong", "a campaign has 1 to 100,000,000 coupons"},
    Description{kStartInPast, "start_in_past", "a start is not in the past when it is set"},
    Description{kStartTooLate, "start_too_late", "a campaign starts before the year 2200"},
    Description{kEndNotAfterStart, "end_not_after_start", "a campaign ends after its start"},
    Description{kEndTooLate, "end_too_late", "a campaign ends before the year 2200, or never"},
    Description{kDescriptionWrong, "description_wrong",
                "a description is at most 2,000 characters of UTF-8"},
    Description{kMetadataTooLarge, "metadata_too_large",
                "metadata has at most 32 entries and 4,096 bytes; a key has at most 63 bytes, a "
                "value at most 512"},
    Description{kMetadataWrong, "metadata_wrong",
                "metadata is UTF-8 in the order of its keys, each of which is there once"},
    Description{kCouponsPerUserWrong, "coupons_per_user_wrong",
                "a user may have 1 to 1,000 coupons of a campaign"},
    Description{kRedeemStartTooLate, "redeem_start_too_late",
                "redeeming starts before the year 2200"},
    Description{kExpiryNotAfterStart, "expiry_not_after_start",
                "coupons expire after their campaign and its redeeming have started"},
    Description{kExpiryTooLate, "expiry_too_late",
                "coupons expire before the year 2200, or at no fixed time"},
    Description{kValidDurationWrong, "valid_duration_wrong",
                "a coupon is valid for more than 0 and at most 73,200 days, or without a limit"},
    Description{kReasonWrong, "reason_wrong", "a reason is at most 128 bytes of UTF-8"},
    Description{kTooManyCampaigns, "too_many_campaigns",
                "no more than 1,000,000 campaigns are live at a time"},
    Description{kSerialRangeOverlaps, "serial_range_overlaps",
                "serials are reserved once and forever: otherwise codes would be issued twice"},
    Description{kRestoredSerialsTooHigh, "restored_serials_too_high",
                "a restored store goes on with serials below 2^53: otherwise it could run out of "
                "them"},
    Description{kUnknownCampaign, "unknown_campaign", "the campaign was never created"},
    Description{kEventAfterDelete, "event_after_delete",
                "nothing may happen to a campaign after its deletion"},
    Description{kChangedWhileArchived, "changed_while_archived",
                "an archived campaign is not updated, paused or resumed"},
    Description{kUpdateChangesNothing, "update_changes_nothing",
                "an update has only terms that change, and at least one"},
    Description{kStartChangedAfterIssue, "start_changed_after_issue",
                "a start does not change once a coupon was issued"},
    Description{kTotalBelowIssued, "total_below_issued",
                "a total is never lowered below the places that are taken"},
    Description{kExpiryMovedEarlier, "expiry_moved_earlier",
                "once a coupon was issued, no change makes coupons expire earlier"},
    Description{kLimitChangedAfterIssue, "limit_changed_after_issue",
                "coupons_per_user changes between 1 and more only while no coupon was issued to a "
                "user: otherwise users could get too many"},
    Description{kAddedSerialsWrong, "added_serials_wrong",
                "a campaign gets as many serials as it lacks for its total, or 1,024 if it lacks "
                "one for a returned place"},
    Description{kAddedSerialsMisplaced, "added_serials_misplaced",
                "serials are added where those of all campaigns end"},
    Description{kPauseChangesNothing, "pause_changes_nothing",
                "a pause names only what is not paused, and at least one activity"},
    Description{kResumeChangesNothing, "resume_changes_nothing",
                "a resumption names only what is paused, and at least one activity"},
    Description{kArchivedTwice, "archived_twice",
                "a campaign that is archived is not archived again"},
    Description{kNotArchived, "not_archived", "only an archived campaign is unarchived"},
    Description{kOverIssue, "over_issue", "more coupons were issued than there are"},
    Description{kIssuedBeforeStart, "issued_before_start",
                "a coupon was issued before its campaign started"},
    Description{kIssuedAfterEnd, "issued_after_end",
                "a coupon was issued when its campaign had ended"},
    Description{kIssuedWhilePaused, "issued_while_paused",
                "a coupon was issued while issuing was paused"},
    Description{kIssuedWhileArchived, "issued_while_archived",
                "a coupon was issued while its campaign was archived"},
    Description{kDuplicateSerial, "duplicate_serial",
                "the same coupon, and so the same code, was issued twice"},
    Description{kSerialSkipped, "serial_skipped",
                "coupons are issued in the order of their serials"},
    Description{kSerialOutOfRange, "serial_out_of_range",
                "the coupon's serial is not one of those reserved for its campaign"},
    Description{kIssuedWithoutUser, "issued_without_user",
                "a coupon was issued without a user while one was required"},
    Description{kCouponKeysWrong, "coupon_keys_wrong",
                "a user's coupon has a request key exactly if users may have more than one: "
                "otherwise it could be counted wrongly"},
    Description{kClaimGivenTwice, "claim_given_twice",
                "a caller that asks again must get the same coupon, never another one"},
    Description{kUserLimitExceeded, "user_limit_exceeded",
                "a user got more coupons than the campaign allowed at that time"},
    Description{
        kClaimWrong, "claim_wrong",
        "a coupon's holder is the digest of its user_id: otherwise the user_id was altered, "
        "or the same user could get too many coupons unnoticed"},
    Description{kUserIdTooLong, "user_id_too_long", "a user_id has at most 128 bytes"},
    Description{kUserIdMissing, "user_id_missing",
                "the log has the user_id of each coupon that was issued to a user, unless the user "
                "was erased: this one was removed"},
    Description{kUserIdNotErased, "user_id_not_erased",
                "the log says that the user_id of an erased user is gone, but still has it"},
    Description{kBatchSizeWrong, "batch_size_wrong", "a batch has 1 to 10,000 coupons"},
    Description{kBatchIncomplete, "batch_incomplete",
                "the coupons of a batch follow it in the same group, without anything in between"},
    Description{kCouponNotIssued, "coupon_not_issued",
                "only a coupon that was issued is redeemed or voided, or loses its user"},
    Description{kCouponOfAnotherCampaign, "coupon_of_another_campaign",
                "a coupon is redeemed or voided, or loses its user, as one of the campaign that "
                "issued it"},
    Description{kRedeemedTwice, "redeemed_twice",
                "a redeemed coupon is not redeemed again, unless the redemption was canceled"},
    Description{kRedeemedAfterVoid, "redeemed_after_void",
                "a voided or returned coupon is never redeemed"},
    Description{kRedeemedWhilePaused, "redeemed_while_paused",
                "a coupon was redeemed while redeeming was paused"},
    Description{kRedeemedTooEarly, "redeemed_too_early",
                "a coupon was redeemed before redeeming had started"},
    Description{kRedeemedAfterExpiry, "redeemed_after_expiry",
                "a coupon was redeemed when it had expired"},
    Description{kRedemptionNotPresent, "redemption_not_present",
                "only the present redemption of a coupon is canceled"},
    Description{kVoidedWhileRedeemed, "voided_while_redeemed",
                "a redeemed coupon is not voided, unless the redemption was canceled"},
    Description{
        kVoidedTwice, "voided_twice",
        "a coupon is voided once; after that its place may be returned and its claim freed, "
        "but nothing else"},
    Description{kReturnedTwice, "returned_twice",
                "a place is returned once: otherwise more coupons could be issued than there are"},
    Description{kClaimFreedTwice, "claim_freed_twice",
                "a coupon's claim is freed once: otherwise a user could get too many coupons"},
    Description{kOrderRefWrong, "order_ref_wrong", "an order_ref is at most 128 bytes of UTF-8"},
    Description{kRedeemedByWrong, "redeemed_by_wrong",
                "a redeemed_by is at most 128 bytes of UTF-8"},
    Description{kRequestIdWrong, "request_id_wrong", "a request_id is at most 64 bytes of UTF-8"},
    Description{kErasedCouponsWrong, "erased_coupons_wrong",
                "an erasure names 1 to 10,000 coupons in the order of their serials, all of which "
                "were issued to users"},
    Description{kErasedTwice, "erased_twice", "the user of a coupon is erased once"},
    Description{kErasureFinishedWrong, "erasure_finished_wrong",
                "what is finished is an erasure that came before, and was not finished yet"},
    Description{kRequestKeyWrong, "request_key_wrong",
                "the key of a request is the digest of its request_id: otherwise the same request "
                "could be carried out twice unnoticed"},
    Description{kRequestCarriedOutTwice, "request_carried_out_twice",
                "a request is carried out once, however often it is made"},
    Description{kCodeWrong, "code_wrong", "the coupon's code does not read back as its serial"},
    Description{kLedgerDiffers, "ledger_differs",
                "the server's rules and the auditor's model, given the same events, disagree: one "
                "of the two programs is wrong"},
    Description{kViewsUnreadable, "views_unreadable",
                "the files of the views are damaged; nothing is lost, because the log has it all"},
    Description{kViewCheckpointWrong, "view_checkpoint_wrong",
                "the views do not say correctly how far they have come"},
    Description{kViewsAheadOfLog, "views_ahead_of_log",
                "the views contain groups that the log lacks: acknowledged coupons are lost"},
    Description{kViewRowMissing, "view_row_missing",
                "queries do not show something that the log has"},
    Description{kViewRowAltered, "view_row_altered",
                "queries show something other than the log has"},
    Description{kViewRowUnexpected, "view_row_unexpected",
                "queries show something that the log does not have"},
    Description{kViewRowMisplaced, "view_row_misplaced",
                "queries do not find something that the views have, because it is not where they "
                "look"},
    Description{kViewCountWrong, "view_count_wrong",
                "the views count more or fewer coupons than the log has"},
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

bool IsViolation(const Finding& finding, ViolationKind kind) {
  const auto* const violation = std::get_if<Violation>(&finding);
  return violation != nullptr && violation->kind == kind;
}

Finding FindingOf(Error error) {
  const auto* const found = std::ranges::find(kMeanings, error.code, &Meaning::code);
  if (found == kMeanings.end()) return error;
  return Violation{.kind = found->kind, .place = {}, .detail = std::move(error.message)};
}

}  // namespace coupond::audit
