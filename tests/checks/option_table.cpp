// Prints authkit's options as the Markdown table of README.md.
#include "authkit/config.hpp"

#include <iostream>

int main() {
  const authkit::Config defaults;
  std::cout << "| option | environment variable | takes | default | meaning |\n|---|---|---|---|---|\n";
  for (const auto& option : authkit::options()) {
    const auto value = option.secret ? authkit::Result<std::string>(std::string()) : defaults.get(option.name);
    const std::string standard = value && !value->empty() ? "`" + *value + "`" : "";
    std::cout << "| `" << option.name << "` | `" << option.env << "` | " << option.takes << " | " << standard << " | " << option.help << " |\n";
  }
}
