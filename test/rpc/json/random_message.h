#ifndef COUPOND_TEST_RPC_JSON_RANDOM_MESSAGE_H_
#define COUPOND_TEST_RPC_JSON_RANDOM_MESSAGE_H_

#include <google/protobuf/message.h>

#include <random>

namespace coupond::connect {

using RandomEngine = std::mt19937_64;

/// Fills the message with values that JSON can express: any type, at most a few levels deep.
void FillRandomly(RandomEngine& random, int depth, google::protobuf::Message& message);

}  // namespace coupond::connect

#endif  // COUPOND_TEST_RPC_JSON_RANDOM_MESSAGE_H_
