#ifndef COUPOND_TEST_SYSTEM_PROGRAM_MANY_ISSUES_H_
#define COUPOND_TEST_SYSTEM_PROGRAM_MANY_ISSUES_H_

#include <cstdint>
#include <string>

namespace coupond::test {

/// So many are issued at a time.
inline constexpr int kIssuesAtOnce = 2'000;

/// Issues `count` coupons, a multiple of kIssuesAtOnce, over many connections, because requests on
/// one are answered one by one. The test fails if one is not answered.
void IssueMany(std::uint16_t port, const std::string& campaign, int count);

}  // namespace coupond::test

#endif  // COUPOND_TEST_SYSTEM_PROGRAM_MANY_ISSUES_H_
