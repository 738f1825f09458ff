// Prints the options of authkit and of the server as the Markdown tables of README.md.
#include "options.hpp"

#include <algorithm>
#include <iostream>
#include <string>

namespace {

/// "`AUTHKIT_X`, `X`": all variables that set an option.
std::string variables(const authkit::Option& option) {
  std::string text = "`" + std::string(option.env) + "`";
  for (std::string_view rest = option.aliases; !rest.empty();) {
    const std::string_view alias = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(alias.size() + 1, rest.size()));
    text += ", `" + std::string(alias) + "`";
  }
  return text;
}

}  // namespace

int main() {
  const authkit::Config defaults;
  std::cout << "| option | environment variables | takes | default | meaning |\n|---|---|---|---|---|\n";
  for (const auto& option : authkit::options()) {
    const auto value = defaults.get(option.name);
    const std::string standard = option.secret || !value || value->empty() ? "" : "`" + *value + "`";
    std::cout << "| `" << option.name << "` | " << variables(option) << " | " << option.takes << " | " << standard << " | " << option.help << " |\n";
  }

  std::cout << "\nThe server takes these as well:\n\n| option | environment variables | takes | meaning |\n|---|---|---|---|\n";
  for (const auto& option : authkit::server::server_options())
    std::cout << "| `" << option.name << "` | " << variables(option) << " | " << option.takes << " | " << option.help << " |\n";
}
