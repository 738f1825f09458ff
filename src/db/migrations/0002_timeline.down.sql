DROP TABLE authkit_timeline;
