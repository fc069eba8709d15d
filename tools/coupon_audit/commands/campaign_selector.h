#ifndef COUPOND_TOOLS_COUPON_AUDIT_COMMANDS_CAMPAIGN_SELECTOR_H_
#define COUPOND_TOOLS_COUPON_AUDIT_COMMANDS_CAMPAIGN_SELECTOR_H_

#include <optional>
#include <string_view>

#include "engine/rules/event.h"
#include "engine/rules/ids.h"

namespace coupond::audit {

/// The campaign that a command is for: given by the id that callers know it by, or by its number in
/// the log, which violations are reported with. Finds it, live or deleted, as the events of a log
/// go by. One thread.
class CampaignSelector {
 public:
  /// Returns nullopt if the text is neither a UUID nor a number.
  [[nodiscard]] static std::optional<CampaignSelector> Parse(std::string_view text);

  /// Takes the next event of the log. Call it before Selects.
  void Observe(const Event& event);
  /// Reports whether the event is about the campaign.
  [[nodiscard]] bool Selects(const Event& event) const;
  /// Reports whether the creation of the campaign has gone by.
  [[nodiscard]] bool found() const { return created_.has_value(); }
  /// Returns the creation of the campaign. Only if found().
  [[nodiscard]] const CampaignCreated& created() const { return *created_; }

 private:
  std::optional<CampaignId> id_;
  std::optional<CampaignNumber> number_;
  std::optional<CampaignCreated> created_;
};

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_COMMANDS_CAMPAIGN_SELECTOR_H_
