-- The timelines of the server that this database has lived through, each marked by whoever first saw it there. A replica that shows the mark has
-- replayed that timeline, which a server says of itself to superusers only.
CREATE TABLE authkit_timeline (
  timeline @NUMBER@ NOT NULL PRIMARY KEY
) @KEYED_TABLE@;
