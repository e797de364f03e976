// Exit statuses, the same for every command.
#pragma once

namespace nnc::driver {

enum class Status {
  Success = 0,
  InputError = 1,    ///< the input is at fault
  UsageError = 2,    ///< the command line is
  InternalError = 3, ///< nnc is
};

} // namespace nnc::driver
