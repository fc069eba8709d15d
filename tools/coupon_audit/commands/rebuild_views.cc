#include <fmt/format.h>

#include <boost/json.hpp>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "base/entropy.h"
#include "common/progress_bar.h"
#include "coupon_audit/commands/commands.h"
#include "engine/ports/clock.h"
#include "engine/rules/limits.h"
#include "engine/views/projection.h"
#include "storage/files/data_directory.h"
#include "storage/files/store_format.h"
#include "storage/format/record_check.h"
#include "storage/rocksdb_log/rocksdb_event_log.h"
#include "storage/store.h"

namespace coupond::audit {
namespace {

/// What the rebuilt views hold.
struct RebuiltViews {
  LogTip tip;                   ///< how far they have come
  std::uint64_t campaigns = 0;  ///< live campaigns
  std::uint64_t coupons = 0;    ///< of the live campaigns
};

/// Called with the number of groups done, and how many there are: twice those of the log, which is
/// read twice.
using Progress = std::function<void(std::uint64_t done, std::uint64_t groups)>;

constexpr std::uint64_t kGroupsPerProgress = 1'000;
constexpr std::size_t kRowsPerRead = 1'000;

/// Opening a store makes one where there is none, and that is not wanted here.
Status CheckIsStore(const std::filesystem::path& path) {
  const auto format = storage::ReadStoreFormat(path / "FORMAT");
  if (!format) return std::unexpected(format.error());
  if (*format && (*format)->state == storage::StoreFormat::State::kComplete) return {};
  return MakeError(ErrorCode::kNotADataDirectory,
                   path.string() + " holds no finished store, so there is no log to make views of");
}

/// Reads all of the log without changing it. A store that is opened checks less, and writes.
Status VerifyLog(const std::filesystem::path& path, const Progress& progress) {
  const auto directory = storage::DataDirectory::Open(path);
  if (!directory) return std::unexpected(directory.error());
  const auto log = storage::RocksDbEventLog::Open(directory->log_path(),
                                                  storage::RocksDbEventLog::Mode::kReadOnly);
  if (!log) return std::unexpected(log.error());
  const std::uint64_t groups = (*log)->Tip().group.value();
  return (*log)->Read(GroupNumber(1), [&](const CommitGroup& group, const GroupHash&) -> Status {
    const std::uint64_t done = group.number.value();
    if (done % kGroupsPerProgress == 0) progress(done, 2 * groups);
    return {};
  });
}

/// Brings what has collected into the views, now and then to disk.
class Writer {
 public:
  Writer(ViewStore& views, Projection projection)
      : views_(views), projection_(std::move(projection)) {}

  Status Add(const CommitGroup& group, const LogTip& tip) {
    TRY(projection_.Add(group, tip));
    unwritten_ += group.events.size();
    return unwritten_ < limits::kEventsPerProjection ? Status() : Write();
  }
  Status Finish() {
    if (Status written = Write(); !written) return written;
    return views_.Flush();
  }

 private:
  Status Write() {
    if (Status written = views_.Write(projection_.Take()); !written) return written;
    unflushed_ += std::exchange(unwritten_, 0);
    if (unflushed_ < limits::kEventsPerViewFlush) return {};
    unflushed_ = 0;
    return views_.Flush();
  }

  ViewStore& views_;
  Projection projection_;
  std::uint64_t unwritten_ = 0;  // events
  std::uint64_t unflushed_ = 0;  // events
};

Status CountRows(const ViewStore& views, RebuiltViews& report) {
  CampaignNumber after;
  while (true) {
    const auto rows = views.ListCampaigns(after, kRowsPerRead);
    if (!rows) return std::unexpected(rows.error());
    if (rows->empty()) return {};
    after = rows->back().number;
    for (const CampaignRow& row : *rows) {
      report.campaigns += 1;
      report.coupons += static_cast<std::uint64_t>(row.issued_coupons);
    }
  }
}

Result<RebuiltViews> RebuildViews(const std::filesystem::path& path, const Progress& progress) {
  if (Status store = CheckIsStore(path); !store) return std::unexpected(std::move(store.error()));
  if (Status sound = VerifyLog(path, progress); !sound) {
    return std::unexpected(std::move(sound.error()));
  }
  SystemEntropy entropy;
  SystemClock clock;
  const auto store = storage::Store::Open(path, entropy, clock);
  if (!store) return std::unexpected(store.error());
  const EventLog& log = (*store)->log();
  ViewStore& views = (*store)->views();
  const std::uint64_t groups = log.Tip().group.value();
  if (Status cleared = views.Clear(); !cleared) return std::unexpected(std::move(cleared.error()));
  Result<Projection> projection = Projection::Load(views);
  if (!projection) return std::unexpected(std::move(projection.error()));
  Writer writer(views, std::move(*projection));
  const Status read =
      log.Read(GroupNumber(1), [&](const CommitGroup& group, const GroupHash& hash) -> Status {
        const std::uint64_t done = group.number.value();
        if (done % kGroupsPerProgress == 0) progress(groups + done, 2 * groups);
        return writer.Add(group, storage::TipOf(group, hash));
      });
  if (!read) return std::unexpected(read.error());
  if (Status finished = writer.Finish(); !finished) {
    return std::unexpected(std::move(finished.error()));
  }
  RebuiltViews report{.tip = log.Tip()};
  if (Status counted = CountRows(views, report); !counted) {
    return std::unexpected(std::move(counted.error()));
  }
  return report;
}

std::string Text(const RebuiltViews& rebuilt) {
  return fmt::format(
      "rebuilt the views from {} events in {} groups: {} live campaigns, {} coupons\n",
      rebuilt.tip.sequence.value(), rebuilt.tip.group.value(), rebuilt.campaigns, rebuilt.coupons);
}

std::string Json(const RebuiltViews& rebuilt) {
  return boost::json::serialize(boost::json::object{{"groups", rebuilt.tip.group.value()},
                                                    {"events", rebuilt.tip.sequence.value()},
                                                    {"campaigns", rebuilt.campaigns},
                                                    {"coupons", rebuilt.coupons}}) +
         "\n";
}

}  // namespace

ExitCode RunRebuildViews(const Options& options, tools::Output& output) {
  Result<RebuiltViews> rebuilt;
  {
    tools::ProgressBar bar("rebuilding the views");
    rebuilt = RebuildViews(options.directory, [&bar](std::uint64_t done, std::uint64_t groups) {
      bar.Show(done, groups);
    });
  }
  if (!rebuilt) return ReportError(rebuilt.error(), options.json, output);
  output.done = "the views have been rebuilt";
  output.text << (options.json ? Json(*rebuilt) : Text(*rebuilt));
  return ExitCode::kSound;
}

}  // namespace coupond::audit
