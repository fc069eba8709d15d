#include <fmt/format.h>

#include <boost/json.hpp>
#include <filesystem>
#include <optional>

#include "common/progress_bar.h"
#include "coupon_audit/commands/commands.h"
#include "storage/files/store_format.h"
#include "storage/format/commit_record.h"
#include "storage/upgrade/store_upgrade.h"

namespace coupond::audit {
namespace {

using storage::UpgradedStore;

std::string Text(const UpgradedStore& upgraded, const Options& options) {
  std::string text = fmt::format(
      "upgraded to format {}: {} events in {} groups, {} coupons; read back and equal\n",
      storage::kFormatVersion, upgraded.tip.sequence.value(), upgraded.tip.group.value(),
      upgraded.coupons);
  if (upgraded.left_out_bytes > 0) {
    text += fmt::format(
        "left out {} bytes at the end of the old log: a write that a power failure tore, and that "
        "was never acknowledged\n",
        upgraded.left_out_bytes);
  }
  return text +
         fmt::format(
             "start the server on {0} (its first start builds the views), and keep {1} until you "
             "trust the new one. Do not use both: they would give out the same codes. If {1} is a "
             "backup, do not start a server on {0}, but `coupon-audit restore {0} DIR` next\n",
             options.new_directory, options.directory);
}

std::string Json(const UpgradedStore& upgraded) {
  return boost::json::serialize(
             boost::json::object{{"formatVersion", storage::kFormatVersion},
                                 {"storeId", FormatUuid(upgraded.store_id.bytes)},
                                 {"groups", upgraded.tip.group.value()},
                                 {"events", upgraded.tip.sequence.value()},
                                 {"coupons", upgraded.coupons},
                                 {"headHash", storage::FormatHash(upgraded.tip.hash)},
                                 {"leftOutBytes", upgraded.left_out_bytes}}) +
         "\n";
}

}  // namespace

ExitCode RunUpgrade(const Options& options, tools::Output& output) {
  Result<UpgradedStore> upgraded;
  {
    tools::ProgressBar bar("upgrading");
    upgraded = storage::UpgradeStore(
        options.directory, options.new_directory,
        [&bar](std::uint64_t done, std::uint64_t groups) { bar.Show(done, groups); });
  }
  if (!upgraded) return ReportError(upgraded.error(), options.json, output);
  output.done = "the upgrade is complete in " + options.new_directory;
  output.text << (options.json ? Json(*upgraded) : Text(*upgraded, options));
  return ExitCode::kSound;
}

std::optional<ExitCode> RefuseOlderStore(const Options& options, tools::Output& output) {
  if (!storage::IsOlderStore(options.directory)) return std::nullopt;
  const auto format = storage::ReadStoreFormat(std::filesystem::path(options.directory) / "FORMAT");
  if (format) return std::nullopt;
  Error error = format.error();
  error.message +=
      fmt::format(": stop the server, then `coupon-audit upgrade {} NEW`", options.directory);
  return ReportError(error, options.json, output);
}

}  // namespace coupond::audit
