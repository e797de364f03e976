// What the runtime throws inside; the edges (main, the C interface) turn it into a status and a
// message.
#pragma once

#include <exception>
#include <string>

namespace nnrt {

/// Exit status of a program, and status of the C interface.
enum class Status : int {
  Ok = 0,
  BadInput = 1,
  BadCommandLine = 2,
  Internal = 3,
  Interrupted = 130,
};

/// A failure that a person can act on. The message says what is wrong and where; the hint, if any,
/// what to do.
class Error : public std::exception {
public:
  explicit Error(std::string message, std::string hint = {}, Status status = Status::BadInput)
      : message(std::move(message)), hint(std::move(hint)), status(status) {}

  const char *what() const noexcept override { return message.c_str(); }
  const std::string &getHint() const { return hint; }
  Status getStatus() const { return status; }

private:
  std::string message, hint;
  Status status;
};

} // namespace nnrt
