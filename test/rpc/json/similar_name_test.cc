#include "rpc/json/unknown_fields.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "base/display_text.h"

namespace coupond::connect {
namespace {

constexpr std::array<std::string_view, 3> kIssue = {"campaignId", "requestId", "userId"};
constexpr std::array<std::string_view, 2> kDelete = {"campaignId", "campaignName"};

TEST(SimilarName, FoldingDropsCaseAndUnderscores) {
  EXPECT_EQ(FoldedName("campaign_ID"), "campaignid");
  EXPECT_EQ(FoldedName("__"), "");
  // Only ASCII letters have a case here.
  EXPECT_EQ(FoldedName("É-k"), "É-k");
}

TEST(SimilarName, AdviceNamesWhatWasMeant) {
  EXPECT_EQ(NameAdvice("userID", kIssue), "; did you mean userId?");
  EXPECT_EQ(NameAdvice("user", kIssue), "; did you mean userId?");
  EXPECT_EQ(NameAdvice("usreId", kIssue), "; did you mean userId?");
  EXPECT_EQ(NameAdvice("reqestId", kIssue), "; did you mean requestId?");
  EXPECT_EQ(NameAdvice("campaignUuid", kIssue), "; did you mean campaignId?");
  EXPECT_EQ(NameAdvice("name", kDelete), "; did you mean campaignName?");
}

TEST(SimilarName, AdviceListsFewNamesButNotMany) {
  EXPECT_EQ(NameAdvice("colour", kIssue), "; known are: campaignId, requestId, userId");
  constexpr std::array<std::string_view, 9> kMany = {"a", "b", "c", "d", "e", "f", "g", "h", "i"};
  EXPECT_EQ(NameAdvice("id", kIssue), "; known are: campaignId, requestId, userId");
  EXPECT_EQ(NameAdvice(std::string(10'000, 'u'), kDelete), "; known are: campaignId, campaignName");
  EXPECT_EQ(NameAdvice("colour", kMany), "");
  EXPECT_EQ(NameAdvice("colour", {}), "");
}

TEST(SimilarName, QuotesWhatDoesNotLookLikeAName) {
  EXPECT_EQ(QuotedName("campaign_ID"), "campaign_ID");
  EXPECT_EQ(QuotedName(""), R"("")");
  EXPECT_EQ(QuotedName("a b\n"), R"("a b\n")");
  EXPECT_EQ(QuotedName("한글"), R"("한글")");
  // Six characters each as \u0001, with two quotes and the dots.
  EXPECT_LE(QuotedName(std::string(1'000, '\x01')).size(), 6 * kQuotedBytesMax + 5);
}

}  // namespace
}  // namespace coupond::connect
