#ifndef COUPOND_STORAGE_FORMAT_CAMPAIGN_MESSAGES_H_
#define COUPOND_STORAGE_FORMAT_CAMPAIGN_MESSAGES_H_

#include <string>

#include "base/error.h"
#include "engine/rules/event.h"

namespace coupond::storage::v1 {
class CampaignArchived;
class CampaignCreated;
class CampaignDeleted;
class CampaignPaused;
class CampaignResumed;
class CampaignUnarchived;
class CampaignUpdated;
}  // namespace coupond::storage::v1

/// The part of event_messages.cc, which says what these functions do, that is about campaigns.
namespace coupond::storage {

[[nodiscard]] Status Check(const CampaignCreated& event);
int Write(const CampaignCreated& event, std::string& out);
[[nodiscard]] Status Read(const v1::CampaignCreated& from, CampaignCreated& to);

[[nodiscard]] Status Check(const CampaignUpdated& event);
int Write(const CampaignUpdated& event, std::string& out);
[[nodiscard]] Status Read(const v1::CampaignUpdated& from, CampaignUpdated& to);

[[nodiscard]] Status Check(const CampaignPaused& event);
int Write(const CampaignPaused& event, std::string& out);
[[nodiscard]] Status Read(const v1::CampaignPaused& from, CampaignPaused& to);

[[nodiscard]] Status Check(const CampaignResumed& event);
int Write(const CampaignResumed& event, std::string& out);
[[nodiscard]] Status Read(const v1::CampaignResumed& from, CampaignResumed& to);

[[nodiscard]] Status Check(const CampaignArchived& event);
int Write(const CampaignArchived& event, std::string& out);
[[nodiscard]] Status Read(const v1::CampaignArchived& from, CampaignArchived& to);

[[nodiscard]] Status Check(const CampaignUnarchived& event);
int Write(const CampaignUnarchived& event, std::string& out);
[[nodiscard]] Status Read(const v1::CampaignUnarchived& from, CampaignUnarchived& to);

[[nodiscard]] Status Check(const CampaignDeleted& event);
int Write(const CampaignDeleted& event, std::string& out);
[[nodiscard]] Status Read(const v1::CampaignDeleted& from, CampaignDeleted& to);

}  // namespace coupond::storage

#endif  // COUPOND_STORAGE_FORMAT_CAMPAIGN_MESSAGES_H_
