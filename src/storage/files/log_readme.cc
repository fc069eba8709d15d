#include "storage/files/log_readme.h"

#include "storage/files/directory.h"
#include "storage/files/durable_file.h"

namespace coupond::storage {
namespace {

constexpr std::string_view kText =
    "These files are the database of coupond: every campaign and every coupon. They are not a\n"
    "program's log of messages, although some are called *.log: the files NUMBER.log hold coupons\n"
    "that exist nowhere else yet.\n"
    "\n"
    "Do not delete, rename, truncate, compress, rotate or edit any of them, and leave this "
    "directory\n"
    "out of every clean-up job (logrotate, tmpwatch, tmpreaper, systemd-tmpfiles, find -delete).\n"
    "coupond itself removes what it no longer needs. A server whose files are touched stops.\n"
    "\n"
    "To copy it, make a backup (couponctl backup), or stop the server and copy the directory "
    "above\n"
    "as a whole. docs/OPERATIONS.md and docs/LOG_FORMAT.md of coupond say more.\n";

}  // namespace

void WriteLogReadme(const std::filesystem::path& log, rocksdb::Env* env) {
  const std::filesystem::path file = log / kLogReadmeName;
  const Result<bool> there = Exists(file, env);
  if (!there || *there) return;
  static_cast<void>(ReplaceFile(file, kText, env));
}

}  // namespace coupond::storage
