#include "rpc/connect/idempotency_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace coupond::connect {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

TEST(IdempotencyKey, IsAStringInQuotesOrWithoutThem) {
  const struct {
    const char* value;
    const char* key;
  } rows[] = {{R"("abc")", "abc"},
              {"abc", "abc"},
              {" abc\t", "abc"},
              {R"("8e03978e-40d5-43e8-bc93-6894a57f9324")", "8e03978e-40d5-43e8-bc93-6894a57f9324"},
              {"8e03978e-40d5-43e8-bc93-6894a57f9324", "8e03978e-40d5-43e8-bc93-6894a57f9324"},
              {"a+b/c=", "a+b/c="},
              {R"("a \"b\" \\ c, d; e")", R"(a "b" \ c, d; e)"},
              {R"(" ")", " "}};
  for (const auto& row : rows) EXPECT_EQ(ReadIdempotencyKey(row.value), row.key) << row.value;
}

TEST(IdempotencyKey, AMalformedOneIsRefusedNamingTheHeader) {
  for (const char* value :
       {"", " ", R"("")", R"(")", R"("abc)", R"("abc\")", R"("a\bc")", R"("abc"x)", R"("abc";x=1)",
        R"("abc", "abc")", "abc, abc", "abc abc", "abc;x=1", R"(a"bc)", R"(a\bc)", "a\xeb\xb0\x94",
        "\"a\xeb\xb0\x94\"", "\"a\tb\"", "a\x7f"}) {
    const auto read = ReadIdempotencyKey(value);
    ASSERT_FALSE(read) << value;
    EXPECT_EQ(read.error().code, Code::kInvalidArgument);
    EXPECT_THAT(read.error().message, HasSubstr("Idempotency-Key must be"));
    EXPECT_EQ(read.error().reason, "HEADER_INVALID");
    EXPECT_THAT(read.error().facts, ElementsAre(Pair("header", "Idempotency-Key")));
  }
}

TEST(IdempotencyKey, SeveralHeadersAreOneListWhichIsRefused) {
  const std::vector<http::HeaderField> fields = {
      {"idempotency-key", "a"}, {"X", "b"}, {"IDEMPOTENCY-KEY", "a"}};
  http::Request request;
  request.headers = fields;
  EXPECT_EQ(JoinedIdempotencyKeys(request), "a, a");
  EXPECT_FALSE(ReadIdempotencyKey(JoinedIdempotencyKeys(request)));
}

}  // namespace
}  // namespace coupond::connect
