// Values of a JSON text that is read as a tree.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace nnrt {

/// Thrown where a value is not what it is read as.
struct JsonError : std::runtime_error {
  using runtime_error::runtime_error;
};

class JsonValue {
public:
  /// What a text holds, or nothing where it is not JSON or nests values deeper than 64.
  static std::optional<JsonValue> parse(std::string_view text);

  bool isNull() const { return kind == Kind::Null; }
  bool isText() const { return kind == Kind::Text; }
  bool isNumber() const { return kind == Kind::Number || kind == Kind::Natural; }

  /// The member of this name, the last one where there are several, or nullptr. Throws JsonError:
  /// not an object.
  const JsonValue *find(std::string_view name) const;

  /// Of an array. Throws JsonError: anything else.
  const std::vector<JsonValue> &elements() const;

  /// Reads the value into one of this type. Throws JsonError: it is of another kind, or the type
  /// doesn't hold it.
  void get(bool &value) const;
  void get(uint32_t &value) const;
  void get(uint64_t &value) const;
  void get(double &value) const;
  void get(std::string &value) const;
  template <typename T> void get(std::optional<T> &value) const { get(value.emplace()); }
  template <typename T> void get(std::vector<T> &values) const {
    const std::vector<JsonValue> &all = elements();
    values = std::vector<T>(all.size());
    for (size_t i = 0; i < all.size(); ++i)
      all[i].get(values[i]);
  }
  template <typename T> T as() const {
    T value;
    get(value);
    return value;
  }

private:
  enum class Kind { Null, Truth, Natural, Number, Text, Array, Object };
  class Builder;

  void require(bool holds, const char *what) const;

  Kind kind = Kind::Null;
  bool isTrue = false;
  uint64_t whole = 0; ///< a number without sign and fraction
  double real = 0;    ///< any number
  std::string characters;
  std::string name; ///< as a member of an object
  std::vector<JsonValue> children;
};

} // namespace nnrt
