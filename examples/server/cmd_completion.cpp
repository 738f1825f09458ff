#include "cli.hpp"

#include <iostream>

namespace authkit::server {
namespace {

/// Every command with the words that may follow it, as one line each: "users create=--username --role ...". Read from the commands themselves, so
/// that no second list grows old.
void collect(const CLI::App& app, const std::string& path, std::string& lines) {
  std::string words;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App* one) { return !one->get_group().empty(); }))
    words.append(words.empty() ? "" : " ").append(command->get_name());
  for (const CLI::App* level = &app; level != nullptr; level = level->get_parent())
    for (const CLI::Option* option : level->get_options())
      for (const std::string& name : option->get_lnames()) words.append(words.empty() ? "--" : " --").append(name);
  lines.append(path).append("=").append(words).append("\n");
  for (const CLI::App* command : app.get_subcommands([](const CLI::App* one) { return !one->get_group().empty(); }))
    collect(*command, path.empty() ? command->get_name() : path + " " + command->get_name(), lines);
}

constexpr const char* bash_start = R"shell(# authkit: for bash; . <(authkit completion bash)
_authkit() {
  local word=${COMP_WORDS[COMP_CWORD]} path= candidate i
  for ((i = 1; i < COMP_CWORD; i++)); do
    candidate="${path:+$path }${COMP_WORDS[i]}"
    grep -q "^$candidate=" <<<"$_authkit_words" && path=$candidate
  done
  COMPREPLY=($(compgen -W "$(sed -n "s/^$path=//p" <<<"$_authkit_words")" -- "$word"))
}
complete -o default -F _authkit authkit
_authkit_words=')shell";

constexpr const char* zsh_start = R"shell(#compdef authkit
# authkit: for zsh; as _authkit in a folder of $fpath
autoload -U +X bashcompinit && bashcompinit
)shell";

constexpr const char* fish_start = R"shell(# authkit: for fish; authkit completion fish | source
function __authkit_words
  set -l path
  for word in (commandline -opc)[2..-1]
    set -l candidate (string join ' ' $path $word)
    string match -q "$candidate=*" $__authkit_lines; and set path $candidate
  end
  for line in $__authkit_lines
    string match -q "$path=*" $line; and string split ' ' (string replace "$path=" '' $line)
  end
end
complete -c authkit -f -a '(__authkit_words)'
set -g __authkit_lines )shell";

int complete(const CLI::App& app, const std::string& shell) {
  std::string lines;
  collect(app, "", lines);
  if (shell == "fish") {
    std::cout << fish_start;
    for (std::size_t at = 0, end = 0; (end = lines.find('\n', at)) != lines.npos; at = end + 1)
      std::cout << "'" << lines.substr(at, end - at) << "' ";
    std::cout << "\n";
    return exit_ok;
  }
  std::cout << (shell == "zsh" ? zsh_start : "") << bash_start << lines << "'\n";
  return exit_ok;
}

}  // namespace

void add_completion(CLI::App& app, Common& common) {
  CLI::App* command = app.add_subcommand("completion", "Print what makes a shell complete these commands and options");
  auto shell = std::make_shared<std::string>();
  command->add_option("shell", *shell, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->callback([&app, &common, shell] { common.exit = complete(app, *shell); });
}

}  // namespace authkit::server
