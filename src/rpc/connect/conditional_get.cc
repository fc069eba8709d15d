#include "rpc/connect/conditional_get.h"

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/ascii.h"

namespace coupond::connect {
namespace {

constexpr int kHttpOk = 200;
constexpr int kHttpNotModified = 304;
constexpr int kHttpErrorMin = 400;

bool IsCacheControl(const std::pair<std::string, std::string>& field) {
  return EqualsIgnoringCase(field.first, "Cache-Control");
}

std::string TagOf(std::string_view body) {
  return "\"" + std::to_string(std::hash<std::string_view>()(body)) + "-" +
         std::to_string(body.size()) + "\"";
}

bool Lists(std::string_view tags, std::string_view tag) {
  while (!tags.empty()) {
    std::string_view listed = TakeUntil(',', tags);
    if (listed == "*") return true;
    // Tags are compared weakly here: W/ before one does not matter.
    if (listed.starts_with("W/")) listed.remove_prefix(2);
    if (listed == tag) return true;
  }
  return false;
}

}  // namespace

void AddCacheHeaders(http::Response& answer) {
  answer.headers.emplace_back("Vary", "Accept-Encoding");
  if (std::ranges::none_of(answer.headers, IsCacheControl)) {
    answer.headers.emplace_back("Cache-Control", "no-cache");
  }
}

void ForbidKeepingErrors(http::Response& answer) {
  if (answer.status < kHttpErrorMin) return;
  std::erase_if(answer.headers, IsCacheControl);
  answer.headers.emplace_back("Cache-Control", "no-store");
}

void AddEntityTag(std::string_view if_none_match, http::Response& answer) {
  if (answer.status != kHttpOk) return;
  std::string tag = TagOf(answer.body);
  if (Lists(if_none_match, tag)) {
    answer.status = kHttpNotModified;
    answer.body.clear();
    answer.content_type.clear();
  }
  answer.headers.emplace_back("ETag", std::move(tag));
}

}  // namespace coupond::connect
