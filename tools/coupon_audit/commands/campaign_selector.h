#ifndef COUPOND_TOOLS_COUPON_AUDIT_COMMANDS_CAMPAIGN_SELECTOR_H_
#define COUPOND_TOOLS_COUPON_AUDIT_COMMANDS_CAMPAIGN_SELECTOR_H_

#include <optional>
#include <string>
#include <string_view>

#include "coupon_audit/exit_code.h"
#include "engine/rules/event.h"
#include "engine/rules/ids.h"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's own name
class App;
class Option;
}  // namespace CLI

namespace coupond::audit {

/// The campaign that is asked for: by the id that callers know it by, or by its number in the log,
/// which is what violations are reported with. Finds it, live or deleted, while the events of a log
/// go by. One thread.
class CampaignSelector {
 public:
  /// Nothing: the text is neither a UUID nor a number.
  [[nodiscard]] static std::optional<CampaignSelector> Parse(std::string_view text);

  /// To be called with each event in order, before Selects.
  void Observe(const Event& event);
  /// Whether the event is about the campaign.
  [[nodiscard]] bool Selects(const Event& event) const;
  /// Whether it was created in what went by.
  [[nodiscard]] bool found() const { return created_.has_value(); }
  /// Once it is found.
  [[nodiscard]] const CampaignCreated& created() const { return *created_; }

 private:
  std::optional<CampaignId> id_;
  std::optional<CampaignNumber> number_;
  std::optional<CampaignCreated> created_;
};

/// Says on standard error that no such campaign was in the whole log.
ExitCode TellNoSuchCampaign();

/// Adds --campaign to a command.
CLI::Option* AddCampaignOption(CLI::App& app, std::optional<CampaignSelector>& selector);

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_COMMANDS_CAMPAIGN_SELECTOR_H_
