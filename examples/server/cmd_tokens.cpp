#include "authkit/json.hpp"
#include "authkit/verifier.hpp"

#include "body.hpp"
#include "cli.hpp"

#include <iostream>

namespace authkit::server {
namespace {

/// RFC 4648 section 5 without padding; nothing for anything else.
std::optional<std::string> decode(std::string_view text) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string bytes;
  unsigned bits = 0;
  int held = 0;
  for (const char c : text) {
    const std::size_t value = alphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    bits = (bits << 6 | static_cast<unsigned>(value)) & 0xffff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes.push_back(static_cast<char>(bits >> held & 0xff));
  }
  return bytes;
}

/// One decoded part, made safe for a terminal; JSON is shown as it is.
std::string shown(std::string_view part) {
  const std::optional<std::string> bytes = decode(part);
  if (!bytes) return "null";
  return JsonReader::parse(*bytes) ? *bytes : json_quote(*bytes);
}

int inspect(const Common& common, std::string token, bool verify) {
  if (token.empty() || token == "-") token = read_line();
  const std::size_t first = token.find('.');
  const std::size_t second = first == std::string::npos ? first : token.find('.', first + 1);
  if (second == std::string::npos || token.find('.', second + 1) != std::string::npos) {
    return fail({Errc::invalid_token, "this is no token: it has not three parts"});
  }
  JsonObject parts;
  parts.raw("header", shown(std::string_view(token).substr(0, first)));
  parts.raw("payload", shown(std::string_view(token).substr(first + 1, second - first - 1)));
  if (!verify) {
    std::cout << parts.raw("verified", "false").finish() << "\n";
    std::cerr << "authkit: decoded, not verified: anybody can write this; --verify checks it\n";
    return exit_ok;
  }
  Result<std::unique_ptr<Auth>> auth = common.open();
  if (!auth) return fail(auth.error());
  const Result<Identity> identity = (*auth)->accounts().authenticate(token);
  std::cout << parts.raw("verified", identity ? "true" : "false").finish() << "\n";
  return identity ? exit_ok : fail(identity.error());
}

/// A token of no session: it ends with its time, with the user's tokens, or with the user.
int issue(const Common& common, const std::string& user) {
  Result<std::unique_ptr<Auth>> auth = common.open();
  if (!auth) return fail(auth.error());
  const Result<Account> account = (*auth)->accounts().find(user);
  if (!account) return fail({account.error().code, "there is no user " + user});
  if (account->status != AccountStatus::active) return fail({Errc::invalid_credentials, "the account is not active"});
  TokenContent content;
  content.subject = account->id;
  content.epoch = account->auth_epoch;
  content.roles = account->roles;
  const Result<IssuedToken> issued = (*auth)->tokens().issue(content);
  if (!issued) return fail(issued.error());
  if (common.json) {
    std::cout << JsonObject().text("access_token", issued->token).text("expires_at", to_rfc3339(issued->expires_at)).finish() << "\n";
  } else {
    std::cout << issued->token << "\n";
  }
  return exit_ok;
}

int list_keys(const Common& common) {
  Result<std::unique_ptr<Auth>> auth = common.open();
  if (!auth) return fail(auth.error());
  const std::shared_ptr<const KeyRing::Snapshot> keys = (*auth)->keys().snapshot();
  std::string items;
  for (const Key& key : keys->verify) {
    const bool signs = keys->sign && keys->sign->id() == key.id();
    items.append(items.empty() ? "" : ",");
    items.append(JsonObject().text("kid", key.id()).text("alg", to_text(key.algorithm())).raw("signs", signs ? "true" : "false").finish());
    if (!common.json) std::cout << key.id() << "  " << to_text(key.algorithm()) << (signs ? "  signs" : "") << "\n";
  }
  if (common.json) std::cout << "{\"items\":[" << items << "]}\n";
  return exit_ok;
}

int rotate_keys(const Common& common) {
  Result<std::unique_ptr<Auth>> auth = common.open();
  if (!auth) return fail(auth.error());
  if (const Result<void> done = (*auth)->rotate_keys(); !done) return fail(done.error());
  if (!common.json) {
    std::cout << ((*auth)->keys().snapshot()->next_published ? "a next key is published; running servers move to it by themselves\n"
                                                             : "the next key signs from now on\n");
  }
  return list_keys(common);
}

int hash(const Common& common) {
  Result<Settings> settings = common.settings();
  if (!settings) return fail(settings.error());
  const Result<Passwords> passwords = Passwords::open(settings->config.password);
  if (!passwords) return fail(passwords.error());
  const Result<std::string> encoded = passwords->hash(read_line());
  if (!encoded) return fail(encoded.error());
  std::cout << *encoded << "\n";
  return exit_ok;
}

int show_qr(std::string text) {
  if (text.empty() || text == "-") text = read_line();
  const std::string code = qr_terminal(text);
  if (code.empty()) return fail({Errc::invalid_argument, "the text is empty or too long for a QR code"});
  std::cout << code;
  return exit_ok;
}

int answer_vectors() {
  for (std::string line; std::getline(std::cin, line);) std::cout << answer_vector_line(line) << std::endl;
  return exit_ok;
}

}  // namespace

void add_tokens(CLI::App& app, Common& common) {
  CLI::App* tokens = app.add_subcommand("token", "Issue access tokens and look into them");
  tokens->require_subcommand(1);
  tokens->fallthrough();
  CLI::App* issuing = tokens->add_subcommand("issue", "Issue an access token for a user, without a session; for scripts and trials");
  issuing->fallthrough();
  auto user = std::make_shared<std::string>();
  issuing->add_option("user", *user, "E-mail address, user name or id")->required();
  issuing->callback([&common, user] { common.exit = issue(common, *user); });
  CLI::App* inspecting = tokens->add_subcommand("inspect", "Decode a token without trusting it");
  inspecting->fallthrough();
  auto token = std::make_shared<std::string>();
  auto verify = std::make_shared<bool>(false);
  inspecting->add_option("token", *token, "The token; left out or -: first line of standard input, which keeps it out of the process list");
  inspecting->add_flag("--verify", *verify, "Check signature, times, issuer, audience and revocation");
  inspecting->callback([&common, token, verify] { common.exit = inspect(common, *token, *verify); });
  CLI::App* verifying = tokens->add_subcommand("verify", "The same with --verify: what it says, and whether it holds");
  verifying->fallthrough();
  verifying->add_option("token", *token, "The token; left out or -: first line of standard input");
  verifying->callback([&common, token] { common.exit = inspect(common, *token, true); });

  CLI::App* keys = app.add_subcommand("keys", "List and rotate the keys of access tokens");
  keys->require_subcommand(1);
  keys->fallthrough();
  CLI::App* listing = keys->add_subcommand("list", "List the keys that verify, oldest first");
  listing->fallthrough();
  listing->callback([&common] { common.exit = list_keys(common); });
  CLI::App* rotating = keys->add_subcommand("rotate", "Publish a next key; it signs once every verifier can know it");
  rotating->fallthrough();
  rotating->callback([&common] { common.exit = rotate_keys(common); });

  app.add_subcommand("hash", "Hash the password on the first line of standard input")->callback([&common] { common.exit = hash(common); });
  CLI::App* drawing = app.add_subcommand("qr", "Draw a text, such as the otpauth:// URI of a second factor, for the camera of a phone");
  auto text = std::make_shared<std::string>();
  drawing->add_option("text", *text, "The text; left out or -: first line of standard input");
  drawing->callback([&common, text] { common.exit = show_qr(*text); });
  app.add_subcommand("vectors", "Answer lines of the verdict protocol")->group("")->callback([&common] { common.exit = answer_vectors(); });
}

}  // namespace authkit::server
