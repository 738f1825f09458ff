#include "redis/answer.hpp"
#include "redis/handshake.hpp"

#include <doctest/doctest.h>

using namespace authkit;
using namespace authkit::redis;
using Verdict = Handshake::Verdict;

namespace {

Reply failure(std::string_view text) { return {Reply::Failure{std::string(text)}}; }
Reply ok() { return {Reply::Status{"OK"}}; }

}  // namespace

TEST_CASE("an error reply says whether the command ran, and its text stays inside") {
  struct Row {
    std::string_view text;
    Outcome outcome;
    Reason reason;
    Errc code;
  };
  for (const Row& row : {
           Row{"LOADING CANARY", Outcome::not_sent, Reason::loading, Errc::store_unavailable},
           Row{"BUSY CANARY", Outcome::not_sent, Reason::loading, Errc::store_unavailable},
           Row{"MASTERDOWN CANARY", Outcome::not_sent, Reason::loading, Errc::store_unavailable},
           Row{"READONLY CANARY", Outcome::not_sent, Reason::read_only, Errc::store_unavailable},
           Row{"TRYAGAIN CANARY", Outcome::not_sent, Reason::try_again, Errc::store_unavailable},
           Row{"CLUSTERDOWN CANARY", Outcome::not_sent, Reason::cluster_down, Errc::store_unavailable},
           Row{"MOVED 1 CANARY:1", Outcome::not_sent, Reason::moved, Errc::store_unavailable},
           Row{"ASK 1 CANARY:1", Outcome::not_sent, Reason::ask, Errc::store_unavailable},
           Row{"OOM CANARY", Outcome::error_reply, Reason::none, Errc::store_unavailable},
           Row{"MISCONF CANARY", Outcome::error_reply, Reason::none, Errc::store_unavailable},
           Row{"NOREPLICAS CANARY", Outcome::error_reply, Reason::none, Errc::store_unavailable},
           Row{"NOPERM CANARY", Outcome::error_reply, Reason::none, Errc::store_unavailable},
           Row{"NOAUTH CANARY", Outcome::error_reply, Reason::none, Errc::store_unavailable},
           Row{"WRONGTYPE CANARY", Outcome::error_reply, Reason::none, Errc::internal},
           Row{"ERR unknown command 'CANARY'", Outcome::error_reply, Reason::none, Errc::internal},
           Row{"ERRCANARY1", Outcome::error_reply, Reason::none, Errc::internal},
           Row{"A_NAME_LONGER_THAN_ANY_OF_REDIS_CANARY", Outcome::error_reply, Reason::none, Errc::internal},
           Row{"", Outcome::error_reply, Reason::none, Errc::internal},
       }) {
    CAPTURE(row.text);
    const Answer answer = answer_of(failure(row.text));
    CHECK(answer.outcome == row.outcome);
    CHECK(answer.reason == row.reason);
    CHECK(answer.error.code == row.code);
    CHECK((answer.error.retry_after.count() > 0) == (row.code == Errc::store_unavailable));
    CHECK(answer.error.detail.find("CANARY") == std::string::npos);
  }
  CHECK(answer_of(failure("NOSCRIPT No matching script.")).error_name() == "NOSCRIPT");
  CHECK(answer_of(ok()).is_reply());
}

TEST_CASE("every reason without a reply has words and a code") {
  for (int reason = 0; reason <= static_cast<int>(Reason::ask); ++reason) {
    const Error error = std::move(not_sent(static_cast<Reason>(reason))).to_result().error();
    const bool closed = static_cast<Reason>(reason) == Reason::closed;
    CHECK(error.code == (closed ? Errc::closed : Errc::store_unavailable));
    CHECK(error.detail.empty() == closed);
    CHECK(ambiguous(static_cast<Reason>(reason)).outcome == Outcome::ambiguous);
  }
}

TEST_CASE("redirections of a cluster") {
  const auto moved = parse_redirection("MOVED 3999 127.0.0.1:6381");
  REQUIRE(moved);
  CHECK(moved->slot == 3999);
  CHECK(moved->to == Endpoint{"127.0.0.1", "6381", {}});
  CHECK(parse_redirection("ASK 0 ::1:7000")->to == Endpoint{"::1", "7000", {}});
  CHECK(parse_redirection("MOVED 1 :7000")->to == Endpoint{"", "7000", {}});
  for (const char* bad :
       {"", "MOVED", "MOVED 1", "MOVED 1 h", "MOVED 16384 h:1", "MOVED -1 h:1", "MOVED x h:1", "MOVED 1 h:65536", "MOVED 1 h:", "MOVED h:1"})
    CHECK(!parse_redirection(bad));
}

TEST_CASE("a handshake names its user, itself and its database, and knows a refusal from a delay") {
  Target plain, full;
  full.user = "u";
  full.password = "p";
  full.database = 3;
  CHECK(Handshake(plain, "me").bytes() == "*3\r\n$6\r\nCLIENT\r\n$7\r\nSETNAME\r\n$2\r\nme\r\n");
  CHECK(Handshake(full, "me").bytes().starts_with("*3\r\n$4\r\nAUTH\r\n$1\r\nu\r\n$1\r\np\r\n*3\r\n$6\r\nCLIENT"));
  CHECK(Handshake(full, "me").bytes().ends_with("*2\r\n$6\r\nSELECT\r\n$1\r\n3\r\n"));

  struct Row {
    std::vector<Reply> replies;
    Verdict last;
  };
  for (const Row& row :
       {Row{{ok(), ok(), ok()}, Verdict::done}, Row{{ok(), failure("NOPERM no setname"), ok()}, Verdict::done},
        Row{{ok(), failure("ERR unknown subcommand"), ok()}, Verdict::done}, Row{{failure("WRONGPASS x")}, Verdict::refused},
        Row{{failure("ERR AUTH without any password configured")}, Verdict::refused}, Row{{failure("NOPERM x")}, Verdict::refused},
        Row{{ok(), failure("NOAUTH x")}, Verdict::refused}, Row{{ok(), ok(), failure("ERR DB index is out of range")}, Verdict::refused},
        Row{{ok(), ok(), failure("LOADING x")}, Verdict::later}, Row{{failure("MASTERDOWN x")}, Verdict::later}}) {
    Handshake handshake(full, "me");
    Verdict verdict = Verdict::more;
    for (const Reply& reply : row.replies) {
      CHECK(verdict == Verdict::more);
      verdict = handshake.take(reply);
    }
    CHECK(verdict == row.last);
  }
}
