#ifndef COUPOND_TOOLS_COUPONCTL_CAMPAIGN_OPTIONS_H_
#define COUPOND_TOOLS_COUPONCTL_CAMPAIGN_OPTIONS_H_

#include <string>

namespace CLI {  // NOLINT(readability-identifier-naming): the library's own name
class App;
}

/// The commands that create, change and look at campaigns, and their options.
namespace coupond::ctl {

struct Options;

/// Adds a command whose help ends with an example, which is shown after "couponctl ".
CLI::App* AddCommand(CLI::App& app, const std::string& name, const std::string& description,
                     const std::string& example);

/// Adds the campaign's id to a command.
void AddCampaignId(CLI::App& command, Options& options);

/// Adds `create`.
void AddCreate(CLI::App& app, Options& options);
/// Adds `status`.
void AddStatus(CLI::App& app, Options& options);
/// Adds `update`, `pause`, `resume`, `archive` and `unarchive`.
void AddChanges(CLI::App& app, Options& options);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_CAMPAIGN_OPTIONS_H_
