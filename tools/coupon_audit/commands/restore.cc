#include <fmt/format.h>

#include <boost/json.hpp>
#include <cstdint>
#include <string>

#include "base/entropy.h"
#include "common/moment_text.h"
#include "common/progress_bar.h"
#include "coupon_audit/commands/commands.h"
#include "engine/clock/system_clock.h"
#include "storage/format/commit_record.h"
#include "storage/repair/store_restore.h"

namespace coupond::audit {
namespace {

using storage::RestoredStore;

std::string Text(const RestoredStore& restored, const Options& options) {
  std::string text =
      fmt::format("restored: {} events in {} groups, {} coupons, up to {}; read back and equal\n",
                  restored.source.sequence.value(), restored.source.group.value(), restored.coupons,
                  tools::FormatMoment(restored.source.time));
  if (restored.left_out_bytes > 0) {
    text += fmt::format(
        "left out {} bytes at the end of the log: a write that a power failure tore, and that was "
        "never acknowledged\n",
        restored.left_out_bytes);
  }
  text += fmt::format(
      "group {} gives the {} live campaigns new serials from {} on for the {} coupons that they can "
      "still issue, so no code that was given out after the backup is given out again\n",
      restored.tip.group.value(), restored.serials.live_campaigns, restored.serials.first.value(),
      restored.serials.places_left);
  text +=
      "what happened after that is unknown to the new store: coupons that were issued later are not "
      "valid in it, and those that were redeemed later can be redeemed once more\n";
  return text + fmt::format(
                    "start the server on {} (its first start builds the views), and never again on "
                    "the store that {} is of\n",
                    options.new_directory, options.directory);
}

std::string Json(const RestoredStore& restored) {
  return boost::json::serialize(
             boost::json::object{{"storeId", FormatUuid(restored.store_id.bytes)},
                                 {"groups", restored.tip.group.value()},
                                 {"events", restored.tip.sequence.value()},
                                 {"coupons", restored.coupons},
                                 {"headHash", storage::FormatHash(restored.tip.hash)},
                                 {"backupEndsAt", tools::FormatMoment(restored.source.time)},
                                 {"backupHeadHash", storage::FormatHash(restored.source.hash)},
                                 {"liveCampaigns", restored.serials.live_campaigns},
                                 {"placesLeft", restored.serials.places_left},
                                 {"firstNewSerial", restored.serials.first.value()},
                                 {"leftOutBytes", restored.left_out_bytes}}) +
         "\n";
}

}  // namespace

ExitCode RunRestore(const Options& options, tools::Output& output) {
  const SystemClock clock;
  if (const Status plausible = CheckIsPlausible(clock.Now()); !plausible) {
    return ReportError(plausible.error(), options.json, output);
  }
  Result<RestoredStore> restored;
  {
    tools::ProgressBar bar("restoring");
    SystemEntropy entropy;
    restored = storage::RestoreStore(
        options.directory, options.new_directory, entropy, clock,
        [&bar](std::uint64_t done, std::uint64_t groups) { bar.Show(done, groups); });
  }
  if (!restored) return ReportError(restored.error(), options.json, output);
  output.done = "the store is complete in " + options.new_directory;
  output.text << (options.json ? Json(*restored) : Text(*restored, options));
  return ExitCode::kSound;
}

}  // namespace coupond::audit
