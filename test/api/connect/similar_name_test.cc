#include "api/connect/similar_name.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace coupond::connect {
namespace {

constexpr std::array<std::string_view, 3> kIssue = {"campaignId", "requestId", "userId"};
constexpr std::array<std::string_view, 2> kDelete = {"campaignId", "campaignName"};

std::string Nearest(std::string_view name, std::span<const std::string_view> known) {
  return std::string(NearestName(name, known).value_or("none"));
}

TEST(SimilarName, FoldingDropsCaseAndUnderscores) {
  EXPECT_EQ(FoldedName("campaign_ID"), "campaignid");
  EXPECT_EQ(FoldedName("__"), "");
  // Only ASCII letters have a case here.
  EXPECT_EQ(FoldedName("É-k"), "É-k");
}

TEST(SimilarName, FindsWhatWasMeant) {
  EXPECT_EQ(Nearest("userID", kIssue), "userId");
  EXPECT_EQ(Nearest("user", kIssue), "userId");
  EXPECT_EQ(Nearest("usreId", kIssue), "userId");
  EXPECT_EQ(Nearest("reqestId", kIssue), "requestId");
  EXPECT_EQ(Nearest("campaignUuid", kIssue), "campaignId");
  EXPECT_EQ(Nearest("request", kIssue), "requestId");
  EXPECT_EQ(Nearest("name", kDelete), "campaignName");
}

TEST(SimilarName, DoesNotGuessWildly) {
  EXPECT_EQ(Nearest("colour", kIssue), "none");
  EXPECT_EQ(Nearest("id", kIssue), "none");
  EXPECT_EQ(Nearest("", kIssue), "none");
  EXPECT_EQ(Nearest(std::string(10'000, 'u'), kIssue), "none");
  EXPECT_EQ(Nearest("userId", {}), "none");
}

TEST(SimilarName, AdviceListsFewNamesButNotMany) {
  EXPECT_EQ(NameAdvice("userID", kIssue), "; did you mean userId?");
  EXPECT_EQ(NameAdvice("colour", kIssue), "; known are: campaignId, requestId, userId");
  constexpr std::array<std::string_view, 9> kMany = {"a", "b", "c", "d", "e", "f", "g", "h", "i"};
  EXPECT_EQ(NameAdvice("colour", kMany), "");
  EXPECT_EQ(NameAdvice("colour", {}), "");
}

TEST(SimilarName, QuotesWhatDoesNotLookLikeAName) {
  EXPECT_EQ(QuotedName("campaign_ID"), "campaign_ID");
  EXPECT_EQ(QuotedName(""), R"("")");
  EXPECT_EQ(QuotedName("a b\n"), R"("a b\n")");
  EXPECT_EQ(QuotedName("한글"), R"("한글")");
  EXPECT_LT(QuotedName(std::string(1'000, '\x01')).size(), 400U);
}

}  // namespace
}  // namespace coupond::connect
