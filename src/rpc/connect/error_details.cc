#include "rpc/connect/error_details.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "base/ascii.h"
#include "base/retry_delay.h"
#include "base/utf8.h"
#include "google/rpc/error_details.pb.h"
#include "rpc/json/json_text.h"

namespace coupond::connect {
namespace {

// The details in JSON are written here: ErrorInfo's metadata is a map to everybody else, and
// BadRequest and RetryInfo are short.

void AppendMember(std::string_view name, std::string_view value, std::string& json) {
  if (json.back() != '{') json.push_back(',');
  AppendJsonStringLossy(name, json);
  json.push_back(':');
  AppendJsonStringLossy(value, json);
}

/// Returns "INVALID_ARGUMENT", …
std::string UpperCaseName(Code code) {
  std::string name(CodeName(code));
  for (char& c : name) {
    if (IsLowerCaseLetter(c)) c = static_cast<char>(c - 'a' + 'A');
  }
  return name;
}

void AddErrorInfo(std::string_view domain, Error& error) {
  google::rpc::ErrorInfo info;
  info.set_reason(error.reason.empty() ? UpperCaseName(error.code) : std::string(error.reason));
  info.set_domain(std::string(domain));
  std::string debug = "{";
  AppendMember("reason", info.reason(), debug);
  AppendMember("domain", domain, debug);
  if (!error.facts.empty()) {
    std::string metadata = "{";
    for (const auto& [name, value] : error.facts) {
      google::rpc::ErrorInfo::Fact& fact = *info.add_metadata();
      fact.set_key(std::string(name));
      fact.set_value(value);
      AppendMember(name, value, metadata);
    }
    debug.append(",\"metadata\":").append(metadata).push_back('}');
  }
  debug.push_back('}');
  error.AddDetail(info, std::move(debug));
}

/// Returns what the message says about the field, without the field's name before it.
std::string_view DescriptionIn(const Error& error) {
  const std::string_view message = error.message;
  const std::size_t colon = message.find(": ");
  if (colon == std::string_view::npos) return message;
  // The message may leave out what is the same for all fields: "name" for "campaign.name".
  const std::string_view name = message.substr(0, colon);
  const bool names_field = !name.empty() && error.field.ends_with(name);
  return names_field ? message.substr(colon + 2) : message;
}

void AddBadRequest(Error& error) {
  google::rpc::BadRequest bad;
  google::rpc::BadRequest::FieldViolation& violation = *bad.add_field_violations();
  // They may quote a client's bytes, but must be UTF-8 here.
  if (IsUtf8(error.field)) violation.set_field(error.field);
  if (IsUtf8(error.message)) violation.set_description(std::string(DescriptionIn(error)));
  std::string debug = "{";
  AppendMember("field", violation.field(), debug);
  AppendMember("description", violation.description(), debug);
  error.AddDetail(bad, "{\"fieldViolations\":[" + debug + "}]}");
}

void AddRetryInfo(std::chrono::milliseconds delay, Error& error) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(delay);
  const auto nanos = static_cast<std::int32_t>(std::chrono::nanoseconds(delay - seconds).count());
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(seconds.count());
  retry.mutable_retry_delay()->set_nanos(nanos);
  std::string debug = "{\"retryDelay\":\"" + std::to_string(seconds.count());
  AppendFraction(nanos, debug);
  error.AddDetail(retry, debug + "s\"}");
}

}  // namespace

void AddStandardDetails(std::string_view domain, Error& error) {
  if (error.retry_delay) {
    error.headers.emplace_back("Retry-After",
                               std::to_string(RetryAfter(*error.retry_delay).count()));
  }
  if (domain.empty()) return;
  AddErrorInfo(domain, error);
  if (!error.field.empty()) AddBadRequest(error);
  if (error.retry_delay) AddRetryInfo(*error.retry_delay, error);
}

}  // namespace coupond::connect
