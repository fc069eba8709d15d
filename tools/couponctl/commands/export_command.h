#ifndef COUPOND_TOOLS_COUPONCTL_COMMANDS_EXPORT_COMMAND_H_
#define COUPOND_TOOLS_COUPONCTL_COMMANDS_EXPORT_COMMAND_H_

#include <string>
#include <vector>

#include "api/coupon_file/coupon_lines.h"
#include "coupon/v1/coupon_service.pb.h"
#include "couponctl/commands/outcome.h"
#include "couponctl/commands/part_file.h"

namespace coupond::ctl {

/// What is exported, and where to.
struct ExportPlan {
  std::string campaign_id = {};
  std::vector<coupon::v1::CouponState> states = {};  ///< empty: all of them
  api::CouponFileFormat format = api::CouponFileFormat::kCsv;
  api::ByteOrderMark mark = api::ByteOrderMark::kNone;
  std::string output = {};  ///< the name of a file; "-": standard output, not with `json`
  PartFile::IfThere if_there = PartFile::IfThere::kRefuse;
};

/// Writes all coupons of a campaign to a file, as they were right after one event, and shows how
/// far it has come on a terminal. A file has its name only when it is complete. Prints how many
/// there are and the event's sequence; with `json`, as one object.
[[nodiscard]] ExitCode ExportCoupons(const CommandContext& context, const ExportPlan& plan);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_COMMANDS_EXPORT_COMMAND_H_
