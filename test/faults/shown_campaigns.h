#ifndef COUPOND_TEST_FAULTS_SHOWN_CAMPAIGNS_H_
#define COUPOND_TEST_FAULTS_SHOWN_CAMPAIGNS_H_

#include <span>
#include <string>
#include <vector>

#include "engine/ports/view_store.h"
#include "faults/acknowledgements.h"

namespace coupond::test {

/// What is wrong with the campaigns that a query showed after all of this had been told, and while
/// nothing was under way; a line each. A command that was never answered may have happened or not.
/// Commands must name campaigns by their ids. Empty: nothing is wrong.
[[nodiscard]] std::vector<std::string> CompareShown(std::span<const Acknowledgements::Told> told,
                                                    std::span<const CampaignRow> shown);

}  // namespace coupond::test

#endif  // COUPOND_TEST_FAULTS_SHOWN_CAMPAIGNS_H_
