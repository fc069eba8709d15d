#ifndef COUPOND_TOOLS_COUPONCTL_COMMAND_OPTIONS_H_
#define COUPOND_TOOLS_COUPONCTL_COMMAND_OPTIONS_H_

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "coupon/v1/coupon_service.pb.h"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's own name
class App;
}

/// The commands about campaigns (campaign_options.cc), about single coupons (coupon_options.cc),
/// for many coupons at once (batch_options.cc), exporting (export_options.cc), searching
/// (search_options.cc), events (events_options.cc), load (load_options.cc) and access keys
/// (keys_options.cc), and their options.
namespace coupond::ctl {

struct Options;

/// Adds a command whose help ends with examples, each of which is shown after "couponctl ".
CLI::App* AddCommand(CLI::App& app, const std::string& name, const std::string& description,
                     std::initializer_list<std::string_view> examples);

/// Adds the campaign's id to a command.
void AddCampaignId(CLI::App& command, Options& options);
/// Adds the reason that operators give.
void AddReason(CLI::App& command, Options& options);
/// Adds the states of coupons to which a command is limited. `states` must outlive it.
void AddStates(CLI::App& command, std::vector<coupon::v1::CouponState>& states);

/// Adds `create`.
void AddCreate(CLI::App& app, Options& options);
/// Adds `status`.
void AddStatus(CLI::App& app, Options& options);
/// Adds `update`, `pause`, `resume`, `archive` and `unarchive`.
void AddChanges(CLI::App& app, Options& options);

/// Adds `batch`.
void AddBatch(CLI::App& app, Options& options);
/// Adds `issue`.
void AddIssue(CLI::App& app, Options& options);
/// Adds `redeem`, `undo-redeem`, `void` and `coupon`.
void AddCouponCommands(CLI::App& app, Options& options);

/// Adds `search`.
void AddSearch(CLI::App& app, Options& options);

/// Adds `load`.
void AddLoad(CLI::App& app, Options& options);

/// Adds `export`.
void AddExport(CLI::App& app, Options& options);

/// Adds `events`.
void AddEvents(CLI::App& app, Options& options);

/// Adds `keys`.
void AddKeys(CLI::App& app, Options& options);

}  // namespace coupond::ctl

#endif  // COUPOND_TOOLS_COUPONCTL_COMMAND_OPTIONS_H_
