#include "coupon_audit/commands/commands.h"
#include "coupon_audit/read/read_ahead.h"
#include "coupon_audit/report/event_json.h"

namespace coupond::audit {

ExitCode RunLog(const Options& options, tools::Output& output) {
  const Audited<StoredLog> log = StoredLog::Open(options.directory);
  if (!log) return ReportFinding(log.error(), false, output);
  EventJson json;
  std::optional<CampaignSelector> campaign = options.campaign;
  const Audited<void> visited = VisitLog(
      *log, "reading the log", [&](const Event& event, const Moment& moment) -> Audited<bool> {
        if (moment.sequence.value() > options.to) {
          // The rest may still hold the campaign that was asked for.
          if (!campaign || campaign->found()) return false;
          campaign->Observe(event);
          return true;
        }
        json.Observe(event);
        if (campaign) campaign->Observe(event);
        if (moment.sequence.value() < options.from) return true;
        if (!campaign || campaign->Selects(event)) output.text << json.Line(event, moment);
        return true;
      });
  output.text.flush();
  if (!visited) return ReportFinding(visited.error(), false, output);
  return campaign && !campaign->found() ? ReportNoSuchCampaign() : ExitCode::kSound;
}

}  // namespace coupond::audit
