#ifndef COUPOND_TEST_FAULTS_SHOWN_CAMPAIGNS_H_
#define COUPOND_TEST_FAULTS_SHOWN_CAMPAIGNS_H_

#include <span>
#include <string>
#include <vector>

#include "engine/ports/view_store.h"
#include "faults/acknowledgements.h"

namespace coupond::test {

/// Returns the faults of the campaigns that a query showed after all of these replies, while
/// nothing was under way; one line each. A command without an answer may have happened or not.
/// Commands must name campaigns by their ids. Empty if there are no faults.
[[nodiscard]] std::vector<std::string> CompareShown(std::span<const Acknowledgements::Told> told,
                                                    std::span<const Campaign> shown);

}  // namespace coupond::test

#endif  // COUPOND_TEST_FAULTS_SHOWN_CAMPAIGNS_H_
