// Page tokens: only tokens that are written are read, each by one kind of list only.
#include "api/page_tokens.h"

#include <string>
#include <string_view>

#include "fuzz/input.h"
#include "fuzz/invariant.h"
#include "fuzz/targets.h"
#include "rpc/json/base64.h"

namespace coupond::fuzz {
namespace {

void CheckToken(const std::string& text) {
  const auto campaigns = api::ReadCampaignsPageToken(text);
  const auto coupons = api::ReadCouponsPageToken(text);
  const auto search = api::ReadSearchPageToken(text);
  Require(campaigns.has_value() + coupons.has_value() + search.has_value() <= 1,
          "a token is for one kind of list");
  if (campaigns) {
    Require(api::WritePageToken(*campaigns) == text, "only what was written is read", text);
  }
  if (coupons) {
    Require(api::WritePageToken(*coupons) == text, "only what was written is read", text);
  }
  if (search) {
    Require(api::WritePageToken(*search) == text, "only what was written is read", text);
  }
}

}  // namespace

void FuzzPageToken(std::string_view bytes) {
  Input input(bytes);
  if (input.Choose(2) == 0) return CheckToken(std::string(input.rest()));
  // The rest is the contents of a token.
  std::string token;
  connect::AppendBase64(input.rest(), connect::Base64Padding::kUnpadded, token);
  CheckToken(token);
}

}  // namespace coupond::fuzz
