#include "couponctl/load/known_heads.h"

#include <gtest/gtest.h>

#include <string>

namespace coupond::ctl {
namespace {

using rpc_client::HttpAnswer;

constexpr std::string_view kHead =
    "HTTP/1.1 200 OK\r\nContent-Type: application/proto\r\nContent-Length: 5\r\n\r\n";

HttpAnswer Message(std::string body) {
  return {.status = 200,
          .keep_alive = true,
          .content_type = "application/proto",
          .body = std::move(body)};
}

class KnownHeadsTest : public testing::Test {
 protected:
  static std::string Bytes(std::string_view body) { return std::string(kHead).append(body); }
  KnownHeads heads_;
};

TEST_F(KnownHeadsTest, AnAnswerWithAKnownHeadIsItsBody) {
  EXPECT_EQ(heads_.MessageIn(Bytes("first")), std::nullopt);
  heads_.Learn(Bytes("first"), Message("first"));
  EXPECT_EQ(heads_.MessageIn(Bytes("other")), "other");
}

TEST_F(KnownHeadsTest, AnotherLengthOrHeadIsNotKnown) {
  heads_.Learn(Bytes("first"), Message("first"));
  EXPECT_EQ(heads_.MessageIn(Bytes("firs")), std::nullopt);
  EXPECT_EQ(heads_.MessageIn(Bytes("first!")), std::nullopt);
  // 16 bytes more have the same place in the table.
  EXPECT_EQ(heads_.MessageIn(Bytes("first, and 16 more")), std::nullopt);
  std::string error = Bytes("first");
  error.replace(error.find("200"), 3, "503");
  EXPECT_EQ(heads_.MessageIn(error), std::nullopt);
}

TEST_F(KnownHeadsTest, LearnsNoErrors) {
  HttpAnswer error = Message("first");
  error.status = 503;
  heads_.Learn(Bytes("first"), error);
  EXPECT_EQ(heads_.MessageIn(Bytes("first")), std::nullopt);
}

TEST_F(KnownHeadsTest, LearnsNoAnswerAfterWhichTheConnectionCloses) {
  HttpAnswer last = Message("first");
  last.keep_alive = false;
  heads_.Learn(Bytes("first"), last);
  EXPECT_EQ(heads_.MessageIn(Bytes("first")), std::nullopt);
}

TEST_F(KnownHeadsTest, LearnsNoAnswerInChunksOrAfterAnInterimOne) {
  const std::string chunked =
      "HTTP/1.1 200 OK\r\nContent-Type: application/proto\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5\r\nfirst\r\n0\r\n\r\n";
  heads_.Learn(chunked, Message("first"));
  EXPECT_EQ(heads_.MessageIn(chunked), std::nullopt);
  const std::string empty = chunked.substr(0, chunked.find("5\r\nfirst")) + "0\r\n\r\n";
  heads_.Learn(empty, Message(""));
  EXPECT_EQ(heads_.MessageIn(empty), std::nullopt);
  const std::string interim = "HTTP/1.1 103 Early Hints\r\n\r\n" + Bytes("first");
  heads_.Learn(interim, Message("first"));
  EXPECT_EQ(heads_.MessageIn(interim), std::nullopt);
}

}  // namespace
}  // namespace coupond::ctl
