#include "couponctl/commands/keys_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <fstream>
#include <ostream>
#include <string_view>
#include <utility>

#include "access/keys_file.h"
#include "access/role.h"
#include "base/ascii.h"
#include "base/display_text.h"
#include "base/error.h"
#include "base/unreadable_file.h"
#include "common/moment_text.h"
#include "common/table.h"
#include "engine/rules/ids.h"

namespace coupond::ctl {
namespace {

/// A key is shorter; a longer line is none.
constexpr std::size_t kKeyLineBytesMax = 256;

ExitCode ReportKeysError(const KeysContext& context, const Error& error) {
  context.err << "couponctl: " << Printable(error.message) << '\n';
  if (context.json) {
    context.out << boost::json::serialize(boost::json::object{{"code", ErrorCodeName(error.code)},
                                                              {"message", error.message}})
                << '\n';
  }
  return error.code == ErrorCode::kInvalidArgument ? ExitCode::kUsage : ExitCode::kFailed;
}

/// Returns what a key is at a moment, in a word.
std::string_view StateOf(const access::Key& key, Timestamp now) {
  if (key.revoked) return "revoked";
  if (key.expires && now >= *key.expires) return "expired";
  return "valid";
}

std::string MomentOr(const std::optional<Timestamp>& moment, std::string_view otherwise) {
  return moment ? tools::FormatMoment(*moment) : std::string(otherwise);
}

std::string CampaignsOf(const access::Key& key) {
  if (key.campaigns.empty()) return "all";
  std::string ids;
  for (const CampaignId& id : key.campaigns) {
    ids.append(ids.empty() ? "" : ", ").append(FormatUuid(id.bytes));
  }
  return ids;
}

boost::json::object JsonOf(const access::Key& key, Timestamp now) {
  boost::json::object object{{"id", FormatKeyId(key.id)},
                             {"role", access::RoleName(key.role)},
                             {"state", StateOf(key, now)}};
  boost::json::array& campaigns = object["campaigns"].emplace_array();
  for (const CampaignId& id : key.campaigns) campaigns.emplace_back(FormatUuid(id.bytes));
  const auto set = [&object](std::string_view name, const std::optional<Timestamp>& moment) {
    if (moment) object[name] = tools::FormatMoment(*moment);
  };
  set("created", key.created);
  set("expires", key.expires);
  set("revoked", key.revoked);
  object["note"] = key.note;
  return object;
}

ExitCode MakeNew(const KeysContext& context, const KeysPlan& plan) {
  access::Key wanted = plan.key;
  std::ranges::sort(wanted.campaigns);
  wanted.created = context.now;
  if (plan.expires_in) wanted.expires = context.now.PlusUpToTheEnds(*plan.expires_in);
  const access::NewKey made = access::MakeKey(std::move(wanted), context.entropy);
  if (const Status added = access::AppendKey(plan.file, made.key); !added) {
    return ReportKeysError(context, added.error());
  }
  const std::string id = FormatKeyId(made.key.id);
  // A key that no one has seen is of no use.
  if (context.done != nullptr) *context.done = "the key " + id + " was made; revoke it";
  if (context.json) {
    boost::json::object object = JsonOf(made.key, context.now);
    object["key"] = made.text;
    context.out << boost::json::serialize(object) << '\n';
    return ExitCode::kDone;
  }
  context.out << made.text << '\n' << std::flush;
  context.err << fmt::format(
      "couponctl: key {} with the role {} is in {}, as a digest. The key itself is written to\n"
      "standard output, this once, and kept nowhere; a running server accepts it within two seconds\n",
      id, access::RoleName(made.key.role), Printable(plan.file));
  return ExitCode::kDone;
}

ExitCode List(const KeysContext& context, const KeysPlan& plan) {
  const auto keys = access::ReadKeysFile(plan.file);
  if (!keys) return ReportKeysError(context, keys.error());
  if (context.json) {
    for (const access::Key& key : *keys) {
      context.out << boost::json::serialize(JsonOf(key, context.now)) << '\n';
    }
    return ExitCode::kDone;
  }
  tools::Table table({{.title = "ID"},
                      {.title = "ROLE"},
                      {.title = "STATE"},
                      {.title = "CREATED"},
                      {.title = "EXPIRES"},
                      {.title = "CAMPAIGNS", .may_be_cut = true},
                      {.title = "NOTE", .may_be_cut = true}});
  for (const access::Key& key : *keys) {
    table.AddRow({FormatKeyId(key.id), std::string(access::RoleName(key.role)),
                  std::string(StateOf(key, context.now)), MomentOr(key.created, "-"),
                  MomentOr(key.expires, "never"), CampaignsOf(key), key.note});
  }
  context.out << table.Text({.columns_max = context.columns});
  return ExitCode::kDone;
}

ExitCode Revoke(const KeysContext& context, const KeysPlan& plan) {
  const auto id = access::ParseKeyId(plan.id);
  const Status revoked =
      id ? access::RevokeKey(plan.file, *id, context.now)
         : MakeError(ErrorCode::kInvalidArgument,
                     Quoted(plan.id) + " is not the id of a key; `couponctl keys list` shows them");
  if (!revoked) return ReportKeysError(context, revoked.error());
  if (context.done != nullptr) *context.done = "the key " + plan.id + " is revoked";
  if (context.json) {
    context.out << boost::json::serialize(
                       boost::json::object{{"id", plan.id}, {"state", "revoked"}})
                << '\n';
    return ExitCode::kDone;
  }
  context.out << fmt::format(
      "key {} is revoked; a running server refuses new requests with it, and ends its streams, "
      "within about two seconds\n",
      plan.id);
  return ExitCode::kDone;
}

}  // namespace

ExitCode RunKeysCommand(const KeysContext& context, const KeysPlan& plan) {
  switch (plan.action) {
    case KeysAction::kNew:
      return MakeNew(context, plan);
    case KeysAction::kList:
      return List(context, plan);
    case KeysAction::kRevoke:
      return Revoke(context, plan);
  }
  return ExitCode::kUsage;
}

std::expected<std::string, std::string> KeyToSend(const std::string& key_file,
                                                  const std::optional<std::string>& environment) {
  std::string key;
  std::string source;
  if (!key_file.empty()) {
    source = "--key-file " + key_file;
    std::ifstream file(key_file);
    std::array<char, kKeyLineBytesMax> line{};
    file.getline(line.data(), line.size());
    if (!file.is_open() || file.bad()) {
      return std::unexpected(source + " cannot be read: " + WhyUnreadable(key_file));
    }
    key = line.data();
    if (key.ends_with('\r')) key.pop_back();
  } else if (environment) {
    source = "COUPOND_KEY";
    key = *environment;
  } else {
    return std::string();
  }
  key = Trimmed(key);
  if (key.empty()) return std::unexpected(source + " has no access key: its first line is empty");
  if (!access::ParseKeyText(key)) {
    return std::unexpected(source + " is no access key; one looks like ck_issuer_… and has " +
                           "an id of 8 and a secret of 32 characters (a to z, 2 to 7)");
  }
  return key;
}

}  // namespace coupond::ctl
