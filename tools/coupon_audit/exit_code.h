#ifndef COUPOND_TOOLS_COUPON_AUDIT_EXIT_CODE_H_
#define COUPOND_TOOLS_COUPON_AUDIT_EXIT_CODE_H_

namespace coupond::audit {

/// What a run of coupon-audit ends with; part of its interface, so the numbers never change.
enum class ExitCode : int {
  kSound = 0,       ///< sound, or done as asked
  kViolation = 1,   ///< something is there that must not be, or is missing that must be there
  kUsage = 2,       ///< the command line makes no sense
  kCannotRead = 3,  ///< nothing could be found out: no such directory, no permission, a read error;
                    ///< or what was could not be written
};

}  // namespace coupond::audit

#endif  // COUPOND_TOOLS_COUPON_AUDIT_EXIT_CODE_H_
