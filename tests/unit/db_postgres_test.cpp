#include "authkit/types.hpp"

#include "db/postgres_url.hpp"
#include "db/sql_error.hpp"

#include <doctest/doctest.h>

using namespace authkit;

TEST_CASE("a PostgreSQL URL becomes a connection string in which no value breaks out") {
  CHECK(postgres_conninfo("postgresql://auth:se%20cret@db.example:6432/accounts?sslmode=verify-full").value() ==
        "host='db.example' port='6432' user='auth' password='se cret' dbname='accounts' application_name='authkit' connect_timeout='2' "
        "sslmode='verify-full' client_encoding='UTF8' keepalives_idle='30' keepalives_interval='5' keepalives_count='3'");
  const std::string quoted = postgres_conninfo("postgres://a:%27%20host%3Devil%5C@[::1]/n").value();
  CHECK(quoted.find(R"(password='\' host=evil\\')") != std::string::npos);
  CHECK(quoted.find("host='::1'") != std::string::npos);
  CHECK(postgres_conninfo("postgresql:///accounts").value().starts_with("host='127.0.0.1' dbname='accounts'"));
}

TEST_CASE("what would change how the library talks to PostgreSQL is refused with a reason that repeats no value") {
  for (const auto& [url, why] : {
           std::pair{"mysql://h/n", "must start with postgresql://"},
           {"postgresql://h1,h2/n", "must name one server"},
           {"postgresql://u:CANARY@h", "must name a database"},
           {"postgresql://h/", "must name a database"},
           {"postgresql://h/a/b", "must name a database"},
           {"postgresql://h/n?options=CANARY", "a parameter that is not taken"},
           {"postgresql://h/n?host=CANARY", "a parameter that is not taken"},
           {"postgresql://h/n?target_session_attrs=any", "a parameter that is not taken"},
           {"postgresql://h/n?service=CANARY", "a parameter that is not taken"},
       }) {
    CAPTURE(url);
    const auto conninfo = postgres_conninfo(url);
    REQUIRE_FALSE(conninfo);
    CHECK(conninfo.error().code == Errc::config_invalid);
    CHECK(conninfo.error().detail.find(why) != std::string::npos);
    CHECK(conninfo.error().detail.find("CANARY") == std::string::npos);
  }
}

TEST_CASE("the servers of a cluster are named one by one, each with its weight") {
  const auto servers = postgres_servers("postgresql://u:secret@h1/a", "postgres://h2:6432/a?weight=3,postgresql://h3/a").value();
  REQUIRE(servers.size() == 3);
  CHECK(servers[0].url.find("secret") == std::string::npos);
  CHECK(servers[0].conninfo.find("host='h1'") != std::string::npos);
  CHECK(servers[1].weight == 3);
  CHECK(servers[1].conninfo.find("weight") == std::string::npos);
  CHECK(servers[2].weight == 1);
  for (const auto& [replicas, why] : {
           std::pair{"postgresql://h2/a,", ""},
           {"postgresql://h2/a?weight=0", "database.replica_url: weight must be"},
           {"postgresql://h2/a?weight=2x", "database.replica_url: weight must be"},
           {"postgresql://h2/a,sqlite:/CANARY.db", "database.replica_url: it must start with postgresql://"},
       }) {
    CAPTURE(replicas);
    const auto refused = postgres_servers("postgresql://h1/a", replicas);
    if (*why == '\0') {
      CHECK(refused.value().size() == 2);
    } else {
      REQUIRE_FALSE(refused);
      CHECK(refused.error().detail.starts_with(why));
      CHECK(refused.error().detail.find("CANARY") == std::string::npos);
    }
  }
}

TEST_CASE("every SQLSTATE that matters has one meaning") {
  for (const auto& [state, code] : {
           std::pair{"", Errc::store_unavailable},
           {"08000", Errc::store_unavailable},
           {"08006", Errc::store_unavailable},
           {"57P01", Errc::store_unavailable},
           {"57P03", Errc::store_unavailable},
           {"53300", Errc::store_unavailable},
           {"25006", Errc::store_unavailable},
           {"57014", Errc::store_unavailable},
           {"55P03", Errc::store_unavailable},
           {"40001", Errc::store_conflict},
           {"40P01", Errc::store_conflict},
           {"23505", Errc::conflict},
           {"23503", Errc::internal},
           {"42P01", Errc::schema_mismatch},
           {"42703", Errc::schema_mismatch},
           {"42601", Errc::internal},
           {"22P02", Errc::internal},
           {"25P02", Errc::internal},
           {"XX000", Errc::internal},
       }) {
    CAPTURE(state);
    const Error error = error_of_sqlstate(state, "CANARY");
    CHECK(error.code == code);
    CHECK(error.detail.find("CANARY") == std::string::npos);
    CHECK((error.retry_after > Duration{0}) == (code == Errc::store_unavailable));
  }
}

TEST_CASE("the unique index that refused a row is known in every language, and no value with it") {
  const std::string message = "ERROR:  doppelter Schlüsselwert verletzt Unique-Constraint »authkit_account_email_key«\nDETAIL:  (email_key)=(CANARY)";
  const Error error = error_of_sqlstate("23505", message);
  CHECK(refused_by(error, "authkit_account.email_key"));
  CHECK_FALSE(refused_by(error, "authkit_account.username_key"));
  CHECK_FALSE(refused_by(error, "authkit_account.email"));
  CHECK(error.detail.find("CANARY") == std::string::npos);
  CHECK_FALSE(refused_by(error_of_sqlstate("23503", message), "authkit_account.email_key"));
}
