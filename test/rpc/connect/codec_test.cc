#include "rpc/connect/codec.h"

#include <gtest/gtest.h>

#include "every_kind.pb.h"

namespace coupond::connect {
namespace {

class CodecTest : public testing::Test {
 protected:
  JsonFormat format_{connecttest::Item::descriptor()};
  connecttest::Item item_;
};

TEST_F(CodecTest, BothCodecsReadWhatTheyWrite) {
  item_.set_code("한글");
  item_.mutable_issued_at()->set_seconds(5);
  for (const Codec codec : {Codec::kProto, Codec::kJson}) {
    const auto body = Encode(codec, format_, item_);
    ASSERT_TRUE(body.has_value());
    connecttest::Item back;
    ASSERT_TRUE(Decode(codec, format_, *body, back).has_value());
    EXPECT_EQ(back.SerializeAsString(), item_.SerializeAsString());
  }
}

TEST_F(CodecTest, EmptyProtoReplacesTheMessageByAnEmptyOne) {
  item_.set_code("old");
  EXPECT_TRUE(Decode(Codec::kProto, format_, "", item_).has_value());
  EXPECT_EQ(item_.code(), "");
}

TEST_F(CodecTest, EmptyJsonIsInvalid) {
  const auto decoded = Decode(Codec::kJson, format_, "", item_);
  ASSERT_FALSE(decoded.has_value());
  EXPECT_EQ(decoded.error().code, Code::kInvalidArgument);
}

TEST_F(CodecTest, StringsThatAreNotUtf8AreRefusedInBothCodecs) {
  for (const auto& [codec, body] :
       {std::pair(Codec::kProto, "\x0a\x01\xff"), std::pair(Codec::kJson, "{\"code\":\"\xff\"}")}) {
    const auto decoded = Decode(codec, format_, body, item_);
    ASSERT_FALSE(decoded.has_value());
    EXPECT_EQ(decoded.error().code, Code::kInvalidArgument);
  }
}

TEST_F(CodecTest, TheFieldThatIsNotUtf8IsNamed) {
  const auto problem = [this](std::string_view body) {
    const auto decoded = Decode(Codec::kProto, format_, body, item_);
    return decoded ? "" : decoded.error().message;
  };
  EXPECT_EQ(problem("\x0a\x04"
                    "a\xb1\xe8"
                    "b"),
            "code: byte 1 (0xB1) is not UTF-8; send UTF-8, not CP949 or another encoding");
  EXPECT_EQ(problem("\x0a\x02\xed\xa0"),
            "code: byte 0 (0xED) is not UTF-8; send UTF-8, not CP949 or another encoding");
}

TEST_F(CodecTest, GarbageIsInvalidWithAReason) {
  const auto decoded = Decode(Codec::kProto, format_, "\x0a\x05x", item_);
  ASSERT_FALSE(decoded.has_value());
  EXPECT_EQ(decoded.error().code, Code::kInvalidArgument);
  EXPECT_EQ(decoded.error().message,
            "the body is not a valid protobuf message of type connecttest.Item");
}

TEST_F(CodecTest, AResponseThatCannotBeEncodedIsInternal) {
  item_.mutable_issued_at()->set_nanos(-1);
  const auto body = Encode(Codec::kJson, format_, item_);
  ASSERT_FALSE(body.has_value());
  EXPECT_EQ(body.error().code, Code::kInternal);
  EXPECT_EQ(body.error().message, "the response could not be encoded: issued_at: is out of range");
}

}  // namespace
}  // namespace coupond::connect
