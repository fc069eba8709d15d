#include "couponctl/commands/backup_command.h"

#include <fmt/format.h>

#include <ostream>

#include "base/display_text.h"
#include "coupon/v1/admin_service.pb.h"
#include "couponctl/commands/message_json.h"

namespace coupond::ctl {
namespace {

constexpr std::string_view kLookIfDone =
    "it may have been made all the same, or be still being made: look into the server's "
    "--backup-dir, a backup that is not finished has a name that ends in .unfinished";

}  // namespace

ExitCode CreateBackup(const CommandContext& context, const std::string& name) {
  coupon::v1::CreateBackupRequest request;
  request.set_name(name);
  coupon::v1::CreateBackupResponse response;
  if (auto done = context.client.Call("CreateBackup", request, response, kAdminService); !done) {
    return ReportError(context, done.error(), {.if_open = kLookIfDone});
  }
  if (response.path().empty()) {
    return ReportEmptyAnswer(context, "CreateBackup", {.if_open = kLookIfDone});
  }
  context.SetDone("the backup was made all the same: " + response.path());
  if (context.json) {
    context.out << JsonLine(response);
    return ExitCode::kDone;
  }
  context.out << fmt::format(
      "{}: {} events in {} groups, {} bytes, head hash {}\n"
      "check it on the server's machine: coupon-audit verify {}\n",
      Printable(response.path()), response.events(), response.groups(), response.bytes(),
      Printable(response.head_hash()), Printable(response.path()));
  return ExitCode::kDone;
}

}  // namespace coupond::ctl
