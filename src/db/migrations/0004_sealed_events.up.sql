-- What the audit log is searched by is indexed when an event is sealed, for many events at once, and not in the unit of work that writes it: there it
-- costs a page for each index. The few that are not sealed yet are found by authkit_event_unsealed.
CREATE INDEX authkit_event_sealed ON authkit_event (tenant, seq) WHERE hash <> '';
CREATE INDEX authkit_event_sealed_time ON authkit_event (tenant, time) WHERE hash <> '';
CREATE INDEX authkit_event_sealed_actor ON authkit_event (tenant, actor, seq) WHERE hash <> '';
CREATE INDEX authkit_event_sealed_subject ON authkit_event (tenant, subject, seq) WHERE hash <> '';
CREATE INDEX authkit_event_sealed_action ON authkit_event (tenant, action, seq) WHERE hash <> '';
CREATE INDEX authkit_event_sealed_address ON authkit_event (tenant, address, seq) WHERE hash <> '';
DROP INDEX authkit_event_seq;
DROP INDEX authkit_event_time;
DROP INDEX authkit_event_actor;
DROP INDEX authkit_event_subject;
DROP INDEX authkit_event_action;
DROP INDEX authkit_event_address;
