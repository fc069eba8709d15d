#include "couponctl/commands/export_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdint>
#include <expected>
#include <optional>
#include <ostream>
#include <utility>

#include "base/display_text.h"
#include "base/error.h"
#include "common/progress_bar.h"
#include "couponctl/commands/coupon_service.h"

namespace coupond::ctl {
namespace {

using coupon::v1::ExportCouponsResponse;

/// The place that the lines go to.
class Destination {
 public:
  Destination(std::ostream& out, std::optional<PartFile> file)
      : out_(out), file_(std::move(file)) {}

  std::expected<void, std::string> Write(std::string_view text) {
    bytes_ += text.size();
    if (file_) return Noted(file_->Write(text));
    out_ << text;
    return {};
  }
  std::expected<void, std::string> Complete() {
    if (file_) return Noted(file_->Complete());
    out_ << std::flush;
    return {};
  }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  /// Whether the file could not be written.
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  std::expected<void, std::string> Noted(std::expected<void, std::string> written) {
    failed_ = failed_ || !written;
    return written;
  }

  std::ostream& out_;
  std::optional<PartFile> file_;
  std::uint64_t bytes_ = 0;
  bool failed_ = false;
};

/// What has arrived so far, and what all messages have in common.
struct Progress {
  std::uint64_t coupons = 0;
  std::uint64_t sequence = 0;
  std::uint64_t issued_ever = 0;
};

/// Writes the messages of one export, and checks that they belong together.
class Export {
 public:
  Export(const ExportPlan& plan, Destination& destination)
      : lines_(plan.format),
        mark_(plan.mark),
        has_all_(plan.states.empty()),
        destination_(destination) {}

  /// Takes a message. Returns false if the export cannot go on; fault() says why.
  bool Take(const ExportCouponsResponse& message) {
    const auto taken = Write(message);
    if (!taken) fault_ = taken.error();
    return taken.has_value();
  }
  /// Completes the file.
  bool Finish() {
    const auto finished = CheckedEnd();
    if (!finished) fault_ = finished.error();
    return finished.has_value();
  }

  [[nodiscard]] const Progress& progress() const { return progress_; }
  [[nodiscard]] const std::string& fault() const { return fault_; }

 private:
  std::expected<void, std::string> Write(const ExportCouponsResponse& message) {
    const bool is_first = progress_.sequence == 0;
    if (message.sequence() == 0) return std::unexpected("the server sends no sequence");
    if (!is_first && message.sequence() != progress_.sequence) {
      return std::unexpected("the server's messages are not of one moment");
    }
    progress_.sequence = message.sequence();
    progress_.issued_ever =
        static_cast<std::uint64_t>(std::max<std::int64_t>(message.issued_ever(), 0));
    text_ = is_first ? lines_.Head(mark_) : std::string();
    for (const auto& coupon : message.coupons()) TRY(lines_.Append(coupon, text_));
    progress_.coupons += static_cast<std::uint64_t>(message.coupons_size());
    if (has_all_) bar_.Show(progress_.coupons, progress_.issued_ever);
    return destination_.Write(text_);
  }

  std::expected<void, std::string> CheckedEnd() {
    if (progress_.sequence == 0) return std::unexpected("the server sends no message");
    if (has_all_ && progress_.coupons != progress_.issued_ever) {
      return std::unexpected(fmt::format("the server sent {} of {} coupons", progress_.coupons,
                                         progress_.issued_ever));
    }
    return destination_.Complete();
  }

  const api::CouponLines lines_;
  const api::ByteOrderMark mark_;
  const bool has_all_;
  Destination& destination_;
  Progress progress_;
  std::string text_;  // of one message
  std::string fault_;
  tools::ProgressBar bar_{"exporting"};
};

/// Returns what an export leaves behind that cannot be completed.
std::string ResultOf(const ExportPlan& plan, const Destination& destination) {
  if (plan.output != "-") return plan.output + " was not written";
  return destination.bytes() > 0 ? "what was written is incomplete" : "nothing was written";
}

void PrintSummary(const CommandContext& context, const ExportPlan& plan, const Progress& progress,
                  std::uint64_t bytes) {
  if (context.json) {
    const boost::json::object summary{{"file", plan.output},
                                      {"coupons", progress.coupons},
                                      {"issuedEver", progress.issued_ever},
                                      {"sequence", progress.sequence},
                                      {"bytes", bytes}};
    context.out << boost::json::serialize(summary) << '\n';
    return;
  }
  const std::string text =
      fmt::format("{} {} as of sequence {}, {} bytes\n", progress.coupons,
                  progress.coupons == 1 ? "coupon" : "coupons", progress.sequence, bytes);
  if (plan.output == "-") {
    context.err << "couponctl: " << text;
  } else {
    context.out << Printable(plan.output) << ": " << text;
  }
}

}  // namespace

ExitCode ExportCoupons(const CommandContext& context, const ExportPlan& plan) {
  std::optional<PartFile> file;
  if (plan.output != "-") {
    auto opened = PartFile::Open(plan.output, plan.if_there);
    if (!opened) {
      ReportFileError(context, opened.error());
      return ExitCode::kUsage;
    }
    file.emplace(*std::move(opened));
  }
  Destination destination(context.out, std::move(file));
  coupon::v1::ExportCouponsRequest request;
  request.set_campaign_id(plan.campaign_id);
  for (const coupon::v1::CouponState state : plan.states) request.add_states(state);

  Export exported(plan, destination);
  bool taken = true;
  ExportCouponsResponse message;
  const auto done = context.client.CallStream(kExportCoupons, request, message,
                                              [&] { return taken = exported.Take(message); });
  if (!done) {
    return ReportError(
        context, done.error(),
        {.if_not_found = kListShowsCampaigns, .result = ResultOf(plan, destination)});
  }
  if (!taken || !exported.Finish()) {
    if (destination.failed()) {
      ReportFileError(context, exported.fault());
      return ExitCode::kFailed;
    }
    return ReportError(context,
                       {.failure = rpc_client::Failure::kNoAnswer, .message = exported.fault()},
                       {.result = ResultOf(plan, destination)});
  }
  if (plan.output != "-") context.SetDone("the file was written anyway: " + plan.output);
  PrintSummary(context, plan, exported.progress(), destination.bytes());
  return ExitCode::kDone;
}

}  // namespace coupond::ctl
