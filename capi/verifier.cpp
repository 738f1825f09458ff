#include "authkit/remote_keys.hpp"

#include "guard.hpp"

using namespace authkit;
using namespace authkit::capi;

struct authkit_verifier {
  static constexpr auto expected = Mark::verifier;
  Mark mark = expected;
  unsigned generation = fork_generation();
  std::shared_ptr<RemoteKeyRing> keys;
  Tokens tokens;
  KeyRefresher refresher;

  authkit_verifier(std::shared_ptr<RemoteKeyRing> ring, Tokens verifying) : keys(std::move(ring)), tokens(std::move(verifying)), refresher(keys) {}
};

namespace {

constexpr std::int64_t longest_ms = std::int64_t{366} * 24 * 3600 * 1000;

/// What to open out of its JSON form.
struct VerifierDocument {
  RemoteKeyOptions remote;
  TokenOptions tokens;

  explicit VerifierDocument(JsonReader reader) {
    remote.url = reader.text("jwks_url", 8192);
    remote.ca_file = reader.optional_text("ca_file", 4096).value_or("");
    remote.fetch_on_unknown_kid = reader.optional_flag("fetch_on_unknown_kid").value_or(false);
    read_algorithms(reader);
    read_duration(reader, "max_age_ms", remote.max_age);
    read_duration(reader, "max_stale_ms", remote.max_stale);
    read_duration(reader, "cooldown_ms", remote.cooldown);
    read_duration(reader, "timeout_ms", remote.timeout);
    tokens.issuer = reader.text("issuer");
    tokens.audience = reader.text("audience");
    tokens.typ = reader.optional_text("typ").value_or("");
    read_profile(reader);
    read_duration(reader, "leeway_ms", tokens.leeway);
    reader.allow_only({"jwks_url", "issuer", "audience", "algorithms", "typ", "profile", "leeway_ms", "ca_file", "max_age_ms", "max_stale_ms",
                       "cooldown_ms", "timeout_ms", "fetch_on_unknown_kid"});
    reader.finish().value();
  }

 private:
  void read_algorithms(JsonReader& reader) {
    if (!reader.has("algorithms")) return;
    remote.algorithms.clear();
    for (const std::string& name : reader.optional_texts("algorithms")) {
      if (const auto algorithm = parse_algorithm(name))
        remote.algorithms.push_back(*algorithm);
      else
        reader.reject("algorithms", "invalid", "must hold names of JWS algorithms, as ES256");
    }
  }

  void read_profile(JsonReader& reader) {
    const std::string name = reader.optional_text("profile").value_or("rfc9068");
    if (name == "simplejwt")
      tokens.profile = TokenProfile::simplejwt;
    else if (name != "rfc9068")
      reader.reject("profile", "invalid", "must be rfc9068 or simplejwt");
  }

  static void read_duration(JsonReader& reader, std::string_view name, Duration& target) {
    const auto value = reader.optional_integer(name);
    if (!value) return;
    if (*value < 0 || *value > longest_ms) return reader.reject(name, "out_of_range", "must be milliseconds, at most a year");
    target = Duration{*value};
  }
};

/// Options that cannot be taken are a configuration that is wrong; the detail names each member.
Error as_config(Error error) {
  error.code = Errc::config_invalid;
  for (const FieldError& field : error.fields) error.detail += (error.detail.empty() ? "" : "; ") + field.pointer + " " + field.detail;
  return error;
}

VerifierDocument document_of(std::string_view json) {
  try {
    return VerifierDocument(JsonReader::parse(json).value());
  } catch (const BadResult& failure) {
    throw BadResult(as_config(failure.error()));
  }
}

const authkit_verifier& opened(const authkit_verifier* verifier) {
  const authkit_verifier& handle = live(verifier);
  must_be_ours(handle.generation);
  return handle;
}

}  // namespace

extern "C" {

authkit_status authkit_verifier_open(const char* options, authkit_verifier** verifier) {
  return guard([&]() -> Result<void> {
    if (verifier == nullptr) return Error(Errc::invalid_argument, "the output is NULL");
    VerifierDocument document = document_of(text(options, "options"));
    auto keys = RemoteKeyRing::open(std::move(document.remote)).value();
    Tokens tokens = Tokens::open(std::move(document.tokens), keys).value();
    static_cast<void>(keys->refresh());  // the refresher tries again, and authkit_verifier_ready() tells
    *verifier = new authkit_verifier(std::move(keys), std::move(tokens));
    return {};
  });
}

void authkit_verifier_close(authkit_verifier** verifier) {
  if (verifier == nullptr || *verifier == nullptr || (*verifier)->mark != authkit_verifier::expected) return;
  authkit_verifier* handle = *verifier;
  *verifier = nullptr;
  handle->mark = Mark::freed;
  if (handle->generation != fork_generation()) return;  // the thread is the parent's: leave the copy alone
  delete handle;
}

authkit_status authkit_verifier_ready(const authkit_verifier* verifier) {
  return guard([&]() -> Result<void> {
    RemoteKeyStatus status = opened(verifier).keys->status();
    if (status.available) return {};
    return Error(Errc::keys_unavailable, std::move(status.last_error));
  });
}

authkit_status authkit_verifier_verify(const authkit_verifier* verifier, const char* token, size_t length, char** claims) {
  return guard([&]() -> Result<void> {
    const TextOut out(claims);
    const Result<Claims> verified = opened(verifier).tokens.verify(bytes(token, length, "token"));
    if (!verified) return verified.error();
    return out.give(verified->json());
  });
}

authkit_status authkit_verifier_verify_into(const authkit_verifier* verifier, const char* token, size_t length, authkit_verified* verified,
                                            char* payload, size_t payload_capacity) {
  return guard([&]() -> Result<void> {
    if (verified == nullptr) return Error(Errc::invalid_argument, "the output is NULL");
    const Result<Claims> claims = opened(verifier).tokens.verify(bytes(token, length, "token"));
    if (!claims) return claims.error();
    return give_into(*claims, *verified, payload, payload_capacity);
  });
}

}  // extern "C"
