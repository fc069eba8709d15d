#include <CLI/CLI.hpp>
#include <string>

#include "couponctl/command_line.h"
#include "couponctl/command_options.h"

namespace coupond::ctl {
namespace {

constexpr const char* kCsv = "csv";

}  // namespace

void AddExport(CLI::App& app, Options& options) {
  ExportPlan& plan = options.exporting;
  CLI::App* command =
      AddCommand(app, "export", "Write all coupons of a campaign to a file, as of one moment",
                 {"export ID --format csv --output coupons.csv",
                  "export ID --format jsonl --state redeemed,voided --output - | jq -r .userId"});
  command->add_option("id", plan.campaign_id, "The campaign's ID")->required();
  command
      ->add_option_function<std::string>(
          "--format",
          [&plan](const std::string& format) {
            plan.format =
                format == kCsv ? api::CouponFileFormat::kCsv : api::CouponFileFormat::kJsonLines;
          },
          "csv (RFC 4180), or jsonl (JSON, one coupon per line)")
      ->check(CLI::IsMember({kCsv, "jsonl"}))
      ->required();
  command
      ->add_option("--output", plan.output,
                   "File to write, which appears only when it is complete; - for standard output")
      ->type_name("FILE")
      ->required();
  AddStates(*command, plan.states);
  command->add_flag_callback(
      "--bom", [&plan] { plan.mark = api::ByteOrderMark::kWritten; },
      "Start the CSV with a byte order mark, which Excel needs to show Hangul");
  command->add_flag_callback(
      "--force", [&plan] { plan.if_there = PartFile::IfThere::kReplace; },
      "Replace the file if it exists");
  command->callback([&options, &plan] {
    const bool is_csv = plan.format == api::CouponFileFormat::kCsv;
    if (plan.mark == api::ByteOrderMark::kWritten && !is_csv) {
      throw CLI::ValidationError("--bom is for --format csv only");
    }
    if (options.json && plan.output == "-") {
      throw CLI::ValidationError(
          "--json prints a summary to standard output, where --output - writes the coupons");
    }
  });
}

}  // namespace coupond::ctl
