#include "rpc/json/unknown_fields.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "base/display_text.h"
#include "every_kind.pb.h"

namespace coupond::connect {
namespace {

using connecttest::Everything;

/// Field 99 with the value 1.
constexpr std::string_view kField99 = "\x98\x06\x01";
constexpr std::string_view kUnknownOfNested =
    "field 99: unknown; connecttest.Nested has no such field";

std::string Find(const google::protobuf::Message& message) {
  const JsonFormat format(message.GetDescriptor());
  return FindUnknownField(format.root(), message).value_or("none");
}

connecttest::Nested NestedWithField99() {
  connecttest::Nested nested;
  EXPECT_TRUE(nested.ParseFromString(std::string(kField99)));
  return nested;
}

TEST(UnknownFields, AKnownMessageHasNone) {
  Everything message;
  message.mutable_scalars()->set_an_int32(1);
  message.mutable_nested()->add_children()->mutable_start_time()->set_seconds(5);
  (*message.mutable_collections()->mutable_by_bool())[true].set_name("x");
  message.mutable_well_known()->mutable_any()->PackFrom(message.nested());
  EXPECT_EQ(Find(message), "none");
}

TEST(UnknownFields, AreNamedByTheirNumber) {
  Everything message;
  ASSERT_TRUE(message.ParseFromString(std::string(kField99)));
  EXPECT_EQ(Find(message), "field 99: unknown; connecttest.Everything has no such field");
}

TEST(UnknownFields, AreFoundInNestedMessages) {
  Everything message;
  *message.mutable_nested()->mutable_child() = NestedWithField99();
  EXPECT_EQ(Find(message), "nested: child: " + std::string(kUnknownOfNested));
  message.Clear();
  message.mutable_collections()->add_messages();
  *message.mutable_collections()->add_messages() = NestedWithField99();
  EXPECT_EQ(Find(message), "collections: messages: " + std::string(kUnknownOfNested));
  message.Clear();
  (*message.mutable_collections()->mutable_by_bool())[true] = NestedWithField99();
  EXPECT_EQ(Find(message), "collections: by_bool: value: " + std::string(kUnknownOfNested));
  message.Clear();
  message.mutable_well_known()->mutable_any()->PackFrom(NestedWithField99());
  EXPECT_EQ(Find(message), "well_known: any: " + std::string(kUnknownOfNested));
}

TEST(UnknownFields, AWrongWireTypeIsReportedAsThat) {
  connecttest::Nested nested;
  ASSERT_TRUE(nested.ParseFromString(std::string("\x08\x01", 2)));
  EXPECT_EQ(Find(nested), "field 1: is not encoded as name must be");
}

TEST(UnknownFields, AnAnyOfAnUnknownTypeIsOpaque) {
  connecttest::WellKnown message;
  message.mutable_any()->set_type_url("type.googleapis.com/nobody.Knows");
  message.mutable_any()->set_value(std::string(kField99));
  EXPECT_EQ(Find(message), "none");
}

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
  // Six characters for each \u0001, and two quotes and the ellipsis.
  EXPECT_LE(QuotedName(std::string(1'000, '\x01')).size(), 6 * kQuotedBytesMax + 5);
}

}  // namespace
}  // namespace coupond::connect
