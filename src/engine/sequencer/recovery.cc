#include "engine/sequencer/recovery.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/rules/ledger.h"

namespace coupond {
namespace {

constexpr std::size_t kRowsPerRead = 1'000;
constexpr std::uint64_t kGroupsPerProgress = 1'000;
/// 20 MiB of claims, or 32 MiB of requests.
constexpr std::size_t kEntriesAtOnce = std::size_t{1} << 20;

/// Puts the claims of the views back into the ledger, many at once.
class ClaimLoader {
 public:
  explicit ClaimLoader(Ledger& ledger) : ledger_(ledger) {}

  void Add(const ClaimRun& run) {
    if (run.campaign != campaign_ || claims_.size() >= kEntriesAtOnce) Finish();
    campaign_ = run.campaign;
    for (const ClaimRun::Entry& entry : run.claims) {
      const auto ordinal = static_cast<std::uint32_t>(run.first_ordinal + entry.offset);
      claims_.push_back({entry.claim, ordinal});
      if (entry.holder) ledger_.RestoreHolder(campaign_, *entry.holder, ordinal);
    }
    // The coupons of a run share their time.
    const std::uint64_t first = run.first_ordinal + (run.all_timed ? 0 : run.claims.front().offset);
    ledger_.RestoreIssueTime(campaign_, static_cast<std::uint32_t>(first), run.issued_at);
  }

  /// Puts back those that have been added since the last call.
  void Finish() {
    if (!claims_.empty()) ledger_.RestoreClaims(campaign_, claims_);
    claims_.clear();
  }

 private:
  Ledger& ledger_;
  CampaignNumber campaign_;
  std::vector<ClaimMap::Entry> claims_;  // of that campaign
};

/// Puts the requests of the views back into the ledger, many at once.
class RequestLoader {
 public:
  explicit RequestLoader(Ledger& ledger) : ledger_(ledger) {}

  void Add(const RequestRow& row) {
    if (requests_.size() >= kEntriesAtOnce) Finish();
    requests_.push_back({row.digest, row.carried_out});
  }

  /// Puts back those that have been added since the last call.
  void Finish() {
    ledger_.RestoreRequests(requests_);
    requests_.clear();
  }

 private:
  Ledger& ledger_;
  std::vector<RequestMap::Entry> requests_;
};

Result<Ledger> LoadLedger(const ViewStore& views, const Checkpoint& checkpoint) {
  Ledger ledger;
  ledger.RestoreCounters(checkpoint.next_campaign_number, checkpoint.next_serial);
  CampaignNumber after;
  while (true) {
    std::vector<Campaign> rows = TRY(views.ListCampaigns(after, kRowsPerRead));
    if (rows.empty()) break;
    after = rows.back().number;
    for (Campaign& row : rows) ledger.Restore(std::move(row));
  }
  std::string_view orphan;  // a row whose campaign, or coupon, is not there
  ClaimLoader claims(ledger);
  TRY(views.ReadClaims([&](const ClaimRun& run) {
    if (ledger.Find(run.campaign) == nullptr) {
      orphan = "campaign";
    } else {
      claims.Add(run);
    }
  }));
  claims.Finish();
  TRY(views.ReadStatuses([&](const CouponStatusRow& row) {
    const Campaign* const campaign = ledger.Find(row.campaign);
    if (campaign == nullptr || row.ordinal >= campaign->ordinals()) {
      orphan = "coupon";
    } else {
      ledger.RestoreStatus(row.campaign, static_cast<std::uint32_t>(row.ordinal), row.status);
    }
  }));
  RequestLoader requests(ledger);
  TRY(views.ReadRequests([&](const RequestRow& row) { requests.Add(row); }));
  requests.Finish();
  if (!orphan.empty()) {
    return MakeError(ErrorCode::kViewsDamaged,
                     "the views hold what belongs to a " + std::string(orphan) +
                         " that they do not hold; stop the server and remove the "
                         "views folder, the next start rebuilds it from the log");
  }
  return ledger;
}

/// The views must be a prefix of this very log.
Status CheckCheckpoint(const Checkpoint& checkpoint, const LogTip& tip) {
  if (checkpoint.tip.group <= tip.group) return {};
  return MakeError(
      ErrorCode::kLogBehindWatermark,
      "the log ends at group " + std::to_string(tip.group.value()) +
          ", but the views contain group " + std::to_string(checkpoint.tip.group.value()) +
          ": acknowledged groups are missing from the log. Put the missing files of the log "
          "back, or restore a backup with `coupon-audit restore`");
}

LogTip TipAfter(const CommitGroup& group, const GroupHash& hash) {
  return LogTip{.group = group.number,
                .sequence = group.last_sequence(),
                .time = group.commit_time,
                .hash = hash};
}

}  // namespace

Result<Ledger> Recover(const LogReader& log, const ViewStore& views, CommitListener& tail_listener,
                       const RecoveryProgress& progress) {
  const Checkpoint checkpoint = TRY(views.ReadCheckpoint()).value_or(Checkpoint{});
  const LogTip tip = log.Tip();
  TRY(CheckCheckpoint(checkpoint, tip));

  const bool from_views = checkpoint.tip.group > GroupNumber(0);
  Ledger ledger;
  if (from_views) ledger = TRY(LoadLedger(views, checkpoint));

  // Reading begins with the checkpoint's own group, whose hash tells whether the views were made
  // from this log.
  const GroupNumber first = from_views ? checkpoint.tip.group : GroupNumber(1);
  const std::uint64_t groups = tip.group.value() - checkpoint.tip.group.value();
  std::uint64_t done = 0;
  TRY(log.Read(first, [&](const CommitGroup& group, const GroupHash& hash) -> Status {
    if (group.number == checkpoint.tip.group) {
      if (hash == checkpoint.tip.hash) return {};
      return MakeError(ErrorCode::kLogChainBroken,
                       "group " + std::to_string(group.number.value()) +
                           " of the log is not the one that the views were made from. If the log "
                           "is the right one, remove the views folder: the next start rebuilds it");
    }
    for (std::size_t i = 0; i < group.events.size(); ++i) {
      Apply(ledger, group.events[i],
            {.time = group.commit_time, .sequence = group.first_sequence.Plus(i)});
    }
    tail_listener.OnCommit(std::make_shared<const CommitGroup>(group), TipAfter(group, hash));
    ++done;
    if (done % kGroupsPerProgress == 0 && progress && !progress(done, groups)) {
      return MakeError(ErrorCode::kUnavailable, "stopped while the log was being read");
    }
    return {};
  }));
  return ledger;
}

}  // namespace coupond
